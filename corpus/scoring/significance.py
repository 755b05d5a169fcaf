"""Whether one model is better than another, judged by the predictions of both on the same notes.

The test is approximate randomisation (Noreen 1989; Yeh 2000, "More accurate tests for the statistical significance of
result differences"): if the models were alike, it would not matter which of them a note's predictions came from, so
they are swapped note by note, at random, and the difference is compared with those that come of it. The observed order
counts as one draw, so that p is never 0 (Phipson & Smyth 2010).
"""

from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

import numpy as np

from corpus.documents import JsonObject
from corpus.scoring.intervals import RESAMPLES, ROUNDING, Interval, percentile_interval, resampled_rates
from corpus.scoring.scores import PairedNotes, Scored
from corpus.scoring.tallies import MACRO, MICRO, FloatArray, IntArray, distinct_rows, rates, sample_sums, tally_notes

DRAWS = 10_000
ALPHA = 0.05
POWER = 0.80
DETECTABLE_IN_STANDARD_ERRORS = NormalDist().inv_cdf(1 - ALPHA / 2) + NormalDist().inv_cdf(POWER)
"""1.96 + 0.84 = 2.80: a true difference of so many standard errors is found at 5 %, two-sided, in 80 % of such sets of
notes (Bloom 1995, "Minimum detectable effects")."""


class Verdict(StrEnum):
    """What the test says of a model against another one, at 5 %."""

    BETTER = "better"
    WORSE = "worse"
    INDISTINGUISHABLE = "indistinguishable"


@dataclass(frozen=True, slots=True)
class Difference:
    """A model's exact F1 less the other's.

    `interval` is of 95 %, by paired bootstrap over notes; `detectable` is the smallest true difference that such a
    set of notes would show in 80 % of cases. Both are None where the notes cannot tell: fewer than two of them, or no
    resample in which the models differ.
    """

    value: float
    interval: Interval | None
    p_value: float
    detectable: float | None

    @property
    def verdict(self) -> Verdict:
        """Better or worse if p is at most 0.05."""
        if self.p_value > ALPHA or self.value == 0:
            return Verdict.INDISTINGUISHABLE
        return Verdict.BETTER if self.value > 0 else Verdict.WORSE

    def to_json(self) -> JsonObject:
        """The figures and the verdict."""
        return {
            "difference": self.value,
            "interval": self.interval.to_json() if self.interval else None,
            "p": self.p_value,
            "detectable": self.detectable,
            "verdict": str(self.verdict),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a model does against another one on the same notes; the verdict that counts is the one of micro F1."""

    micro: Difference
    macro: Difference
    notes: int
    draws: int
    resamples: int
    seed: int

    def to_json(self) -> JsonObject:
        """The part of the score document that stands under `comparison`."""
        return {
            "verdict": str(self.micro.verdict),
            "micro": self.micro.to_json(),
            "macro": self.macro.to_json(),
            "notes": self.notes,
            "draws": self.draws,
            "resamples": self.resamples,
            "seed": self.seed,
        }


def compare_models(
    ours: Scored,
    theirs: Scored,
    *,
    draws: int = DRAWS,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """The exact F1 of our predictions against theirs; both list the same notes with the same gold, in one order.

    Raises ValueError if they do not.
    """
    first, second = PairedNotes.of(ours), PairedNotes.of(theirs)
    if [(note.id, list(note.gold)) for note in first.notes] != [(note.id, list(note.gold)) for note in second.notes]:
        raise ValueError("the two lists must hold the same notes with the same gold, in the same order")
    pairs = np.stack([tally_notes(first, 1.0), tally_notes(second, 1.0)], axis=1)
    observed = _differences(rates(pairs.sum(axis=0)))
    swapped = _swapped_differences(pairs, draws, seed)
    resampled = _differences(resampled_rates(pairs, resamples, seed))
    micro, macro = (
        _difference(float(observed[column]), swapped[:, column], resampled[:, column]) for column in range(2)
    )
    return Comparison(micro, macro, len(pairs), draws, resamples, seed)


def _swapped_differences(pairs: IntArray, draws: int, seed: int) -> FloatArray:
    """The differences after swapping the models on random notes: (notes, 2, labels, 3) gives (draws, 2).

    Notes on which the models differ in the same way are swapped together: how many of them are is binomial. The model
    with the smaller sums goes first, so that p is the same whichever is asked about; the sign means nothing.
    """
    rng = np.random.default_rng(seed)
    sums = pairs.sum(axis=0)
    first, second = sorted((0, 1), key=lambda model: sums[model].tolist())
    kinds, times = distinct_rows((pairs[:, second] - pairs[:, first]).reshape(len(pairs), sums[0].size))
    moved = sample_sums(kinds, lambda size: rng.binomial(times, 0.5, (size, len(times))), draws)
    moved = moved.reshape(draws, *sums[0].shape)
    return _differences(rates(np.stack([sums[first] + moved, sums[second] - moved], axis=1)))


def _differences(found: FloatArray) -> FloatArray:
    """Micro and macro F1 of the first less that of the second: rates (…, 2, labels + 2, 3) give (…, 2)."""
    f1 = np.nan_to_num(found[..., (MICRO, MACRO), 2])
    return f1[..., 0, :] - f1[..., 1, :]


def _difference(observed: float, swapped: FloatArray, resampled: FloatArray) -> Difference:
    as_large = int((np.abs(swapped) >= abs(observed) - ROUNDING).sum())
    p_value = (1 + as_large) / (1 + len(swapped))
    standard_error = float(resampled.std(ddof=1))
    if standard_error < ROUNDING:
        return Difference(observed, None, p_value, None)
    return Difference(observed, percentile_interval(resampled), p_value, DETECTABLE_IN_STANDARD_ERRORS * standard_error)
