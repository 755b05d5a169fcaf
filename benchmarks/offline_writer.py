"""How varied the embedded endpoint's notes are, beside the ER_NER training notes where ER_NER_DIR is set.

Usage: python benchmarks/offline_writer.py [--notes 200] [--seed 13]

One JSON line. `distinct_4grams` is the share of 4-grams (of words) that are different ones, over all notes together
(Li et al., 2016; higher is more varied). It falls as the text grows: both sides have the same number of notes, yet
ER_NER's are longer. `mean_jaccard` is the mean, over all pairs of notes, of the Jaccard similarity of their sets of
4-grams (lower is more varied). `offline_one_brief` are notes of one brief with different seeds.
`passed` is the share that the format gates and the alignment with the brief accept. Only words are compared: a note
is split at white space, its line ends do not count.
"""

import argparse
import json
import os
import time
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from corpus.formats import read_notes_file
from generation.gates import check_note
from generation.offline.layouts import LAYOUTS
from generation.offline.writer import write_note
from generation.sampling import load_knowledge, plan_briefs
from generation.truth import align_brief

FourGrams = list[tuple[str, ...]]


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=13)
    arguments = parser.parse_args()
    briefs = plan_briefs(arguments.notes, arguments.seed, load_knowledge(), LAYOUTS)
    begin = time.perf_counter()
    notes = [write_note(brief, arguments.seed + number) for number, brief in enumerate(briefs)]
    seconds = time.perf_counter() - begin
    passed = sum(
        check_note(note, "stop") is None and not align_brief(brief, note).reason
        for brief, note in zip(briefs, notes, strict=True)
    )
    of_one_brief = [write_note(briefs[0], seed) for seed in range(arguments.notes)]
    print(
        json.dumps(
            {
                "benchmark": "offline writer",
                "seconds_per_note": round(seconds / len(notes), 4),
                "passed": round(passed / len(notes), 4),
                "offline": _variety(notes),
                "offline_one_brief": _variety(of_one_brief),
                "er_ner_train": _peer(len(notes)),
            }
        )
    )


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


def _peer(count: int) -> dict[str, float] | None:
    """The same figures of the first `count` ER_NER training notes; None where they are absent."""
    path = Path(os.environ.get("ER_NER_DIR", "../shared/er_ner")) / "train.json"
    return _variety([note.text for note in read_notes_file(path).notes[:count]]) if path.is_file() else None


if __name__ == "__main__":
    main()
