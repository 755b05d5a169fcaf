"""What more notes would probably bring, read off a learning curve of few and unsure points.

The curve is the inverse power law F1(n) = a - b n^-c of n training notes (Figueroa et al. 2012, "Predicting sample size
required for classification performance"; Viering & Loog 2022, "The shape of learning curves: a review"). Two or three
rounds cannot fix three parameters, so none is fitted: every curve of a grid is weighed by how well it explains the
points (Bayes' rule), and the gain is what all of them say of it together. Where the points say little, the prior shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from corpus.scoring.intervals import RESAMPLES, Interval, resampled_rates
from corpus.scoring.tallies import MICRO, FloatArray, IntArray, rates

LEVEL = 0.80
"""The share of cases in which the gain should lie in its interval."""

_EXPONENTS = np.geomspace(0.1, 2, 10)
"""c: the smaller, the slower; each power of ten as likely (learning curves of language tasks lie between)."""
_SHARES = (np.arange(25) + 0.5) / 25
"""How much of what is missing to F1 = 1 an endless supply of notes would bring: each share as likely."""
_LEVELS = 25
"""How many values of the curve's height at the last point are tried, over four standard errors on either side."""
_SCATTERS = np.array([0.002, 0.005, 0.01, 0.02, 0.04])
"""How far F1 strays from the curve by which notes were trained on, standard deviation; each as likely."""
_NORMAL = np.array([NormalDist().inv_cdf((rank + 0.5) / 9) for rank in range(9)])
"""Nine equally probable values of a standard normal variable."""


@dataclass(frozen=True, slots=True)
class MeasuredCurve:
    """Exact micro F1 of models by the number of notes they were trained on, in ascending order, shapes (models,).

    `covariance`, shape (models, models), is that of the F1 figures over other notes to score by. Models scored on the
    same notes are right and wrong about the same ones, so a gain is surer than the F1 that it starts from.
    """

    notes: tuple[int, ...]
    f1: FloatArray
    covariance: FloatArray

    @property
    def standard_errors(self) -> FloatArray:
        """The standard error of each F1, shape (models,)."""
        errors: FloatArray = np.sqrt(np.diag(self.covariance))
        return errors


@dataclass(frozen=True, slots=True)
class Gain:
    """What more notes would bring in exact micro F1; both intervals have the probability LEVEL.

    `median` and `interval` are of the curve: what so many notes bring on average, on all notes of this kind. `measured`
    is what one new model would then show on the notes that the curve was measured on: the luck of the draw is in it.
    """

    median: float
    interval: Interval
    measured: Interval


def measure_curve(notes: Sequence[int], tallies: IntArray, *, resamples: int = RESAMPLES) -> MeasuredCurve:
    """The curve of models trained on so many notes, by their exact tallies, shape (scored notes, models, labels, 3).

    The covariance is by bootstrap over the scored notes, which all models share. F1 cannot tell less than a mention
    apart, so that much is added to each variance: where all is found, the bootstrap sees no spread. The scored notes
    must be two at least, and have gold mentions.
    """
    samples = resampled_rates(tallies, resamples, seed=0)[:, :, MICRO, 2]
    told = samples[~np.isnan(samples).any(axis=1)]  # not the resamples without a mention
    mentions = tallies[:, 0, :, [0, 2]].sum()  # of gold: found or missed
    covariance = np.atleast_2d(np.cov(told, rowvar=False)) + np.eye(len(notes)) / mentions**2
    return MeasuredCurve(tuple(notes), rates(tallies.sum(axis=0))[:, MICRO, 2], covariance)


def expected_gain(curve: MeasuredCurve, more_notes: int) -> Gain:
    """What so many notes more than at the last of the curve's points, two at least, would bring."""
    notes = np.array(curve.notes, np.float64)
    reach = 4 * float(np.hypot(curve.standard_errors[-1], _SCATTERS[-1]))
    levels = np.linspace(max(0, curve.f1[-1] - reach), min(1, curve.f1[-1] + reach), _LEVELS)
    level, share, exponent = (grid.ravel() for grid in np.meshgrid(levels, _SHARES, _EXPONENTS, indexing="ij"))
    room = (1 - level) * share  # a - F1(last)
    fitted = level + room * (1 - (notes[:, None] / notes[-1]) ** -exponent)  # (points, curves)
    gains = room * (1 - (1 + more_notes / notes[-1]) ** -exponent)
    residuals = curve.f1[:, None] - fitted
    weights = _weights(residuals, curve.covariance)
    low, median, high = _quantiles(gains, weights.sum(axis=0))
    shown, times = _measured(gains, residuals, curve.covariance), len(_NORMAL)
    least, _, most = _quantiles(shown.ravel(), np.repeat(weights[:, None], times, axis=1).ravel() / times)
    return Gain(median, Interval(low, high), Interval(least, most))


def _weights(residuals: FloatArray, covariance: FloatArray) -> FloatArray:
    """How probable each curve is at each scatter, (scatters, curves), by its residuals, (points, curves)."""
    logs = []
    for scatter in _SCATTERS:
        root = np.linalg.cholesky(covariance + scatter**2 * np.eye(len(covariance)))
        distances = np.linalg.solve(root, residuals)
        logs.append(-0.5 * (distances**2).sum(axis=0) - np.log(np.diag(root)).sum())
    weights = np.exp(np.stack(logs) - np.max(logs))
    shares: FloatArray = weights / weights.sum()
    return shares


def _measured(gains: FloatArray, residuals: FloatArray, covariance: FloatArray) -> FloatArray:
    """What a new model would show above the last one, shape (scatters, normal quantiles, curves).

    Scored on the same notes, it is as far off the curve as the last one, as far as that is the notes' doing, give or
    take what lies between one model and the next; of the last one's error we know what the residuals tell of it.
    """
    steps = np.diag(covariance)[1:] + np.diag(covariance)[:-1] - 2 * np.diag(covariance, 1)
    shared = covariance[-1]
    shown = []
    for scatter in _SCATTERS:
        pull = np.linalg.solve(covariance + scatter**2 * np.eye(len(covariance)), shared)
        spread = np.sqrt(shared[-1] - pull @ shared + steps.mean() + scatter**2)
        shown.append(gains + pull @ residuals - residuals[-1] + spread * _NORMAL[:, None])
    return np.stack(shown)


def _quantiles(values: FloatArray, weights: FloatArray) -> list[float]:
    """The ends and the middle of the values' interval of probability LEVEL, by weight: low, median, high."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    at = np.searchsorted(reached, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
    return [float(values[order][index]) for index in np.minimum(at, len(values) - 1)]
