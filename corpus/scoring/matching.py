"""Pairing gold spans with predicted ones by how much they overlap."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpus.labels import Label
from corpus.note import Span

LabelKind = Callable[[Label], Hashable]
"""What two labels must have in common for their spans to be paired."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A gold and a predicted span, and their IoU in (0, 1]."""

    gold: Span
    predicted: Span
    iou: float


def iou(one: Span, other: Span) -> float:
    """Intersection over union: the characters that two spans share, over those that they cover together."""
    shared = one.overlap(other.start, other.end)
    return shared / (one.end - one.start + other.end - other.start - shared)


def entity_of(label: Label) -> str:
    """The kind that the score pairs within: the entity, so that an allergy meets its denial."""
    return label.entity


def pair_spans(
    gold: Sequence[Span], predicted: Sequence[Span], least_iou: float, *, within: LabelKind = entity_of
) -> list[Pair]:
    """Pairs within each entity (or other kind) that share at least `least_iou`; each span is in one at most.

    The pair of greatest IoU is taken first, then one whose labels agree, then by start, end and label of the gold
    span and of the predicted one, so that the order of the lists does not count. 1.0 pairs equal places only.
    """
    candidates = sorted(_candidates(gold, predicted, least_iou, within), key=lambda found: _precedence(found[0]))
    pairs: list[Pair] = []
    used_gold: set[int] = set()
    used_predicted: set[int] = set()
    for pair, gold_index, predicted_index in candidates:
        if gold_index not in used_gold and predicted_index not in used_predicted:
            used_gold.add(gold_index)
            used_predicted.add(predicted_index)
            pairs.append(pair)
    return pairs


def _precedence(pair: Pair) -> tuple[object, ...]:
    return -pair.iou, pair.gold.label is not pair.predicted.label, *pair.gold.place, *pair.predicted.place


def _candidates(
    gold: Sequence[Span], predicted: Sequence[Span], least_iou: float, within: LabelKind
) -> Iterator[tuple[Pair, int, int]]:
    """Every pair that may be taken, with the index of each span in its list."""
    theirs = _by_kind(predicted, within)
    for kind, ours in _by_kind(gold, within).items():
        others = theirs.get(kind, [])
        starts = [span.start for _, span in others]
        for gold_index, span in ours:
            # A span longer than length / least_iou cannot share enough, so none that begins earlier than that counts.
            reach = (span.end - span.start) / least_iou
            nearby = others[bisect_right(starts, span.start - reach) : bisect_left(starts, span.end)]
            for predicted_index, other in nearby:
                overlap = iou(span, other)
                if overlap >= least_iou:
                    yield Pair(span, other, overlap), gold_index, predicted_index


def _by_kind(spans: Iterable[Span], within: LabelKind) -> dict[Hashable, list[tuple[int, Span]]]:
    """The spans of each kind with their indices, by start."""
    groups: dict[Hashable, list[tuple[int, Span]]] = defaultdict(list)
    for index, span in enumerate(spans):
        groups[within(span.label)].append((index, span))
    for group in groups.values():
        group.sort(key=lambda found: found[1].start)
    return groups
