"""The learning curve: exact F1 over rounds, as numbers and as places in a drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.note import Role
from corpus.store.ledger import ScoreRecord


@dataclass(frozen=True, slots=True)
class Frame:
    """The drawing and, inside its margins, the field of the lines; in the drawing's own units, y growing downwards."""

    width: int = 480
    height: int = 300
    left: int = 46
    right: int = 460
    top: int = 20
    bottom: int = 238
    inset: int = 26
    """How far the first and the last point stand from the field's sides."""


FRAME = Frame()

MOST_ROUND_TICKS = 8
"""More would run into each other on a phone."""


@dataclass(frozen=True, slots=True)
class RoundScore:
    """One point of the curve: what the last look of a round gave. `trained_on` counts training notes, where known."""

    round: int
    model_version: str
    micro: float
    macro: float
    trained_on: int | None


@dataclass(frozen=True, slots=True)
class Series:
    """One line of the drawing: its name, and (x, y, value) of each round."""

    name: str
    points: tuple[tuple[float, float, float], ...]

    @property
    def path(self) -> str:
        """The line as an SVG list of points."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in self.points)


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """The scored rounds of one role, oldest first: at least one."""

    role: Role
    rounds: tuple[RoundScore, ...]

    @property
    def series(self) -> tuple[Series, ...]:
        """Micro and macro F1."""
        return tuple(
            Series(name, tuple((self._x(score.round), f1_height(value), value) for score, value in values))
            for name, values in (
                ("micro", [(score, score.micro) for score in self.rounds]),
                ("macro", [(score, score.macro) for score in self.rounds]),
            )
        )

    @property
    def values(self) -> list[tuple[float, float, float, RoundScore]]:
        """Where the values of each round are written (x, y of micro, y of macro): the higher above, the lower below."""
        return [(self._x(score.round), *_value_heights(score.micro, score.macro), score) for score in self.rounds]

    @property
    def round_ticks(self) -> list[tuple[float, RoundScore]]:
        """Where on the x axis a round is written: every one, or evenly fewer, the last always."""
        step = -(-len(self.rounds) // MOST_ROUND_TICKS)
        return [(self._x(score.round), score) for score in self.rounds[::-1][::step][::-1]]

    @property
    def f1_ticks(self) -> list[tuple[float, float]]:
        """Where on the y axis an F1 is written: always from 0 to 1, so that no gain looks larger than it is."""
        return [(f1_height(tenths / 10), tenths / 10) for tenths in range(0, 11, 2)]

    @property
    def in_words(self) -> str:
        """The curve for those who cannot see it."""
        values = "; ".join(
            f"round {score.round}: micro {score.micro:.3f}, macro {score.macro:.3f}" for score in self.rounds
        )
        return f"Exact F1 on the {self.role} notes. {values}."

    def _x(self, number: int) -> float:
        first, last = self.rounds[0].round, self.rounds[-1].round
        share = (number - first) / (last - first) if last > first else 0.5
        return FRAME.left + FRAME.inset + share * (FRAME.right - FRAME.left - 2 * FRAME.inset)


def f1_height(value: float) -> float:
    """The y of an F1 in [0, 1]."""
    return FRAME.bottom - value * (FRAME.bottom - FRAME.top)


def _value_heights(one: float, other: float) -> tuple[float, float]:
    if one < other:
        return _value_heights(other, one)[::-1]
    above, below = f1_height(one) - 11, f1_height(other) + 21
    if below > FRAME.bottom:  # it would stand among the rounds' numbers
        below, above = above, above - 16
    return above, below


def learning_curves(history: Sequence[ScoreRecord]) -> list[LearningCurve]:
    """A curve for each role that was scored in a round; of several looks in one round the last counts."""
    latest: dict[Role, dict[int, RoundScore]] = {}
    for record in history:
        if record.round is None:
            continue
        exact = record.document["exact"]
        latest.setdefault(record.role, {})[record.round] = RoundScore(
            record.round,
            record.model_version,
            exact["micro"]["f1"],
            exact["macro"]["f1"],
            record.document.get("trained_on"),
        )
    return [LearningCurve(role, tuple(scores[number] for number in sorted(scores))) for role, scores in latest.items()]
