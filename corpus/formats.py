"""The notes file ("er-ner JSON"): a list of notes with their annotations, read and written to the letter.

    [{"doc_id": 7, "text": "…", "annotations": [{"begin": 0, "end": 4, "label": "Diagnóstico"}]}]

`begin` and `end` count characters (code points) of `text` as it stands, CRLF included, end exclusive. Allergies carry
`Polaridade`; `confidence` and the codes `ICD10`, `ATC` and `SNOMEDCT` are optional, and null means absent.

An annotation that cannot be used is set aside with its reason, and written again as it came. Annotations that overlap,
or that say the same twice, are kept: a notes file may hold them, and what to make of them is for its reader.
"""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from corpus.errors import FormatError, SpanError
from corpus.labels import ALLERGY_ENTITY, NEGATIVE, POSITIVE, Label
from corpus.note import Span

POLARITY_KEY = "Polaridade"
CODE_KEYS = ("ICD10", "ATC", "SNOMEDCT")


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
    """One note of a notes file, its spans in the file's order.

    `annotated` is False for a note without the key `annotations`: nobody has looked at it, which is not the same as
    an empty list.
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
    """What a notes file held; `unknown_keys` counts the keys that the format does not know and that were not read."""

    notes: tuple[FileNote, ...]
    unknown_keys: Mapping[str, int] = field(default_factory=dict)

    @property
    def set_aside_by_reason(self) -> dict[str, int]:
        """How many annotations were set aside, by reason."""
        return dict(Counter(aside.reason for note in self.notes for aside in note.set_aside))

    @property
    def messages(self) -> list[str]:
        """One line for each annotation set aside and each unknown key, without any of the notes' text."""
        asides = [
            f"note {note.doc_id!r}: annotation {aside.position} set aside: {aside.reason}"
            for note in self.notes
            for aside in note.set_aside
        ]
        return asides + [
            f"key {key!r} is not known and was not read ({n} times)" for key, n in self.unknown_keys.items()
        ]


def read_notes_file(path: Path, *, strict: bool = False) -> NotesFile:
    """The notes of a notes file, with what could not be used set aside; `strict` refuses such a file instead.

    Raises FormatError with one line that says where and why, if the file is no notes file at all.
    """
    items = _load(path)
    if not isinstance(items, list):
        raise FormatError(f"{path} is no notes file: it should hold a list of notes")
    unknown_keys: Counter[str] = Counter()
    notes: dict[int | str, FileNote] = {}
    for index, raw in enumerate(items):
        item = _item(raw, f"{path}: item {index}")
        if item.doc_id in notes:
            raise FormatError(f"{path}: item {index}: doc_id {item.doc_id!r} is there twice")
        notes[item.doc_id] = _note(item)
        unknown_keys.update(_unknown_keys(item, notes[item.doc_id]))
    file = NotesFile(tuple(notes.values()), dict(sorted(unknown_keys.items())))
    asides = sum(file.set_aside_by_reason.values())
    if strict and asides:
        raise FormatError(f"{path}: {asides} annotations cannot be used; the first: {file.messages[0]}")
    return file


