"""A brief aligned with the note that was written from it: the silver spans, and what the note lacks or contradicts.

What counts as a mention follows the annotation conventions:

- A drug, with the dose, form, route, frequency and instructions that follow it, wherever it is said as usual
  medication: under such a heading or after words such as "medicado com". Drugs given in the emergency room, planned,
  or named beside an allergy do not count. A drug that is named only where neither is clear counts once, there.
- The principal diagnosis once: the last place that states it as the conclusion, else the last that is no background.
- An affirmed allergy wherever the allergen is named as one; a denied one wherever the denial says "alergias".
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.alignment import find_phrase, fold
from corpus.labels import Label
from corpus.note import Span
from generation.briefs import AllergyState, Brief, UsualDrug
from generation.denials import affirms_an_allergy, denials
from generation.passages import Passage, Section, passages
from generation.regimen import has_dose, mention_end

DIAGNOSIS, DRUG, ALLERGY = "diagnosis", "drug", "allergy"

_USUAL = (
    r"medicad[oa]s?(?! pelo)|medicacao|medicamentos|terapeutica|habitualmente|em ambulatorio|domicili\w+|toma|cumpre"
    r"|faz|fazia|sob|tratad[oa]|m\.?h|em tratamento"
)
_NOT_USUAL = (
    r"alergi\w*|hipersensib\w*|no su|na urgencia|administr\w+|inici\w+|fez|cumpriu|suspend\w+|suspens\w+|prescri\w+"
    r"|plano|automedic\w+|ciclo de|tentou|alta|toxicidade|intoxica\w+|ingest\w+|medicad[oa] pelo"
)
_DRUG_CUE = re.compile(rf"\b(?:(?P<other>{_NOT_USUAL})|(?P<usual>{_USUAL}))\b")
_CONCLUDES = re.compile(
    r"\b(?:internad[oa]|internamento|interna-se|admitid[oa]|admissao|diagnostico|impressao|hipotese|conclu\w+|portanto"
    r"|assim|em suma|em resumo|pelo exposto|assume-se|admite-se|assumi\w+|admiti\w+|compativel com|sugestiv[oa] de"
    r"|a favor de|trata-se de|doente com|quadro de|d:)"
)
_BEFOREHAND = re.compile(
    r"\b(?:antecedentes|historia de|exclu\w+|sem evidencia|familiar\w*|mae|pai|previ[oa]s?|sem criterios|afastad\w+)"
)
_ALLERGIC = re.compile(r"alerg|hipersensib|anafila|reac(?:ao|oes) advers|\bam:")
_NEGATED_ALLERGY = re.compile(r"\b(?:sem|nega|nao|exclu\w+)\b(?! especific)[^.,;:]*alerg")
_REACTION_FOLLOWS = re.compile(r"\W{0,4}(?:reac(?:ao|oes) (?:alergic|anafila)|anafila|alergi|hipersens)")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_SENTENCE_END = re.compile(r"[.;!?](?=\s+[A-ZÀ-Ý#-])")


@dataclass(frozen=True, slots=True)
class Alignment:
    """What aligning a brief gave: the spans in text order, and the kinds of item that are missing or contradicted."""

    spans: tuple[Span, ...] = ()
    missing: tuple[str, ...] = ()
    contradicted: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Why the note cannot stand for its brief ('' where it can), in words that hold nothing of the note."""
        if self.missing:
            return f"lacks from its brief: {', '.join(self.missing)}"
        if self.contradicted:
            return f"contradicts its brief: {', '.join(self.contradicted)}"
        return ""


def align_brief(brief: Brief, text: str) -> Alignment:
    """The silver spans of a note written from the brief; they do not overlap, and slice to the text as it stands."""
    lines = passages(text)
    spans: list[Span] = []
    missing: list[str] = []
    drugs = [_drug_spans(drug, text, lines) for drug in brief.drugs]
    if not all(drugs):
        missing.append(DRUG)
    for found in drugs:
        spans += found
    diagnosis = _diagnosis_span(brief.diagnosis, text, lines)
    if diagnosis is None:
        missing.append(DIAGNOSIS)
    else:
        spans.append(diagnosis)
    allergies = _allergy_spans(brief, text, lines)
    spans += allergies
    if brief.allergy is not AllergyState.UNMENTIONED and not allergies:
        missing.append(ALLERGY)
    standing = _without_overlaps(spans)
    contradicted = []
    if _contradicts_allergy(brief, text):
        contradicted.append(ALLERGY)
    if _names_another_drug(text, lines, standing):
        contradicted.append(DRUG)
    return Alignment(tuple(standing), tuple(sorted(missing)), tuple(sorted(contradicted)))


