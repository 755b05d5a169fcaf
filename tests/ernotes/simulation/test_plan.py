"""Which rounds of a replay are due, and which notes they are of."""

from collections import Counter

import pytest

from corpus.errors import ModelError
from ernotes.simulation.cost import reached
from ernotes.simulation.plan import Plan, due_steps, most_rounds
from ernotes.simulation.replay import FULL
from tests.ernotes.simulation.replayed import CORPUS, PLAN, played, split
from tests.made_up import annotated


def test_folds_are_split_and_start_notes_drawn_by_the_seed() -> None:
    folds = split()
    for of_seed in folds.values():
        assert Counter(note_id for fold in of_seed for note_id in fold.held_out) == Counter(CORPUS.keys())
        for fold in of_seed:
            assert {*fold.pool} == {*CORPUS} - {*fold.held_out}
            assert len({*fold.start}) == 2
            assert {*fold.start} <= {*fold.pool}
    assert folds == split()
    assert folds[1] != folds[2]


def test_with_notes_to_be_scored_on_all_others_are_the_pool() -> None:
    other = annotated("other", "Toma [M|Ramipril].")
    (fold,) = split(PLAN, [other])[1]
    assert (set(fold.pool), fold.held_out) == ({*CORPUS}, ("other",))


def test_a_pool_with_nothing_to_choose_from_is_refused() -> None:
    with pytest.raises(ModelError, match="a pool of 8 notes leaves nothing to choose after 8 start notes"):
        split(Plan(("random",), folds=3, start=8))


def test_every_strategy_begins_alike_never_learns_what_it_is_scored_on_and_ends_with_the_whole_pool() -> None:
    folds = split()
    steps, rounds = played(PLAN, folds)
    for step in steps:
        fold = folds[step.seed][step.fold]
        assert not {*step.learnt} & {*step.held_out}
        assert step.held_out == fold.held_out
        if step.strategy != FULL:
            assert step.learnt[:2] == fold.start
            assert Counter((*step.learnt, *step.left)) == Counter(fold.pool)
    # For each of 2 seeds and 3 folds: the whole pool once, and each strategy with 2, 5 and 8 of 8 notes.
    assert len(rounds) == len(steps) == 2 * 3 * (1 + 2 * 3) == most_rounds(PLAN, folds)
    assert {one.learnt for one in rounds if one.strategy == "random"} == {2, 5, 8}
    assert {one.tally for one in rounds if one.learnt == 8 and one.fold == 0 and one.seed == 1} == {(4, 0, 0)}


def test_no_replay_learns_from_more_notes_than_allowed() -> None:
    plan = Plan(("random",), seeds=1, folds=3, start=2, batch=3, max_notes=6)
    _, rounds = played(plan)
    assert {one.learnt for one in rounds if one.strategy == "random"} == {2, 5}
    assert len(rounds) == most_rounds(plan, split(plan))


def test_a_replay_can_end_once_it_is_as_good_as_the_whole_pool() -> None:
    plan = Plan(("random",), seeds=1, folds=2, start=3, batch=1, until_reached=True)
    _, rounds = played(plan)
    full, own = (
        [[one for one in rounds if one.strategy == name and one.fold == fold] for fold in range(2)]
        for name in (FULL, "random")
    )
    there = reached(own, full)
    assert there is not None
    assert [len(history) for history in own] == [there + 2] * 2
    assert there + 2 < most_rounds(plan, split(plan)) / 2 - 1


def test_what_was_played_is_not_played_again() -> None:
    steps, rounds = played()
    assert len({(step.strategy, step.seed, step.fold, step.number) for step in steps}) == len(steps)
    assert list(due_steps(PLAN, split(), rounds)) == []
    left = list(due_steps(PLAN, split(), rounds[:-1]))
    assert [(step.strategy, step.number) for step in left] == [(rounds[-1].strategy, rounds[-1].number)]
