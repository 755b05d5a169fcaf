"""What a command hands to the console: the same figures as JSON and as text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """A command's outcome: `document` for programs, `text` for people."""

    document: Mapping[str, Any]
    text: str
