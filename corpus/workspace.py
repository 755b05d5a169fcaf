"""A workspace: one folder with its configuration, its store, its models and its reports, and a lock for who writes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from corpus.config.file import CONFIG_NAME, read_config
from corpus.config.settings import Config
from corpus.errors import WorkspaceError
from corpus.machine.files import write_whole
from corpus.note import Note, Role
from corpus.recognition import Annotated
from corpus.store import Store

DATABASE_NAME = "ernotes.db"
LOCK_NAME = "ernotes.lock"
LOOP_LOCK_NAME = "loop.lock"


@dataclass(frozen=True, slots=True)
class Workspace:
    """An open workspace: its folder, configuration, store and lock.

    >>> import ernotes
    >>> with ernotes.open_workspace("round") as workspace:
    ...     len(list(workspace.notes("test"))), len(workspace.gold("test")), workspace.config.training.base
    (8, 8, 'crf')
    """

    folder: Path
    config: Config
    store: Store
    lock: FileLock

    @contextmanager
    def let_others_write(self) -> Iterator[None]:
        """Give the lock away for the block and wait for it afterwards: for a command that waits for people."""
        self.lock.release()
        try:
            yield
        finally:
            self.lock.acquire(timeout=-1)

    def own(self, name: str) -> Path | None:
        """The workspace's own file or folder of that name, in place of ours or beside it; None where it has none."""
        path = self.folder / name
        return path if path.exists() else None

    def notes(self, *roles: Role | str) -> Iterator[Note]:
        """The notes of these roles (of all, if none is given) in order of arrival, read lazily.

        Raises WorkspaceError for a role that there is not.
        """
        return self.store.notes.by_role(*map(_role, roles))

    def gold(self, *roles: Role | str) -> list[Annotated]:
        """The notes of these roles that somebody annotated, each with the spans that count, in order of arrival.

        Adjudicated spans count before human before imported ones. Raises WorkspaceError for a role that there is not.
        """
        return self.store.spans.annotated(*(map(_role, roles) if roles else Role))

    @property
    def models(self) -> Path:
        """The folder of trained models, one folder each, named by version."""
        return self.folder / "models"

    @property
    def reports(self) -> Path:
        """The folder of HTML reports."""
        return self.folder / "reports"


def make_workspace(folder: Path, config_text: str) -> None:
    """Make the folder, readable by its owner alone, with this configuration; one that is there stays as it is."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        for name in ("models", "reports"):
            (folder / name).mkdir(exist_ok=True)
        config = folder / CONFIG_NAME
        if not config.exists():
            write_whole(config, config_text)
    except OSError as error:
        raise WorkspaceError(f"{folder} cannot be made a workspace: {error.strerror}") from None


@contextmanager
def open_workspace(folder: str | Path, *, write: bool = False) -> Iterator[Workspace]:
    """The workspace in a folder; with `write`, one command at a time, and a second is refused with a clear line.

    Raises WorkspaceError where there is none, or where another command writes in it.

        >>> import ernotes
        >>> with ernotes.open_workspace("round") as workspace:
        ...     workspace.store.notes.count_by_role()["exemplar"]
        8
    """
    folder = Path(folder)
    _check_is_workspace(folder)
    config = read_config(folder / CONFIG_NAME)
    lock = FileLock(folder / LOCK_NAME, timeout=0)
    if write:
        try:
            lock.acquire()
        except Timeout:
            raise WorkspaceError(f"another command is writing in {folder}; wait for it to end") from None
    try:
        os.umask(0o077)
        store = Store.open(config.store.url or f"sqlite:///{(folder / DATABASE_NAME).resolve()}")
        try:
            yield Workspace(folder, config, store, lock)
        finally:
            store.close()
    finally:
        lock.release()


@contextmanager
def only_loop(folder: Path) -> Iterator[None]:
    """Refuse a second loop, which the first would let in while it waits for corrections."""
    _check_is_workspace(folder)
    lock = FileLock(folder / LOOP_LOCK_NAME, timeout=1)  # `loop_runs` holds it for a moment
    try:
        lock.acquire()
    except Timeout:
        raise WorkspaceError(f"a loop runs in {folder} already; let it go on, or end it first") from None
    try:
        yield
    finally:
        lock.release()


def loop_runs(folder: Path) -> bool:
    """Whether a loop holds the workspace now."""
    try:
        with FileLock(folder / LOOP_LOCK_NAME, timeout=0):
            return False
    except Timeout:
        return True


def _role(name: Role | str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise WorkspaceError(f"there is no role {name!r}; the roles are {', '.join(Role)}") from None


def _check_is_workspace(folder: Path) -> None:
    if not (folder / CONFIG_NAME).exists():
        raise WorkspaceError(f"{folder} is no workspace (it has no {CONFIG_NAME}); make one with 'ernotes -w DIR init'")
