"""Prints one JSON line: how good the embedded endpoint's notes are, beside the published ER_NER notes.

    python benchmarks/offline_writer.py ../shared/er_ner [--notes 1000] [--seed 13] [--train]

(-P, since a file beside this one has the name of the package `training`.)

`passed` is the share of notes that all gates let through (each note is compared with those before it, and with the
fictional notes as if these had been shown as exemplars) and that agree with their brief; `refused` counts the others
by reason. `distinct_4grams` is the share of 4-grams (of words) that are different ones, over all notes together (Li et
al., 2016; higher is more varied). It falls as the text grows, so as many notes as ER_NER's training file has are
measured too; still, these are shorter. `mean_jaccard` is the mean, over all pairs of notes, of the Jaccard similarity
of their sets of 4-grams (lower is more varied). `one_brief` are a hundred notes of one brief with different seeds. Only
words are compared: a note is split at white space, its line ends do not count.

With --train a crf is trained on the notes that passed, with the spans of their briefs alone, and scored (exact micro
F1, one Diagnóstico a note) on val.json, which played no part in the writer's rules nor in this training.
"""

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import resources
from itertools import combinations
from pathlib import Path
from typing import Any

from corpus.config.training import CrfConfig
from corpus.formats import read_notes_file
from corpus.note import Note, Role
from corpus.recognition import Annotated
from corpus.scoring.scores import ScoredNote, score_notes
from generation.briefs.planning import load_knowledge, plan_briefs
from generation.gates import Gates
from generation.offline.layouts import LAYOUTS
from generation.offline.writer import write_note
from generation.reading.alignment import align_brief
from inference.load import load_recogniser
from training.crf.train import train_crf

FourGrams = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Written:
    """The notes, those that passed with their silver spans, and why the others did not."""

    texts: list[str]
    passed: list[Annotated]
    refused: Counter[str]
    seconds: float


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("er_ner", type=Path, help="the folder of train.json and val.json")
    parser.add_argument("--notes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--train", action="store_true")
    arguments = parser.parse_args()
    written = _write(arguments.notes, arguments.seed)
    peer = [note.text for note in read_notes_file(arguments.er_ner / "train.json").notes]
    [brief] = plan_briefs(1, arguments.seed, load_knowledge(), LAYOUTS)
    figures: dict[str, Any] = {
        "benchmark": "offline writer",
        "seconds_per_note": round(written.seconds / len(written.texts), 4),
        "passed": round(len(written.passed) / len(written.texts), 4),
        "refused": dict(written.refused),
        "offline": _variety(written.texts),
        "offline_as_many": _variety(written.texts[: len(peer)]),
        "er_ner_train": _variety(peer),
        "one_brief": _variety([write_note(replace(brief, layout=""), seed) for seed in range(100)]),
    }
    if arguments.train:
        figures["trained_on_silver"] = _score(written.passed, arguments.er_ner / "val.json")
    print(json.dumps(figures))


def _write(count: int, seed: int) -> Written:
    with resources.as_file(resources.files("ernotes") / "data" / "fictional.json") as path:
        exemplars = [Note("fictional", note.doc_id, note.text, Role.EXEMPLAR) for note in read_notes_file(path).notes]
    gates = Gates.of(exemplars)
    briefs = plan_briefs(count, seed, load_knowledge(), LAYOUTS)
    begin = time.perf_counter()
    texts = [write_note(brief, seed + number).replace("\n", "\r\n") for number, brief in enumerate(briefs)]
    written = Written(texts, [], Counter(), time.perf_counter() - begin)
    for number, (brief, text) in enumerate(zip(briefs, texts, strict=True)):
        verdict, alignment = gates.judge(text, "stop"), align_brief(brief, text)
        if reason := verdict.reason or alignment.reason:
            written.refused[reason] += 1
        else:
            gates.admit(str(number), verdict)
            written.passed.append(Annotated(str(number), text, alignment.spans))
    return written


def _score(notes: Sequence[Annotated], path: Path) -> dict[str, float]:
    begin = time.process_time()
    with tempfile.TemporaryDirectory() as place:
        trained = train_crf(notes, [], Path(place) / "model", CrfConfig(), 1, lambda _: None)
        gold = read_notes_file(path).notes
        found = list(load_recogniser(trained.folder).recognise(note.text for note in gold))
    scored = [ScoredNote(str(note.doc_id), note.spans, one.spans) for note, one in zip(gold, found, strict=True)]
    exact = score_notes(scored).exact
    return {
        "notes": len(notes),
        "val_micro_f1": round(exact.micro.f1, 4),
        "val_macro_f1": round(exact.macro.f1, 4),
        **{str(label): round(counts.f1, 4) for label, counts in exact.per_label.items()},
        "cpu_seconds": round(time.process_time() - begin, 1),
    }


def _variety(notes: Sequence[str]) -> dict[str, float]:
    grams = [_four_grams(note) for note in notes]
    sets = [set(found) for found in grams]
    similarities = [len(one & other) / (len(one | other) or 1) for one, other in combinations(sets, 2)]
    return {
        "notes": len(notes),
        "distinct_notes": round(len(set(notes)) / len(notes), 4),
        "mean_characters": round(sum(map(len, notes)) / len(notes)),
        "distinct_4grams": round(len(set().union(*sets)) / sum(map(len, grams)), 4),
        "mean_jaccard": round(sum(similarities) / len(similarities), 5),
        "greatest_jaccard": round(max(similarities), 4),
    }


def _four_grams(note: str) -> FourGrams:
    words = note.split()
    return [tuple(words[begin : begin + 4]) for begin in range(len(words) - 3)]


if __name__ == "__main__":
    main()
