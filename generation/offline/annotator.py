"""Entities of one note found by rule: known names where such names stand. It is no LLM's work, as the notes are not.

It knows the words of `generation/data` and the headings and denials of Portuguese notes, and nothing of the brief that
a note was written from. Notes that the embedded endpoint wrote itself use the same words, so that it does better there
than on anybody else's.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from corpus.labels import Label
from corpus.note import Span
from corpus.text.folding import FoldedText, fold
from generation.briefs.brief import UsualDrug
from generation.briefs.knowledge import load_knowledge
from generation.reading.drug_mentions import drug_mentions
from generation.reading.parsed_note import ParsedNote
from generation.reading.passages import Topic

_ALLERGIC_TO = re.compile(
    r"(?:al[ée]rgic[oa]|alergias?(?: conhecidas?)?|hipersensibilidade)\s(?:à|a|ao|aos|às)\s", re.I
)
_SENTENCE_END = re.compile(r"[.;]\s|[\r\n]|\Z")


def annotate_note(text: str) -> list[Span]:
    """Spans in text order: usual drugs with dose and schedule, at most one diagnosis, allergens, denials."""
    note = ParsedNote(text)
    denied = [Span(start, end, Label.NO_ALLERGY) for start, end in note.denials]
    allergens = _allergens(note, denied)
    concluded = _under(Topic.CONCLUSION, Label.DIAGNOSIS, note)
    diagnosis = [Span(start, end, Label.DIAGNOSIS) for start, end in concluded[-1:]]
    return sorted([*denied, *allergens, *diagnosis, *_drugs(note)], key=lambda span: span.place)


def _drugs(note: ParsedNote) -> list[Span]:
    """Known drugs that the note names as usual medication, and those of unclear use that have a dose or a schedule."""
    text = note.text
    named = {text[start:end] for start, end in _named(note.folded, Label.MEDICATION)}
    found = {span for name in named for span in drug_mentions(UsualDrug(name), note)}
    listed = {start for start, _ in _under(Topic.MEDICATION, Label.MEDICATION, note)}
    return [span for span in found if span.start in listed or text[span.start : span.end] not in named]


def _under(topic: Topic, label: Label, note: ParsedNote) -> list[tuple[int, int]]:
    """Where names of the label stand under headings of a topic."""
    stretches = [(line.start, line.end) for line in note.lines if line.topic is topic]
    return [place for stretch in stretches for place in _named_within(note.text, stretch, label)]


def _allergens(note: ParsedNote, denied: Sequence[Span]) -> list[Span]:
    """Known allergens under a heading of allergies that denies none, and after "alérgico a" and its like."""
    text = note.text
    affirmed = [
        (line.start, line.end)
        for line in note.lines
        if line.topic is Topic.ALLERGIES and not any(line.start <= span.start < line.end for span in denied)
    ]
    for match in _ALLERGIC_TO.finditer(text):
        end = _SENTENCE_END.search(text, match.end())
        affirmed.append((match.end(), end.start() if end else len(text)))
    places = {place for stretch in affirmed for place in _named_within(text, stretch, Label.ALLERGY)}
    return [Span(start, end, Label.ALLERGY) for start, end in sorted(places)]


def _named_within(text: str, stretch: tuple[int, int], label: Label) -> Iterator[tuple[int, int]]:
    """Where known names of the label stand in a stretch of the text, read as if there were no more than that."""
    begin, end = stretch
    yield from ((begin + start, begin + stop) for start, stop in _named(FoldedText.of(text[begin:end]), label))


def _named(words: FoldedText, label: Label) -> list[tuple[int, int]]:
    """Where known names of the label stand in a text; within a longer name none is looked for."""
    taken: list[tuple[int, int]] = []
    for name, folded_name in _names(label):
        if folded_name in words.folded:
            for start, end in words.find_phrase(name):
                if all(end <= other_start or other_end <= start for other_start, other_end in taken):
                    taken.append((start, end))
    return sorted(taken)


@cache
def _names(label: Label) -> tuple[tuple[str, str], ...]:
    """The known names of drugs, diagnoses or allergens, the longest first, each with its folded form."""
    knowledge = load_knowledge()
    if label is Label.DIAGNOSIS:
        of_specialty = knowledge.diagnoses.values()
        names = {name for known in of_specialty for main, item in known.items() for name in (main, *item.also)}
    else:
        names = {*knowledge.drugs, *(knowledge.allergens if label is Label.ALLERGY else ())}
    return tuple((name, fold(name)[0]) for name in sorted(names, key=lambda name: (-len(name), name)))
