"""A score's table: the counts of each label, what follows from them, and how notes add up to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from operator import add
from statistics import fmean

from corpus.documents import JsonObject
from corpus.labels import Label
from corpus.note import Span
from corpus.scoring.matching import Pair

Tally = Sequence[Sequence[int]]
"""[true positives, false positives, false negatives] of each label in its order."""


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, false positives, false negatives, and the mean confidence of the predictions among them."""

    tp: int
    fp: int
    fn: int
    confidence: float | None = None

    @property
    def occurs(self) -> bool:
        """Whether there is any span of gold or of the predictions."""
        return bool(self.tp or self.fp or self.fn)

    @property
    def support(self) -> int:
        """The number of gold spans."""
        return self.tp + self.fn

    @property
    def precision(self) -> float:
        """The share of the predicted spans that are right; 0 where there are none."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """The share of the gold spans that were found; 0 where there are none."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 where nothing is right."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    def to_json(self) -> JsonObject:
        """The counts and what follows from them."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "support": self.support,
            "tp": self.tp,
            "fp": self.fp,
            "fn": self.fn,
            "confidence": self.confidence,
        }


@dataclass(frozen=True, slots=True)
class Averages:
    """Plain means over the labels that occur in gold or prediction; 0 where none does."""

    precision: float
    recall: float
    f1: float
    support: int

    def to_json(self) -> JsonObject:
        """The means, and how many gold spans they rest on."""
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1, "support": self.support}


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """The counts of each of the four labels, and of all spans together (micro)."""

    per_label: Mapping[Label, Counts]
    micro: Counts

    @property
    def macro(self) -> Averages:
        """The mean over the labels that occur."""
        rows = [counts for counts in self.per_label.values() if counts.tp + counts.fp + counts.fn] or [Counts(0, 0, 0)]
        return Averages(
            fmean(counts.precision for counts in rows),
            fmean(counts.recall for counts in rows),
            fmean(counts.f1 for counts in rows),
            self.micro.support,
        )

    def to_json(self) -> JsonObject:
        """The table as the score document holds it."""
        return {
            "per_label": {str(label): counts.to_json() for label, counts in self.per_label.items()},
            "micro": self.micro.to_json(),
            "macro": self.macro.to_json(),
        }


def tally(gold: Iterable[Span], predicted: Iterable[Span], pairs: Iterable[Pair]) -> Tally:
    """What spans add to a score; a pair of one label is a true positive."""
    rows = {label: [0, 0, 0] for label in Label}
    for span in predicted:
        rows[span.label][1] += 1
    for span in gold:
        rows[span.label][2] += 1
    for pair in pairs:
        if pair.gold.label is pair.predicted.label:
            row = rows[pair.gold.label]
            row[0], row[1], row[2] = row[0] + 1, row[1] - 1, row[2] - 1
    return list(rows.values())


def table_of(tallies: Iterable[Tally], predicted: Iterable[Span]) -> ScoreTable:
    """The table of the tallies together, with the mean confidences of the predictions that were tallied."""
    sums = {label: [0, 0, 0] for label in Label}
    for rows in tallies:
        for total, row in zip(sums.values(), rows, strict=True):
            total[:] = map(add, total, row)
    confidences: dict[Label, list[float]] = {label: [] for label in Label}
    for span in predicted:
        if span.confidence is not None:
            confidences[span.label].append(span.confidence)
    every = [confidence for label in Label for confidence in confidences[label]]
    per_label = {label: Counts(tp, fp, fn, _mean(confidences[label])) for label, (tp, fp, fn) in sums.items()}
    tp, fp, fn = (sum(counts) for counts in zip(*sums.values(), strict=True))
    return ScoreTable(per_label, Counts(tp, fp, fn, _mean(every)))


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _mean(values: Sequence[float]) -> float | None:
    """The mean, summed exactly so that order does not count; None of nothing."""
    return fsum(values) / len(values) if values else None
