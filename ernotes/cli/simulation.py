"""The command that replays the loop on annotated notes: simulate."""

from pathlib import Path

import click

from corpus.config.strategy import Strategy
from ernotes.cli import options
from ernotes.cli.showing import show_outcome

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("file", required=False, type=_PATH)
@click.option(
    "--strategy",
    "strategies",
    multiple=True,
    type=click.Choice([str(strategy) for strategy in Strategy]),
    help="How the next notes are chosen; can be given several times.  [default: random, and selection.strategy]",
)
@click.option("--seeds", type=click.IntRange(min=1), default=5, show_default=True)
@click.option(
    "--folds", type=click.IntRange(min=2), default=5, show_default=True, help="Folds of the cross-validation."
)
@click.option(
    "--start",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Notes corrected first, drawn by the seed.",
)
@click.option("--batch", type=click.IntRange(min=1), default=20, show_default=True, help="Notes a round.")
@click.option("--max-notes", type=click.IntRange(min=1), help="Learn from no more notes than this.  [default: all]")
@click.option("--until-reached", is_flag=True, help="End a replay once it is as good as a model of the whole pool.")
@click.option(
    "--learner",
    type=click.Choice(["crf", "crf-light"]),  # LEARNERS of ernotes.simulation.simulate, which loads numpy
    default="crf",
    show_default=True,
    help="The embedded recogniser, or a version of it that sees less and learns in half the time.",
)
@click.option(
    "--steps", type=click.IntRange(min=1), default=25, show_default=True, help="Steps that it is trained for."
)
@click.option("--score-on", type=_PATH, help="Score on the notes of this file, instead of by cross-validation.")
@click.option("--processes", type=click.IntRange(min=1), default=2, show_default=True)
@click.option(
    "-o", "--output", type=_PATH, help="The folder to write.  [default: a new one in the workspace's reports]"
)
@options.as_json
@click.pass_obj
def simulate(
    folder: Path,
    file: Path | None,
    strategies: tuple[str, ...],
    seeds: int,
    folds: int,
    start: int,
    batch: int,
    max_notes: int | None,
    until_reached: bool,
    learner: str,
    steps: int,
    score_on: Path | None,
    processes: int,
    output: Path | None,
    as_json: bool,
) -> None:
    """Replay the loop on annotated notes with an oracle for the annotator: what each strategy's learning costs.

    FILE holds annotated notes; without it, the gold of the workspace's training notes is replayed. For each seed the
    notes are split into folds over lineages; start notes are drawn from the other folds, a model is trained and scored
    on the fold, the next notes are chosen and corrected, and so on. A killed simulation goes on when it is run again.
    """
    from ernotes.cli.told.simulation import tell_simulated
    from ernotes.simulation.plan import Plan
    from ernotes.simulation.simulate import simulate as run

    plan = Plan(tuple(dict.fromkeys(strategies)), seeds, folds, start, batch, max_notes, until_reached)
    result = run(
        folder,
        file,
        plan,
        learner=learner,
        steps=steps,
        score_on=score_on,
        output=output,
        processes=processes,
    )
    show_outcome(result, tell_simulated, folder, as_json=as_json)


COMMANDS = (simulate,)
