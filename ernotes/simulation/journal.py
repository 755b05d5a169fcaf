"""Where a simulation keeps the rounds that it has played: JSON lines, of which a killed run loses none.

The first line says what was replayed; each other one is a round. They hold figures and ids, no note's text.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import JsonValue

from corpus.documents import JsonObject, from_json, to_json
from corpus.errors import WorkspaceError
from ernotes.simulation.replay import Round

JOURNAL_NAME = "rounds.jsonl"
LOCK_NAME = "simulation.lock"


class Journal:
    """The rounds played so far, in the order in which they ended."""

    def __init__(self, path: Path, rounds: list[Round]) -> None:
        self._path = path
        self.rounds = rounds

    def add(self, played: Round) -> None:
        """Keep a round: it is on disk when this returns."""
        _append(self._path, to_json(played))
        self.rounds.append(played)


@contextmanager
def open_journal(folder: Path, setting: JsonObject) -> Iterator[Journal]:
    """The journal in a folder, held against other commands; a folder without one begins one.

    Raises WorkspaceError where the folder holds the rounds of another setting, or another command writes there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK_NAME, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise WorkspaceError(f"another simulation writes in {folder}; wait for it to end") from None
    try:
        path = folder / JOURNAL_NAME
        lines = _whole_lines(path)
        if not lines:
            _append(path, setting)
        elif lines[0] != setting:
            raise WorkspaceError(_refusal(folder, lines[0], setting))
        yield Journal(path, [from_json(Round, line) for line in lines[1:]])
    finally:
        lock.release()


def _whole_lines(path: Path) -> list[JsonValue]:
    """The documents in the file, from which the half line that a killed run may have left is cut."""
    if not path.exists():
        return []
    held = path.read_bytes()
    whole = held[: held.rfind(b"\n") + 1]
    if len(whole) < len(held):
        os.truncate(path, len(whole))
    try:
        return [json.loads(line) for line in whole.splitlines()]
    except ValueError:
        raise WorkspaceError(f"{path} is damaged; remove it, or give another folder with -o") from None


def _append(path: Path, document: JsonObject) -> None:
    with path.open("ab") as stream:
        stream.write(json.dumps(document, ensure_ascii=False).encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def _refusal(folder: Path, held: JsonValue, setting: JsonObject) -> str:
    known = held if isinstance(held, dict) else {}
    other = ", ".join(name for name in setting if known.get(name) != setting[name]) or "what is unknown here"
    return f"{folder} holds a simulation that differs in: {other}; give another folder with -o"
