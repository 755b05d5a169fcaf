"""Words that say how what follows is meant: denied, an allergy, the reason for the admission."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

from inference.gazetteer import DRUGS, word_kind


class Cues(NamedTuple):
    """What comes before a word in its clause.

    `allergy` and `reason` are the beginnings of the last such words ("" if none), `depth` counts open brackets, `since`
    the words since the clause, or the part of it after a comma or colon, began.
    """

    negated: bool
    allergy: str
    reason: str
    depth: int
    since: int


def cues_before(forms: Sequence[str]) -> Iterator[Cues]:
    """For each word of a line (in normal form), the cues before it."""
    negated, allergy, reason, depth, since = False, "", "", 0, 0
    for form in forms:
        yield Cues(negated, allergy, reason, depth, since)
        since += 1
        match _cue(form):
            case "":
                continue
            case "negation":
                negated = True
            case "open":
                depth += 1
            case "close":
                depth = max(0, depth - 1)
            case "clause":
                negated, allergy, reason, since = False, "", "", 0
            case "part":
                since = 0
            case "allergy":
                allergy = form[:6]
            case _:
                reason = form[:6]


def line_flags(forms: Sequence[str]) -> str:
    """What a line holds, one letter each: a negation, an allergy word, a drug, a dose."""
    cues = {_cue(form) for form in forms}
    kinds = {word_kind(form) for form in forms}
    held = (
        ("n", "negation" in cues),
        ("a", "allergy" in cues),
        ("d", not DRUGS.isdisjoint(kinds)),
        ("m", "dose" in kinds),
    )
    return "".join(letter for letter, there in held if there)


def denials(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    """For each allergy word of the lines (in normal form), w and where a denial of it stands, one letter each.

    b: before it in its clause, a: after it in its line, n: in the next line, where it is alone on its own but for a
    colon; r: another allergy word comes later in the line. Other words have "".
    """
    for number, forms in enumerate(lines):
        cues = [_cue(form) for form in forms]
        if "allergy" not in cues:
            yield from repeat("", len(forms))
            continue
        heading = forms[-1] == ":" and number + 1 < len(lines)
        beyond = heading and any(_cue(form) == "negation" for form in lines[number + 1])
        for word, (cue, before) in enumerate(zip(cues, cues_before(forms), strict=True)):
            if cue != "allergy":
                yield ""
                continue
            rest = cues[word + 1 :]
            held = (
                ("w", True),
                ("b", before.negated),
                ("a", "negation" in rest),
                ("n", beyond),
                ("r", "allergy" in rest),
            )
            yield "".join(letter for letter, there in held if there)


_NEGATIONS = (
    "sem nega nao negam negou negaram desconhece desconhecidas nenhum nenhuma nenhuns nenhumas ninguem ausencia exclui "
    "excluida excluidas"
)
_REASONS = (
    "internado internada internamento admitido admitida diagnostico diagnosticado diagnosticada clinica quadro estudo "
    "tratamento resolucao investigacao agudizacao agravamento exacerbacao suspeita provavel possivel hipotese "
    "compativel sugestivo sugestiva contexto secundaria secundario"
)
_CUES = {
    **dict.fromkeys(_NEGATIONS.split(), "negation"),
    **dict.fromkeys(_REASONS.split(), "reason"),
    **dict.fromkeys("([", "open"),
    **dict.fromkeys(")]", "close"),
    **dict.fromkeys(".;", "clause"),
    **dict.fromkeys(":,", "part"),
}


@lru_cache(maxsize=1 << 16)
def _cue(form: str) -> str:
    return "allergy" if form.startswith(("alerg", "intoler", "anafil", "hipersens")) else _CUES.get(form, "")
