"""A note as the notes file spells it: a JSON object with doc_id, text and annotations, each annotation judged alone."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from corpus.errors import FormatError
from corpus.formats.file_note import FileNote, SetAside
from corpus.labels import ALLERGY_ENTITY, NEGATIVE, POSITIVE, Label
from corpus.note import Span

POLARITY_KEY = "Polaridade"
CODE_KEYS = ("ICD10", "ATC", "SNOMEDCT")

_KNOWN = frozenset({"begin", "end", "label", POLARITY_KEY, "confidence", *CODE_KEYS})
_ENTITIES = frozenset(label.entity for label in Label)
# Line ends to many readers of lines, though not to JSON.
_ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}


def read_item(raw: Any, where: str, unknown_keys: Counter[str] | None = None) -> FileNote:
    """The note of an item, each of its annotations a span or set aside; counts the keys that were not read.

    Raises FormatError, which begins with `where`, if it is no note at all.
    """
    item = _item(raw, where)
    spans: list[Span] = []
    asides: list[SetAside] = []
    for position, annotation in enumerate(item.annotations):
        try:
            spans.append(_span(annotation, len(item.text)))
        except FormatError as error:
            asides.append(SetAside(annotation, str(error), position))
    annotated = "annotations" in item.model_fields_set
    note = FileNote(item.doc_id, item.text, tuple(spans), tuple(asides), annotated)
    if unknown_keys is not None:
        unknown_keys.update(_unknown_keys(item, note))
    return note


def item_document(note: FileNote) -> dict[str, Any]:
    """A note as JSON: its spans in order, what was set aside back in its place."""
    annotations: list[Any] = [_annotation(span) for span in note.spans]
    for aside in note.set_aside:
        annotations.insert(len(annotations) if aside.position is None else aside.position, aside.annotation)
    return {"doc_id": note.doc_id, "text": note.text, "annotations": annotations}


def _storable(value: int | str) -> int | str:
    """The value, unless it is a string that a database or UTF-8 cannot hold."""
    if isinstance(value, str):
        value.encode()  # raises UnicodeEncodeError, a ValueError, at a lone surrogate
        if "\0" in value:
            raise ValueError("NUL")
    return value


class _RawItem(BaseModel):
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


def _item(raw: Any, where: str) -> _RawItem:
    """One item of the list, checked but for its annotations."""
    if not isinstance(raw, dict):
        raise FormatError(f"{where} is not an object with doc_id, text and annotations")
    try:
        return _RawItem.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = str(first["loc"][0])
        what = "is missing" if first["type"] == "missing" else f"is not {_EXPECTED[name]}"
        raise FormatError(f"{where}: {name} {what}") from None


def _unknown_keys(item: _RawItem, note: FileNote) -> Iterator[str]:
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


def _annotation(span: Span) -> dict[str, Any]:
    annotation: dict[str, Any] = {"begin": span.start, "end": span.end, "label": span.label.entity}
    if span.label.polarity is not None:
        annotation[POLARITY_KEY] = span.label.polarity
    if span.confidence is not None:
        annotation["confidence"] = span.confidence
    return annotation | dict(span.codes)


def json_line(value: Any) -> str:
    """The value as JSON on one line, whatever its reader takes for a line end."""
    return json.dumps(value, ensure_ascii=False).translate(_ESCAPED)
