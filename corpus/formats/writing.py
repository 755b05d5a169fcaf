"""A file or a folder that is written whole or, if anything fails, not at all; readable by its owner alone."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from corpus.errors import FormatError

# Line ends to many readers of lines, though not to JSON.
_ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}


@contextmanager
def replacing_file(path: Path) -> Iterator[IO[bytes]]:
    """A stream whose bytes take the file's place at the end; notes may be patients' words, so it is the owner's."""
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
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except OSError as error:
        raise FormatError(f"cannot write {path}: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """A folder that takes its place at the end; one that is there and not empty may hold somebody's work, and stays."""
    target = path.resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FormatError(f"cannot write {path}: it is there already; name a new folder")
    try:
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise FormatError(f"cannot write {path}: {error.strerror}") from None
    try:
        yield temporary
        temporary.replace(target)
    except OSError as error:
        raise FormatError(f"cannot write {path}: {error.strerror}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def json_line(value: Any) -> str:
    """The value as JSON on one line, whatever its reader takes for a line end."""
    return json.dumps(value, ensure_ascii=False).translate(_ESCAPED)
