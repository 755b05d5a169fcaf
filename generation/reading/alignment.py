"""A brief aligned with the note that was written from it: the silver spans, and what the note lacks or contradicts.

What counts as a mention follows the annotation conventions:

- A drug, with the dose, form, route, frequency and instructions that follow it, wherever it is said as usual
  medication: under such a heading or after words such as "medicado com". Drugs given in the emergency room, planned,
  or named beside an allergy do not count. A drug that is named only where neither is clear counts once, there.
- The principal diagnosis once: the last place that states it as the conclusion, else the last that is no background.
- An affirmed allergy wherever the allergen is named as one; a denied one wherever the denial says "alergias".
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.labels import Label
from corpus.note import Span
from generation.briefs.brief import AllergyState, Brief
from generation.reading.doses import states_dose
from generation.reading.drug_mentions import drug_mentions
from generation.reading.parsed_note import ParsedNote
from generation.reading.passages import Passage, Topic
from generation.reading.regimen import has_dose
from generation.reading.wordings import allergen_pattern, diagnosis_pattern, is_short_abbreviation

DIAGNOSIS, DRUG, DOSE, ALLERGY = "diagnosis", "drug", "dose", "allergy"

_CONCLUDES = re.compile(
    r"\b(?:internad[oa]|internamento|interna-se|admitid[oa]|admissao|diagnostico|impressao|hipotese|conclu\w+|portanto"
    r"|assim|em suma|em resumo|pelo exposto|assume-se|admite-se|assumi\w+|admiti\w+|compativel com|sugestiv[oa] de"
    r"|a favor de|trata-se de|doente com|quadro de|d:)"
)
_BEFOREHAND = re.compile(
    r"\b(?:antecedentes|historia de|exclu\w+|sem evidencia|familiar\w*|mae|pai|previ[oa]s?|sem criterios|afastad\w+)"
)
_ALLERGIC = re.compile(r"alerg|hipersensib|anafila|reac(?:ao|oes) advers|\bam:|\bram\b")
_NEGATED_ALLERGY = re.compile(r"\b(?:sem|nega|nao|exclu\w+)\b(?! especific)[^.,;:]*alerg")
_REACTION_FOLLOWS = re.compile(r"\W{0,4}(?:reac(?:ao|oes) (?:alergic|anafila)|anafila|alergi|hipersens)")
_SENTENCE_END = re.compile(r"[.;!?](?=\s+[A-ZÀ-Ý#-])")


@dataclass(frozen=True, slots=True)
class Alignment:
    """What aligning a brief gave: the spans in text order, and the kinds of item that are missing or contradicted.

    `details` says in Portuguese what is wrong, for the LLM to mend. It names what the brief asked for and quotes the
    note, so it is for the prompt alone: no log, no error and no report may hold it.
    """

    spans: tuple[Span, ...] = ()
    missing: tuple[str, ...] = ()
    contradicted: tuple[str, ...] = ()
    details: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Why the note cannot stand for its brief ('' where it can), in words that hold nothing of the note."""
        if self.missing:
            return f"lacks from its brief: {', '.join(self.missing)}"
        if self.contradicted:
            return f"contradicts its brief: {', '.join(self.contradicted)}"
        return ""


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is missing, or contradicted, and how the LLM is told."""

    kind: str
    is_missing: bool
    detail: str


def align_brief(brief: Brief, text: str) -> Alignment:
    """The silver spans of a note written from the brief; they do not overlap, and slice to the text as it stands."""
    note = ParsedNote(text)
    faults: list[_Fault] = []
    spans: list[Span] = []
    for drug in brief.drugs:
        found = drug_mentions(drug, note)
        stated = states_dose(drug.dose, (text[span.start : span.end] for span in found))
        if not found:
            faults.append(_Fault(DRUG, True, f"falta na medicação habitual: {drug.mention}"))
        elif not stated:
            faults.append(_Fault(DOSE, stated is None, f"a dose de {drug.name} tem de ser {drug.dose}"))
        spans += found
    diagnosis = _diagnosis_span(brief.diagnosis, note)
    if diagnosis is None:
        faults.append(_Fault(DIAGNOSIS, True, f"falta o diagnóstico principal, por estas palavras: {brief.diagnosis}"))
    else:
        spans.append(diagnosis)
    allergies = _allergy_spans(brief, note)
    standing = _without_overlaps(spans + allergies)
    faults += [*_allergy_faults(brief, note, allergies), *_drugs_not_asked_for(note, standing)]
    return Alignment(
        spans=tuple(standing),
        missing=tuple(sorted({fault.kind for fault in faults if fault.is_missing})),
        contradicted=tuple(sorted({fault.kind for fault in faults if not fault.is_missing})),
        details=tuple(fault.detail for fault in faults),
    )


def _diagnosis_span(diagnosis: str, note: ParsedNote) -> Span | None:
    text, ranked = note.text, []
    places = note.folded.find_pattern(diagnosis_pattern(diagnosis))
    ends = {end for _, end in places}
    for start, end in places:
        line = note.line_at(start)
        explains_another = text[:start].endswith("(") and len(text[:start].rstrip("( ")) in ends
        if line is None or explains_another or is_short_abbreviation(text[start:end]):
            continue
        before = _sentence_before(note, line, start)
        concludes = line.topic is Topic.CONCLUSION or _CONCLUDES.search(before) is not None
        background = line.topic in (Topic.BACKGROUND, Topic.MEDICATION) or _BEFOREHAND.search(before) is not None
        ranked.append((concludes and not background, not background, start, end))
    if not ranked:
        return None
    _, _, start, end = max(ranked)
    return Span(start, end, Label.DIAGNOSIS)


def _allergy_spans(brief: Brief, note: ParsedNote) -> list[Span]:
    if brief.allergy is AllergyState.DENIED:
        return [Span(start, end, Label.NO_ALLERGY) for start, end in note.denials]
    if brief.allergy is AllergyState.UNMENTIONED:
        return []
    spans = []
    for start, end in note.folded.find_pattern(allergen_pattern(brief.allergen)):
        line = note.line_at(start)
        if line is None:
            continue
        before = _sentence_before(note, line, start)
        said = _ALLERGIC.search(before) or _REACTION_FOLLOWS.match(note.folded.part(end, line.end))
        if (said or line.topic is Topic.ALLERGIES) and not _NEGATED_ALLERGY.search(before):
            spans.append(Span(start, end, Label.ALLERGY))
    return spans


def _allergy_faults(brief: Brief, note: ParsedNote, found: Sequence[Span]) -> Iterator[_Fault]:
    denied, affirmed = bool(note.denials), note.affirms_an_allergy
    if brief.allergy is AllergyState.AFFIRMED:
        if not found:
            yield _Fault(ALLERGY, True, f"falta afirmar que o doente é alérgico a {brief.allergen}")
        if denied:
            yield _Fault(ALLERGY, False, f"a nota nega alergias, mas o doente é alérgico a {brief.allergen}")
    elif brief.allergy is AllergyState.DENIED:
        if not found:
            yield _Fault(ALLERGY, True, "falta negar alergias medicamentosas")
        if affirmed:
            yield _Fault(ALLERGY, False, "a nota afirma uma alergia, mas tem de negar alergias medicamentosas")
    elif denied or affirmed:
        yield _Fault(ALLERGY, False, "a nota fala de alergias medicamentosas e não pode falar delas")


def _drugs_not_asked_for(note: ParsedNote, spans: Sequence[Span]) -> Iterator[_Fault]:
    """The items under a heading of usual medication that have a dose and hold no drug of the brief."""
    for line in note.lines:
        item = note.text[line.start : line.end]
        listed = line.topic is Topic.MEDICATION and line.is_item and has_dose(item)
        if listed and not any(line.start <= span.start < line.end for span in spans):
            yield _Fault(DRUG, False, f"na medicação habitual está um fármaco que não é da ficha: {item.strip()}")


def _sentence_before(note: ParsedNote, line: Passage, offset: int) -> str:
    """What stands before `offset` in its sentence, on its line, folded."""
    ends = _SENTENCE_END.finditer(note.text, line.start, offset + 1)
    begin = max((match.end() for match in ends if match.end() <= offset), default=line.start)
    return note.folded.part(begin, offset)


def _without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """The spans in text order; of those that overlap, the longest stands."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start, span.label)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    kept.sort(key=lambda span: span.start)
    assert all(left.end <= right.start for left, right in pairwise(kept))
    return kept
