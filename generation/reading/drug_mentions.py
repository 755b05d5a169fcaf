"""Where a note names a drug of its brief as usual medication, and how far each mention goes."""

import re

from corpus.labels import Label
from corpus.note import Span
from generation.briefs.brief import UsualDrug
from generation.reading.parsed_note import ParsedNote
from generation.reading.passages import Passage, Topic
from generation.reading.regimen import mention_end
from generation.reading.wordings import drug_pattern, is_short_abbreviation

_USUAL = (
    r"medicad[oa]s?(?! pelo)|medicacao|medicamentos|terapeutica|habitualmente|em ambulatorio|domicili\w+|toma|cumpre"
    r"|faz|fazia|sob|tratad[oa]|m\.?h|em tratamento"
)
_NOT_USUAL = (
    r"alergi\w*|hipersensib\w*|no su|na urgencia|administr\w+|inici\w+|fez|cumpriu|suspend\w+|suspens\w+|prescri\w+"
    r"|plano|automedic\w+|ciclo de|tentou|alta|toxicidade|intoxica\w+|ingest\w+|medicad[oa] pelo"
)
_CUE = re.compile(rf"\b(?:(?P<other>{_NOT_USUAL})|(?P<usual>{_USUAL}))\b")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_BRAND_BEFORE = re.compile(
    r"(?:\A|[-•*,;:+]|\be|\bcom)[ \t]*(?P<brand>[A-ZÀ-Ý][\w®-]+(?:[ \t][A-ZÀ-Ý][\w®-]*)?)[ \t]?\(\Z"
)
_CLOSING = re.compile(r"[ \t]*\)")


def drug_mentions(drug: UsualDrug, note: ParsedNote) -> list[Span]:
    """The mentions of the drug as usual medication; where only unclear places name it, the fullest of these."""
    usual: list[Span] = []
    unclear: list[Span] = []
    for start, name_end in note.folded.find_pattern(drug_pattern(drug.name)):
        line = note.line_at(start)
        if line is None or is_short_abbreviation(note.text[start:name_end]):
            continue
        span = _whole_mention(drug, note.text, line, start, name_end)
        context = _context(note, line, start)
        if context != "other":
            (usual if context == "usual" else unclear).append(span)
    if usual or not unclear:
        return usual
    return [max(unclear, key=lambda span: span.end - span.start)]


def _whole_mention(drug: UsualDrug, text: str, line: Passage, start: int, name_end: int) -> Span:
    """The name with what follows it, and with its brand where the name stands in the brand's brackets."""
    own_words = (drug.dose, drug.schedule)
    end = mention_end(text, name_end, own_words)
    brand = _BRAND_BEFORE.search(text[line.start : start])
    closing = _CLOSING.match(text, end) if brand else None
    if brand and closing:
        start, end = line.start + brand.start("brand"), mention_end(text, closing.end(), own_words)
    return Span(start, min(end, max(line.end, name_end)), Label.MEDICATION)


def _context(note: ParsedNote, line: Passage, start: int) -> str:
    """`usual`, `other` or `unclear`: the last cue on the line before the drug decides, without one the topic."""
    before = _IN_BRACKETS.sub("", note.folded.part(line.start, start))
    cues = [*_CUE.finditer(before)]
    if cues:
        return "other" if cues[-1]["other"] else "usual"
    if line.topic is Topic.MEDICATION:
        return "usual"
    return "other" if line.topic in (Topic.EMERGENCY, Topic.ALLERGIES) else "unclear"
