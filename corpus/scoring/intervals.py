"""How sure a score is: percentile intervals by bootstrap over notes (Efron & Tibshirani 1993, chapter 13).

Whole notes are drawn, with replacement, as many as there are: the mentions of one note are not independent. An
interval says how far the score would move with other notes of the same kind; it does not cover another seed, another
annotator or another hospital. Where every resample gives the same figure, as where all is found or nothing, the
bootstrap sees no spread, which is not to say that there is none: then there is no interval.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pydantic import JsonValue

from corpus.documents import JsonObject
from corpus.labels import Label
from corpus.scoring.scores import RELAXED_IOU, PairedNotes, Scored
from corpus.scoring.tallies import (
    LABELS,
    MACRO,
    MICRO,
    FloatArray,
    IntArray,
    distinct_rows,
    rates,
    sample_sums,
    tally_notes,
)

LEVEL = 0.95
RESAMPLES = 2_000
ROUNDING = 1e-12
"""Figures closer than this are equal: the same counts, summed in another order."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From the lower to the upper end, both included."""

    low: float
    high: float

    def to_json(self) -> list[JsonValue]:
        """The two ends."""
        return [self.low, self.high]

    def __str__(self) -> str:
        return f"[{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True, slots=True)
class RowIntervals:
    """The intervals of one row of a table.

    None where the notes cannot tell: fewer than two of them, none with the label, or no difference between resamples.
    """

    precision: Interval | None
    recall: Interval | None
    f1: Interval | None

    def to_json(self) -> JsonObject:
        """The ends of each interval, null where there is none."""
        return {
            name: interval.to_json() if interval else None
            for name, interval in (("precision", self.precision), ("recall", self.recall), ("f1", self.f1))
        }


@dataclass(frozen=True, slots=True)
class TableIntervals:
    """The intervals of a table, row by row."""

    per_label: Mapping[Label, RowIntervals]
    micro: RowIntervals
    macro: RowIntervals

    def to_json(self) -> JsonObject:
        """The intervals, laid out as the table is."""
        return {
            "per_label": {str(label): row.to_json() for label, row in self.per_label.items()},
            "micro": self.micro.to_json(),
            "macro": self.macro.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Intervals:
    """The intervals of both tables of a score, and how they were drawn."""

    exact: TableIntervals
    relaxed: TableIntervals
    resamples: int
    seed: int

    def to_json(self) -> JsonObject:
        """The part of the score document that stands under `intervals`."""
        return {
            "level": LEVEL,
            "resamples": self.resamples,
            "seed": self.seed,
            "exact": self.exact.to_json(),
            "relaxed": self.relaxed.to_json(),
        }


def bootstrap_intervals(
    notes: Scored, *, relaxed_iou: float = RELAXED_IOU, resamples: int = RESAMPLES, seed: int = 0
) -> Intervals:
    """The intervals of the notes' score; `relaxed_iou` is for notes that are not paired yet.

    A resample in which a label does not occur says nothing of that label, and is left out of its interval.
    """
    paired = PairedNotes.of(notes, relaxed_iou)
    exact, relaxed = (
        _table(resampled_rates(tally_notes(paired, least), resamples, seed)) for least in (1.0, paired.relaxed_iou)
    )
    return Intervals(exact, relaxed, resamples, seed)


def bootstrap_differences(
    ours: Scored,
    theirs: Scored,
    *,
    relaxed_iou: float = RELAXED_IOU,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Intervals:
    """The intervals of our figures less theirs, note by note (paired bootstrap); both list the same notes in one order.

    None where no resample tells the two apart, as where they are alike.
    """
    first, second = PairedNotes.of(ours, relaxed_iou), PairedNotes.of(theirs, relaxed_iou)
    exact, relaxed = (
        _table(_differences(np.stack([tally_notes(first, least), tally_notes(second, least)], axis=1), resamples, seed))
        for least in (1.0, first.relaxed_iou)
    )
    return Intervals(exact, relaxed, resamples, seed)


def _differences(pairs: IntArray, resamples: int, seed: int) -> FloatArray:
    """The first's rates less the second's: tallies (notes, 2, labels, 3) give (resamples, labels + 2, 3).

    NaN where neither has the label; where one of them alone predicts it, the other's rate is 0.
    """
    first, second = np.moveaxis(resampled_rates(pairs, resamples, seed), 1, 0)
    found: FloatArray = np.nan_to_num(first) - np.nan_to_num(second)
    found[np.isnan(first) & np.isnan(second)] = np.nan
    return found


def resampled_rates(tallies: IntArray, resamples: int, seed: int) -> FloatArray:
    """`rates` of each resample: tallies of shape (notes, …, labels, 3) give (resamples, …, labels + 2, 3).

    NaN throughout for fewer than two notes.
    """
    notes, *shape = tallies.shape
    if notes < 2:
        return rates(np.zeros((resamples, *shape), np.int64))
    rng = np.random.default_rng(seed)
    kinds, times = distinct_rows(tallies.reshape(notes, -1))
    sums = sample_sums(kinds, lambda size: rng.multinomial(notes, times / notes, size), resamples)
    return rates(sums.reshape(resamples, *shape))


def percentile_interval(values: FloatArray) -> Interval | None:
    """The interval that holds the middle 95 % of the values, shape (resamples,), NaN aside; None if they are equal."""
    known = values[~np.isnan(values)]
    if not known.size or np.ptp(known) < ROUNDING:
        return None
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))


def _table(samples: FloatArray) -> TableIntervals:
    """The intervals of rates of shape (resamples, labels + 2, 3)."""
    return TableIntervals(
        {label: _row(samples[:, index]) for index, label in enumerate(LABELS)},
        _row(samples[:, MICRO]),
        _row(samples[:, MACRO]),
    )


def _row(samples: FloatArray) -> RowIntervals:
    precision, recall, f1 = (percentile_interval(samples[:, column]) for column in range(3))
    return RowIntervals(precision, recall, f1)
