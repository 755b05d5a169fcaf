"""Files of notes into the store and out of it, in any of the formats."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from corpus.documents import from_json
from corpus.errors import FormatError
from corpus.formats import FileNote, NotesFile, SetAside
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity
from corpus.store import Arrival, Store
from corpus.text.lineages import arriving_lineages
from ernotes.files.formats import Format, guess_format, read_file, write_file


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought: notes new and known already, spans, and annotations set aside by reason."""

    new: int
    known: int
    spans: int
    set_aside: Mapping[str, int]
    messages: Sequence[str]


def import_notes(
    store: Store,
    path: Path,
    role: Role,
    *,
    source: str,
    sensitivity: Sensitivity,
    file_format: Format | None = None,
    strict: bool = False,
) -> Imported:
    """Take the notes of a file in, all or (on an error) none. A pool note's empty list means "not annotated"."""
    file = read_file(path, file_format or guess_format(path), strict=strict)
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
            [asdict(aside) for aside in item.set_aside],
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


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote, and what its format could not hold, by what it is."""

    notes: int
    file: Path
    format: Format
    dropped: Mapping[str, int]
    messages: Sequence[str]


def export_notes(
    store: Store, path: Path, role: Role, *, file_format: Format | None = None, strict: bool = False
) -> Exported:
    """Write the notes of the role, each with its gold and what its file had set aside, if the format can hold that."""
    gold, set_asides = store.spans.gold(role), store.notes.set_asides(role)
    notes = []
    for note in store.notes.by_role(role):
        spans = gold[note.id].spans if note.id in gold else None
        asides = tuple(from_json(SetAside, aside) for aside in set_asides[note.id])
        notes.append(FileNote(note.doc_id, note.text, spans or (), asides, annotated=spans is not None))
    file_format = file_format or guess_format(path)
    dropped = write_file(path, file_format, distinct(notes), strict=strict)
    return Exported(len(notes), path, file_format, dropped.counts, dropped.messages)


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
        result.append(note if doc_id == note.doc_id else replace(note, doc_id=doc_id))
    return result


def _imported(file: NotesFile, new: int) -> Imported:
    return Imported(
        new=new,
        known=len(file.notes) - new,
        spans=sum(len(note.spans) for note in file.notes),
        set_aside=file.set_aside_by_reason,
        messages=file.messages,
    )
