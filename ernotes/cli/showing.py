"""How a command shows its outcome: as one JSON document, or in words for a person."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Outcome = TypeVar("Outcome")


def show_outcome(outcome: Outcome, tell: Callable[[Outcome, Path], str], folder: Path, *, as_json: bool) -> None:
    """Print the outcome on standard output; `tell` puts it into words, `folder` is the workspace that it is of."""
    from corpus.documents import to_json  # pydantic takes long to import, also for --help

    print(json.dumps(to_json(outcome), ensure_ascii=False, indent=2) if as_json else tell(outcome, folder))
