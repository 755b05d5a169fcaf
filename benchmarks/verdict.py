"""Whether the judge of a round, by cross-validation on few notes, says what many more notes say of the two models.

    python benchmarks/verdict.py ../shared/er_ner [--draws 6] [--kept FILE]

One JSON line. Each draw takes 20 notes of train.json that the incumbent learnt from, and trains two candidates on them
and 20 more: `right`, with these as they are, and `wrong`, with the last word of each mention left out (mentions of one
word have none left). The judge compares each candidate with the incumbent on the 20 notes, by cross-validation; the
other 217 notes say what the difference is. A crf takes 30 steps, as in benchmarks/outlook.py. With --kept, draws are
kept in a file, and those that are there are not made again.
"""

import argparse
import json
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

from corpus.config.file import render_config
from corpus.config.settings import Config, LoopConfig
from corpus.config.training import CrfConfig, TrainingConfig
from corpus.formats import FileNote, read_notes_file
from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.recognition import Annotated
from corpus.workspace import Workspace, make_workspace, open_workspace
from ernotes.models.findings import compare
from ernotes.models.training import train
from ernotes.rounds.verdict import Trial, find_trial, weigh

OLD, NEW = 20, 20
CONFIG = Config(
    training=TrainingConfig(base="crf", crf=CrfConfig(max_iterations=30)), loop=LoopConfig(judge_by="cross-validation")
)


def main() -> None:
    """The figures as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=6)
    parser.add_argument("--kept", type=Path)
    arguments = parser.parse_args()
    notes = list(read_notes_file(arguments.folder / "train.json").notes)
    kept: list[dict[str, Any]] = []
    if arguments.kept and arguments.kept.exists():
        kept = [json.loads(line) for line in arguments.kept.read_text().splitlines()]
    for number in range(len(kept), arguments.draws):
        kept.append({kind: _judged(notes, number, kind) for kind in ("right", "wrong")})
        if arguments.kept:
            with arguments.kept.open("a") as file:
                file.write(json.dumps(kept[-1]) + "\n")
    draws = kept[: arguments.draws]
    figures = {kind: _summary([draw[kind] for draw in draws]) for kind in ("right", "wrong")}
    print(json.dumps({"benchmark": "verdict", "draws": len(draws), **figures}))


def _summary(judged: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "verdicts": dict(Counter(one["judge"]["verdict"] for one in judged)),
        "promoted": sum(one["judge"]["reason"] == "not worse" for one in judged),
        "verdicts of the other notes": dict(Counter(one["others"]["verdict"] for one in judged)),
        "judge": round(fmean(one["judge"]["difference"] for one in judged), 3),
        "could be shown": round(fmean(one["judge"]["detectable"] for one in judged), 3),
        "others": round(fmean(one["others"]["difference"] for one in judged), 3),
        "mean distance": round(
            fmean(abs(one["judge"]["difference"] - one["others"]["difference"]) for one in judged), 3
        ),
    }


def _judged(notes: Sequence[FileNote], number: int, kind: str) -> dict[str, Any]:
    """What the judge says of a candidate, and what the notes say that neither of the two models learnt from."""
    drawn = random.Random(number).sample(notes, len(notes))
    with tempfile.TemporaryDirectory() as place:
        make_workspace(Path(place) / "w", render_config(CONFIG))
        with open_workspace(Path(place) / "w", write=True) as workspace:
            _take_in(workspace, drawn[:OLD])
            incumbent = train(workspace).model
            more = drawn[OLD : OLD + NEW]
            _take_in(workspace, more if kind == "right" else [_without_last_words(note) for note in more])
            candidate = train(workspace, promote=False).model
            trial = find_trial(workspace, candidate, incumbent)
            others = [
                Annotated(_take_in(workspace, [note], Role.POOL), note.text, note.spans) for note in drawn[OLD + NEW :]
            ]
            found = [compare(workspace, others, version) for version in (candidate, incumbent)]
    return {"judge": _weighed(trial), "others": _weighed(Trial("the other notes", *found))}


def _weighed(trial: Trial | None) -> dict[str, Any]:
    if trial is None:
        raise ValueError("these notes could not tell the models apart")
    judgement = weigh(trial)
    return {**judgement.comparison.micro.to_json(), "flips": judgement.flips, "reason": judgement.reason}


def _take_in(workspace: Workspace, notes: Sequence[FileNote], role: Role = Role.TRAIN) -> str:
    """Store the notes; the id of the last one."""
    for item in notes:
        note = Note("train.json", item.doc_id, item.text, role)
        workspace.store.notes.add(note)
        workspace.store.spans.add(note.id, Author(AuthorKind.IMPORT, "train.json"), item.spans)
    return note.id


def _without_last_words(note: FileNote) -> FileNote:
    return replace(note, spans=tuple(short for span in note.spans if (short := _shortened(note.text, span))))


def _shortened(text: str, span: Span) -> Span | None:
    words = text[span.start : span.end].rsplit(maxsplit=1)
    return replace(span, end=span.start + len(words[0])) if len(words) == 2 else None


if __name__ == "__main__":
    main()