def _drug_spans(drug: UsualDrug, text: str, lines: Sequence[Passage]) -> list[Span]:
    usual: list[Span] = []
    unclear: list[Span] = []
    for start, name_end in _find_name(text, drug.name):
        line = _line_at(lines, start)
        if line is None:
            continue
        end = min(mention_end(text, name_end, (drug.dose, drug.schedule)), max(line.end, name_end))
        context = _drug_context(text, line, start)
        if context != "other":
            (usual if context == "usual" else unclear).append(Span(start, end, Label.MEDICATION))
    if usual or not unclear:
        return usual
    return [max(unclear, key=lambda span: span.end - span.start)]


def _drug_context(text: str, line: Passage, start: int) -> str:
    """`usual`, `other` or `unclear`: the last cue on the line before the drug decides, without one the section."""
    before = _IN_BRACKETS.sub("", fold(text[line.start : start])[0])
    cues = [*_DRUG_CUE.finditer(before)]
    if cues:
        return "other" if cues[-1]["other"] else "usual"
    if line.section is Section.MEDICATION:
        return "usual"
    return "other" if line.section in (Section.EMERGENCY, Section.ALLERGIES) else "unclear"


def _find_name(text: str, name: str) -> list[tuple[int, int]]:
    """Where a drug is named; a combination's parts may be joined by other signs than the brief's."""
    parts = re.split(r"\s*[+/]\s*", name)
    spellings = (
        {name, *(sign.join(parts) for sign in (" + ", "+", "/", " / ", " e ", "-"))} if len(parts) > 1 else {name}
    )
    return sorted({place for spelling in spellings for place in find_phrase(text, spelling)})


def _diagnosis_span(diagnosis: str, text: str, lines: Sequence[Passage]) -> Span | None:
    ranked = []
    for start, end in find_phrase(text, diagnosis):
        line = _line_at(lines, start)
        if line is None:
            continue
        before = fold(_sentence_before(text, line, start))[0]
        concludes = line.section is Section.CONCLUSION or _CONCLUDES.search(before) is not None
        background = line.section in (Section.BACKGROUND, Section.MEDICATION) or _BEFOREHAND.search(before) is not None
        ranked.append((concludes and not background, not background, start, end))
    if not ranked:
        return None
    _, _, start, end = max(ranked)
    return Span(start, end, Label.DIAGNOSIS)


def _allergy_spans(brief: Brief, text: str, lines: Sequence[Passage]) -> list[Span]:
    if brief.allergy is AllergyState.DENIED:
        return [Span(start, end, Label.NO_ALLERGY) for start, end in denials(text)]
    if brief.allergy is AllergyState.UNMENTIONED:
        return []
    spans = []
    for start, end in _find_allergen(text, brief.allergen):
        line = _line_at(lines, start)
        if line is None:
            continue
        before = fold(_sentence_before(text, line, start))[0]
        said = _ALLERGIC.search(before) or _REACTION_FOLLOWS.match(fold(text[end : line.end])[0])
        if (said or line.section is Section.ALLERGIES) and not _NEGATED_ALLERGY.search(before):
            spans.append(Span(start, end, Label.ALLERGY))
    return spans


def _find_allergen(text: str, allergen: str) -> list[tuple[int, int]]:
    """Where the allergen is named, in the singular or the plural."""
    other = allergen[:-1] if allergen.endswith("s") else f"{allergen}s"
    return sorted({*find_phrase(text, allergen), *find_phrase(text, other)})


def _contradicts_allergy(brief: Brief, text: str) -> bool:
    if brief.allergy is AllergyState.AFFIRMED:
        return bool(denials(text))
    if brief.allergy is AllergyState.DENIED:
        return affirms_an_allergy(text)
    return bool(denials(text)) or affirms_an_allergy(text)


def _names_another_drug(text: str, lines: Iterable[Passage], spans: Sequence[Span]) -> bool:
    """Whether an item under a heading of usual medication has a dose and holds no drug of the brief."""
    return any(
        line.section is Section.MEDICATION
        and line.is_item
        and has_dose(text[line.start : line.end])
        and not any(line.start <= span.start < line.end for span in spans)
        for line in lines
    )


def _line_at(lines: Iterable[Passage], offset: int) -> Passage | None:
    return next((line for line in lines if line.start <= offset < line.end), None)


def _sentence_before(text: str, line: Passage, offset: int) -> str:
    """What stands before `offset` in its sentence, on its line."""
    before = text[line.start : offset]
    ends = [match.end() for match in _SENTENCE_END.finditer(text, line.start, offset + 1) if match.end() <= offset]
    return before[ends[-1] - line.start :] if ends else before


def _without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """The spans in text order; of those that overlap, the longest stands."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start, span.label)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    kept.sort(key=lambda span: span.start)
    assert all(left.end <= right.start for left, right in pairwise(kept))
    return kept
