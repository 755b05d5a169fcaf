"""Hugging Face `datasets`: a folder of `save_to_disk`, or a .parquet file, with a row for each note.

Columns: `doc_id` as a string, `doc_id_type` (`int` or `str`, since a column has one type), `text`, and `spans`, a list
of `start`, `end`, `label`, `confidence` and the codes, or null for a note that nobody has annotated. Offsets are code
points, end exclusive, the labels those of the tags. Nothing is downloaded, and nothing is copied into a cache.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import FormatError
from corpus.formats.dropped import Dropped
from corpus.formats.file_note import FileNote, NotesFile, gathered
from corpus.formats.items import CODE_KEYS, read_item
from corpus.formats.label_names import label_keys
from corpus.machine.files import replacing_file, replacing_folder
from corpus.note import Span

if TYPE_CHECKING:  # it takes seconds to load
    from datasets import Dataset, Features


def write_datasets(path: Path, notes: Iterable[FileNote], *, strict: bool = False) -> Dropped:
    """Writes the folder or .parquet file and tells what it could not hold: what was set aside, in no column's type.

    Raises FormatError for a folder that is there and not empty and, if `strict`, where something would be left out.
    """
    from datasets.utils.logging import disable_progress_bar

    disable_progress_bar()
    notes, dropped = list(notes), Dropped()
    for note in notes:
        dropped.count({"annotations set aside": len(note.set_aside)})
    dropped.refuse_if(strict, path)
    dataset = dataset_of(notes)
    if path.suffix.lower() == ".parquet":
        with replacing_file(path) as stream:
            dataset.to_parquet(stream)
    else:
        with replacing_folder(path) as folder:
            dataset.save_to_disk(folder)
    return dropped


def dataset_of(notes: Iterable[FileNote]) -> "Dataset":
    """The notes as a `datasets.Dataset` in memory, a row each; what was set aside has no column."""
    from datasets import Dataset

    rows = [_row(note) for note in notes]
    return Dataset.from_dict({name: [row[name] for row in rows] for name in _features()}, features=_features())


def read_datasets(path: Path, *, strict: bool = False) -> NotesFile:
    """The notes of a dataset's rows; raises FormatError for what is none, or has other columns."""
    return notes_of_rows(_rows(path), path, strict=strict)


def notes_of_rows(rows: Sequence[Mapping[str, Any]], name: object, *, strict: bool = False) -> NotesFile:
    """The notes of rows with these columns; `name` is what an error calls them. Raises FormatError, as above."""
    columns = set(rows[0]) if rows else set()
    if rows and not {"doc_id", "text", "spans"} <= columns:
        raise FormatError(f"{name} has no columns doc_id, text and spans")
    unknown = columns - {"doc_id", "doc_id_type", "text", "spans"}
    notes = []
    for index, row in enumerate(rows):
        where = f"{name}: row {index}"
        notes.append((where, read_item(_item(row, where), where)))
    return gathered(name, notes, strict=strict, unknown_keys=dict.fromkeys(unknown, len(rows)))


def _rows(path: Path) -> list[dict[str, Any]]:
    """The rows of the dataset, read into memory."""
    import pyarrow
    from datasets import Dataset, load_from_disk
    from pyarrow import parquet

    if not path.exists():
        raise FormatError(f"{path} does not exist")
    try:
        if not path.is_dir():
            rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
            return rows
        dataset = load_from_disk(path, keep_in_memory=True)
    except (OSError, ValueError, KeyError, TypeError, pyarrow.ArrowException) as error:
        raise FormatError(f"{path} is no saved dataset and no parquet file ({type(error).__name__})") from None
    if not isinstance(dataset, Dataset):
        raise FormatError(f"{path} holds several splits, {', '.join(dataset)}; name the folder of one")
    return list(dataset)


def _features() -> "Features":
    from datasets import Features, List, Value

    span = {"start": Value("int64"), "end": Value("int64"), "label": Value("string"), "confidence": Value("float64")}
    codes = {key: Value("string") for key in CODE_KEYS}
    text = Value("string")
    return Features({"doc_id": text, "doc_id_type": text, "text": text, "spans": List(span | codes)})


def _row(note: FileNote) -> dict[str, Any]:
    spans = [_span(span) for span in note.spans] if note.annotated else None
    return {
        "doc_id": str(note.doc_id),
        "doc_id_type": type(note.doc_id).__name__,
        "text": note.text,
        "spans": spans,
    }


def _span(span: Span) -> dict[str, Any]:
    place = {"start": span.start, "end": span.end, "label": str(span.label), "confidence": span.confidence}
    return place | {key: span.codes.get(key) for key in CODE_KEYS}


def _item(row: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A row in the words of a notes file."""
    doc_id = row["doc_id"]
    if row.get("doc_id_type") == "int":
        try:
            doc_id = int(doc_id)
        except (TypeError, ValueError):
            raise FormatError(f"{where}: doc_id is no integer, as its doc_id_type says") from None
    item = {"doc_id": doc_id, "text": row["text"]}
    if row["spans"] is None:
        return item
    if not isinstance(row["spans"], list):
        raise FormatError(f"{where}: spans is no list")
    return item | {"annotations": [_annotation(span) for span in row["spans"]]}


def _annotation(span: Any) -> Any:
    if not isinstance(span, dict):
        return span
    begin, label = span.get("start"), span.get("label")
    others = {key: value for key, value in span.items() if key not in ("start", "label")}
    return {"begin": begin, **others, **(label_keys(label) if isinstance(label, str) else {"label": label})}
