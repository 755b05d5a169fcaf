"""Any outcome in words, for commands that say several kinds of them on their way."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from corpus.scoring.leakage import Leakage
from ernotes.cli.told import models, scores, writing
from ernotes.llm.annotating import PreannotatedByLlm
from ernotes.llm.learning_quota import SharedOut
from ernotes.llm.written import Written, WrittenInRound
from ernotes.models.evaluation import Evaluation
from ernotes.models.findings import Preannotated
from ernotes.models.training import EnsuredModel, TrainedModel
from ernotes.rounds.loop import TrainedInRound
from training.card import ValidationScores

_TOLD: Mapping[type, Callable[[Any, Path], str]] = {
    EnsuredModel: models.tell_ensured,
    TrainedModel: models.tell_trained,
    TrainedInRound: models.tell_trained,
    Preannotated: models.tell_preannotated,
    PreannotatedByLlm: writing.tell_preannotated_by_llm,
    SharedOut: writing.tell_shared_out,
    Written: writing.tell_written,
    WrittenInRound: writing.tell_written,
    Evaluation: scores.tell_evaluation,
    ValidationScores: lambda found, _folder: scores.tell_validation_scores(found),
    Leakage: lambda found, _folder: scores.tell_leakage(found),
}


def tell(outcome: object, folder: Path) -> str:
    """The outcome in words, by its kind."""
    return _TOLD[type(outcome)](outcome, folder)
