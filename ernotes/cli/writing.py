"""Commands that write notes: generate, and the embedded endpoint that stands in for an LLM."""

from pathlib import Path

import click

from ernotes.cli import options
from ernotes.cli.opening import open_workspace
from ernotes.cli.showing import show_outcome
from ernotes.console import say


@click.command()
@click.option("--notes", "count", type=click.IntRange(min=1), required=True, help="How many notes to ask for.")
@click.option("--pairs", is_flag=True, help="Ask for pairs: each note twice, its drug allergy affirmed and denied.")
@click.option(
    "--like-errors", is_flag=True, help="Share the notes out by what a crf gets wrong in cross-validation (minutes)."
)
@click.option(
    "--budget",
    type=click.FloatRange(min=0, min_open=True),
    help="What these notes may cost at most, in the currency of the prices.  [default: generation.budget]",
)
@click.option("--dry-run", is_flag=True, help="Show two prompts, tokens and cost; nothing is sent, no note stored.")
@options.as_json
@click.pass_obj
def generate(
    folder: Path, count: int, pairs: bool, like_errors: bool, budget: float | None, dry_run: bool, as_json: bool
) -> None:
    """Have the LLM write notes, spread over specialties and allergy states: evenly, or as ernotes.toml weighs them."""
    from ernotes.cli.told.outcomes import tell
    from ernotes.cli.told.writing import tell_rehearsed, tell_written
    from ernotes.llm.rehearsal import rehearse
    from ernotes.llm.writing import Order
    from ernotes.llm.writing import generate as run

    def say_outcome(outcome: object) -> None:
        say(tell(outcome, folder))

    order = Order(count, pairs=pairs, like_errors=like_errors, budget=budget)
    keeps = like_errors or not dry_run  # a cross-validation is kept, so that the run that follows need not repeat it
    with open_workspace(folder, write=keeps) as workspace:
        if dry_run:
            show_outcome(rehearse(workspace, order, say_outcome), tell_rehearsed, folder, as_json=as_json)
        else:
            show_outcome(run(workspace, order, say_outcome), tell_written, folder, as_json=as_json)


@click.command("offline-endpoint")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def offline_endpoint(host: str, port: int) -> None:
    """Serve the embedded endpoint (OpenAI's protocol, notes written offline by rule) until interrupted."""
    from generation.offline.server import serve_offline

    serve_offline(host, port, lambda url: say(f"offline endpoint (notes written by rule, not by an LLM): {url}"))


COMMANDS = (generate, offline_endpoint)
