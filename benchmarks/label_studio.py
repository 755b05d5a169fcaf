"""Prints one JSON line: the seconds of a push of notes with pre-annotations, against the server's own bulk import.

    python benchmarks/label_studio.py [NOTES]

starts a Label Studio of its own on this machine. The peer is the SDK's `import_tasks` with the same documents, made
before, in batches of the same size, into another project. Both are run in turn, each time into an empty project.
"""

import json
import os
import socket
import sys
import tempfile
import time
from contextlib import closing
from importlib.resources import files
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from annotation.label_studio.client import Client, in_batches
from annotation.label_studio.project import Project, ensure_project
from annotation.label_studio.push import BATCH_SIZE, push
from annotation.label_studio.server import own_server
from annotation.label_studio.tasks import task_document
from corpus.config.settings import LabelStudioConfig
from corpus.formats import read_notes_file
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity, Span
from corpus.store import Store

VERSION = "m1"
REPEATS = 3


def main(count: int) -> None:
    """The figures as one line of JSON; progress goes to standard error."""
    with tempfile.TemporaryDirectory() as folder, closing(Store.open(f"sqlite:///{folder}/store.db")) as store:
        notes = _fill(store, count)
        documents = [task_document(note, spans, VERSION) for note, spans in notes]
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            config = LabelStudioConfig(kind="own", url=f"http://127.0.0.1:{probe.getsockname()[1]}")
        with own_server(Path(folder), config, _say) as address:
            client = Client(address, timeout_seconds=300)
            _import(client, ensure_project(client, "warm-up"), documents[:BATCH_SIZE])
            bulk, pushed = [], []
            for number in range(REPEATS):
                bulk.append(_import(client, ensure_project(client, f"bulk {number}"), documents))
                pushed.append(_push(client, ensure_project(client, f"push {number}"), store))
                _say(f"bulk {bulk[-1]:.2f} s, push {pushed[-1]:.2f} s")
            client.close()
    figures = {
        "benchmark": "label_studio",
        "notes": count,
        "spans": sum(len(spans) for _, spans in notes),
        "load": round(os.getloadavg()[0], 1),
        "bulk_seconds": [round(seconds, 2) for seconds in bulk],
        "push_seconds": [round(seconds, 2) for seconds in pushed],
        "ratio": round(sum(pushed) / sum(bulk), 2),
    }
    print(json.dumps(figures))


def _fill(store: Store, count: int) -> list[tuple[Note, list[Span]]]:
    """The embedded fictional notes over and over, each time with a number, and their spans as a model's."""
    fictional = read_notes_file(Path(str(files("ernotes").joinpath("data", "fictional.json")))).notes
    notes = []
    for number, known in enumerate(islice(cycle(fictional), count)):
        note = Note("benchmark", number, f"{known.text}\r\n{number}", Role.POOL, Sensitivity.FICTIONAL)
        notes.append((note, [Span(span.start, span.end, span.label, 0.9) for span in known.spans]))
    for note, spans in notes:
        store.notes.add(note)
        store.spans.add(note.id, Author(AuthorKind.MODEL, VERSION), spans)
    return notes


def _import(client: Client, project: Project, documents: list[dict[str, Any]]) -> float:
    started = time.perf_counter()
    for some in in_batches(documents, BATCH_SIZE):
        request: list[Any] = list(some)
        client.sdk.projects.import_tasks(project.id, request=request, return_task_ids=True)
    return time.perf_counter() - started


def _push(client: Client, project: Project, store: Store) -> float:
    note_ids = store.notes.ids(Role.POOL)
    started = time.perf_counter()
    report = push(client, store, project, note_ids, VERSION)
    seconds = time.perf_counter() - started
    if report.created != len(note_ids):
        sys.exit(f"only {report.created} of {len(note_ids)} notes were pushed")
    return seconds


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
