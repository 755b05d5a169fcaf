"""Model folders that appear whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import ModelError


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A hidden sibling of `folder` to write into; it takes that name once the block has ended well and all is on disk.

    A draft that a killed run left behind is cleared away. Raises ModelError if `folder` is there already.
    """
    if folder.exists():
        raise ModelError(f"{folder} is there already; a trained model is never written over: remove it or name another")
    draft = folder.parent / f".{folder.name}.partial"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        yield draft
        for path in (*draft.rglob("*"), draft):
            _sync(path)
        draft.replace(folder)
        _sync(folder.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def put_in_place(draft: Path, folder: Path) -> None:
    """Gives a finished draft the name `folder`, its newest file and the name on disk."""
    for path in draft.iterdir():
        _sync(path)
    draft.replace(folder)
    _sync(folder.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
