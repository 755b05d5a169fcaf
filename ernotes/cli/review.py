"""The physicians' review of generated notes: review push, review pull."""

from pathlib import Path

import click

from ernotes.cli import options
from ernotes.cli.at_desk import run_at_desk


@click.group()
def review() -> None:
    """Have physicians rate generated notes in Label Studio, without knowing who wrote them."""


@review.command()
@click.option("--notes", "count", type=click.IntRange(min=1), required=True, help="How many generated notes in all.")
@click.option(
    "--physician-notes", "physicians", type=click.IntRange(min=0), default=0, show_default=True,
    help="How many notes written by physicians among them, from exemplars and training notes.",
)  # fmt: skip
@click.option("--reviewers", type=click.IntRange(min=1), default=2, show_default=True, help="How many people each.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the draw and the order.")
@options.as_json
@click.pass_obj
def push(folder: Path, count: int, physicians: int, reviewers: int, seed: int, as_json: bool) -> None:
    """Send notes, evenly over specialties and shuffled; what is there already is not doubled."""
    from corpus.store.ratings import Writer
    from ernotes.cli.told.review import tell_review_pushed
    from ernotes.desk.review import push_review as run

    counts = {Writer.GENERATED: count, Writer.PHYSICIAN: physicians}
    run_at_desk(
        folder,
        lambda workspace, client: run(workspace, client, counts, reviewers, seed),
        tell_review_pushed,
        as_json=as_json,
    )


@review.command()
@options.as_json
@click.pass_obj
def pull(folder: Path, as_json: bool) -> None:
    """Fetch the ratings, and say what they tell of generated and physician-written notes."""
    from ernotes.cli.told.review import tell_review_pulled
    from ernotes.desk.review import pull_review as run

    run_at_desk(folder, run, tell_review_pulled, as_json=as_json)


COMMANDS = (review,)
