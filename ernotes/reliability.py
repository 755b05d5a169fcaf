"""How often a model is right where it says it is sure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from corpus.mistakes import Mention, Outcome
from training.calibration import calibration_error

_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of like confidence, in [low, high): how many, their mean confidence, the share that is exact."""

    low: float
    high: float
    predictions: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """The bins that hold a prediction, the least sure first, and the expected calibration error over them."""

    bins: Sequence[Bin]
    error: float


def measure_reliability(mentions: Iterable[Mention]) -> Reliability:
    """The reliability of the predictions that have a confidence; those of 1 are in the last bin."""
    outcomes = [
        (mention.predicted.confidence, mention.outcome is Outcome.CORRECT)
        for mention in mentions
        if mention.predicted is not None and mention.predicted.confidence is not None
    ]
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in outcomes:
        bins.setdefault(min(int(confidence * _BINS), _BINS - 1), []).append((confidence, right))
    return Reliability(
        [
            Bin(
                index / _BINS,
                (index + 1) / _BINS,
                len(bins[index]),
                fmean(confidence for confidence, _ in bins[index]),
                fmean(right for _, right in bins[index]),
            )
            for index in sorted(bins)
        ],
        calibration_error(outcomes, _BINS),
    )
