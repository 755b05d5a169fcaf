"""What the steps of a round have stored, as far as it is read again: of each step what is needed, and no more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from corpus.documents import from_json

Step = TypeVar("Step")


@dataclass(frozen=True, slots=True)
class TrainStep:
    """The version of the model that a round trained."""

    model: str


@dataclass(frozen=True, slots=True)
class BeginningStep:
    """The version of the model that a round began with; None where there was none."""

    model: str | None = None


@dataclass(frozen=True, slots=True)
class JudgedDifference:
    """A model's exact F1 less the other's, and the smallest difference that the notes would show."""

    difference: float
    detectable: float | None


@dataclass(frozen=True, slots=True)
class JudgedComparison:
    """What a verdict rests on."""

    micro: JudgedDifference


@dataclass(frozen=True, slots=True)
class JudgeStep:
    """What the judge of a round said of its model, and what came of it."""

    verdict: str
    by: str | None
    candidate: str
    incumbent: str | None
    notes: int
    comparison: JudgedComparison | None
    promoted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Stability:
    """Cohen's kappa between the tokens' labels of a model and of the one before it, `against`, on so many notes."""

    notes: int
    kappa: float
    against: str


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The exact micro F1 of the model that learnt from so many notes, with its standard error."""

    notes: int
    f1: float
    se: float


@dataclass(frozen=True, slots=True)
class OutlookCurve:
    """The learning curve, and what `more_notes` would probably bring: the gain, and what the scored notes would show.

    Both intervals are of 80 %.
    """

    points: tuple[CurvePoint, ...]
    more_notes: int
    gain: float
    interval: tuple[float, float]
    measured: tuple[float, float]
    scored: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a round ends with: whether predictions are stable, what more notes would bring, whether one may stop."""

    stability: Stability | None
    curve: OutlookCurve | None
    stop: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ReportStep:
    """Where a round's report is."""

    report: str


def read_step(steps: Mapping[str, object], name: str, kind: type[Step]) -> Step | None:
    """What a step of a round has stored; None where it is not done, or has stored nothing."""
    stored = steps.get(name)
    return from_json(kind, stored) if stored else None
