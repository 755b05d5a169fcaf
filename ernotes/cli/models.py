"""Commands on recognisers: train, models, promote, evaluate, predict, score."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.note import Role
from ernotes.cli import options
from ernotes.cli.opening import open_workspace
from ernotes.cli.showing import show_outcome

if TYPE_CHECKING:
    from corpus.scoring.scores import DiagnosisRule
    from ernotes.models.evaluation import Beside


@click.command()
@click.option("--base", help="crf, compact, or a Hugging Face name or folder.  [default: training.base]")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="[default: training.seed]")
@click.option("--seeds", type=click.IntRange(min=1), default=1, help="Train this many seeds and keep the best.")
@options.as_json
@click.pass_obj
def train(folder: Path, base: str | None, seed: int | None, seeds: int, as_json: bool) -> None:
    """Train a recogniser on the gold of the train and exemplar notes, and make it the current model."""
    from corpus.machine.processes import is_main_process
    from ernotes.cli.told.models import tell_trained
    from ernotes.cli.told.scores import tell_leakage, tell_validation_scores
    from ernotes.models.training import train as run
    from training.card import CardWords

    words = CardWords(tell_validation_scores, tell_leakage)
    with open_workspace(folder, write=is_main_process()) as workspace:
        result = run(workspace, base=base, seed=seed, seeds=seeds, words=words)
    if is_main_process():
        show_outcome(result, tell_trained, folder, as_json=as_json)


@click.command("models")
@options.as_json
@click.pass_obj
def list_models(folder: Path, as_json: bool) -> None:
    """List the models: trained on how many notes, in which round, how they scored, and which is current."""
    from ernotes.cli.told.models import tell_models
    from ernotes.models.promotion import list_models as run

    with open_workspace(folder, write=False) as workspace:
        result = run(workspace)
    show_outcome(result, tell_models, folder, as_json=as_json)


@click.command()
@click.argument("version", metavar="VERSION")
@options.as_json
@click.pass_obj
def promote(folder: Path, version: str, as_json: bool) -> None:
    """Make a model the current one, whatever the judge of its round said; the other one stays, to go back to."""
    from ernotes.cli.told.models import tell_promoted
    from ernotes.models.promotion import promote as run

    with open_workspace(folder, write=True) as workspace:
        result = run(workspace, version)
    show_outcome(result, tell_promoted, folder, as_json=as_json)


@click.command()
@options.role(default=Role.TEST, roles=(Role.TEST, Role.VALIDATION, Role.TRAIN))
@click.option("--model", "version", help="A model's version.  [default: the current model]")
@options.diagnosis
@click.option("--against", metavar="VERSION", help="Another model's version: say whether this one is better.")
@click.option(
    "--with", "beside", type=click.Choice(["llm"]), help="Have the LLM annotate the notes too, and compare with it."
)
@options.decode
@options.as_json
@click.pass_obj
def evaluate(
    folder: Path,
    role: Role,
    version: str | None,
    diagnosis: DiagnosisRule,
    against: str | None,
    beside: str | None,
    decode: str | None,
    as_json: bool,
) -> None:
    """Score a model on the gold of a role; looks at the test set are counted."""
    from ernotes.cli.told.scores import tell_evaluation
    from ernotes.models.evaluation import evaluate as run

    if against and beside:
        raise click.UsageError("give either --against or --with")
    measure_beside: Beside | None = None
    if beside:
        from ernotes.llm.annotating import measure_llm

        measure_beside = measure_llm
    with open_workspace(folder, write=True) as workspace:
        result = run(
            workspace,
            role,
            version=version,
            diagnosis=diagnosis,
            against=against,
            decode=decode,
            beside=measure_beside,
        )
    show_outcome(result, tell_evaluation, folder, as_json=as_json)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The notes file to write.")
@click.option("--model", type=click.Path(path_type=Path), help="A model's folder; needs no workspace.")
@options.decode
@options.as_json
@click.pass_obj
def predict(folder: Path, file: Path, output: Path, model: Path | None, decode: str | None, as_json: bool) -> None:
    """Annotate the notes of FILE and write them to another file, each span with its confidence."""
    from ernotes.cli.told.models import tell_predicted
    from ernotes.models.prediction import predict_file

    predicted = predict_file(folder, file, output, model, decode)
    show_outcome(predicted, tell_predicted, folder, as_json=as_json)


@click.command()
@click.argument("gold", type=click.Path(path_type=Path))
@click.argument("predicted", type=click.Path(path_type=Path))
@options.diagnosis
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    help="Another notes file of predictions: say whether PREDICTED is better.",
)
@options.as_json
def score(gold: Path, predicted: Path, diagnosis: DiagnosisRule, against: Path | None, as_json: bool) -> None:
    """Score the spans of one notes file against another's; needs no workspace."""
    from ernotes.cli.told.scores import tell_measured_files
    from ernotes.models.prediction import score_files

    measured = score_files(gold, predicted, diagnosis, against)
    show_outcome(measured, tell_measured_files, Path(), as_json=as_json)


@click.command("push-to-hub")
@click.argument("version", metavar="MODEL_VERSION")
@click.argument("repository", metavar="REPO")
@click.option("--public", is_flag=True, help="Make a repository that anyone can read.  [default: private]")
@click.pass_obj
def push_to_hub(folder: Path, version: str, repository: str, public: bool) -> None:
    """Give a model's folder, card included, to REPO (OWNER/NAME) on a Hugging Face hub; the token is HF_TOKEN's."""
    from training.hub import push_to_hub as run

    with open_workspace(folder, write=False) as workspace:
        address = run(workspace.models / version, repository, private=not public)
    print(f"{version} is at {address}")


COMMANDS = (train, list_models, promote, evaluate, predict, score, push_to_hub)
