"""Calibration: a recogniser's confidences made to mean how often it is right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

from corpus.note import Span
from corpus.recognition import Annotated
from corpus.scoring.calibration import calibration_error

Possible = Callable[[float, Sequence[str]], Sequence[Sequence[Span]]]
"""The spans that are possible in some texts at a temperature, with their probability as confidence.

A temperature is what scores are divided by before they become probabilities.
"""

TEMPERATURES = (1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5, 3.0)
USUAL_TEMPERATURE = 1.6
"""Where there is too little to choose by: what cross-validation of the published notes chose in both halves."""
_LEAST_SPANS = 50
_NOTES = 100
"""Enough for one number; each temperature reads them again."""
_LEAST_PROBABLE = 0.1
_FLOOR = 0.01
"""Of what happened: what a model takes for impossible may be a bracket that was evened out."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The temperature chosen, and the expected calibration error without it and with it (None where none was chosen).

    Both errors are of the notes that the temperature was chosen by.
    """

    temperature: float = USUAL_TEMPERATURE
    spans: int = 0
    error_before: float | None = None
    error_after: float | None = None


def calibrate(possible: Possible, validation: Sequence[Annotated]) -> Calibration:
    """The temperature under which probabilities best foretell which spans are right (least log loss; Guo et al. 2017).

    Every temperature is judged by the same spans, those that have some probability without one. With fewer than 50 of
    them in validation, nothing is chosen and the temperature is the usual one.
    """
    notes = validation[:_NOTES]
    texts = [note.text for note in notes]
    judged = [
        {span.place for span in spans if (span.confidence or 0.0) >= _LEAST_PROBABLE} for spans in possible(1.0, texts)
    ]
    count = sum(map(len, judged))
    if count < _LEAST_SPANS:
        return Calibration(spans=count)
    outcomes: dict[float, list[tuple[float, bool]]] = {}
    for temperature in TEMPERATURES:
        outcomes[temperature] = []
        for note, places, spans in zip(notes, judged, possible(temperature, texts), strict=True):
            gold = {span.place for span in note.spans}
            probability = {span.place: span.confidence or 0.0 for span in spans}
            outcomes[temperature] += [(probability.get(place, 0.0), place in gold) for place in places]
    best = min(TEMPERATURES, key=lambda temperature: _log_loss(outcomes[temperature]))
    return Calibration(best, count, calibration_error(outcomes[1.0]), calibration_error(outcomes[best]))


def _log_loss(outcomes: Sequence[tuple[float, bool]]) -> float:
    return -sum(log(max(_FLOOR, confidence if right else 1 - confidence)) for confidence, right in outcomes)