def write_notes_file(path: Path, notes: Iterable[FileNote]) -> None:
    """Writes the notes, one a line, in the order given: the whole file or, if anything fails, nothing.

    The file is readable by its owner alone, since notes may be patients' words.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        raise FormatError(f"cannot write {path}: it is there already and is no plain file")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise FormatError(f"cannot write {path}: {error.strerror}") from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            separator = "[\n"
            for note in notes:
                stream.write((separator + json.dumps(_document(note), ensure_ascii=False)).encode(*_ENCODING))
                separator = ",\n"
            stream.write(b"[]\n" if separator == "[\n" else b"\n]\n")
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except OSError as error:
        raise FormatError(f"cannot write {path}: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)


_KNOWN = frozenset({"begin", "end", "label", POLARITY_KEY, "confidence", *CODE_KEYS})
_ENTITIES = frozenset(label.entity for label in Label)
# A lone surrogate, which only an annotation set aside may hold, goes out as the JSON escape that it came in as.
_ENCODING = ("utf-8", "backslashreplace")


def _storable(value: int | str) -> int | str:
    """The value, unless it is a string that a database or UTF-8 cannot hold."""
    if isinstance(value, str):
        value.encode()  # raises UnicodeEncodeError, a ValueError, at a lone surrogate
        if "\0" in value:
            raise ValueError("NUL")
    return value


class _Item(BaseModel):
    """One note as JSON, but for its annotations, which are judged one by one."""

    model_config = ConfigDict(strict=True, extra="allow")

    doc_id: Annotated[int | str, AfterValidator(_storable)]
    text: Annotated[str, AfterValidator(_storable)]
    annotations: list[Any] = []


_EXPECTED = {
    "doc_id": "an integer or a string without NUL or lone surrogates",
    "text": "a string without NUL or lone surrogates",
    "annotations": "a list",
}


def _load(path: Path) -> Any:
    """The JSON value in a file; bytes are decoded as they are, so that no line end changes."""
    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=_finite, parse_float=_finite)
    except FileNotFoundError:
        raise FormatError(f"{path} does not exist") from None
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from None
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path} is not JSON: {error}") from None


def _finite(number: str) -> float:
    """The number, unless it is one that JSON cannot write again: NaN, Infinity, 1e999."""
    value = float(number)
    if not isfinite(value):
        raise ValueError(f"{number} is no finite number")
    return value


def _item(raw: Any, where: str) -> _Item:
    """One item of the list, checked but for its annotations."""
    if not isinstance(raw, dict):
        raise FormatError(f"{where} is not an object with doc_id, text and annotations")
    try:
        return _Item.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = str(first["loc"][0])
        what = "is missing" if first["type"] == "missing" else f"is not {_EXPECTED[name]}"
        raise FormatError(f"{where}: {name} {what}") from None


def _note(item: _Item) -> FileNote:
    """The note of an item, each of its annotations a span or set aside."""
    spans: list[Span] = []
    asides: list[SetAside] = []
    for position, raw in enumerate(item.annotations):
        try:
            spans.append(_span(raw, len(item.text)))
        except FormatError as error:
            asides.append(SetAside(raw, str(error), position))
    annotated = "annotations" in item.model_fields_set
    return FileNote(item.doc_id, item.text, tuple(spans), tuple(asides), annotated)


def _unknown_keys(item: _Item, note: FileNote) -> Iterator[str]:
    """The keys of an item and of its usable annotations that were not read; what was set aside keeps all of its own."""
    yield from item.model_extra or ()
    kept_whole = {aside.position for aside in note.set_aside}
    for position, raw in enumerate(item.annotations):
        if position not in kept_whole:
            yield from raw.keys() - _KNOWN


def _span(raw: Any, length: int) -> Span:
    """The span of an annotation in a text of that length; raises FormatError with the bare reason."""
    if not isinstance(raw, dict):
        raise FormatError("not an object")
    label = _label(raw)
    start, end = _offsets(raw, length)
    confidence = raw.get("confidence")
    if confidence is not None:
        if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 <= confidence <= 1:
            raise FormatError("confidence is no number from 0 to 1")
        confidence = float(confidence)
    codes = {key: raw[key] for key in CODE_KEYS if raw.get(key) is not None}
    if not all(isinstance(code, str) for code in codes.values()):
        raise FormatError("code is no string")
    return Span(start, end, label, confidence, codes)


def _label(raw: Mapping[str, Any]) -> Label:
    entity, polarity = raw.get("label"), raw.get(POLARITY_KEY)
    if entity in (None, ""):
        raise FormatError("no label")
    if not isinstance(entity, str) or entity not in _ENTITIES:
        raise FormatError("unknown label")
    if entity != ALLERGY_ENTITY:
        if polarity not in (None, ""):
            raise FormatError("polarity on an entity that has none")
        return Label.of(entity)
    if polarity in (None, ""):
        raise FormatError("no polarity")
    if polarity not in (POSITIVE, NEGATIVE):
        raise FormatError("unknown polarity")
    return Label.of(entity, polarity)


def _offsets(raw: Mapping[str, Any], length: int) -> tuple[int, int]:
    start, end = raw.get("begin"), raw.get("end")
    if start is None or end is None:
        raise FormatError("no offsets")
    # bool is an int to Python, and true is no offset.
    if type(start) is not int or type(end) is not int:
        raise FormatError("offsets are no integers")
    if not (0 <= start <= length and 0 <= end <= length):
        raise FormatError("offsets out of range")
    if start >= end:
        raise FormatError("empty or reversed")
    return start, end


def _document(note: FileNote) -> dict[str, Any]:
    """A note as JSON: its spans in order, what was set aside back in its place."""
    annotations: list[Any] = [_annotation(span) for span in note.spans]
    for aside in note.set_aside:
        annotations.insert(len(annotations) if aside.position is None else aside.position, aside.annotation)
    return {"doc_id": note.doc_id, "text": note.text, "annotations": annotations}


def _annotation(span: Span) -> dict[str, Any]:
    annotation: dict[str, Any] = {"begin": span.start, "end": span.end, "label": span.label.entity}
    if span.label.polarity is not None:
        annotation[POLARITY_KEY] = span.label.polarity
    if span.confidence is not None:
        annotation["confidence"] = span.confidence
    return annotation | dict(span.codes)
