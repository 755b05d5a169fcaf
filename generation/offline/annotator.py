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
from corpus.text.folding import find_phrase, fold
from generation.briefs.brief import UsualDrug
from generation.briefs.knowledge import load_knowledge
from generation.reading.denials import denials
from generation.reading.drug_mentions import drug_mentions
from generation.reading.passages import Passage, Topic, passages

_ALLERGIC_TO = re.compile(
    r"(?:al[ée]rgic[oa]|alergias?(?: conhecidas?)?|hipersensibilidade)\s(?:à|a|ao|aos|às)\s", re.I
)
_SENTENCE_END = re.compile(r"[.;]\s|[\r\n]|\Z")


def annotate_note(text: str) -> list[Span]:
    """Spans in text order: usual drugs with dose and schedule, at most one diagnosis, allergens, denials."""
    lines = passages(text)
    denied = [Span(start, end, Label.NO_ALLERGY) for start, end in denials(text)]
    allergens = _allergens(text, lines, denied)
    concluded = _under(Topic.CONCLUSION, Label.DIAGNOSIS, text, lines)
    diagnosis = [Span(start, end, Label.DIAGNOSIS) for start, end in concluded[-1:]]
    return sorted([*denied, *allergens, *diagnosis, *_drugs(text, lines)], key=lambda span: span.place)


def _drugs(text: str, lines: Sequence[Passage]) -> list[Span]:
    """Known drugs that the note names as usual medication, and those of unclear use that have a dose or a schedule."""
    named = {text[start:end] for start, end in _named(text, (0, len(text)), Label.MEDICATION)}
    found = {span for name in named for span in drug_mentions(UsualDrug(name), text, lines)}
    listed = {start for start, _ in _under(Topic.MEDICATION, Label.MEDICATION, text, lines)}
    return [span for span in found if span.start in listed or text[span.start : span.end] not in named]


def _under(topic: Topic, label: Label, text: str, lines: Sequence[Passage]) -> list[tuple[int, int]]:
    """Where names of the label stand under headings of a topic."""
    stretches = [(line.start, line.end) for line in lines if line.topic is topic]
    return [place for stretch in stretches for place in _named(text, stretch, label)]


def _allergens(text: str, lines: Sequence[Passage], denied: Sequence[Span]) -> list[Span]:
    """Known allergens under a heading of allergies that denies none, and after "alérgico a" and its like."""
    affirmed = [
        (line.start, line.end)
        for line in lines
        if line.topic is Topic.ALLERGIES and not any(line.start <= span.start < line.end for span in denied)
    ]
    for match in _ALLERGIC_TO.finditer(text):
        end = _SENTENCE_END.search(text, match.end())
        affirmed.append((match.end(), end.start() if end else len(text)))
    places = {place for stretch in affirmed for place in _named(text, stretch, Label.ALLERGY)}
    return [Span(start, end, Label.ALLERGY) for start, end in sorted(places)]


def _named(text: str, stretch: tuple[int, int], label: Label) -> Iterator[tuple[int, int]]:
    """Where known names of the label stand in a stretch of the text; within a longer name none is looked for."""
    begin, words = stretch[0], text[slice(*stretch)]
    folded = fold(words)[0]
    taken: list[tuple[int, int]] = []
    for name, folded_name in _names(label):
        if folded_name in folded:
            for start, end in find_phrase(words, name):
                if all(end <= other_start or other_end <= start for other_start, other_end in taken):
                    taken.append((start, end))
    yield from ((begin + start, begin + end) for start, end in sorted(taken))


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
