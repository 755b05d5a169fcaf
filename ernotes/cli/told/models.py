"""What is said of a workspace's models, and of what they find in notes."""

from collections.abc import Sequence
from pathlib import Path

from ernotes.console import program
from ernotes.models.findings import Preannotated
from ernotes.models.prediction import PredictedFile
from ernotes.models.promotion import ListedModel, ListedModels, Promoted
from ernotes.models.training import EnsuredModel, TrainedModel


def tell_trained(trained: TrainedModel, _folder: Path) -> str:
    """The model, whether it is new and current, and what it learnt from."""
    again = " was trained already" if trained.known else ""
    current = "; it is the current model" if trained.current else ""
    notes = f"{trained.trained_on} training notes, {trained.validation} to validate"
    return f"model {trained.model}{again}{current} ({notes})"


def tell_ensured(ensured: EnsuredModel, folder: Path) -> str:
    """Which model pre-annotates."""
    if ensured.made is not None:
        return tell_trained(ensured.made, folder)
    if ensured.model is None:
        return "no annotated note yet: the first notes go out bare"
    return f"pre-annotating with {ensured.model}"


def tell_preannotated(done: Preannotated, _folder: Path) -> str:
    """How many notes the model annotated."""
    return f"{done.notes} pool notes pre-annotated by {done.model}: {done.mentions} mentions"


def tell_predicted(predicted: PredictedFile, _folder: Path) -> str:
    """How many notes were annotated, and where they are."""
    return f"{predicted.notes} notes annotated in {predicted.file}"


def tell_models(listed: ListedModels, folder: Path) -> str:
    """Every model in a table."""
    return (
        "\n".join(_table(listed.models)) if listed.models else f"no model yet; make one with: {program(folder)} train"
    )


def tell_promoted(promoted: Promoted, folder: Path) -> str:
    """What is current now, and how to go back."""
    if promoted.was_current:
        return f"{promoted.model} is the current model already"
    lines = [f"{promoted.model} is the current model now; open notes show its spans after preannotate and push"]
    if promoted.replaced is not None:
        lines.append(f"it replaced {promoted.replaced}; to go back: {program(folder)} promote {promoted.replaced}")
    return "\n".join(lines)


def _table(models: Sequence[ListedModel]) -> list[str]:
    width = max(len(model.version) for model in models)
    lines = [f"  {'model':<{width}}  round  notes  validation   test  verdict"]
    for model in models:
        mark = "*" if model.current else " "
        f1 = [f"{value:.3f}" if value is not None else "-" for value in (model.validation, model.test)]
        lines.append(
            f"{mark} {model.version:<{width}}  {model.round or '-':>5}  {model.trained_on:>5}  "
            f"{f1[0]:>10}  {f1[1]:>5}  {_verdict(model)}".rstrip()
        )
    return [*lines, "* is current; exact micro F1 of the latest look, each on the notes that were there then"]


def _verdict(model: ListedModel) -> str:
    if model.verdict is None:
        return ""
    return model.verdict + ("" if model.promoted else f", not promoted: {model.reason}")
