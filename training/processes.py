"""Which of the processes that `accelerate launch` started this one is; no torch is needed to know."""

import os


def is_main_process() -> bool:
    """Whether this process writes what all of them train; true where there is only one."""
    return os.environ.get("RANK", "0") == "0"
