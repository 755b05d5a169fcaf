"""What a note says of drug allergies apart from a brief: where it denies them, and where it affirms one."""

import re

from corpus.text.folding import fold

_ALLERGY = (
    r"(?:(?-i:AM)(?=[ \t]*[:–-])|alergias?)"
    r"(?!\s(?:alimentar|ambient|respirat|sazona|cut[âa]ne)\w*\b(?!\s(?:e|ou|nem)\s(?:medicament|f[áa]rmac)))"
    r"(?:\s(?:\w+\s(?:e|ou|nem)\s)?(?:medicamentosas?|farmacol[óo]gicas?)|\s(?:a|aos)\s(?:medicamentos?|f[áa]rmacos?|drogas)"
    r"(?:\s(?:e|ou|nem)\s\w+)?)?"
)
_NOT = (
    r"(?:sem|nega(?:m|va|ndo|ram)?|nenhuma|ningu[ée]m|aus[êe]ncia\sde|nunca\steve|desconhece(?:m-se|m|-se)?"
    r"|n[ãa]o\s(?:tem|tinha|possui|refere|referiu|apresenta|h[áa]|existem?|s[ãa]o\sconhecidas?|se\sconhecem?|conhece|menciona|relata))"
)
_FILLER = (
    r"(?:\s(?:quaisquer|qualquer|nenhumas?|ter|conhecer|hist[óo]ria|antecedentes|registo|refer[êe]ncia|conhecidas?|tipo|de"
    r"|a|à)){0,4}"
)
_BEFORE = re.compile(rf"\b{_NOT}{_FILLER}\s(?P<words>{_ALLERGY})\b", re.IGNORECASE)
_ANSWER = (
    r"(?:(?:[oa]\s(?:doente|utente|pr[óo]pri[oa])\s)?"
    r"(?:n[ãa]o\b|nenhumas?\b|desconhe\w+|negad\w+|negativ\w+|ausentes?\b|inexistentes?\b|ndn\b|nkda\b|[0ø](?!\w)|sem\b"
    r"|nega(?:\squaisquer|\sconhecidas)?[ \t]*(?:[.;,(\r\n]|e\b|\Z)))"
)
_NEXT_LINE = r"(?:\r?\n[ \t]*){1,2}(?:[-#*][ \t]*)?"
_AFTER = re.compile(
    rf"\b(?P<words>{_ALLERGY})(?:\sconhecidas?)?"
    rf"(?:[ \t]*[:?–-][ \t]*(?:{_NEXT_LINE})?{_ANSWER}|[ \t]*{_NEXT_LINE}{_ANSWER}"
    r"|\s(?:desconhecidas|negadas|n[ãa]o\sconhecidas|inexistentes))",
    re.IGNORECASE,
)
_LONGEST_ANSWER = 60
_AFFIRMED = re.compile(
    r"\b(?:al[ée]rgic[oa]s?|alergias?(?:\smedicamentosas?)?(?:\s(?:conhecidas?|documentadas?|pr[ée]vias?))?|hipersensibilidade"
    r"|rea[çc](?:[ãa]o|[õo]es)\s(?:al[ée]rgicas?|anafil[áa]ticas?|adversas?)(?:\s(?:graves?|pr[ée]vias?))?)"
    r"(?:\s(?:à|a|ao|aos|às)\s|[ \t]*:[ \t]*(?:sim,?\s(?:(?:à|a|ao|aos|às)\s)?)?)(?P<what>\w+)",
    re.IGNORECASE,
)
_NEGATED = re.compile(rf"\b(?:{_NOT}|n[ãa]o|exclu[íi]\w+|despist\w+)\b[^.;\r\n]*\Z", re.IGNORECASE)
_DENIED_LATER = re.compile(rf"[^.;:\r\n]{{0,40}}\b{_NOT}\b", re.IGNORECASE)
_NO_DRUG = re.compile(
    r"(?:acaro|polen|gramine|p[oô]\b|marisc|crustac|camar|peixe|ovo|leite|amendoim|frut|noz|kiwi|morango|latex|pelo|gato|cao|caes"
    r"|picad|abelh|vesp|niquel|gluten|sol\b|frio|perfum|detergent|alimento|rinite|asma|sazonal|alergia|qualquer|quaisquer|nenhum"
    r"|medicament|farmaco|droga|nao\b|nega|desconhe|sem\b|inexist|ausent|ndn\b|nkda\b|[0ø](?!\w)|iss[oa]\b|est[ea]\b)"
)


def denials(text: str) -> list[tuple[int, int]]:
    """Where the note denies drug allergies: the allergy words without the negation, as [start, end), in text order.

    "Sem *alergias medicamentosas* conhecidas", "*Alergias*: nenhuma conhecida". A heading answered by a whole denial
    ("Alergias: nega *alergias medicamentosas*") is no mention of its own, and neither is "sem outras alergias".
    """
    inner = [match.span("words") for match in _BEFORE.finditer(text)]
    answered = [
        match.span("words")
        for match in _AFTER.finditer(text)
        if not any(_answers(match, text, start) for start, _ in inner)
    ]
    return sorted(inner + answered)


def _answers(heading: re.Match[str], text: str, denial_start: int) -> bool:
    """Whether a denial whose allergy words begin at `denial_start` is the heading's answer, or the heading itself."""
    near = heading.start("words") <= denial_start < heading.end() + _LONGEST_ANSWER
    return near and "." not in text[heading.end() : denial_start]


def affirms_an_allergy(text: str) -> bool:
    """Whether the note says that the patient is allergic to something that may be a drug."""
    for match in _AFFIRMED.finditer(text):
        line_start = max(text.rfind("\n", 0, match.start()), text.rfind("\r", 0, match.start())) + 1
        negated = _NEGATED.search(text[line_start : match.start()])
        if ":" in match[0] and _DENIED_LATER.match(text, match.end()):
            continue
        if not negated and not _NO_DRUG.match(fold(match["what"])[0]):
            return True
    return False
