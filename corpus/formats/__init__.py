"""Files of annotated notes, each format read and written by a module of its own.

    notes file   the project's own JSON                holds everything
    JSONL        one note of a notes file a line       holds everything
    CoNLL        a token and its BIO tag a line        no codes, confidences, overlaps, ends inside a token
    brat         standoff: a .txt and a .ann a note    no confidences, no line break at the end of a span
    datasets     Hugging Face: a saved folder, parquet no annotations set aside

Whatever is read is a NotesFile: spans proved against the text, the rest set aside with its reason. Whatever a format
cannot hold is counted as it is written, and named. Every file is written whole or not at all.
"""

from corpus.formats.brat import read_brat, write_brat
from corpus.formats.conll import read_conll, write_conll
from corpus.formats.dropped import Dropped
from corpus.formats.file_note import FileNote, NotesFile, SetAside
from corpus.formats.jsonl import read_jsonl, write_jsonl
from corpus.formats.notes_file import read_notes_file, write_notes_file
from corpus.formats.tables import read_datasets, write_datasets

__all__ = [
    "Dropped",
    "FileNote",
    "NotesFile",
    "SetAside",
    "read_brat",
    "read_conll",
    "read_datasets",
    "read_jsonl",
    "read_notes_file",
    "write_brat",
    "write_conll",
    "write_datasets",
    "write_jsonl",
    "write_notes_file",
]
