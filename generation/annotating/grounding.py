"""Where the entities that an LLM gave stand in the note: it gives words and their order, a span needs offsets."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corpus.note import Span
from corpus.text.folding import FoldedText
from generation.annotating.entities import Entity, Unusable

Place = tuple[int, int]
"""Start and end in characters, end exclusive."""


@dataclass(frozen=True, slots=True)
class Grounded:
    """The spans in text order, which do not overlap, and the entities that are nowhere, counted by reason."""

    spans: tuple[Span, ...]
    ungrounded: Counter[Unusable]


def ground(entities: Sequence[Entity], text: str) -> Grounded:
    """The entities as spans of the text; case, accents and white space are forgiven (`corpus.text.folding`).

    Words that the note has once are placed first, the longest of those that overlap. Words that it has several times
    take the first free place after the entity before them in the answer, so that the same words given twice are two
    mentions; where none is left after it, the first free place of all.
    """
    folded = FoldedText.of(text)
    places = [folded.find_phrase(entity.text) for entity in entities]
    once = [index for index, found in enumerate(places) if len(found) == 1]
    once.sort(key=lambda index: places[index][0][0] - places[index][0][1])
    several = [index for index, found in enumerate(places) if len(found) != 1]
    taken: dict[int, Place] = {}
    ungrounded: Counter[Unusable] = Counter()
    for index in once + several:
        free = [place for place in places[index] if not _overlaps(place, taken.values())]
        if free:
            before = max((other for other in taken if other < index), default=None)
            cursor = 0 if before is None else taken[before][1]
            taken[index] = next((place for place in free if place[0] >= cursor), free[0])
        else:
            ungrounded[_why(places[index], taken.values())] += 1
    spans = [Span(*place, entities[index].label) for index, place in taken.items()]
    return Grounded(tuple(sorted(spans, key=lambda span: span.place)), ungrounded)


def _overlaps(place: Place, others: Iterable[Place]) -> bool:
    return any(place[0] < end and start < place[1] for start, end in others)


def _why(places: Sequence[Place], taken: Iterable[Place]) -> Unusable:
    if not places:
        return Unusable.ABSENT
    return Unusable.REPEATED if set(places) <= set(taken) else Unusable.OVERLAP
