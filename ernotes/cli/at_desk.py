"""What commands that speak with Label Studio share: workspace and server are opened, and the result is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.workspace import Workspace, open_workspace
from ernotes.console import show
from ernotes.result import Result

if TYPE_CHECKING:
    from annotation.label_studio.client import Client  # its SDK takes long to import, also for --help


def run_at_desk(folder: Path, work: Callable[[Workspace, Client], Result], *, as_json: bool) -> None:
    """Do the work with the workspace open for writing and the configured server at hand, and show its result."""
    from ernotes.desk.round_trip import open_desk

    with open_workspace(folder, write=True) as workspace, open_desk(workspace) as client:
        result = work(workspace, client)
    show(result.document, result.text, as_json=as_json)
