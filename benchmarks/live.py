"""Prints one JSON line: how long a task takes the live backend, beside what `predict` takes for the same notes.

    python benchmarks/live.py ../shared/er_ner [--base compact] [--notes 200]

It trains on the folder's train.json, serves the model by the program itself, and asks for one note after another, each
twice: "predict" is that request alone, on a connection kept open; "opened" is all that Label Studio does as a task is
opened (/health, /setup and /predict, each on a connection of its own). Notes are the workspace's own, so that what is
shown is stored too. Beside it, milliseconds a note of the command `predict`, its start included, and of the recogniser
alone once it is loaded, given all notes together and given one at a time. A compact trains for one epoch: how fast it
reads does not depend on how well.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from annotation.label_studio.tasks import task_document
from corpus.formats import FileNote, write_notes_file
from corpus.note import Note, Role
from corpus.workspace import open_workspace
from ernotes.models.prediction import current_model_folder
from inference.load import load_recogniser

TOKEN = "benchmark"
PROGRAM = str(Path(sys.executable).with_name("ernotes"))


def main(folder: Path, base: str, count: int) -> None:
    """The figures as one line of JSON."""
    with tempfile.TemporaryDirectory() as place:
        workspace = Path(place) / "workspace"
        _prepare(workspace, folder, base)
        with open_workspace(workspace, write=False) as opened:
            notes = [*opened.store.notes.by_role(Role.VALIDATION), *opened.store.notes.by_role(Role.TRAIN)][:count]
            model = current_model_folder(opened)
        with _serving(workspace) as url:
            live = _live(url, notes)
        figures = {"benchmark": "live", "base": base, "notes": len(notes), "load": round(os.getloadavg()[0], 1)}
        print(json.dumps(figures | live | {"peer": _predict(workspace, model, notes)}))


def _prepare(workspace: Path, folder: Path, base: str) -> None:
    _run(workspace, "init")
    config = workspace / "ernotes.toml"
    config.write_text(re.sub(r"max_epochs = \d+", "max_epochs = 1", config.read_text("utf-8")), "utf-8")
    for name, role in (("val.json", "validation"), ("train.json", "train")):
        _run(workspace, "import", str(folder / name), "--role", role)
    _run(workspace, "train", "--base", base)


def _run(workspace: Path, *arguments: str) -> None:
    subprocess.run([PROGRAM, "-w", str(workspace), *arguments], check=True, stdout=sys.stderr)


@contextmanager
def _serving(workspace: Path) -> Iterator[str]:
    server = subprocess.Popen(
        [PROGRAM, "-w", str(workspace), "serve", "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"ERNOTES_LIVE_TOKEN": TOKEN},
    )
    try:
        found = next(filter(None, (re.search(r"http://[^;\s]+", line) for line in server.stderr or ())))
        yield found.group()
    finally:
        server.terminate()
        server.wait()


def _live(url: str, notes: Sequence[Note]) -> dict[str, Any]:
    bodies = [{"tasks": [{"id": number, **task_document(note)}]} for number, note in enumerate(notes)]
    auth = ("label-studio", TOKEN)
    with httpx.Client(base_url=url, auth=auth, timeout=60, trust_env=False) as client:

        def predict(body: dict[str, Any]) -> None:
            client.post("/predict", json=body).raise_for_status()

        alone = [_milliseconds(partial(predict, body)) for body in bodies]

        def open_task(body: dict[str, Any]) -> None:
            for method, path, sent in (("GET", "/health", None), ("POST", "/setup", {}), ("POST", "/predict", body)):
                client.request(method, path, json=sent, headers={"Connection": "close"}).raise_for_status()

        opened = [_milliseconds(partial(open_task, body)) for body in bodies]
    return {"predict_ms": _quantiles(alone), "opened_ms": _quantiles(opened)}


def _predict(workspace: Path, model: Path, notes: Sequence[Note]) -> dict[str, float]:
    texts = [note.text for note in notes]
    file = workspace / "notes.json"
    write_notes_file(file, [FileNote(number, text, ()) for number, text in enumerate(texts)])
    command = _milliseconds(lambda: _run(workspace, "predict", str(file), "-o", str(workspace / "predicted.json")))
    together = _loaded(model, lambda recogniser: list(recogniser.recognise(texts)))
    single = _loaded(model, lambda recogniser: [list(recogniser.recognise([text])) for text in texts])
    figures = {"command": command, "together": together, "one_at_a_time": single}
    return {f"{name}_ms_per_note": round(figure / len(texts), 1) for name, figure in figures.items()}


def _loaded(model: Path, read: Callable[[Any], object]) -> float:
    recogniser = load_recogniser(model)
    return _milliseconds(lambda: read(recogniser))


def _milliseconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return (time.perf_counter() - begin) * 1000


def _quantiles(figures: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(figures, n=20)
    return {"mean": round(statistics.mean(figures), 1), "p50": round(cuts[9], 1), "p95": round(cuts[18], 1)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--base", default="crf")
    parser.add_argument("--notes", type=int, default=200)
    arguments = parser.parse_args()
    main(arguments.folder, arguments.base, arguments.notes)
