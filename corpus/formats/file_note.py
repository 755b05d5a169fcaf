"""The notes of a file as Python values, whatever the file's format."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from corpus.errors import FormatError, SpanError
from corpus.note import Span


@dataclass(frozen=True, slots=True)
class SetAside:
    """An annotation that cannot be used: the JSON value as it came, and the reason.

    `position` is its index among the note's annotations; where it is None, it is written after the spans.
    """

    annotation: Any
    reason: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class FileNote:
    """One note of a file, its spans in the file's order.

    `annotated` is False where the file says nothing of a note's annotations: nobody has looked at it, which is not the
    same as none. Raises SpanError for a span that ends after the text.

        >>> from ernotes import FileNote, Label, Span
        >>> note = FileNote("n1", "- Ramipril 5 mg", (Span(2, 15, Label.MEDICATION),))
        >>> note.annotated, note.text[note.spans[0].start :]
        (True, 'Ramipril 5 mg')
    """

    doc_id: int | str
    text: str
    spans: tuple[Span, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    annotated: bool = True

    def __post_init__(self) -> None:
        for span in self.spans:
            if span.end > len(self.text):
                raise SpanError(f"note {self.doc_id!r}: span [{span.start}, {span.end}) ends after the note")


@dataclass(frozen=True, slots=True)
class NotesFile:
    """What a file held; as an iterable it is its notes.

    `unknown_keys` counts the keys that the format does not know and that were not read; `remarks` counts what else was
    not taken as it stood.

        >>> import ernotes
        >>> file = ernotes.read_notes("gold.json")
        >>> len(file), file.messages, next(iter(file)).doc_id
        (8, [], 'fict-medicina-interna-teste')
    """

    notes: tuple[FileNote, ...]
    unknown_keys: Mapping[str, int] = field(default_factory=dict)
    remarks: Mapping[str, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[FileNote]:
        return iter(self.notes)

    def __len__(self) -> int:
        return len(self.notes)

    @property
    def set_aside_by_reason(self) -> dict[str, int]:
        """How many annotations were set aside, by reason."""
        return dict(Counter(aside.reason for note in self.notes for aside in note.set_aside))

    @property
    def messages(self) -> list[str]:
        """One line for each annotation set aside, each unknown key and each remark, without any of the notes' text."""
        asides = [
            f"note {note.doc_id!r}: {_named(aside)} set aside: {aside.reason}"
            for note in self.notes
            for aside in note.set_aside
        ]
        unknown = [f"key {key!r} is not known and was not read ({n} times)" for key, n in self.unknown_keys.items()]
        return asides + unknown + [f"{remark}: {n}" for remark, n in self.remarks.items()]


def _named(aside: SetAside) -> str:
    return "an annotation" if aside.position is None else f"annotation {aside.position}"


def gathered(
    path: object,
    notes: Iterable[tuple[str, FileNote]],
    *,
    strict: bool,
    unknown_keys: Mapping[str, int] | None = None,
    remarks: Mapping[str, int] | None = None,
) -> NotesFile:
    """The notes, each with the words that say where in the file it stands, as one file.

    Raises FormatError where a doc_id is there twice or, if `strict`, where an annotation was set aside.
    """
    by_id: dict[int | str, FileNote] = {}
    for where, note in notes:
        if note.doc_id in by_id:
            raise FormatError(f"{where}: doc_id {note.doc_id!r} is there twice")
        by_id[note.doc_id] = note
    file = NotesFile(tuple(by_id.values()), dict(sorted((unknown_keys or {}).items())), dict(remarks or {}))
    asides = sum(file.set_aside_by_reason.values())
    if strict and asides:
        raise FormatError(f"{path}: {asides} annotations cannot be used; the first: {file.messages[0]}")
    return file
