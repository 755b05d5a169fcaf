"""Candidates made up for the tests of selection."""

from annotation.selection.candidates import Candidate
from corpus.labels import Label
from corpus.note import Span
from corpus.recognition import Uncertainty


def candidate(
    name: str,
    *,
    text: str = "um dois três",
    confidences: tuple[float, ...] = (0.5,),
    label: Label = Label.MEDICATION,
    entropies: tuple[float, ...] = (0.3, 0.2, 0.1),
    log_probability: float = -0.6,
    missed: float = 0.0,
    committee: tuple[tuple[Span, ...], ...] = (),
) -> Candidate:
    """A note with a mention of one character for each confidence."""
    spans = tuple(Span(place, place + 1, label, confidence) for place, confidence in enumerate(confidences))
    return Candidate(name, text, spans, Uncertainty.of(entropies, log_probability, missed), committee)
