"""Commands on several annotators of the same notes: overlap, agreement, adjudicate."""

from pathlib import Path

import click

from ernotes.cli import options
from ernotes.cli.at_desk import run_at_desk
from ernotes.cli.opening import open_workspace
from ernotes.cli.showing import show_outcome


@click.command()
@click.option("--notes", "count", type=click.IntRange(min=1), required=True, help="How many of the pushed notes.")
@click.option("--annotators", type=click.IntRange(min=2), default=2, show_default=True, help="How many people each.")
@options.as_json
@click.pass_obj
def overlap(folder: Path, count: int, annotators: int, as_json: bool) -> None:
    """Have Label Studio offer some notes to several people, to see how far they agree."""
    from ernotes.cli.told.annotators import tell_asked
    from ernotes.desk.agreement import ask

    run_at_desk(
        folder, lambda workspace, client: ask(workspace, client, count, annotators), tell_asked, as_json=as_json
    )


@click.command()
@click.option("--list", "listed", is_flag=True, help="List where annotators differ, and notes that wait for a second.")
@click.option("--show-text", is_flag=True, help="With --list, show the words of the notes too.")
@options.as_json
@click.pass_obj
def agreement(folder: Path, listed: bool, show_text: bool, as_json: bool) -> None:
    """Say how far annotators of the same notes agree: span F1, Cohen's kappa, Krippendorff's alpha, with intervals."""
    from ernotes.cli.told.annotators import tell_agreement
    from ernotes.desk.agreement import agreement as run

    if show_text and not listed:
        raise click.UsageError("--show-text needs --list")
    with open_workspace(folder, write=False) as workspace:
        found = run(workspace, listed=listed, with_text=show_text)
    show_outcome(found, tell_agreement, folder, as_json=as_json)


@click.command()
@click.option("--by", "name", metavar="NAME", help="By the word of this annotator.")
@click.option("--majority", is_flag=True, help="By what more than half of a note's annotators say; ties are left.")
@click.option("--project", is_flag=True, help="By a person, in a Label Studio project of the notes that differ.")
@options.as_json
@click.pass_obj
def adjudicate(folder: Path, name: str | None, majority: bool, project: bool, as_json: bool) -> None:
    """Settle the notes that annotators differ on; what is settled counts before what each of them said.

    With --project, run it again to fetch what has been adjudicated there.
    """
    if (name is not None) + majority + project != 1:
        raise click.UsageError("give one of --by, --majority and --project")
    from ernotes.cli.told.annotators import tell_adjudicated, tell_settled
    from ernotes.desk.agreement import adjudicate as run
    from ernotes.desk.agreement import adjudicate_in_label_studio

    if project:
        run_at_desk(folder, adjudicate_in_label_studio, tell_adjudicated, as_json=as_json)
        return
    with open_workspace(folder, write=True) as workspace:
        report = run(workspace, name)
    show_outcome(report, lambda settled, _folder: tell_settled(settled, name), folder, as_json=as_json)


COMMANDS = (overlap, agreement, adjudicate)
