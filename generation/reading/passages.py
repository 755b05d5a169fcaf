"""The lines of a note, each with the topic of its section, so that a mention can be judged by where it stands."""

import re
from dataclasses import dataclass
from enum import StrEnum

from corpus.text.folding import FoldedText


class Topic(StrEnum):
    """What a heading announces, as far as mentions of drugs, diagnoses and allergies go."""

    MEDICATION = "usual medication"
    ALLERGIES = "allergies"
    CONCLUSION = "what the patient is admitted for"
    BACKGROUND = "what the patient had before"
    EMERGENCY = "what was done or is planned"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Passage:
    """A line, or what follows a heading on its line: text[start:end] in characters, end exclusive."""

    start: int
    end: int
    topic: Topic
    is_item: bool


# What a folded heading begins with (its bullets left out), in the order in which it is asked. A section's heading is
# one of these words and a qualifier or two, or capitals, or ends in a colon.
_HEADINGS = (
    (
        Topic.EMERGENCY,
        r"(?:medicacao|terapeutica|tratamento)s? (?:(?:efetuad|efectuad|realizad|administrad|instituid|propost)[oa]s?"
        r"|no su\b|na urgencia|no servico de urgencia|em curso|de alta|iv\b|ev\b)|administrado|no su\b|plano|conduta"
        r"|orientacao|orientacoes|proposta|evolucao|prescricao|atitudes?|intercorrencias|reavaliacao",
    ),
    (Topic.MEDICATION, r"med(?:icac(?:ao|oes)|icamentos|\.)|m\.?h\.?(?![a-z])|terapeutica|farmacos"),
    (
        Topic.ALLERGIES,
        r"alergias?(?! (?:aos?|as?) (?!medic|farm))|a\.?m\.?(?![a-z])|reac(?:ao|oes) adversas?",
    ),
    (
        Topic.CONCLUSION,
        r"motivos? d[eo] (?:admissao|internamento|vinda)|m\.?i\.?(?![a-z])|diagnosticos?|hipoteses?|impressao"
        r"|conclusao|lista de problemas|problemas|discussao|avaliacao|assim|em resumo|portanto|internad[oa] por"
        r"|h\.?d\.?(?![a-z])",
    ),
    (
        Topic.BACKGROUND,
        r"antecedentes|a\.?p\.?(?![a-z])|a\.?f\.?(?![a-z])|historia (?:familiar|previa|pregressa)|comorbilidades"
        r"|habitos",
    ),
    (
        Topic.OTHER,
        r"identificacao|doente|historia|h\.?d\.?a\.?(?![a-z])|doenca ac?tual|anamnese|revisao|exames?|e\.?o\.?(?![a-z])"
        r"|observacao|a observacao|ao exame|mcdts?|ecds?|meios|estudo|resultados|analises|queixas?|contacto|estilo"
        r"|contexto|nota|servico|estado funcional|[soap]\)",
    ),
)
_PATTERNS = tuple((topic, re.compile(pattern)) for topic, pattern in _HEADINGS)
_QUALIFIERS = re.compile(
    r"(?: ?(?:habitual|habituais|ac?tual|ac?tuais|cronica|previa|pessoais|relevantes|familiares|medicamentosas?"
    r"|conhecidas|obje?c?tivo|fisico|complementares|clinic[oa]s?|patologicos|medico-cirurgicos|ativos|principal|provavel|diagnostica"
    r"|de diagnostico|terapeutico|de cuidados|domiciliaria|em ambulatorio|no su|a admissao|da doenca|ao internamento"
    r"|\([^)]*\)?))*"
)
_LINE = re.compile(r"[^\r\n]+")
_LINE_END = re.compile(r"\r\n|\r|\n")
_BULLET = re.compile(r"[ \t]*(?:[-*•·–>]|\d{1,2}[.)|])[ \t]*")
_MARK = re.compile(r"[ \t]*(?:#[ \t]*)?(?:\d{1,2}[.)][ \t]*)?")
_TITLE = re.compile(r"(?P<title>[^:\r\n]{1,60}?)[ \t]*(?P<sign>:|[-–)][ \t]*$|[ \t][-–][ \t]|$)")
_LONGEST_TITLE_WORDS = 5


def passages(note: FoldedText) -> list[Passage]:
    """The note's lines in order, without the headings; works with any line ends.

    A section ends at the next heading, and at an unbulleted line after a blank one. A heading on an item's line
    ("# Alergias: …") is that line's alone.
    """
    text = note.text
    found: list[Passage] = []
    topic, filled, last_end = Topic.OTHER, False, 0
    for line in _LINE.finditer(text):
        start, end = line.span()
        if not line[0].strip():
            continue
        is_item = _BULLET.match(text, start, end) is not None
        after_blank = len(_LINE_END.findall(text, last_end, start)) > 1
        last_end = end
        heading = _heading(note, start, end, awaited=not filled)
        if heading is None and after_blank and filled and not is_item:
            topic = Topic.OTHER
        own = topic
        if heading is not None:
            is_listed = is_item or text[start:end].lstrip().startswith("#")
            own, start = heading
            is_item = _BULLET.match(text, start, end) is not None
            if not (is_listed and text[start:end].strip()):
                topic, filled = own, False
        if text[start:end].strip():
            found.append(Passage(start, end, own, is_item))
            filled = True
    return found


def _heading(note: FoldedText, start: int, end: int, *, awaited: bool) -> tuple[Topic, int] | None:
    """The topic that a line opens and where the line goes on after the heading; None for a line without a heading.

    `awaited` says that the line follows a heading directly, so that capitals alone ("PENICILINA") are its content.
    """
    text = note.text
    bullet = _BULLET.match(text, start, end)
    marked = bullet or _MARK.match(text, start, end)
    begin = marked.end() if marked else start
    title = _TITLE.match(text, begin, end)
    if title is None:
        return None
    words, sign = title["title"].strip(), title["sign"]
    words_start = title.start() + len(title["title"]) - len(title["title"].lstrip())
    folded = note.part(words_start, words_start + len(words))
    in_capitals = words.isupper() and not bullet
    for topic, pattern in _PATTERNS:
        if known := pattern.match(folded):
            is_title = len(words.split()) <= _LONGEST_TITLE_WORDS and (sign == ":" or in_capitals)
            is_bare = _QUALIFIERS.fullmatch(folded, known.end())
            return (topic, title.end()) if is_title or is_bare else None
    is_title = (
        in_capitals
        and "#" not in text[start:begin]
        and len(words) > 3
        and not any(character.isdigit() for character in words)
        and words.count("(") == words.count(")")
    )
    return (Topic.OTHER, title.end()) if is_title and (sign or not awaited) else None
