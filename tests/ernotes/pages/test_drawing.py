"""Where plots place their points, and what pages say of them."""

import re
from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from annotation.corrections import Action, Ledger, Work
from corpus.config.settings import Language
from corpus.labels import Label
from corpus.note import Role
from corpus.store.scores import ScoreRecord
from ernotes.pages.drawing import FRAME, Reading, even_ticks, plot_lines, plot_rounds
from ernotes.pages.learning_curves import LearningCurve, WorkCurve, learning_curves, work_curves
from ernotes.pages.page import page_environment
from ernotes.pages.reliability import Bin, Reliability


def look(role: Role, number: int | None, micro: float, interval: list[float] | None = None) -> ScoreRecord:
    document = {
        "exact": {"micro": {"f1": micro}, "macro": {"f1": micro / 2}},
        "intervals": {"exact": {"micro": {"f1": interval}, "macro": {"f1": None}}},
        "trained_on": 40,
    }
    return ScoreRecord("crf-1", role, number, document, "2026-03-02T14:05:00Z")


def drawn(macro: str, found: LearningCurve | WorkCurve | Reliability, language: Language = "en") -> str:
    template = '{% import "drawings.html.j2" as drawings %}{{ drawings.' + macro + '(found, "one") }}'
    return page_environment(language).from_string(template).render(found=found)


def test_validation_comes_before_test_and_the_last_look_of_a_round_counts() -> None:
    history = [
        look(Role.TEST, 1, 0.5),
        look(Role.VALIDATION, 1, 0.6, [0.5, 0.7]),
        look(Role.VALIDATION, None, 0.9),
        look(Role.TEST, 1, 0.8),
    ]
    validation, test = learning_curves(history)
    assert (validation.role, [score.micro for score in validation.rounds]) == (Role.VALIDATION, [0.6])
    assert validation.rounds[0].micro_interval == (0.5, 0.7)
    assert (test.role, [score.micro for score in test.rounds]) == (Role.TEST, [0.8])


def test_f1_is_drawn_from_0_to_1_with_its_intervals_side_by_side() -> None:
    [curve] = learning_curves([look(Role.TEST, 1, 0.5), look(Role.TEST, 3, 1.0, [0.75, 1.0])])
    micro, macro = curve.plot.lines
    # 200 units high: F1 0 stands at y 222, F1 1 at y 22; macro stands 8 units to the right of micro.
    assert [point.y for point in micro.points] == [122, 22]
    assert [point.bar for point in micro.points] == [None, (72, 22)]
    assert [right.x - left.x for left, right in zip(micro.points, macro.points, strict=True)] == [8, 8]
    page = drawn("f1", curve)
    assert "round 1: micro 0.500, macro 0.250; round 3: micro 1.000, macro 0.500." in " ".join(page.split())
    assert page.count('class="bar s1"') == 1
    assert 'd="M333.0 72.0h6m-3 0V22.0m-3 0h6"' in page
    assert '1.000 <small class="interval">0.750–1.000</small>' in page
    assert "ronda 1: micro 0,500" in drawn("f1", curve, "pt")


def test_a_rounds_work_is_drawn_where_it_is_known_and_an_empty_page_is_always_in_sight() -> None:
    work: dict[tuple[int | None, str], Work] = {
        (1, "ana"): Work(mentions=100, actions={Label.MEDICATION: Counter({Action.ADDED: 40})}),
        (2, "ana"): Work(mentions=250, actions={Label.MEDICATION: Counter({Action.ADDED: 31})}),
        (None, "ana"): Work(
            mentions=100, timed=1, seconds=5.0, actions={Label.MEDICATION: Counter({Action.ADDED: 99})}
        ),
    }
    [curve] = work_curves(Ledger(work))
    assert curve == WorkCurve("actions", ((1, 40.0), (2, 12.4)))
    assert curve.plot.y_ticks == [0, 20, 40, 60, 80, 100]
    page = drawn("work", curve)
    assert "round 1: 40; round 2: 12." in page
    assert "from an empty page" in page
    assert WorkCurve("seconds", ((1, 41.0),)).plot.y_ticks == [0, 10, 20, 30, 40, 50]


def test_each_bin_of_the_reliability_diagram_is_a_point_as_large_as_its_predictions_are_many() -> None:
    found = Reliability([Bin(0.5, 0.6, 25, 0.5, 0.0), Bin(0.9, 1.0, 100, 1.0, 1.0), Bin(0.1, 0.2, 1, 0.1, 1.0)], 0.1)
    page = drawn("reliability", found)
    points = re.findall(r'<circle class="point s1" cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"/>', page)
    # The field is from 44 to 324 and from 296 (0) to 36 (1).
    assert points == [("324.0", "36.0", "14.0"), ("184.0", "296.0", "7.0"), ("72.0", "36.0", "3.5")]
    assert "25 predictions of mean confidence 0.500: 0 % right;" in page
    assert "1 prediction of mean confidence 0.100: 100 % right." in page


def test_a_drawing_is_an_image_with_a_title_and_words_of_its_own() -> None:
    page = drawn("work", WorkCurve("seconds", ((1, 41.0),)))
    [named_by] = re.findall(r'role="img" aria-labelledby="([^"]+)"', page)
    assert named_by.split() == ["one-title", "one-words"]
    assert '<title id="one-title">Seconds a note took to correct, by round</title>' in page
    assert re.search(r'<desc id="one-words">\s*round 1: 41\.\s*</desc>', page)


def test_lines_that_are_eight_differ_by_shape_and_dashes() -> None:
    template = '{% import "drawings.html.j2" as drawings %}{{ drawings.key(place, "") }}'
    keys = [page_environment().from_string(template).render(place=place) for place in range(1, 9)]
    shapes = {re.sub(r"s\d", "", key.partition('y2="7"/>')[2]) for key in keys}
    assert len(shapes) == 6  # a circle and a square are there twice, filled and hollow
    css = str(page_environment().globals["css"])
    dashes = [re.search(rf"\.s{place} {{[^}}]*--dashes: ([\d ]+);", css) for place in range(2, 9)]
    assert len({found and found[1] for found in dashes}) == 7


def test_a_hundred_rounds_have_at_most_six_numbers_the_last_always() -> None:
    plot = plot_rounds({"one": [Reading(number, 0.5) for number in range(1, 101)]}, [0, 1])
    assert list(plot.x_ticks) == [15, 32, 49, 66, 83, 100]


def test_without_ticks_an_axis_reaches_from_0_to_a_round_number_over_all_values_and_intervals() -> None:
    plot = plot_lines({"one": [Reading(30, 0.4, (0.3, 0.52))]})
    assert (list(plot.x_ticks), plot.x_places) == ([0, 10, 20, 30], 0)
    assert (list(plot.y_ticks), plot.y_places) == ([0, 0.2, 0.4, 0.6], 1)
    [point] = plot.lines[0].points
    assert (point.x, point.y) == (FRAME.right, 88.67)  # 222 - 200 * 2/3


@given(st.floats(1e-6, 1e9))
def test_even_ticks_are_few_even_and_reach_the_highest(highest: float) -> None:
    ticks = even_ticks(highest)
    steps = [right - left for left, right in pairwise(ticks)]
    assert ticks[0] == 0
    assert 2 <= len(ticks) <= 6
    assert ticks[-1] >= highest * (1 - 1e-6) - 1e-12
    assert max(steps) <= min(steps) * (1 + 1e-3)
