"""JSON Lines: one note of a notes file a line."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from corpus.formats.file_note import FileNote, NotesFile, gathered
from corpus.formats.items import item_document, json_line, read_item
from corpus.formats.notes_file import ENCODING
from corpus.formats.reading import parse_json, read_text
from corpus.machine.files import replacing_file


def read_jsonl(path: Path, *, strict: bool = False) -> NotesFile:
    """The notes of a file with one JSON object a line, judged as those of a notes file are; blank lines are skipped."""
    unknown_keys: Counter[str] = Counter()
    notes = []
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            where = f"{path}: line {number}"
            notes.append((where, read_item(parse_json(line, where), where, unknown_keys)))
    return gathered(path, notes, strict=strict, unknown_keys=unknown_keys)


def write_jsonl(path: Path, notes: Iterable[FileNote]) -> None:
    """Writes the notes, one a line, in the order given: the whole file or, if anything fails, nothing."""
    with replacing_file(path) as stream:
        for note in notes:
            stream.write(f"{json_line(item_document(note))}\n".encode(*ENCODING))
