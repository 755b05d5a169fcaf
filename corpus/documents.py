"""Documents: what leaves through `--json`, the store or a page is a typed dataclass, written and read back here.

A document's keys are its fields, in their order. A field made by `optional()` has no key where it is None; one made by
`aside()` never has: it is what the words for a person need besides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import Field, field, fields, is_dataclass
from typing import Any, TypeVar

from pydantic import JsonValue, TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from corpus.errors import FormatError

JsonObject = dict[str, JsonValue]
T = TypeVar("T")

_OPTIONAL = "left out where None"
_ASIDE = "never written"


def optional() -> Any:
    """A field that is None by default, and has no key in the document then."""
    return field(default=None, metadata={_OPTIONAL: True})


def aside(default: object) -> Any:
    """A field that is no part of the document; one that is read back has the default."""
    return field(default=default, metadata={_ASIDE: True})


def to_json(document: object) -> JsonObject:
    """The document, a dataclass, as JSON values: enums by their value, tuples as lists, dataclasses within as objects.

    One that says itself how it is written, by a method `to_json`, is asked.
    """
    written = _written(document)
    if not isinstance(written, dict):
        raise TypeError(f"a {type(document).__name__} is no document")
    return written


def by_field(document: Any) -> dict[str, Any]:
    """What a document holds, by field: for one that says more."""
    return {one.name: getattr(document, one.name) for one in fields(document)}


def from_json(kind: type[T], stored: object) -> T:
    """The document of this kind that `to_json` gave; keys that it does not know are passed over.

    Raises FormatError, which names the kind and the key, where a value is missing or of another type.
    """
    try:
        document: T = _adapter(kind).validate_python(stored)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)[0]
        key = ".".join(map(str, found["loc"]))
        raise FormatError(f"a stored {kind.__name__} cannot be read: {key or 'it'}: {found['msg']}") from None
    return document


_adapters: dict[object, TypeAdapter[Any]] = {}


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def _written(value: object) -> JsonValue:
    own = getattr(value, "to_json", None)
    if own is not None and not isinstance(value, type):
        return _written(own())
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _written(said) for one, said in _said(value)}
    if isinstance(value, Mapping):
        return {str(key): _written(said) for key, said in value.items()}
    if isinstance(value, str | bytes) or not isinstance(value, Sequence | set | frozenset):
        plain: JsonValue = to_jsonable_python(value)
        return plain
    return [_written(item) for item in value]


def _said(document: Any) -> Iterable[tuple[Field[Any], object]]:
    for one in fields(document):
        value = getattr(document, one.name)
        if one.metadata.get(_ASIDE) or (value is None and one.metadata.get(_OPTIONAL)):
            continue
        yield one, value
