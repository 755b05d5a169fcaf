"""Learning curves: what each round of the loop came to, as numbers and as places in a drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from annotation.corrections import Ledger
from corpus.documents import from_json
from corpus.note import Role
from corpus.store.scores import ScoreRecord
from ernotes.models.looks import CurveLook
from ernotes.pages.drawing import SHARES, Plot, Reading, even_ticks, plot_rounds
from ernotes.pages.shown import Ends

EMPTY_PAGE = 100
"""The correction actions per 100 mentions that an empty page costs."""


@dataclass(frozen=True, slots=True)
class RoundScore:
    """What the last look of a round gave: exact F1, with intervals where the look has them.

    `trained_on` counts training notes, where known.
    """

    round: int
    model_version: str
    micro: float
    macro: float
    trained_on: int | None
    micro_interval: Ends | None = None
    macro_interval: Ends | None = None


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """The scored rounds of one role, oldest first: at least one."""

    role: Role
    rounds: tuple[RoundScore, ...]

    @property
    def plot(self) -> Plot:
        """Micro and macro F1 by round; always from 0 to 1, so that no gain looks larger than it is."""
        micro = [Reading(score.round, score.micro, score.micro_interval) for score in self.rounds]
        macro = [Reading(score.round, score.macro, score.macro_interval) for score in self.rounds]
        return plot_rounds({"micro": micro, "macro": macro}, SHARES)

    @property
    def trained_on(self) -> dict[int, int]:
        """How many notes a round's model was trained on, by round, where that is known."""
        return {score.round: score.trained_on for score in self.rounds if score.trained_on is not None}


@dataclass(frozen=True, slots=True)
class WorkCurve:
    """What corrections cost by round: at least one (round, value)."""

    of: Literal["actions", "seconds"]
    """Correction actions per 100 mentions, or seconds per note."""
    rounds: tuple[tuple[int, float], ...]

    @property
    def plot(self) -> Plot:
        """The cost by round from 0 on; that of an empty page, 100 actions per 100 mentions, is always in sight."""
        readings = [Reading(number, value) for number, value in self.rounds]
        least = EMPTY_PAGE if self.of == "actions" else 0
        return plot_rounds({self.of: readings}, even_ticks(max(least, *(value for _, value in self.rounds))))


def learning_curves(history: Sequence[ScoreRecord]) -> list[LearningCurve]:
    """A curve for each role scored in a round, validation first; of several looks in one round the last counts.

    What is decided goes by validation; the test notes are reported beside it.
    """
    latest: dict[Role, dict[int, RoundScore]] = {}
    for record in history:
        if record.round is not None:
            latest.setdefault(record.role, {})[record.round] = _round_score(record, record.round)
    roles = sorted(latest, key=lambda role: role is Role.TEST)
    return [LearningCurve(role, tuple(score for _, score in sorted(latest[role].items()))) for role in roles]


def work_curves(corrections: Ledger) -> list[WorkCurve]:
    """The curves of a correction ledger: those of which some round of the loop knows a value."""
    work = {number: corrections.of_round(number) for number in corrections.rounds() if number is not None}
    actions = [(number, rate) for number, one in work.items() if (rate := one.actions_per_100_mentions) is not None]
    seconds = [(number, pace) for number, one in work.items() if (pace := one.seconds_per_note) is not None]
    found = (WorkCurve("actions", tuple(actions)), WorkCurve("seconds", tuple(seconds)))
    return [curve for curve in found if curve.rounds]


def _round_score(record: ScoreRecord, number: int) -> RoundScore:
    look = from_json(CurveLook, record.document)
    exact, sure = look.exact, look.intervals.exact
    micro, macro = exact.micro.f1, exact.macro.f1
    return RoundScore(number, record.model_version, micro, macro, look.trained_on, sure.micro.f1, sure.macro.f1)
