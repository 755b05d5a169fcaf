from math import sqrt
from typing import Any

import pytest

from annotation.selection.pace import Pace
from ernotes.simulation.cost import Estimate, SeedCurve, curve, measure_strategy, pooled_f1, reached, seed_curve
from ernotes.simulation.replay import FULL, Cost, Round

PACE = Pace(seconds_per_note=10, seconds_per_word=0.1, seconds_per_action=5)


def history(*tallies: tuple[int, int, int], costs: tuple[Cost, ...] = ()) -> list[Round]:
    """Rounds of one fold; the last has used the pool up unless there is a cost for it too."""
    rest = [Cost()] * (len(tallies) - len(costs))
    return [
        Round("random", 1, 0, number, 20, tally, ("x",) if cost.notes else (), cost)
        for number, (tally, cost) in enumerate(zip(tallies, [*costs, *rest], strict=True))
    ]


def whole(*tallies: tuple[int, int, int]) -> list[list[Round]]:
    return [[Round(FULL, 1, fold, 0, 100, tally, (), Cost())] for fold, tally in enumerate(tallies)]


def spent(actions: float) -> dict[str, float]:
    return {"notes": actions, "mentions": actions, "actions": actions, "seconds": actions}


def test_a_round_has_one_f1_over_the_notes_of_all_folds() -> None:
    # 8 found, 2 wrong, 4 missed together: 16 / 22; the mean of the folds' own would be 0.716.
    rounds = [history((6, 1, 1))[0], history((2, 1, 3))[0]]
    assert pooled_f1(rounds) == pytest.approx(16 / 22)
    assert pooled_f1(history((0, 0, 5))) == 0


def test_a_curve_has_the_rounds_that_all_folds_have_played() -> None:
    more = Cost(notes=1)
    going_on = [history((1, 0, 1), (2, 0, 0), costs=(more, more)), history((1, 0, 1), costs=(more,))]
    assert curve(going_on) == [pytest.approx(4 / 6)]
    assert curve([history((1, 0, 1)), []]) == []


def test_a_fold_whose_pool_is_used_up_stays_where_it_ended() -> None:
    short, long = history((1, 0, 1)), history((1, 0, 1), (2, 0, 0), costs=(Cost(notes=1),))
    assert curve([short, long]) == [pytest.approx(4 / 6), pytest.approx(6 / 7)]


def test_one_good_round_is_not_there_yet_but_two_running_are() -> None:
    full = whole((90, 10, 10))  # 0.9
    more = (Cost(notes=20),) * 5
    once = history((80, 20, 20), (90, 10, 10), (80, 20, 20), costs=more[:3])
    twice = history((80, 20, 20), (90, 10, 10), (80, 20, 20), (89, 11, 11), (91, 9, 9), costs=more)
    assert reached([once], full) is None
    assert reached([twice], full) == 3
    assert reached([twice], [[]]) is None


def test_the_round_that_learnt_from_the_whole_pool_is_there_by_itself() -> None:
    assert reached([history((80, 20, 20), (90, 10, 10), costs=(Cost(notes=20),))], whole((90, 10, 10))) == 1


def test_costs_add_up_from_the_start_notes_and_are_those_of_a_mean_fold() -> None:
    one = history((8, 2, 2), (9, 1, 1), costs=(Cost(20, 1000, 100, 60), Cost(20)))
    other = history((8, 2, 2), (9, 1, 1), costs=(Cost(20, 3000, 80, 20), Cost(20)))
    found = seed_curve([one, other], whole((9, 1, 1), (9, 1, 1)), [Cost(20, 2000, 110, 110)] * 2, PACE)
    assert found.f1 == (pytest.approx(0.8), pytest.approx(0.9))
    # Start: 20 notes of 10 s, 2000 words of 0.1 s, 110 actions of 5 s.
    assert found.spent[0] == {"notes": 20, "mentions": 110, "actions": 110, "seconds": 950}
    assert found.spent[1] == {"notes": 40, "mentions": 200, "actions": 150, "seconds": 950 + 600}
    assert found.reached is None  # one round there, and no second


