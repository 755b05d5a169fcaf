"""Commands on rounds: loop and report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ernotes.cli import options
from ernotes.cli.opening import only_loop, open_workspace
from ernotes.cli.showing import show_outcome

if TYPE_CHECKING:
    from corpus.config.settings import Language


@click.command()
@click.option("--rounds", "count", type=click.IntRange(min=1), required=True, help="How many rounds to run.")
@click.option(
    "--annotator",
    type=click.Choice(["human", "simulated"]),
    default="human",
    show_default=True,
    help="Wait for people to correct, or play one who knows the truth of the briefs.",
)
@options.as_json
@click.pass_obj
def loop(folder: Path, count: int, annotator: str, as_json: bool) -> None:
    """Run rounds: generate, pre-annotate, select, push, correct, pull, train, judge, evaluate, report.

    A round asks for as many notes as loop.notes_per_round says, has as many of the pool corrected as selection.budget
    says, and waits until all that are open are corrected or skipped. Its model becomes the current one unless it is
    worse than that or flips more allergies. While it waits, other commands may write. A killed loop goes on.
    """
    from ernotes.cli.told.loop import tell_loop
    from ernotes.cli.told.outcomes import tell
    from ernotes.rounds.loop import run_rounds

    with only_loop(folder), open_workspace(folder, write=True) as workspace:
        end = run_rounds(workspace, count, simulated=annotator == "simulated", tell=tell)
    show_outcome(end, tell_loop, folder, as_json=as_json)


@click.command()
@click.option(
    "--round", "number", type=click.IntRange(min=1), help="The report of this round, not of the current model."
)
@click.option(
    "--compare", nargs=2, metavar="A B", help="Set two rounds (numbers) or models (versions) side by side, B against A."
)
@click.option("--lang", "language", type=click.Choice(["en", "pt"]), help="Its language; else report.language.")
@options.as_json
@click.pass_obj
def report(
    folder: Path, number: int | None, compare: tuple[str, str] | None, language: Language | None, as_json: bool
) -> None:
    """Write the HTML report of the current model, or of a round, in English or European Portuguese."""
    from ernotes.cli.told.pages import tell_compared, tell_reported
    from ernotes.pages.comparison_page import compare_sides
    from ernotes.pages.report import report as run

    if compare and number is not None:
        raise click.UsageError("give either --round or --compare")
    with open_workspace(folder, write=True) as workspace:
        if compare:
            show_outcome(compare_sides(workspace, *compare, language), tell_compared, folder, as_json=as_json)
        else:
            show_outcome(run(workspace, number, language), tell_reported, folder, as_json=as_json)


COMMANDS = (loop, report)
