"""Commands on the way to Label Studio and back: preannotate, select, push, pull, label-studio, serve."""

from pathlib import Path

import click

from corpus.config.strategy import Strategy
from ernotes.cli import options
from ernotes.cli.at_desk import run_at_desk
from ernotes.cli.opening import open_workspace
from ernotes.cli.showing import show_outcome
from ernotes.console import say


@click.command()
@click.option(
    "--with",
    "annotator",
    type=click.Choice(["model", "llm"]),
    default="model",
    show_default=True,
    help="The current model, or the LLM of [endpoint].",
)
@options.as_json
@click.pass_obj
def preannotate(folder: Path, annotator: str, as_json: bool) -> None:
    """Have the current model, or the LLM, annotate every pool note."""
    if annotator == "llm":
        from ernotes.cli.told.writing import tell_preannotated_by_llm
        from ernotes.llm.annotating import preannotate_with_llm

        with open_workspace(folder, write=True) as workspace:
            by_llm = preannotate_with_llm(workspace)
        show_outcome(by_llm, tell_preannotated_by_llm, folder, as_json=as_json)
        return
    from ernotes.cli.told.models import tell_preannotated
    from ernotes.models.findings import preannotate as run

    with open_workspace(folder, write=True) as workspace:
        by_model = run(workspace)
    show_outcome(by_model, tell_preannotated, folder, as_json=as_json)


@click.command()
@click.option(
    "--strategy", type=click.Choice([str(one) for one in Strategy]), help="By what.  [default: selection.strategy]"
)
@click.option("--budget", type=click.FloatRange(0, min_open=True), help="How much.  [default: selection.budget]")
@click.option("--unit", type=click.Choice(["notes", "tokens", "seconds"]), help="Of what.  [default: selection.unit]")
@options.as_json
@click.pass_obj
def select(folder: Path, strategy: str | None, budget: float | None, unit: str | None, as_json: bool) -> None:
    """Choose the pool notes that push sends next; what is left stays in the pool.

    Where nothing was ever chosen, push sends the whole pool.
    """
    from corpus.config.knobs import overridden
    from ernotes.cli.told.rounds import tell_selection
    from ernotes.rounds.selection import select_notes

    with open_workspace(folder, write=True) as workspace:
        config = overridden(workspace.config.selection, "selection", strategy=strategy, budget=budget, unit=unit)
        made = select_notes(workspace, config)
    show_outcome(made, tell_selection, folder, as_json=as_json)


@click.command()
@options.as_json
@click.pass_obj
def push(folder: Path, as_json: bool) -> None:
    """Send the chosen pool notes with their pre-annotations to Label Studio."""
    from ernotes.cli.told.desk import tell_pushed
    from ernotes.desk.round_trip import push as run

    run_at_desk(folder, run, tell_pushed, as_json=as_json)


@click.command()
@options.as_json
@click.pass_obj
def pull(folder: Path, as_json: bool) -> None:
    """Fetch the corrections from Label Studio."""
    from ernotes.cli.told.desk import tell_pulled
    from ernotes.desk.round_trip import pull as run

    run_at_desk(folder, run, tell_pulled, as_json=as_json)


@click.command("label-studio")
@click.pass_obj
def label_studio(folder: Path) -> None:
    """Run the workspace's own Label Studio server, on the port of label_studio.url, until interrupted."""
    from annotation.label_studio.server import run_server

    with open_workspace(folder, write=False) as workspace:
        config = workspace.config.label_studio
    run_server(folder, config, say)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="0 takes a free one.  [default: live.port]")
@click.option("--connect", is_flag=True, help="Have the project in Label Studio ask this backend.")
@click.pass_obj
def serve(folder: Path, port: int | None, connect: bool) -> None:
    """Pre-annotate tasks as Label Studio opens them (the live backend), until interrupted."""
    from ernotes.desk.live import serve_live

    serve_live(folder, port, connect=connect)


COMMANDS = (preannotate, select, push, pull, label_studio, serve)
