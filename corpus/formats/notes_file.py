"""The notes file ("er-ner JSON"): a list of notes with their annotations, read and written to the letter.

    [{"doc_id": 7, "text": "…", "annotations": [{"begin": 0, "end": 4, "label": "Diagnóstico"}]}]

`begin` and `end` count characters (code points) of `text` as it stands, CRLF included, end exclusive. Allergies carry
`Polaridade`; `confidence` and the codes `ICD10`, `ATC` and `SNOMEDCT` are optional, and null means absent.

An annotation that cannot be used is set aside with its reason, and written again as it came. Annotations that overlap,
or that say the same twice, are kept: a notes file may hold them, and what to make of them is for its reader.
"""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from corpus.errors import FormatError
from corpus.formats.file_note import FileNote, NotesFile, gathered
from corpus.formats.items import item_document, read_item
from corpus.formats.reading import parse_json, read_text
from corpus.machine.files import replacing_file

# A lone surrogate, which only an annotation set aside may hold, goes out as the JSON escape that it came in as.
ENCODING = ("utf-8", "backslashreplace")


def read_notes_file(path: Path, *, strict: bool = False) -> NotesFile:
    """The notes of a notes file, with what could not be used set aside; `strict` refuses such a file instead.

    Raises FormatError with one line that says where and why, if the file is no notes file at all.
    """
    items = parse_json(read_text(path), str(path))
    if not isinstance(items, list):
        raise FormatError(f"{path} is no notes file: it should hold a list of notes")
    unknown_keys: Counter[str] = Counter()
    places = [f"{path}: item {index}" for index in range(len(items))]
    notes = [(where, read_item(raw, where, unknown_keys)) for where, raw in zip(places, items, strict=True)]
    return gathered(path, notes, strict=strict, unknown_keys=unknown_keys)


def write_notes_file(path: Path, notes: Iterable[FileNote]) -> None:
    """Writes the notes, one a line, in the order given: the whole file or, if anything fails, nothing."""
    with replacing_file(path) as stream:
        separator = "[\n"
        for note in notes:
            stream.write((separator + json.dumps(item_document(note), ensure_ascii=False)).encode(*ENCODING))
            separator = ",\n"
        stream.write(b"[]\n" if separator == "[\n" else b"\n]\n")
