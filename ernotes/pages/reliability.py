"""How often a model is right where it says it is sure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

from corpus.scoring.calibration import calibration_error
from corpus.scoring.mistakes import Mention, Outcome
from ernotes.pages.drawing import SHARES, Frame, Plot, Point, Reading, plot_lines

FRAME = Frame(width=344, height=344, left=44, right=324, top=36, bottom=296, inset=0)
"""Nearly a square, so that the line on which confidences keep their promise rises evenly."""

SMALLEST, LARGEST = 3.5, 14.0
"""The radii of points: the area of a point grows with the predictions it stands for."""

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

    @property
    def plot(self) -> Plot:
        """The share that is exact by mean confidence; a point for each bin, of which there is at least one."""
        readings = [Reading(found.confidence, found.right) for found in self.bins]
        return plot_lines({"bins": readings}, x_ticks=SHARES, y_ticks=SHARES, frame=FRAME)

    @property
    def spots(self) -> list[tuple[Point, float]]:
        """The point of each bin and its radius, the largest first, so that none hides a smaller one."""
        most = max(found.predictions for found in self.bins)
        radii = [max(SMALLEST, LARGEST * sqrt(found.predictions / most)) for found in self.bins]
        return sorted(zip(self.plot.lines[0].points, radii, strict=True), key=lambda spot: -spot[1])


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
