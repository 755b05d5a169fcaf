"""How far confidences are from the share that is right."""

from collections.abc import Sequence


def calibration_error(outcomes: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """The expected calibration error: how far confidence is from the share that is right, in bins of equal width."""
    gaps = [0.0] * bins
    for confidence, right in outcomes:
        gaps[min(int(confidence * bins), bins - 1)] += confidence - right
    return sum(map(abs, gaps)) / len(outcomes) if outcomes else 0.0
