"""Prints one JSON line: what the embedded recogniser costs and scores, beside a plain feature CRF in the same run.

    python benchmarks/crf.py ../shared/er_ner

(-P, since a file beside this one has the name of the package `training`.)

It trains on the folder's train.json and scores on its val.json, which also chooses the temperature of the confidences.
The peer is what one writes in an afternoon: a word, its shape, its ending and two neighbours to each side, CRFsuite's
own tagger, and its `marginal` asked for every tag of each word. Both take the same knobs. Notes/s are of one core:
"first" over val.json with nothing remembered, "later" over train.json after that, "again" over train.json once more,
when every key has been met.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pycrfsuite

from corpus.config.training import CrfConfig
from corpus.formats import read_notes_file
from corpus.labels import TAG_IDS, TAGS
from corpus.note import Span
from corpus.recognition import Annotated
from corpus.scoring.scores import ScoredNote, score_notes
from corpus.tags import decode_tags, encode_tags
from inference.crf.forms import normal_form, shape
from inference.crf.words import Words, find_words
from inference.load import load_recogniser
from training.crf.train import train_crf

Predict = Callable[[Iterable[str]], Iterable[Sequence[Span]]]


def main(folder: Path) -> None:
    """The figures of both, as one line of JSON."""
    train, validation = (_read(folder / name) for name in ("train.json", "val.json"))
    with tempfile.TemporaryDirectory() as place:
        ours = _timed(lambda: _ours(train, validation, Path(place) / "model"), train, validation)
        peer = _timed(lambda: _peer(train, Path(place) / "peer.crfsuite"), train, validation)
    print(
        json.dumps({"benchmark": "crf", "train_notes": len(train), "val_notes": len(validation), **ours, "peer": peer})
    )


def _read(path: Path) -> list[Annotated]:
    return [Annotated(str(note.doc_id), note.text, note.spans) for note in read_notes_file(path).notes]


def _ours(train: Sequence[Annotated], validation: Sequence[Annotated], folder: Path) -> Predict:
    recogniser = load_recogniser(train_crf(train, validation, folder, CrfConfig(), 1, lambda _: None).folder)
    return lambda texts: (recognition.spans for recognition in recogniser.recognise(texts))


def _peer(train: Sequence[Annotated], model: Path) -> Predict:
    config = CrfConfig()
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": config.c1, "c2": config.c2, "max_iterations": config.max_iterations})
    for note in train:
        words = find_words(note.text)
        trainer.append(_plain(words), [TAGS[tag] for tag in encode_tags(words.offsets, note.spans)])
    trainer.train(str(model))
    tagger = pycrfsuite.Tagger()
    tagger.open(str(model))
    return lambda texts: (_tag(tagger, find_words(text)) for text in texts)


def _plain(words: Words) -> list[list[str]]:
    """Window features of each word, and nothing else."""
    forms = ["<", "<", *map(normal_form, words.texts), ">", ">"]
    return [
        [
            "any",
            f"s={shape(text)}",
            f"e={forms[place][-3:]}",
            *(f"{step}={forms[place + step]}" for step in range(-2, 3)),
        ]
        for place, text in enumerate(words.texts, 2)
    ]


def _tag(tagger: Any, words: Words) -> list[Span]:
    """The tagger's spans, each with the least marginal of its words as confidence."""
    tagger.set(_plain(words))
    tags = tagger.tag()
    marginals = [[tagger.marginal(tag, word) for tag in tagger.labels()] for word in range(len(words))]
    columns = {tag: column for column, tag in enumerate(tagger.labels())}
    sure = [row[columns[tag]] for row, tag in zip(marginals, tags, strict=True)]
    mentions = decode_tags([TAG_IDS[tag] for tag in tags], words.offsets)
    return [
        Span(mention.start, mention.end, mention.label, min(sure[mention.first_token : mention.end_token]))
        for mention in mentions
    ]


def _timed(
    make: Callable[[], Predict], train: Sequence[Annotated], validation: Sequence[Annotated]
) -> dict[str, float | dict[str, Any]]:
    """Seconds to make a recogniser, notes it reads in a second of one core, and its exact scores on validation."""
    wall, cpu = time.perf_counter(), time.process_time()
    predict = make()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    found, first = _rate(predict, validation)
    _, later = _rate(predict, train)
    _, again = _rate(predict, train)
    pairs = zip(validation, found, strict=True)
    exact = score_notes(ScoredNote(note.id, note.spans, spans) for note, spans in pairs).exact
    return {
        "train_seconds": round(wall, 1),
        "train_cpu_seconds": round(cpu, 1),
        "notes_per_second": {"first": round(first, 1), "later": round(later, 1), "again": round(again, 1)},
        "micro_f1": round(exact.micro.f1, 4),
        "macro_f1": round(exact.macro.f1, 4),
        "f1": {str(label): round(counts.f1, 4) for label, counts in exact.per_label.items()},
    }


def _rate(predict: Predict, notes: Sequence[Annotated]) -> tuple[list[Sequence[Span]], float]:
    """The spans of each note, and the notes read in a second of processor time."""
    begin = time.process_time()
    found = list(predict(note.text for note in notes))
    return found, len(notes) / (time.process_time() - begin)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
