"""Calibration: a recogniser's confidences made to mean how often it is right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

from corpus.note import Span
from corpus.recognition import Annotated

Recognise = Callable[[float, Sequence[str]], Sequence[Sequence[Span]]]
"""The spans found in some texts at a temperature: what scores are divided by before they become probabilities."""

TEMPERATURES = (1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5, 3.0)
USUAL_TEMPERATURE = 1.6
"""Where there is too little to choose by: what cross-validation of the published notes chose in both halves."""
_LEAST_SPANS = 50
_NOTES = 100
"""Enough for one number; each temperature reads them again."""
_FLOOR = 1e-6


@dataclass(frozen=True, slots=True)
class Calibration:
    """The temperature taken, and the expected calibration error without it and with it (None where none was chosen).

    Both errors are of the notes that the temperature was chosen by.
    """

    temperature: float = USUAL_TEMPERATURE
    spans: int = 0
    error_before: float | None = None
    error_after: float | None = None


def calibrate(
    recognise: Recognise, validation: Sequence[Annotated], *, usual: float = USUAL_TEMPERATURE
) -> Calibration:
    """The temperature under which confidences best foretell which spans are right (least log loss).

    Scores divided by one number keep their order, so that the spans found stay as they are (Guo et al. 2017). With
    fewer than 50 spans found in validation, nothing is chosen and the temperature is the `usual` one.
    """
    notes = validation[:_NOTES]
    texts = [note.text for note in notes]
    right = [{span.place for span in note.spans} for note in notes]
    outcomes: dict[float, list[tuple[float, bool]]] = {}
    for temperature in TEMPERATURES:
        outcomes[temperature] = [
            (span.confidence or 0.0, span.place in gold)
            for gold, spans in zip(right, recognise(temperature, texts), strict=True)
            for span in spans
        ]
        if len(outcomes[temperature]) < _LEAST_SPANS:
            return Calibration(usual, len(outcomes[temperature]))
    best = min(TEMPERATURES, key=lambda temperature: _log_loss(outcomes[temperature]))
    plain, chosen = outcomes[1.0], outcomes[best]
    return Calibration(best, len(chosen), calibration_error(plain), calibration_error(chosen))


def calibration_error(outcomes: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """The expected calibration error: how far confidence is from the share that is right, in bins of equal width."""
    gaps = [0.0] * bins
    for confidence, right in outcomes:
        gaps[min(int(confidence * bins), bins - 1)] += confidence - right
    return sum(map(abs, gaps)) / len(outcomes) if outcomes else 0.0


def _log_loss(outcomes: Sequence[tuple[float, bool]]) -> float:
    return -sum(log(max(_FLOOR, confidence if right else 1 - confidence)) for confidence, right in outcomes)
