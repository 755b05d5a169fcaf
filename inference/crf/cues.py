"""Words that say how what follows is meant: denied, an allergy, the reason for the admission."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple


class Cues(NamedTuple):
    """What comes before a word in its clause.

    `allergy`, `reason` and `taking` are the beginnings of the last such words ("" if none), `depth` counts open
    brackets.
    """

    negated: bool = False
    allergy: str = ""
    reason: str = ""
    taking: str = ""
    depth: int = 0


def cues_before(forms: Sequence[str]) -> Iterator[Cues]:
    """For each word of a line (in normal form), the cues before it; the same object as long as nothing changes."""
    cues = _NOTHING
    for form in forms:
        yield cues
        if cue(form):
            cues = _after(cues, form)


@lru_cache(maxsize=1 << 12)
def _after(cues: Cues, form: str) -> Cues:
    match cue(form):
        case "negation":
            return cues._replace(negated=True)
        case "open":
            return cues._replace(depth=cues.depth + 1)
        case "close":
            return cues._replace(depth=max(0, cues.depth - 1))
        case "clause":
            return Cues(depth=cues.depth)
        case "allergy":
            return cues._replace(allergy=form[:6])
        case "taking":
            return cues._replace(taking=form[:6])
        case "reason":
            return cues._replace(reason=form[:6])
        case _:
            return cues


def allergy_words(forms: Sequence[str], beyond: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each allergy word of a line (in normal form) by its index, with w and where a denial stands, one letter each.

    b: before it in its clause, a: after it in its line, n: in the line `beyond`, where this one ends with a colon;
    r: another allergy word comes later in the line.
    """
    cues = [cue(form) for form in forms]
    next_denies = forms[-1] == ":" and any(cue(form) == "negation" for form in beyond)
    for word, before in enumerate(cues_before(forms)):
        if cues[word] == "allergy":
            rest = cues[word + 1 :]
            held = (
                ("w", True),
                ("b", before.negated),
                ("a", "negation" in rest),
                ("n", next_denies),
                ("r", "allergy" in rest),
            )
            yield word, "".join(letter for letter, there in held if there)


_NEGATIONS = (
    "sem nega nao negam negou negaram desconhece desconhecidas nenhum nenhuma nenhuns nenhumas ninguem ausencia exclui "
    "excluida excluidas"
)
_REASONS = (
    "internado internada internamento admitido admitida diagnostico diagnosticado diagnosticada clinica quadro estudo "
    "tratamento resolucao investigacao agudizacao agravamento exacerbacao suspeita provavel possivel hipotese "
    "compativel sugestivo sugestiva contexto secundaria secundario"
)
_TAKING = (
    "toma tomava tomar faz fazia fez iniciou usa uso utiliza utilizadora medicado medicada medicacao medicamentos sob "
    "controlada controlado cumpre cumpria terapeutica inalador suspendeu administrado administrada tratado tratada"
)
_CUES = {
    **dict.fromkeys(_TAKING.split(), "taking"),
    **dict.fromkeys(_NEGATIONS.split(), "negation"),
    **dict.fromkeys(_REASONS.split(), "reason"),
    **dict.fromkeys("([", "open"),
    **dict.fromkeys(")]", "close"),
    **dict.fromkeys(".;", "clause"),
    **dict.fromkeys(":,", "part"),
}


@lru_cache(maxsize=1 << 16)
def cue(form: str) -> str:
    """What a word in normal form does to what follows, "" for most: the names of the cases of `_after`."""
    return "allergy" if form.startswith(("alerg", "intoler", "anafil", "hipersens")) else _CUES.get(form, "")


_NOTHING = Cues()
