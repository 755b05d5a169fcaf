"""Notes files into the store and out of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from corpus.errors import FormatError
from corpus.formats import FileNote, NotesFile, SetAside, read_notes_file, write_notes_file
from corpus.lineages import arriving_lineages
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity
from corpus.store import Arrival, Store


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought: notes new and known already, spans, and annotations set aside by reason."""

    new: int
    known: int
    spans: int
    set_aside: dict[str, int] = field(default_factory=dict)
    messages: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return {
            "new": self.new,
            "known": self.known,
            "spans": self.spans,
            "set_aside": self.set_aside,
            "messages": list(self.messages),
        }

    def __str__(self) -> str:
        aside = "".join(f"; {count} annotations set aside: {reason}" for reason, count in self.set_aside.items())
        return f"{self.new} new notes, {self.known} known already, {self.spans} spans{aside}"


def import_notes(
    store: Store, path: Path, role: Role, *, source: str, sensitivity: Sensitivity, strict: bool = False
) -> Imported:
    """Take the notes of a notes file in, all or (on an error) none. A pool note's empty list means "not annotated"."""
    file = read_notes_file(path, strict=strict)
    if not file.notes:
        raise FormatError(f"{path} holds no notes")
    author = Author(AuthorKind.IMPORT, source)
    notes = [
        Note(source=source, doc_id=item.doc_id, text=item.text, role=role, sensitivity=sensitivity)
        for item in file.notes
    ]
    arrivals = [
        Arrival(
            note,
            item.spans if item.spans or (item.annotated and role is not Role.POOL) else None,
            [_aside_to_json(aside) for aside in item.set_aside],
        )
        for note, item in zip(_with_lineages(store, notes), file.notes, strict=True)
    ]
    new = store.take_in(arrivals, author)
    return _imported(file, new)


def _with_lineages(store: Store, notes: Sequence[Note]) -> list[Note]:
    """The notes, each in the lineage of its near-duplicates among them and in the store."""
    stored = ((note.lineage or note.id, note.text) for note in store.notes.by_role())
    lineages = arriving_lineages([note.id for note in notes], [note.text for note in notes], stored)
    return [replace(note, lineage=lineage) for note, lineage in zip(notes, lineages, strict=True)]


def export_notes(store: Store, path: Path, role: Role) -> int:
    """How many notes of the role were written, each with its gold and what its file had set aside."""
    gold = store.spans.gold(role)
    notes = []
    for note in store.notes.by_role(role):
        spans = gold[note.id].spans if note.id in gold else None
        asides = tuple(SetAside(**aside) for aside in store.notes.set_aside(note.id))
        notes.append(FileNote(note.doc_id, note.text, spans or (), asides))
    write_notes_file(path, distinct(notes))
    return len(notes)


def distinct(notes: list[FileNote]) -> list[FileNote]:
    """The notes with doc_ids that differ: notes of two sources may share one, and a notes file may not."""
    seen: set[int | str] = set()
    result = []
    for note in notes:
        doc_id: int | str = note.doc_id
        copy = 2
        while doc_id in seen:
            doc_id = f"{note.doc_id}~{copy}"
            copy += 1
        seen.add(doc_id)
        result.append(note if doc_id == note.doc_id else FileNote(doc_id, note.text, note.spans, note.set_aside))
    return result


def _imported(file: NotesFile, new: int) -> Imported:
    return Imported(
        new=new,
        known=len(file.notes) - new,
        spans=sum(len(note.spans) for note in file.notes),
        set_aside=file.set_aside_by_reason,
        messages=tuple(file.messages),
    )


def _aside_to_json(aside: SetAside) -> dict[str, Any]:
    return {"annotation": aside.annotation, "reason": aside.reason, "position": aside.position}
