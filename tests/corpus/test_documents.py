"""Documents are written as JSON to the letter, and read back."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest

from corpus.documents import aside, from_json, optional, to_json
from corpus.errors import FormatError


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Part:
    f1: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Whole:
    name: Colour
    parts: Mapping[Colour, Part]
    file: Path | None = None
    beside: Part | None = optional()
    was_known: bool = aside(False)


@dataclass(frozen=True, slots=True)
class Worded:
    half: float

    def to_json(self) -> dict[str, float]:
        return {"whole": 2 * self.half}


WHOLE = Whole(Colour.RED, {Colour.RED: Part(0.5, (0.25, 0.75))}, was_known=True)
WRITTEN = {"name": "red", "parts": {"red": {"f1": 0.5, "interval": [0.25, 0.75]}}, "file": None}


def test_the_keys_are_the_fields_in_their_order_without_what_is_optional_or_aside() -> None:
    written = to_json(WHOLE)
    assert written == WRITTEN
    assert list(written) == ["name", "parts", "file"]
    assert type(written["name"]) is str


def test_an_optional_field_that_is_there_is_written() -> None:
    whole = Whole(Colour.RED, {}, Path("a b"), Part(None, None))
    assert to_json(whole) == {"name": "red", "parts": {}, "file": "a b", "beside": {"f1": None, "interval": None}}


def test_a_document_that_says_itself_how_it_is_written_is_asked() -> None:
    assert to_json(Worded(0.5)) == {"whole": 1.0}


def test_what_was_written_is_read_back_and_keys_of_another_time_are_passed_over() -> None:
    assert from_json(Whole, WRITTEN | {"of another time": 1}) == Whole(Colour.RED, WHOLE.parts)


def test_a_document_that_lacks_a_key_is_named_without_what_it_holds() -> None:
    with pytest.raises(FormatError, match=r"^a stored Whole cannot be read: parts\.red\.f1: Field required$"):
        from_json(Whole, {"name": "red", "parts": {"red": {"interval": None}}, "file": "a patient's words"})


def test_what_is_no_document_is_refused() -> None:
    with pytest.raises(TypeError, match="a list is no document"):
        to_json([1])
