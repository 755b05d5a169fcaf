"""The command on gold that may be wrong: label-errors."""

from pathlib import Path

import click

from ernotes.cli import options
from ernotes.cli.at_desk import run_at_desk
from ernotes.cli.opening import open_workspace
from ernotes.cli.showing import show_outcome


@click.command("label-errors")
@click.option("--top", type=click.IntRange(min=1), default=150, show_default=True, help="How many places at most.")
@click.option("--show-text", is_flag=True, help="Show the words of the notes too.")
@click.option("--push", is_flag=True, help="Send their notes back to Label Studio, to be decided by a second look.")
@options.as_json
@click.pass_obj
def label_errors(folder: Path, top: int, show_text: bool, push: bool, as_json: bool) -> None:
    """List where a cross-validated crf contradicts the gold with confidence: mentions, and unmarked stretches.

    With --push, run it again to fetch what has been decided, which counts before the gold that was doubted.
    """
    if push and show_text:
        raise click.UsageError("give either --push or --show-text")
    if push:
        from ernotes.cli.told.desk import tell_second_look
        from ernotes.desk.second_look import ask_for_second_look

        run_at_desk(
            folder,
            lambda workspace, client: ask_for_second_look(workspace, client, top),
            tell_second_look,
            as_json=as_json,
        )
        return
    from ernotes.cli.told.label_errors import tell_label_errors
    from ernotes.models.label_errors import label_errors as run

    with open_workspace(folder, write=True) as workspace:
        errors = run(workspace, top, with_text=show_text)
    show_outcome(errors, tell_label_errors, folder, as_json=as_json)


COMMANDS = (label_errors,)
