"""What commands that speak with Label Studio share: workspace and server are opened, and the outcome is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ernotes.cli.opening import open_workspace
from ernotes.cli.showing import show_outcome

if TYPE_CHECKING:
    from annotation.label_studio.client import Client  # its SDK takes long to import, also for --help
    from corpus.workspace import Workspace

Outcome = TypeVar("Outcome")


def run_at_desk(
    folder: Path,
    work: Callable[[Workspace, Client], Outcome],
    tell: Callable[[Outcome, Path], str],
    *,
    as_json: bool,
) -> None:
    """Do the work with the workspace open for writing and the configured server at hand, and show its outcome."""
    from ernotes.desk.round_trip import open_desk

    with open_workspace(folder, write=True) as workspace, open_desk(workspace) as client:
        outcome = work(workspace, client)
    show_outcome(outcome, tell, folder, as_json=as_json)
