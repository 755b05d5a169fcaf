"""A learning curve's gain, with how unsure it is."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.scoring.extrapolation import MeasuredCurve, expected_gain, measure_curve

RISING = {40: 0.70, 80: 0.76, 120: 0.785, 160: 0.80}
FLAT = dict.fromkeys(RISING, 0.80)


def curve(points: dict[int, float], se: float, *, shared: float = 0.0) -> MeasuredCurve:
    """Points with this standard error, a part of its variance `shared`, as where they are scored on the same notes."""
    correlations = shared + (1 - shared) * np.eye(len(points))
    return MeasuredCurve(tuple(points), np.array(list(points.values())), se**2 * correlations)


def width(measured: MeasuredCurve) -> float:
    interval = expected_gain(measured, 50).interval
    return interval.high - interval.low


def test_a_flat_curve_promises_next_to_nothing() -> None:
    gain = expected_gain(curve(FLAT, 0.003), 50)
    assert gain.interval.low < 0.001
    assert gain.median < 0.003
    assert gain.interval.high < 0.008


def test_a_curve_that_rises_promises_what_its_last_steps_gave_and_no_more() -> None:
    gain = expected_gain(curve(RISING, 0.003), 40)
    assert 0.005 < gain.interval.low < gain.median < 0.015  # the steps were 0.06, 0.025 and 0.015
    assert gain.interval.high < 0.02


def test_the_less_sure_the_points_the_wider_the_interval() -> None:
    widths = [width(curve(RISING, se)) for se in (0.002, 0.01, 0.04, 0.1)]
    assert widths == sorted(widths)
    assert widths[-1] > 2 * widths[0]


def test_points_scored_on_the_same_notes_tell_more_than_points_of_the_same_error_apart() -> None:
    assert width(curve(RISING, 0.03, shared=0.95)) < 0.7 * width(curve(RISING, 0.03))


def test_few_points_say_little() -> None:
    two, three = (dict(list(RISING.items())[:count]) for count in (2, 3))
    assert width(curve(two, 0.03)) > width(curve(three, 0.03)) > width(curve(RISING, 0.03))
    assert width(curve(two, 0.03)) > 0.03


def test_what_a_model_then_shows_strays_further_than_the_curve_and_may_be_a_loss() -> None:
    gain = expected_gain(curve(RISING, 0.03, shared=0.8), 50)
    assert gain.measured.low < 0 < gain.interval.low
    assert gain.measured.high > gain.interval.high
    # The new model's error is apart from the curve by sqrt(0.2) · 0.03 = 0.013 at least: 80 % is ±1.28 of that.
    assert gain.measured.high - gain.measured.low > 2 * 1.28 * 0.013


def test_what_a_model_owes_to_its_training_notes_alone_is_not_expected_of_the_next() -> None:
    lucky = expected_gain(curve({**FLAT, 160: 0.84}, 0.003), 50)  # far more than other validation notes would explain
    assert lucky.measured.low + lucky.measured.high < 0


@settings(max_examples=10)
@given(
    f1=st.lists(st.floats(0, 1), min_size=2, max_size=5),
    se=st.floats(0.001, 0.2),
    more=st.integers(1, 500),
)
def test_the_gain_lies_in_its_interval_and_more_notes_never_bring_less(f1: list[float], se: float, more: int) -> None:
    measured = curve({40 * (place + 1): value for place, value in enumerate(f1)}, se)
    gain, double = (expected_gain(measured, notes) for notes in (more, 2 * more))
    assert 0 <= gain.interval.low <= gain.median <= gain.interval.high <= 1
    assert gain.measured.low <= gain.measured.high
    assert gain.interval.low <= double.interval.low
    assert gain.interval.high <= double.interval.high


@settings(max_examples=10)
@given(ceiling=st.floats(0.6, 0.95), fall=st.floats(0.5, 2), exponent=st.floats(0.3, 1))
def test_the_gain_of_an_inverse_power_law_is_found_again(ceiling: float, fall: float, exponent: float) -> None:
    def law(notes: float) -> float:
        return ceiling - fall * 0.5 / math.pow(notes, exponent)

    gain = expected_gain(curve({notes: law(notes) for notes in (40, 80, 120, 160)}, 0.001), 50)
    assert gain.interval.low - 0.003 <= law(210) - law(160) <= gain.interval.high + 0.003


def test_a_measured_curve_has_the_f1_of_all_notes_and_the_spread_of_other_notes() -> None:
    # two notes of one label; the first model finds one mention of two in each, the second all of the second note
    found, missed = [1, 0, 0], [0, 0, 1]
    nothing = [[0, 0, 0]] * 3
    half, whole = [np.add(found, missed), *nothing], [np.multiply(found, 2), *nothing]
    measured = measure_curve([40, 80], np.array([[half, half], [half, whole]]))
    # 2 right and 2 missed: 2·2 / (2·2 + 2); then 3 right and 1 missed: 2·3 / (2·3 + 1)
    assert measured.f1 == pytest.approx([2 / 3, 6 / 7])
    assert measured.standard_errors[0] == pytest.approx(1 / 4)  # no spread, so a mention of four
    assert measured.standard_errors[1] > 1 / 4
