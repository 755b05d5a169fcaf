"""Entities of one note found by rule: known names where such names stand. It is no LLM's work, as the notes are not.

It knows the words of `generation/data` and the headings and denials of Portuguese notes, and nothing of the brief that
a note was written from. Notes that the embedded endpoint wrote itself use the same words, so that it does better there
than on anybody else's.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from corpus.alignment import find_phrase, fold
from corpus.labels import Label
from corpus.note import Span
from generation.denials import denials
from generation.knowledge import load_knowledge
from generation.passages import Passage, Section, passages
from generation.regimen import mention_end

_ALLERGIC_TO = re.compile(
    r"(?:al[ée]rgic[oa]|alergias?(?: conhecidas?)?|hipersensibilidade)\s(?:à|a|ao|aos|às)\s", re.I
)
_SENTENCE_END = re.compile(r"[.;]\s|[\r\n]|\Z")


def annotate_note(text: str) -> list[Span]:
    """Spans in text order: usual drugs with dose and schedule, at most one diagnosis, allergens, denials."""
    lines = passages(text)
    denied = [Span(start, end, Label.NO_ALLERGY) for start, end in denials(text)]
    drugs = [
        Span(start, mention_end(text, end), Label.MEDICATION)
        for start, end in _under(Section.MEDICATION, text, lines, _names(Label.MEDICATION))
    ]
    concluded = _under(Section.CONCLUSION, text, lines, _names(Label.DIAGNOSIS))
    diagnosis = [Span(start, end, Label.DIAGNOSIS) for start, end in concluded[-1:]]
    return sorted([*denied, *drugs, *diagnosis, *_allergens(text, lines, denied)], key=lambda span: span.place)


def _under(
    section: Section, text: str, lines: Sequence[Passage], names: Iterable[tuple[str, str]]
) -> list[tuple[int, int]]:
    """Where names stand under headings of a section."""
    stretches = [(line.start, line.end) for line in lines if line.section is section]
    return [place for stretch in stretches for place in _named(text, stretch, names)]


def _allergens(text: str, lines: Sequence[Passage], denied: Sequence[Span]) -> list[Span]:
    """Known allergens under a heading of allergies that denies none, and after "alérgico a" and its like."""
    affirmed = [
        (line.start, line.end)
        for line in lines
        if line.section is Section.ALLERGIES and not any(line.start <= span.start < line.end for span in denied)
    ]
    for match in _ALLERGIC_TO.finditer(text):
        end = _SENTENCE_END.search(text, match.end())
        affirmed.append((match.end(), end.start() if end else len(text)))
    places = {place for stretch in affirmed for place in _named(text, stretch, _names(Label.ALLERGY))}
    return [Span(start, end, Label.ALLERGY) for start, end in sorted(places)]


def _named(text: str, stretch: tuple[int, int], names: Iterable[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    """Where names stand in a stretch of the text; within a longer name none is looked for."""
    begin, words = stretch[0], text[slice(*stretch)]
    folded = fold(words)[0]
    taken: list[tuple[int, int]] = []
    for name, folded_name in names:
        if folded_name in folded:
            for start, end in find_phrase(words, name):
                if all(end <= other_start or other_end <= start for other_start, other_end in taken):
                    taken.append((start, end))
    yield from ((begin + start, begin + end) for start, end in sorted(taken))


@cache
def _names(label: Label) -> tuple[tuple[str, str], ...]:
    """The known names of drugs, diagnoses or allergens, the longest first, each with its folded form."""
    knowledge = load_knowledge()
    names = set(knowledge.drugs) if label is not Label.DIAGNOSIS else set()
    if label is Label.DIAGNOSIS:
        for diagnoses in knowledge.diagnoses.values():
            for name, diagnosis in diagnoses.items():
                names |= {name, *diagnosis.also}
    if label is Label.ALLERGY:
        names |= set(knowledge.allergens)
    return tuple((name, fold(name)[0]) for name in sorted(names, key=lambda name: (-len(name), name)))
