"""Training on request of the live backend: one run at a time, in a process of its own."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock, Thread

from filelock import FileLock

from corpus.machine import keeper
from corpus.workspace import LOCK_NAME

TRAINING_LOCK_NAME = "live-training.lock"
_POLL_SECONDS = 0.5


class TrainingQueue:
    """A place for one run of `command`, which is to write to the workspace in `folder`.

    A run begins when no other command writes there. Its process ends with this one, however this one ends (SIGKILL
    included), since a keeper holds it on a pipe; `ernotes train`, run again, goes on where it was. `report` gets a line
    when a run ends.
    """

    def __init__(self, folder: Path, command: Sequence[str], report: Callable[[str], None]) -> None:
        self._folder, self._command, self._report = folder, command, report
        self._thread: Thread | None = None
        self._starting = Lock()

    def start(self) -> bool:
        """Whether a run was queued; False while one waits or runs already."""
        with self._starting:
            if self._thread is not None and self._thread.is_alive():
                return False
            self._thread = Thread(target=self._run, name="training", daemon=True)
            self._thread.start()
            return True

    def _run(self) -> None:
        with FileLock(self._folder / LOCK_NAME).acquire(poll_interval=_POLL_SECONDS):
            pass  # until now another command may have been writing
        lock = self._folder / TRAINING_LOCK_NAME
        last = ""
        with subprocess.Popen(
            [sys.executable, "-I", keeper.__file__, str(lock), *self._command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            for line in process.stdout or ():
                last = line.strip() or last
            status = process.wait()
        if status == keeper.LOCK_TAKEN:
            last = f"another backend trains in {self._folder} already"
        self._report(last if status == 0 else f"training failed (status {status}): {last}")


def training_command(folder: Path) -> list[str]:
    """`ernotes train` for a workspace, by this environment's Python."""
    return [sys.executable, "-P", "-m", "ernotes", "-w", str(folder), "train"]
