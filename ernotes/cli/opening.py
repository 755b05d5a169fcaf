"""How commands open a workspace: the store and its libraries are loaded by the command that runs, not for --help."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.workspace import Workspace


def open_workspace(folder: Path, *, write: bool) -> AbstractContextManager[Workspace]:
    """`corpus.workspace.open_workspace`."""
    from corpus.workspace import open_workspace as opened

    return opened(folder, write=write)


def only_loop(folder: Path) -> AbstractContextManager[None]:
    """`corpus.workspace.only_loop`."""
    from corpus.workspace import only_loop as alone

    return alone(folder)
