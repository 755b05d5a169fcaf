"""Prints one JSON line: what `compact` costs and scores with the recipe over whole notes.

    python benchmarks/compact.py ../shared/er_ner

trains on train.json, chooses the epoch by val.json, and scores the saved model on val.json again; since
the epoch was chosen there, the score is somewhat high.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from corpus.config.training import TrainingConfig
from corpus.formats import read_notes_file
from corpus.recognition import Annotated
from corpus.scoring.scores import ScoredNote, score_notes
from inference.load import load_recogniser
from training.run import train_recogniser


def main(folder: Path) -> None:
    """The figures as one line of JSON; progress goes to standard error."""
    train, validation = (_read(folder / name) for name in ("train.json", "val.json"))
    config = TrainingConfig()
    with tempfile.TemporaryDirectory() as place:
        started, cpu_started = time.perf_counter(), time.process_time()
        trained = train_recogniser("compact", train, validation, Path(place) / "model", config, config.seed, _say)
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
        recogniser = load_recogniser(trained.folder)
        started = time.perf_counter()
        found = list(recogniser.recognise(note.text for note in validation))
        recognised = time.perf_counter() - started
    score = score_notes(
        ScoredNote(note.id, note.spans, recognition.spans) for note, recognition in zip(validation, found, strict=True)
    )
    figures = {
        "benchmark": "compact",
        "threads": torch.get_num_threads(),
        "load": round(os.getloadavg()[0], 1),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu_seconds, 1),
        "epochs": len(trained.figures["epochs"]),
        "best_epoch": trained.figures["best"]["epoch"],
        "notes_per_second": round(len(validation) / recognised, 1),
        "exact": {name: round(row["f1"], 3) for name, row in _rows(score.exact.to_json())},
        "relaxed": {name: round(row["f1"], 3) for name, row in _rows(score.relaxed.to_json())},
    }
    print(json.dumps(figures, ensure_ascii=False))


def _read(path: Path) -> list[Annotated]:
    return [Annotated(str(note.doc_id), note.text, note.spans) for note in read_notes_file(path).notes]


def _rows(table: dict[str, Any]) -> list[tuple[str, dict[str, float]]]:
    labels: dict[str, dict[str, float]] = table["per_label"]
    return [*labels.items(), ("micro", table["micro"]), ("macro", table["macro"])]


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
