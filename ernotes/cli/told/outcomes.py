"""Any outcome in words, for commands that say several kinds of them on their way."""

from pathlib import Path

from corpus.scoring.leakage import Leakage
from ernotes.cli.told import desk, models, pages, rounds, scores, writing
from ernotes.desk.round_trip import Pulled, Pushed, SimulatedCorrections
from ernotes.desk.waiting import Waited
from ernotes.llm.annotating import PreannotatedByLlm
from ernotes.llm.learning_quota import SharedOut
from ernotes.llm.written import Written
from ernotes.models.evaluation import Evaluation
from ernotes.models.findings import Preannotated
from ernotes.models.round_steps import Outlook
from ernotes.models.training import EnsuredModel, TrainedModel
from ernotes.pages.report import Reported
from ernotes.rounds.loop import EvaluatedInRound, NotPreannotated
from ernotes.rounds.selection import SelectionMade
from ernotes.rounds.verdict import RoundVerdict
from training.card import ValidationScores


def tell(outcome: object, folder: Path) -> str:
    """The outcome in words, by its kind."""
    match outcome:
        case EnsuredModel():
            return models.tell_ensured(outcome, folder)
        case TrainedModel():
            return models.tell_trained(outcome, folder)
        case Preannotated():
            return models.tell_preannotated(outcome, folder)
        case PreannotatedByLlm():
            return writing.tell_preannotated_by_llm(outcome, folder)
        case SharedOut():
            return writing.tell_shared_out(outcome, folder)
        case Written():
            return writing.tell_written(outcome, folder)
        case Evaluation():
            return scores.tell_evaluation(outcome, folder)
        case ValidationScores():
            return scores.tell_validation_scores(outcome)
        case Leakage():
            return scores.tell_leakage(outcome)
    return _tell_step(outcome, folder)


def _tell_step(outcome: object, folder: Path) -> str:
    """What a step of a round gave that `tell` does not know from elsewhere."""
    match outcome:
        case NotPreannotated():
            return "no model yet: the notes go out without pre-annotations"
        case SelectionMade():
            return rounds.tell_selection(outcome, folder)
        case Pushed():
            return desk.tell_pushed(outcome, folder)
        case SimulatedCorrections():
            return desk.tell_simulated_corrections(outcome, folder)
        case Waited():
            return desk.tell_waited(outcome, folder)
        case Pulled():
            return desk.tell_pulled(outcome, folder)
        case RoundVerdict():
            return rounds.tell_judged(outcome, folder)
        case EvaluatedInRound():
            texts = [scores.tell_evaluation(evaluation, folder) for evaluation in outcome.scores.values()]
            return "\n\n".join(texts) or "no test or validation notes: nothing to measure by"
        case Outlook():
            return rounds.tell_outlook(outcome, folder)
        case Reported():
            return pages.tell_reported(outcome, folder)
    raise TypeError(f"there are no words for a {type(outcome).__name__}")
