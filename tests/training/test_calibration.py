"""Calibration: the temperature under which confidences foretell what is right, and the error that is left."""

from collections.abc import Sequence

import pytest

from corpus.labels import Label
from corpus.note import Span
from corpus.recognition import Annotated
from corpus.scoring.calibration import calibration_error
from training.calibration import USUAL_TEMPERATURE, Calibration, calibrate

NOTES = [
    Annotated(str(number), "ramipril", (Span(0, 8, Label.MEDICATION),) if number % 2 else ()) for number in range(60)
]
"""Of sixty predictions of the same span, every second one is right."""


def _sure_when_cold(temperature: float, texts: Sequence[str]) -> list[list[Span]]:
    return [[Span(0, 8, Label.MEDICATION, 1 / temperature)] for _ in texts]


def test_the_temperature_makes_confidence_the_share_that_is_right() -> None:
    assert calibrate(_sure_when_cold, NOTES) == Calibration(2.0, 60, 0.5, 0.0)


def test_every_temperature_is_judged_by_the_spans_that_are_probable_without_one() -> None:
    def possible(temperature: float, texts: Sequence[str]) -> list[list[Span]]:
        sure = Span(0, 8, Label.MEDICATION, 0.5)
        unsure = Span(0, 4, Label.DIAGNOSIS, 0.05 if temperature == 1.0 else 0.9)
        return [[sure, unsure] for _ in texts]

    assert calibrate(possible, NOTES) == Calibration(1.0, 60, 0.0, 0.0)


def test_too_few_spans_choose_nothing() -> None:
    assert calibrate(_sure_when_cold, NOTES[:9]) == Calibration(USUAL_TEMPERATURE, 9, None, None)
    assert calibrate(_sure_when_cold, []) == Calibration(USUAL_TEMPERATURE, 0, None, None)


def test_the_error_weighs_each_bin_by_what_is_in_it() -> None:
    outcomes = [(0.95, True), (0.95, False), (0.15, False), (0.15, False)]
    assert calibration_error(outcomes) == pytest.approx((2 * 0.45 + 2 * 0.15) / 4)
    assert calibration_error([]) == 0.0
    assert calibration_error([(1.0, True)]) == 0.0
