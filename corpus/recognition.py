"""What a recogniser gives and a trainer makes: the protocols that the floors above share."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from corpus.note import Span


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """How unsure a recogniser was of one note; entropies in nats, over the tags of each token.

    `sequence_log_probability` is that of the decoded tags (the sum over tokens, at most 0).
    """

    tokens: int
    sum_entropy: float
    max_entropy: float
    sequence_log_probability: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a recogniser says of one note: spans in text order, each with a confidence in [0, 1]."""

    spans: tuple[Span, ...]
    uncertainty: Uncertainty


class Recogniser(Protocol):
    """Turns note texts into spans with confidences."""

    @property
    def version(self) -> str:
        """The model's name: what pre-annotations carry as their author."""
        ...

    def recognise(self, texts: Iterable[str]) -> Iterator[Recognition]:
        """One Recognition a text, in the order given; reads the texts lazily."""
        ...


@dataclass(frozen=True, slots=True)
class Annotated:
    """A text with the spans that count in it: what training and scoring see of a note."""

    id: str
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that training has written: its folder, and figures of the run (JSON)."""

    folder: Path
    figures: dict[str, Any]
