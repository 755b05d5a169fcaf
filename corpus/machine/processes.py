"""Processes: which of those that `accelerate launch` started this one is, and how one ends with its parent."""

import os
import signal
from multiprocessing import parent_process
from threading import Thread


def is_main_process() -> bool:
    """Whether this process writes what all of them train; true where there is only one."""
    return os.environ.get("RANK", "0") == "0"


def begin_child() -> None:
    """Begin a process of ours: Ctrl-C is its parent's to handle, and it ends with its parent, be that by SIGKILL."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it reaches every process of the terminal
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
