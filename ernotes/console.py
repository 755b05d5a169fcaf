"""What a command says on its way: progress on standard error, and what its words share."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def say(message: str) -> None:
    """Print one line of progress on standard error, clear of any bar that is being drawn."""
    from tqdm import tqdm  # which --help does without

    tqdm.write(message, file=sys.stderr)


def program(folder: Path) -> str:
    """How this program was called for a workspace: what a command to run next begins with."""
    called = Path(sys.argv[0])
    name = f"{sys.executable} -m {called.parent.name}" if called.name == "__main__.py" else sys.argv[0]
    return f"{name} -w {folder}"


def lasting(seconds: float) -> str:
    """A time in words, to the minute: "25 min", "2 h 05 min"."""
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


@contextmanager
def bar(total: int, what: str) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error; yields what moves it on by so many."""
    from tqdm import tqdm

    with tqdm(total=total, desc=what, file=sys.stderr, dynamic_ncols=True, mininterval=0.5) as drawn:

        def advance(count: int = 1) -> None:
            drawn.update(count)

        yield advance
