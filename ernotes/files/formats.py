"""The formats in which notes come and go, by name: which one a path means, and who reads and writes it."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from annotation.label_studio.exported import read_label_studio, write_label_studio
from corpus.errors import FormatError
from corpus.formats import (
    Dropped,
    FileNote,
    NotesFile,
    read_brat,
    read_conll,
    read_datasets,
    read_jsonl,
    read_notes_file,
    write_brat,
    write_conll,
    write_datasets,
    write_jsonl,
    write_notes_file,
)


class Format(StrEnum):
    """A format of annotated notes.

    >>> from ernotes import Format
    >>> [str(one) for one in Format]
    ['notes', 'jsonl', 'conll', 'brat', 'label-studio', 'datasets']
    """

    NOTES = "notes"
    JSONL = "jsonl"
    CONLL = "conll"
    BRAT = "brat"
    LABEL_STUDIO = "label-studio"
    DATASETS = "datasets"


_READERS = {
    Format.NOTES: read_notes_file,
    Format.JSONL: read_jsonl,
    Format.CONLL: read_conll,
    Format.BRAT: read_brat,
    Format.LABEL_STUDIO: read_label_studio,
    Format.DATASETS: read_datasets,
}
_BY_SUFFIX = {
    ".jsonl": Format.JSONL,
    ".conll": Format.CONLL,
    ".zip": Format.BRAT,
    ".parquet": Format.DATASETS,
}


def guess_format(path: Path) -> Format:
    """The format that a path means: a notes file, unless its name or what lies in its folder says otherwise.

    Raises FormatError for a folder that may be several things.
    """
    if path.is_dir():
        if (path / "dataset_info.json").is_file():
            return Format.DATASETS
        if next(path.rglob("*.txt"), None):
            return Format.BRAT
        raise FormatError(f"{path} is a folder; say which kind with --format {Format.BRAT} or {Format.DATASETS}")
    return _BY_SUFFIX.get(path.suffix.lower(), Format.NOTES)


def read_file(path: Path, file_format: Format, *, strict: bool = False) -> NotesFile:
    """The notes of a file; raises FormatError for a file of another format and, if `strict`, for an odd annotation."""
    return _READERS[file_format](path, strict=strict)


def write_file(path: Path, file_format: Format, notes: Sequence[FileNote], *, strict: bool = False) -> Dropped:
    """Writes the notes and tells what the format could not hold; `strict` refuses to leave that out (FormatError)."""
    match file_format:
        case Format.NOTES:
            write_notes_file(path, notes)
        case Format.JSONL:
            write_jsonl(path, notes)
        case Format.CONLL:
            return write_conll(path, notes, strict=strict)
        case Format.BRAT:
            return write_brat(path, notes, strict=strict)
        case Format.LABEL_STUDIO:
            return write_label_studio(path, notes, strict=strict)
        case Format.DATASETS:
            return write_datasets(path, notes, strict=strict)
    return Dropped()
