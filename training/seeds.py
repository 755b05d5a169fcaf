"""How far the seeds of one recipe lie apart on the validation notes, and which of their models is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from corpus.recognition import Trained


@dataclass(frozen=True, slots=True)
class SeedScore:
    """The scores of a seed's best epoch on validation."""

    seed: int
    span_f1: float
    macro_f1: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and standard deviation of a score over the seeds."""

    mean: float
    deviation: float

    @classmethod
    def of(cls, scores: Sequence[float]) -> "Spread":
        """The spread of two scores or more."""
        return cls(fmean(scores), stdev(scores))


@dataclass(frozen=True, slots=True)
class Seeds:
    """The seeds that were trained, the one that is kept, and the spread of their scores: a document."""

    runs: tuple[SeedScore, ...]
    kept: int
    span_f1: Spread
    macro_f1: Spread


def best_of(runs: Sequence[Trained]) -> tuple[Trained, Seeds]:
    """The run with the best micro F1 on validation, then macro, then the first; and how far they lie apart."""
    scores = [
        SeedScore(run.figures["seed"], run.figures["best"]["span_f1"], run.figures["best"]["macro_f1"]) for run in runs
    ]
    best = max(range(len(runs)), key=lambda index: (scores[index].span_f1, scores[index].macro_f1, -index))
    micro, macro = (Spread.of(values) for values in zip(*((one.span_f1, one.macro_f1) for one in scores), strict=True))
    return runs[best], Seeds(tuple(scores), scores[best].seed, micro, macro)
