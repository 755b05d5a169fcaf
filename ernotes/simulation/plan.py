"""Replays of the loop, strategy by strategy: what is replayed, on which notes, and which rounds are due.

A seed splits the notes into folds. In each fold the other folds' notes are the pool, of which the seed draws the start
notes, the same for every strategy; scores are of the fold's notes. The folds of a replay go on together, round by
round, so that the scores of a round can be pooled over all notes.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from corpus.errors import ModelError
from corpus.recognition import Annotated
from ernotes.simulation.cost import Replay, reached
from ernotes.simulation.replay import FULL, Round, Step
from training.crf.cross_validation import split_folds


@dataclass(frozen=True, slots=True)
class Plan:
    """What is replayed: seeds are 1 to `seeds`; rounds of `batch` notes follow `start` notes.

    A replay ends when its pool is used up, before a round that would learn from more than `max_notes`, or, if
    `until_reached`, once it has come within reach of a model of the whole pool.
    """

    strategies: tuple[str, ...]
    seeds: int = 5
    folds: int = 5
    start: int = 20
    batch: int = 20
    max_notes: int | None = None
    until_reached: bool = False


@dataclass(frozen=True, slots=True)
class Fold:
    """Ids of a fold's notes to choose from, those among them that are corrected first, and those that scores are of."""

    pool: tuple[str, ...]
    start: tuple[str, ...]
    held_out: tuple[str, ...]


def split_notes(
    notes: Sequence[Annotated], lineages: Mapping[str, str], scored_on: Sequence[Annotated], plan: Plan
) -> dict[int, list[Fold]]:
    """The folds of each seed; with notes to be scored on, one fold, whose pool is all notes.

    Raises ModelError where the notes cannot be split, or a pool holds no more than the start notes.
    """
    return {seed: _folds(notes, lineages, scored_on, plan, seed) for seed in range(1, plan.seeds + 1)}


def _folds(
    notes: Sequence[Annotated], lineages: Mapping[str, str], scored_on: Sequence[Annotated], plan: Plan, seed: int
) -> list[Fold]:
    if scored_on:
        pairs = [(list(notes), list(scored_on))]
    else:
        folds = split_folds(notes, lineages, seed, count=plan.folds)
        pairs = [([note for other in folds if other is not fold for note in other], fold) for fold in folds]
    result = []
    for number, (pool, held_out) in enumerate(pairs):
        ids = sorted(note.id for note in pool)
        if len(ids) <= plan.start:
            raise ModelError(
                f"a pool of {len(ids)} notes leaves nothing to choose after {plan.start} start notes; "
                "give fewer with --start, or more notes"
            )
        start = random.Random(f"start {seed} {number}").sample(ids, plan.start)
        result.append(Fold(tuple(ids), tuple(sorted(start)), tuple(note.id for note in held_out)))
    return result


def most_rounds(plan: Plan, folds: Mapping[int, Sequence[Fold]]) -> int:
    """How many rounds there are to play if no replay ends early by having come within reach."""
    count = 0
    for fold in (fold for of_seed in folds.values() for fold in of_seed):
        whole_pool = -(-(len(fold.pool) - plan.start) // plan.batch)
        allowed = whole_pool if plan.max_notes is None else max(0, (plan.max_notes - plan.start) // plan.batch)
        count += 1 + len(plan.strategies) * (1 + min(whole_pool, allowed))
    return count


def due_steps(plan: Plan, folds: Mapping[int, Sequence[Fold]], played: Sequence[Round]) -> Iterator[Step]:
    """The rounds that can be played now, those to be played first in front."""
    rounds: defaultdict[tuple[str, int, int], list[Round]] = defaultdict(list)
    for one in sorted(played, key=lambda one: one.number):
        rounds[one.strategy, one.seed, one.fold].append(one)
    for seed, of_seed in folds.items():
        full: Replay = [rounds[FULL, seed, fold] for fold in range(len(of_seed))]
        for strategy in (FULL, *plan.strategies):
            replay: Replay = [rounds[strategy, seed, fold] for fold in range(len(of_seed))]
            over = [_is_over(plan, strategy, history) for history in replay]
            if all(over) or (plan.until_reached and strategy != FULL and reached(replay, full) is not None):
                continue
            number = min(len(history) for history, ended in zip(replay, over, strict=True) if not ended)
            for fold, history in enumerate(replay):
                if not over[fold] and len(history) == number:
                    yield _step(strategy, seed, fold, of_seed[fold], history)


def _is_over(plan: Plan, strategy: str, history: Sequence[Round]) -> bool:
    if not history:
        return False
    last = history[-1]
    too_many = plan.max_notes is not None and last.learnt + len(last.chosen) > plan.max_notes
    return strategy == FULL or not last.chosen or too_many


def _step(strategy: str, seed: int, number: int, fold: Fold, history: Sequence[Round]) -> Step:
    if strategy == FULL:
        return Step(FULL, seed, number, 0, fold.pool, (), fold.held_out)
    learnt = (*fold.start, *(note_id for earlier in history for note_id in earlier.chosen))
    left = tuple(sorted({*fold.pool} - {*learnt}))
    return Step(strategy, seed, number, len(history), learnt, left, fold.held_out)
