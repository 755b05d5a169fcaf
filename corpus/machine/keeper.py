"""A process that keeps another one only as long as its own standard input stays open.

Run as `python -I keeper.py LOCK COMMAND…`, so that no path of ours leads the command's own Python astray. Whoever
started it holds the other end of that pipe, so that the command ends with its starter, however the starter ends
(SIGKILL included), on Linux and macOS alike. The lock is held throughout: two servers never work on one data folder.
Exit status: the command's, or 75 where the lock is taken.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

LOCK_TAKEN = 75
"""EX_TEMPFAIL: another server still works on the data folder."""
LOCK_TIMEOUT_SECONDS = 20.0
STOP_TIMEOUT_SECONDS = 10.0


def keep(lock: Path, command: Sequence[str]) -> int:
    """The command's exit status; it is ended when standard input reaches its end or on SIGTERM."""
    try:
        with FileLock(lock, timeout=LOCK_TIMEOUT_SECONDS):
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
            signal.signal(signal.SIGTERM, lambda *_: child.terminate())
            threading.Thread(target=_end_with_input, args=(child,), daemon=True).start()
            return child.wait()
    except Timeout:
        return LOCK_TAKEN


def _end_with_input(child: subprocess.Popen[bytes]) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(STOP_TIMEOUT_SECONDS)
        return
    child.kill()


if __name__ == "__main__":
    # Ctrl-C reaches every process of the terminal; ending is the starter's business.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(keep(Path(sys.argv[1]), sys.argv[2:]))
