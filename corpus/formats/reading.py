"""Bytes of a file as text or JSON, with what is wrong in one line that holds none of its words."""

import json
from importlib.resources.abc import Traversable
from math import isfinite
from typing import Any

from corpus.errors import FormatError


def read_text(path: Traversable, *, keep_mark: bool = False) -> str:
    """The text of a UTF-8 file, no line end changed; a byte order mark is skipped unless it is part of the text."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FormatError(f"{path} does not exist") from None
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror}") from None
    try:
        return content.decode("utf-8" if keep_mark else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from None


def parse_json(text: str, where: str) -> Any:
    """The JSON value, every number finite; raises FormatError, which begins with `where`."""
    try:
        return json.loads(text, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{where} is not JSON: {error}") from None


def _finite(number: str) -> float:
    """The number, unless it is one that JSON cannot write again: NaN, Infinity, 1e999."""
    value = float(number)
    if not isfinite(value):
        raise ValueError(f"{number} is no finite number")
    return value
