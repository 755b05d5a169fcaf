"""What is said of pages that were written."""

from collections.abc import Sequence
from pathlib import Path

from corpus.scoring.mistakes import Outcome
from ernotes.cli.told.scores import tell_comparison
from ernotes.pages.comparison import Change
from ernotes.pages.comparison_page import ComparedSides
from ernotes.pages.report import Reported


def tell_reported(reported: Reported, _folder: Path) -> str:
    """Where the page is."""
    scored = "" if reported.scored else " (no score of this model yet: run 'ernotes evaluate' first)"
    return f"report: {reported.report}{scored}"


def tell_compared(compared: ComparedSides, _folder: Path) -> str:
    """The verdict on each role's notes, what was put right and lost, and where the page is."""
    lines: list[str] = []
    for role, trial in compared.roles.items():
        lines += [
            f"on {trial.notes} {role} notes, {compared.b.version} is {tell_comparison(trial.comparison)}",
            f"  mentions put right: {_counted(trial.gained)}; lost: {_counted(trial.lost)}",
        ]
    return "\n".join([*lines, f"report: {compared.report}"])


def _counted(changes: Sequence[Change]) -> str:
    flips = sum(change.wrong.outcome is Outcome.POLARITY_FLIP for change in changes)
    return f"{len(changes)}, of which polarity flips: {flips}"
