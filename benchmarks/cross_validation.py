"""Prints one JSON line: the embedded recogniser by cross-validation, near-duplicates kept in one fold.

    python benchmarks/cross_validation.py ../shared/er_ner [splits]

(-P, since a file beside this one has the name of the package `training`.)

Five folds over train.json and val.json together, as often as `splits` says (2 by default), each time split anew.
Scores are of all notes of a split at once (exact, one Diagnóstico a note); mean and standard deviation are over the
splits. Two folds are trained at a time. All notes outside a fold are trained on, so that none is left to calibrate by:
`calibration_error` is that of confidences as the CRF gives them.
"""

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import mean, stdev

from corpus.config.training import CrfConfig
from corpus.formats import read_notes_file
from corpus.recognition import Annotated
from corpus.scoring.calibration import calibration_error
from corpus.scoring.scores import ScoredNote, score_notes
from inference.load import load_recogniser
from training.crf.cross_validation import split_folds
from training.crf.train import train_crf

Job = tuple[list[Annotated], list[Annotated]]
"""Notes to train on, and to score."""


def main(folder: Path, splits: int) -> None:
    """The figures as one line of JSON."""
    notes = [*_read(folder / "train.json"), *_read(folder / "val.json")]
    begin = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        rounds = [_split_scores(notes, seed, pool) for seed in range(1, splits + 1)]
    figures = {name: [scores[name] for scores in rounds] for name in rounds[0]}
    print(
        json.dumps(
            {
                "benchmark": "cross_validation",
                "notes": len(notes),
                "splits": splits,
                "mean": {name: round(mean(values), 4) for name, values in figures.items()},
                "spread": {name: round(stdev(values), 4) if splits > 1 else None for name, values in figures.items()},
                "seconds": round(time.perf_counter() - begin),
            },
            ensure_ascii=False,
        )
    )


def _read(path: Path) -> list[Annotated]:
    return [Annotated(f"{path.stem} {note.doc_id}", note.text, note.spans) for note in read_notes_file(path).notes]


def _split_scores(notes: Sequence[Annotated], seed: int, pool: ProcessPoolExecutor) -> dict[str, float]:
    """Scores over all notes, each predicted by a model that saw nothing of its lineage."""
    folds = split_folds(notes, {note.id: note.id for note in notes}, seed)
    jobs = [([note for other in folds if other is not fold for note in other], fold) for fold in folds]
    scored = [note for notes in pool.map(_scored, jobs) for note in notes]
    exact = score_notes(scored).exact
    outcomes = [
        (span.confidence or 0.0, span.place in {gold.place for gold in note.gold})
        for note in scored
        for span in note.predicted
    ]
    figures = {"micro": exact.micro.f1, "macro": exact.macro.f1}
    figures |= {str(label): counts.f1 for label, counts in exact.per_label.items()}
    return {**figures, "calibration_error": calibration_error(outcomes)}


def _scored(job: Job) -> list[ScoredNote]:
    """The fold's notes with what the recogniser trained on the others finds in them."""
    train, test = job
    with tempfile.TemporaryDirectory() as place:
        trained = train_crf(train, [], Path(place) / "model", CrfConfig(), 1, lambda _: None)
        found = list(load_recogniser(trained.folder).recognise(note.text for note in test))
    return [ScoredNote(note.id, note.spans, recognition.spans) for note, recognition in zip(test, found, strict=True)]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2)
