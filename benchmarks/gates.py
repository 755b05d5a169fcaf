"""What the gates refuse of notes that they should let pass, and what each gate costs.

Usage: python benchmarks/gates.py [--notes 300] [--seed 13]

One JSON line. Judged are the embedded endpoint's notes, one after another as in a run (each compared with those before
it), with the ER_NER training notes as exemplars where ER_NER_DIR is set; and those notes themselves, without exemplars,
since physicians copy from one another. Milliseconds are of processor time, for one note.
"""

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from corpus.formats import read_notes_file
from corpus.note import Note, Role
from corpus.text.signatures import SignatureIndex, sign
from corpus.text.similarity import runs, split_words
from generation.briefs.planning import load_knowledge, plan_briefs
from generation.gates import Gates, check_note
from generation.gates.copies import ExemplarPassages
from generation.gates.personal import find_personal
from generation.gates.variety import weigh_varieties
from generation.offline.layouts import LAYOUTS
from generation.offline.writer import write_note

T = TypeVar("T")


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notes", type=int, default=300)
    parser.add_argument("--seed", type=int, default=13)
    arguments = parser.parse_args()
    briefs = plan_briefs(arguments.notes, arguments.seed, load_knowledge(), LAYOUTS)
    offline = [write_note(brief, arguments.seed + number) for number, brief in enumerate(briefs)]
    path = Path(os.environ.get("ER_NER_DIR", "../shared/er_ner")) / "train.json"
    physicians = read_notes_file(path).notes if path.is_file() else []
    exemplars = [Note("er_ner", note.doc_id, note.text, Role.EXEMPLAR) for note in physicians]
    print(
        json.dumps(
            {
                "benchmark": "gates",
                "exemplars": len(exemplars),
                "offline_refused": _refused(Gates.of(exemplars), offline),
                "er_ner_refused": _refused(Gates.of([]), [note.text for note in physicians]),
                "milliseconds": _milliseconds(exemplars, offline),
            }
        )
    )


def _refused(gates: Gates, texts: Sequence[str]) -> dict[str, Any]:
    """How many notes were judged, how many of them refused for which reason, and the extremes of the figures."""
    inspections = []
    for number, text in enumerate(texts):
        inspections.append(gates.judge(text, "stop"))
        if not inspections[-1].reason:
            gates.admit(str(number), inspections[-1])
    reasons = Counter(inspection.reason for inspection in inspections if inspection.reason)
    names = {name for inspection in inspections for name in inspection.figures}
    extremes = {
        name: [f(v.figures[name] for v in inspections if name in v.figures) for f in (min, max)] for name in names
    }
    return {"notes": len(texts), "reasons": dict(reasons), "extremes": dict(sorted(extremes.items()))}


def _milliseconds(exemplars: Sequence[Note], texts: Sequence[str]) -> dict[str, float]:
    """What each gate takes for one note."""
    passages = ExemplarPassages(exemplars)
    words = [split_words(text) for text in texts]
    ngrams = [frozenset(runs(found)) for found in words]
    signatures = [sign(found) for found in ngrams]
    index = SignatureIndex()
    for number in range(2000):
        index.add(str(number), signatures[number % len(signatures)])
    return {
        "form": _time(lambda text: check_note(text, "stop"), texts),
        "personal": _time(find_personal, texts),
        "variety": _time(weigh_varieties, texts),
        "words": _time(split_words, texts),
        "copies": _time(passages.measure, words),
        "signature": _time(sign, ngrams),
        "nearest_of_2000": _time(index.nearest, signatures),
    }


def _time(step: Callable[[T], object], inputs: Iterable[T]) -> float:
    cases = list(inputs)
    begin = time.process_time()
    for case in cases:
        step(case)
    return round((time.process_time() - begin) / len(cases) * 1000, 3)


if __name__ == "__main__":
    main()
