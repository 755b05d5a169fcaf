"""What the score documents of earlier looks have stored, as far as it is read again beside other looks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MeanF1:
    """The F1 of a row."""

    f1: float


@dataclass(frozen=True, slots=True)
class ExactF1:
    """The exact F1 over all mentions, and its mean over labels."""

    micro: MeanF1
    macro: MeanF1


@dataclass(frozen=True, slots=True)
class LookF1:
    """What a list of looks shows of each."""

    exact: ExactF1
    fictional: bool = False


@dataclass(frozen=True, slots=True)
class F1Interval:
    """The interval of the F1 of a row, where there is one."""

    f1: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class ExactIntervals:
    """The intervals beside an ExactF1."""

    micro: F1Interval = F1Interval()
    macro: F1Interval = F1Interval()


@dataclass(frozen=True, slots=True)
class LookIntervals:
    """The intervals of a look."""

    exact: ExactIntervals = ExactIntervals()


@dataclass(frozen=True, slots=True)
class CurveLook:
    """What a learning curve shows of a look; early ones have no intervals."""

    exact: ExactF1
    intervals: LookIntervals = LookIntervals()
    trained_on: int | None = None


@dataclass(frozen=True, slots=True)
class LookSetting:
    """How a look was taken: which diagnoses counted, and whether the notes were fictional."""

    diagnosis: str = "top1"
    fictional: bool = False
