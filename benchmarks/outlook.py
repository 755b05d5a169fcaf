"""Whether the gain that the outlook promises for another 50 notes comes true, on real learning curves.

    python benchmarks/outlook.py ../shared/er_ner [--curves 15] [--kept FILE]

One JSON line. Each curve holds a fold of train.json out (five folds by lineage, split anew for every fifth curve), and
trains a light crf (as `simulate --learner crf-light`) on 50, 100, 150 and 200 of the other notes, in random order, each
set holding the one before. From the points up to 100, and up to 150, the gain of 50 more is foretold, scored on the
whole fold and on half of it, as validation notes would be. With --kept, curves are kept in a file, and those that are
there are not trained again.

- covers_expected: how often the 80 % interval holds the mean gain of all curves over this step, which is what 50 notes
  bring on average.
- covers_measured: how often the interval of what is then measured holds what this curve's next model shows on the same
  notes, its luck and theirs included.
- kappa: agreement of a model with the one before it on the fold (mean), to set beside `stopping.kappa`.
"""

import argparse
import json
import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np

from corpus.config.training import CrfConfig
from corpus.formats import read_notes_file
from corpus.note import Span
from corpus.recognition import Annotated
from corpus.scoring.extrapolation import expected_gain, measure_curve
from corpus.scoring.kappa import cohen_kappas, confusion, token_values
from corpus.scoring.scores import ScoredNote, cut_diagnoses
from corpus.scoring.tallies import FloatArray, IntArray, tally_notes
from ernotes.simulation.replay import CrfLearner
from training.crf.cross_validation import FOLDS, split_folds

SIZES = (50, 100, 150, 200)
MORE = 50
STEPS = 30
"""With 15 a crf has not settled: one that learnt from 200 notes fell 0.12 below the one that learnt from 150."""


def main() -> None:
    """The figures as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--curves", type=int, default=15)
    parser.add_argument("--kept", type=Path)
    arguments = parser.parse_args()
    notes = [
        Annotated(str(note.doc_id), note.text, note.spans)
        for note in read_notes_file(arguments.folder / "train.json").notes
    ]
    kept = [json.loads(line) for line in arguments.kept.read_text().splitlines()] if _is_there(arguments.kept) else []
    for number in range(len(kept), arguments.curves):
        kept.append(_train_curve(notes, number))
        if arguments.kept:
            with arguments.kept.open("a") as file:
                file.write(json.dumps(kept[-1]) + "\n")
    tallies = [np.array(curve["tallies"]) for curve in kept[: arguments.curves]]
    kappas = np.array([curve["kappas"] for curve in kept[: arguments.curves]])
    gains = np.array([np.diff(measure_curve(SIZES, curve).f1) for curve in tallies])
    figures = {
        "benchmark": "outlook",
        "curves": len(tallies),
        "f1": dict(
            zip(SIZES, np.mean([measure_curve(SIZES, one).f1 for one in tallies], axis=0).round(3), strict=True)
        ),
        "kappa": dict(zip(SIZES[1:], kappas.mean(axis=0).round(3), strict=True)),
        "whole fold": _judge(tallies, gains.mean(axis=0)),
        "half of it": _judge([half for one in tallies for half in (one[::2], one[1::2])], gains.mean(axis=0)),
    }
    print(json.dumps(figures))


def _is_there(file: Path | None) -> bool:
    return file is not None and file.exists()


def _train_curve(notes: Sequence[Annotated], number: int) -> dict[str, Any]:
    """The tallies of each model in each note held out, and each model's agreement with the one before it."""
    folds = split_folds(notes, {note.id: note.id for note in notes}, 1 + number // FOLDS)
    held_out = folds.pop(number % FOLDS)
    others = [note for fold in folds for note in fold]
    random.Random(number).shuffle(others)
    found = [_found(others[:size], held_out) for size in SIZES]
    values = [
        np.concatenate([token_values(note.text, note_spans) for note, note_spans in zip(held_out, spans, strict=True)])
        for spans in found
    ]
    tallies = []
    for spans in found:
        scored = [ScoredNote(note.id, note.spans, said) for note, said in zip(held_out, spans, strict=True)]
        tallies.append(tally_notes([cut_diagnoses(note, "top1") for note in scored], 1.0))
    return {
        "tallies": np.stack(tallies, axis=1).tolist(),
        "kappas": [float(cohen_kappas(confusion(one, other).astype(np.float64))) for one, other in pairwise(values)],
    }


def _found(others: Sequence[Annotated], held_out: Sequence[Annotated]) -> list[tuple[Span, ...]]:
    recogniser = CrfLearner(CrfConfig(max_iterations=STEPS), light=True)(others)
    return [said.spans for said in recogniser.recognise(note.text for note in held_out)]


def _judge(curves: Sequence[IntArray], expected: FloatArray) -> dict[str, Any]:
    """How the promises made at each point but the first two and the last compare with what came."""
    rows: dict[str, Any] = {}
    for points in (2, 3):
        promised = [expected_gain(measure_curve(SIZES[:points], one[:, :points]), MORE) for one in curves]
        measured = [float(np.diff(measure_curve(SIZES, one).f1)[points - 1]) for one in curves]
        mean_gain = float(expected[points - 1])
        rows[f"{SIZES[points - 1]} to {SIZES[points]}"] = {
            "cases": len(curves),
            "expected_gain": round(mean_gain, 4),
            "promised": round(median(gain.median for gain in promised), 4),
            "low": round(mean(gain.interval.low for gain in promised), 4),
            "high": round(mean(gain.interval.high for gain in promised), 4),
            "covers_expected": round(
                mean(gain.interval.low <= mean_gain <= gain.interval.high for gain in promised), 3
            ),
            "measured_low": round(mean(gain.measured.low for gain in promised), 4),
            "measured_high": round(mean(gain.measured.high for gain in promised), 4),
            "covers_measured": round(
                mean(
                    gain.measured.low <= came <= gain.measured.high
                    for gain, came in zip(promised, measured, strict=True)
                ),
                3,
            ),
        }
    return rows


if __name__ == "__main__":
    main()
