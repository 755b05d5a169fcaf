"""What learning cost: scores of replays against what was corrected for them, over seeds, and what a strategy saves.

Costs are those of a mean fold: summed over the folds of a seed and divided by their number. Intervals are of 95 % over
seeds (Student's t); savings are paired by seed, since all strategies of a seed begin with the same notes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, floor, inf, sqrt
from statistics import fmean, stdev

from annotation.selection.pace import Pace
from corpus.documents import JsonObject
from corpus.scoring.tables import Counts
from ernotes.pages.drawing import even_ticks
from ernotes.simulation.replay import Cost, Round

Replay = Sequence[Sequence[Round]]
"""One strategy's rounds of one seed, fold by fold, each in order."""

WITHIN = 0.01
"""How near to the F1 of a model of the whole pool counts as there."""
UNITS = ("notes", "mentions", "actions", "seconds")
"""What costs are counted in; actions are corrections, seconds are estimated."""
Spent = Mapping[str, float]
"""A cost in each of UNITS."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over seeds, with its 95 % interval where there are two seeds at least."""

    mean: float
    interval: tuple[float, float] | None
    seeds: int

    @classmethod
    def of(cls, values: Iterable[float]) -> "Estimate | None":
        """The estimate of some seeds' values; None of none."""
        known = list(values)
        return cls.of_known(known) if known else None

    @classmethod
    def of_known(cls, known: Sequence[float]) -> "Estimate":
        """The estimate of the values of one seed at least."""
        mean = fmean(known)
        if len(known) < 2:
            return cls(mean, None, len(known))
        from scipy.special import stdtrit  # takes its time to import

        half = float(stdtrit(len(known) - 1, 0.975)) * stdev(known) / sqrt(len(known))
        return cls(mean, (mean - half, mean + half), len(known))

    def within(self, least: float, most: float = inf) -> "Estimate":
        """The estimate with its interval, which few seeds make wide, cut to what is possible."""
        if self.interval is None:
            return self
        return replace(self, interval=(max(least, self.interval[0]), min(most, self.interval[1])))

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval does."""
        return self.interval is not None and (self.interval[0] > 0 or self.interval[1] < 0)

    def to_json(self) -> JsonObject:
        """The figures, and whether the interval excludes zero."""
        return {
            "mean": self.mean,
            "interval": list(self.interval) if self.interval else None,
            "seeds": self.seeds,
            "excludes_zero": self.excludes_zero,
        }


@dataclass(frozen=True, slots=True)
class SeedCurve:
    """One strategy with one seed: the F1 of each round, pooled over folds, and what had been spent until then.

    `reached` is the round that came within reach of the whole pool's F1, None where none did.
    """

    f1: tuple[float, ...]
    spent: tuple[Spent, ...]
    reached: int | None

    def to_reach(self) -> Spent | None:
        """What had been spent when the curve reached the F1 of the whole pool, start notes included."""
        return None if self.reached is None else self.spent[self.reached]

    def to_reach_after_start(self) -> Spent | None:
        """The same without the start notes, which cost the same whatever the strategy."""
        spent = self.to_reach()
        return None if spent is None else {unit: spent[unit] - self.spent[0][unit] for unit in UNITS}

    def f1_at(self, actions: float) -> float:
        """The F1 after so many correction actions, on a straight line between two rounds; beyond the ends, theirs."""
        points = [(spent["actions"], f1) for spent, f1 in zip(self.spent, self.f1, strict=True)]
        for (before, low), (after, high) in pairwise(points):
            if before <= actions < after:
                return low + (high - low) * (actions - before) / (after - before)
        return points[0][1] if actions < points[0][0] else points[-1][1]


def seed_curve(replay: Replay, full: Replay, start: Sequence[Cost], pace: Pace) -> SeedCurve:
    """The curve of the rounds that all folds have played; `start` is what the start notes of each fold cost."""
    f1 = curve(replay)
    spent = []
    for number in range(len(f1)):
        cost = sum((one.cost for history in replay for one in history[:number]), sum(start, Cost()))
        spent.append(_per_fold(cost, len(replay), pace))
    return SeedCurve(tuple(f1), tuple(spent), reached(replay, full))


def _per_fold(cost: Cost, folds: int, pace: Pace) -> dict[str, float]:
    seconds = (
        pace.seconds_per_note * cost.notes + pace.seconds_per_word * cost.words + pace.seconds_per_action * cost.actions
    )
    whole = {"notes": cost.notes, "mentions": cost.mentions, "actions": cost.actions, "seconds": seconds}
    return {unit: whole[unit] / folds for unit in UNITS}


def pooled_f1(rounds: Sequence[Round]) -> float:
    """The exact micro F1 over the notes of all folds together."""
    tp, fp, fn = (sum(counts) for counts in zip(*(one.tally for one in rounds), strict=True))
    return Counts(tp, fp, fn).f1


def curve(replay: Replay) -> list[float]:
    """The F1 of each round that all folds have played; a fold whose pool is used up stays where it ended."""
    if not all(replay):
        return []
    going_on = [len(history) for history in replay if history[-1].chosen]
    rounds = min(going_on) if going_on else max(map(len, replay))
    return [pooled_f1([history[min(number, len(history) - 1)] for history in replay]) for number in range(rounds)]


def reached(replay: Replay, full: Replay) -> int | None:
    """The first of two rounds running whose F1 is within reach of the whole pool's; None where there is none yet.

    The round that has learnt from the whole pool is there by itself.
    """
    if not all(full):
        return None
    least = pooled_f1([history[0] for history in full]) - WITHIN
    scores = curve(replay)
    for number, f1 in enumerate(pairwise(scores)):
        if min(f1) >= least:
            return number
    used_up = scores and all(not history[-1].chosen for history in replay)
    return len(scores) - 1 if used_up else None


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """The F1 of a round, and what had been spent until then: means over seeds."""

    f1: Estimate
    notes: float
    mentions: float
    actions: float
    seconds: float

    def spent(self, unit: str) -> float:
        """What had been spent, in one of UNITS."""
        return dict(zip(UNITS, (self.notes, self.mentions, self.actions, self.seconds), strict=True))[unit]


@dataclass(frozen=True, slots=True)
class GainAtActions:
    """How much higher the F1 is than that of random choice once so many actions are spent."""

    actions: float
    gain: Estimate


@dataclass(frozen=True, slots=True)
class StrategyFigures:
    """A strategy's figures over seeds: its rounds, by seed the round that came within reach, and by unit what it cost.

    Savings are against random choice.
    """

    rounds: Sequence[RoundFigures]
    reached: Mapping[int, int | None]
    to_reach: Mapping[str, Estimate | None]
    to_reach_after_start: Mapping[str, Estimate | None]
    saving: Mapping[str, Estimate | None]
    saving_after_start: Mapping[str, Estimate | None]
    f1_gain_at_equal_actions: Sequence[GainAtActions]


def measure_strategy(curves: Mapping[int, SeedCurve], of_random: Mapping[int, SeedCurve]) -> StrategyFigures:
    """A strategy's figures over seeds, its savings against random choice among them.

    Rounds are those that every seed has played, so that all points of a curve are of the same seeds. Savings are shares
    of what random choice spent, of the seeds in which both came within reach.
    """
    begun = [(seed, one) for seed, one in curves.items() if one.f1 and seed in of_random and of_random[seed].f1]
    together = min((len(one.f1) for one in curves.values()), default=0)
    both = [(one, of_random[seed]) for seed, one in begun if one.to_reach() and of_random[seed].to_reach()]
    return StrategyFigures(
        [_round_figures(list(curves.values()), number) for number in range(together)],
        {seed: one.reached for seed, one in curves.items()},
        {unit: _over(curves.values(), SeedCurve.to_reach, unit) for unit in UNITS},
        {unit: _over(curves.values(), SeedCurve.to_reach_after_start, unit) for unit in UNITS},
        {unit: _saving(both, SeedCurve.to_reach, unit) for unit in UNITS},
        {unit: _saving(both, SeedCurve.to_reach_after_start, unit) for unit in UNITS},
        _gains_at_equal_actions([(one, of_random[seed]) for seed, one in begun]),
    )


def _round_figures(curves: Sequence[SeedCurve], number: int) -> RoundFigures:
    f1 = Estimate.of_known([one.f1[number] for one in curves]).within(0, 1)
    return RoundFigures(f1, *(fmean(one.spent[number][unit] for one in curves) for unit in UNITS))


def _over(curves: Iterable[SeedCurve], spent: Callable[[SeedCurve], Spent | None], unit: str) -> Estimate | None:
    """What was spent, which is never less than nothing."""
    found = Estimate.of(known[unit] for known in map(spent, curves) if known is not None)
    return found and found.within(0)


def _saving(
    pairs: Sequence[tuple[SeedCurve, SeedCurve]], spent: Callable[[SeedCurve], Spent | None], unit: str
) -> Estimate | None:
    costs = [(spent(own), spent(other)) for own, other in pairs]
    return Estimate.of(1 - own[unit] / other[unit] for own, other in costs if own and other and other[unit])


def _gains_at_equal_actions(pairs: Sequence[tuple[SeedCurve, SeedCurve]]) -> list[GainAtActions]:
    """How much higher the F1 is once as many actions are spent, at four to eleven round numbers that all curves reach.

    Fixed numbers, since to look where random choice came within reach is to look where it was lucky.
    """
    if not pairs:
        return []
    least = max(one.spent[0]["actions"] for pair in pairs for one in pair)
    most = min(one.spent[-1]["actions"] for pair in pairs for one in pair)
    if most <= least:
        return []
    step = even_ticks(most - least, most=11)[1]
    points = [step * number for number in range(ceil(least / step), floor(most / step) + 1)]
    return [
        GainAtActions(actions, Estimate.of_known([own.f1_at(actions) - other.f1_at(actions) for own, other in pairs]))
        for actions in points
    ]
