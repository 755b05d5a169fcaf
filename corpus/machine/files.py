"""Files and folders that appear whole or not at all; the owner's alone, since notes may be patients' words."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from corpus.errors import FormatError, ModelError


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A stream whose bytes take the file's place, on disk, once the block has ended well; raises OSError."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write the text in UTF-8: all of it or, where OSError is raised, nothing."""
    with whole_file(path) as stream:
        stream.write(text.encode("utf-8"))


@contextmanager
def replacing_file(path: Path) -> Iterator[IO[bytes]]:
    """`whole_file` for a path that a user named: a link is followed, and what goes wrong is a FormatError."""
    target = path.resolve()
    if target.exists() and not target.is_file():
        raise FormatError(f"cannot write {path}: it is there already and is no plain file")
    try:
        with whole_file(target) as stream:
            yield stream
    except OSError as error:
        raise FormatError(f"cannot write {path}: {error.strerror}") from None


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """A folder that takes its place at the end; one that is there and not empty may hold somebody's work, and stays."""
    target = path.resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FormatError(f"cannot write {path}: it is there already; name a new folder")
    try:
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise FormatError(f"cannot write {path}: {error.strerror}") from None
    try:
        yield draft
        draft.replace(target)
    except OSError as error:
        raise FormatError(f"cannot write {path}: {error.strerror}") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A hidden sibling of a model's folder to write into; it takes its name once the block has ended well.

    All is on disk by then. A draft that a killed run left behind is cleared away. Raises ModelError if `folder` is
    there already.
    """
    if folder.exists():
        raise ModelError(f"{folder} is there already; a trained model is never written over: remove it or name another")
    draft = folder.parent / f".{folder.name}.partial"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        yield draft
        put_in_place(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def put_in_place(draft: Path, folder: Path) -> None:
    """Give a finished draft the name `folder`, all that it holds and the name on disk."""
    for path in (*draft.rglob("*"), draft):
        _sync(path)
    draft.replace(folder)
    _sync(folder.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
