"""What a format could not hold of the notes that were written in it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from corpus.errors import FormatError
from corpus.formats.file_note import FileNote
from corpus.note import Span


@dataclass(slots=True)
class Dropped:
    """What was left out, counted by what it is; spans are named one by one, by note and place, without their words."""

    counts: Counter[str] = field(default_factory=Counter)
    messages: list[str] = field(default_factory=list)

    def span(self, note: FileNote, span: Span, what: str) -> None:
        """Note down a span that was left out or cut."""
        self.counts[what] += 1
        self.messages.append(f"note {note.doc_id!r}: span [{span.start}, {span.end}): {what}")

    def count(self, numbers: Mapping[str, int]) -> None:
        """Note down what has no place of its own, by how many there were."""
        self.counts.update({what: number for what, number in numbers.items() if number})

    def refuse_if(self, strict: bool, path: Path) -> None:
        """Raises FormatError if anything was left out, where `strict` forbids it."""
        if strict and self.counts:
            raise FormatError(f"{path} was not written: its format cannot hold {self}")

    def __str__(self) -> str:
        return ", ".join(f"{what} ({number})" for what, number in self.counts.items())


def beside_places(note: FileNote) -> dict[str, int]:
    """How much a note holds beside the places of its spans: what several formats have no room for."""
    return {
        "confidences": sum(span.confidence is not None for span in note.spans),
        "codes": sum(len(span.codes) for span in note.spans),
        "annotations set aside": len(note.set_aside),
    }
