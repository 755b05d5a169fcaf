"""What a recogniser gives and a trainer makes: the protocols that the floors above share."""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from pathlib import Path
from typing import Any, Protocol, Self

from corpus.note import Span

TOP_ENTROPIES = 10
"""How many of a note's token entropies are kept."""


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """How unsure a recogniser was of one note; entropies in nats, over the tags of each token.

    `sequence_log_probability` is that of the decoded tags (the sum over tokens, at most 0). `top_entropies` are the
    highest ones, at most TOP_ENTROPIES, in descending order. `expected_missed` is the number of mentions that are
    expected to begin at tokens taken for outside: the sum of the probabilities of their `B-` tags.
    """

    tokens: int
    sum_entropy: float
    max_entropy: float
    sequence_log_probability: float
    top_entropies: tuple[float, ...] = ()
    expected_missed: float = 0.0

    @classmethod
    def of(cls, entropies: Sequence[float], sequence_log_probability: float, expected_missed: float) -> Self:
        """The figures of a note whose tokens have these entropies."""
        top = tuple(heapq.nlargest(TOP_ENTROPIES, entropies))
        return cls(
            tokens=len(entropies),
            sum_entropy=fsum(entropies),
            max_entropy=top[0] if top else 0.0,
            sequence_log_probability=sequence_log_probability,
            top_entropies=top,
            expected_missed=expected_missed,
        )

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The figures as `dataclasses.asdict` gave them and the store kept them; older ones lack the last two."""
        return cls(**{**stored, "top_entropies": tuple(stored.get("top_entropies", ()))})


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