def test_an_interval_is_student_s_over_seeds() -> None:
    estimate = Estimate.of([1.0, 2.0, 3.0])
    assert estimate is not None
    assert estimate.mean == 2
    # The standard deviation is 1; t of two degrees of freedom at 97.5 % is 4.3027.
    assert estimate.interval == (
        pytest.approx(2 - 4.3027 / sqrt(3), abs=1e-4),
        pytest.approx(2 + 4.3027 / sqrt(3), abs=1e-4),
    )
    assert not estimate.excludes_zero
    assert Estimate.of([5.0]) == Estimate(5.0, None, 1)
    assert Estimate.of([]) is None


def test_an_interval_of_few_seeds_is_cut_to_what_is_possible() -> None:
    assert Estimate(0.6, (-0.1, 1.3), 2).within(0, 1) == Estimate(0.6, (0, 1), 2)
    assert Estimate(0.6, (0.5, 0.7), 2).within(0, 1).interval == (0.5, 0.7)
    assert Estimate(0.6, None, 1).within(0, 1).interval is None


def test_an_interval_on_one_side_of_zero_excludes_it() -> None:
    assert Estimate(0.3, (0.1, 0.5), 5).excludes_zero
    assert Estimate(-0.3, (-0.5, -0.1), 5).excludes_zero
    assert not Estimate(0.3, None, 1).excludes_zero


def test_between_two_rounds_the_f1_lies_on_a_straight_line() -> None:
    found = SeedCurve((0.6, 0.8), (spent(100), spent(200)), None)
    assert found.f1_at(150) == pytest.approx(0.7)
    assert (found.f1_at(50), found.f1_at(100), found.f1_at(900)) == (0.6, 0.6, 0.8)


def test_savings_are_paired_by_seed_and_those_that_never_came_there_are_left_out() -> None:
    slow = {
        1: SeedCurve((0.6, 0.8, 0.8), (spent(100), spent(300), spent(400)), 1),
        2: SeedCurve((0.6, 0.7, 0.8), (spent(100), spent(200), spent(500)), 2),
        3: SeedCurve((0.6, 0.7), (spent(100), spent(200)), None),
    }
    fast = {
        1: SeedCurve((0.6, 0.8, 0.8), (spent(100), spent(150), spent(400)), 1),
        2: SeedCurve((0.6, 0.8, 0.8), (spent(100), spent(300), spent(400)), 1),
        3: SeedCurve((0.6, 0.8), (spent(100), spent(200)), 1),
    }
    found: Any = measure_strategy(fast, slow)
    assert found.reached == {1: 1, 2: 1, 3: 1}
    # 1 - 150/300 and 1 - 300/500; without the start notes 1 - 50/200 and 1 - 200/400.
    assert found.saving["actions"].mean == pytest.approx((0.5 + 0.4) / 2)
    assert found.saving_after_start["actions"].mean == pytest.approx((0.75 + 0.5) / 2)
    assert found.saving["actions"].seeds == 2
    assert [at.actions for at in found.f1_gain_at_equal_actions] == list(range(100, 201, 10))
    # At 140: 0.76, 0.64 and 0.68 against 0.64 each time; at 200: 0.8, 0.7 and 0.8 against 0.7.
    gains = {at.actions: at.gain for at in found.f1_gain_at_equal_actions}
    assert gains[100].mean == pytest.approx(0.0)
    assert gains[140].mean == pytest.approx((0.12 + 0 + 0.04) / 3)
    assert gains[200].mean == pytest.approx((0.1 + 0 + 0.1) / 3)
    assert gains[140].seeds == 3
    assert found.to_reach["actions"].mean == pytest.approx((150 + 300 + 200) / 3)
    assert [one.actions for one in found.rounds] == [100, pytest.approx(650 / 3)]
    assert measure_strategy(slow, {}).saving["actions"] is None
    assert measure_strategy(slow, {}).f1_gain_at_equal_actions == []
