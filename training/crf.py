"""Training of the embedded recogniser: a linear-chain CRF over words, with python-crfsuite."""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pycrfsuite

from corpus.config import CrfConfig
from corpus.errors import ModelError
from corpus.labels import TAGS, Label
from corpus.recognition import Annotated, Trained
from corpus.tags import encode_tags, untagged_spans
from inference.crf import MODEL_NAME
from inference.features import attributes, describe
from inference.manifest import MANIFEST_NAME, Manifest
from inference.words import Words, split_words
from training.folder import whole_folder


def train_crf(
    train: Sequence[Annotated],
    validation: Sequence[Annotated],  # noqa: ARG001 - every trainer takes it; see below
    folder: Path,
    config: CrfConfig,
    seed: int,
    progress: Callable[[str], None],
) -> Trained:
    """A CRF trained on `train` and written to `folder`, with the figures of the run.

    L-BFGS sees all notes at every step and starts at zero, so nothing is left to chance: `seed` is only recorded, and
    `validation` (nothing is stopped or chosen by it) is not read. Raises ModelError where there is nothing to learn.
    """
    started = time.perf_counter(), time.process_time()
    labels = Counter(span.label for note in train for span in note.spans)
    if not labels:
        raise ModelError(f"nothing to learn from: {len(train)} training notes without a span; annotate or import some")
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params(
        {"c1": config.c1, "c2": config.c2, "max_iterations": config.max_iterations, "feature.possible_states": False}
    )
    untagged: Counter[str] = Counter()
    words_seen = 0
    progress(f"crf: features of {len(train)} notes")
    for note in train:
        words = split_words(note.text)
        if not len(words):
            continue
        untagged.update(reason.name.lower() for _, reason in untagged_spans(words.offsets, note.spans))
        trainer.append(spell(words), [TAGS[tag] for tag in encode_tags(words.offsets, note.spans)])
        words_seen += len(words)
    progress(f"crf: training on {words_seen} words, at most {config.max_iterations} steps")
    recipe = {**config.model_dump(), "algorithm": "lbfgs", "seed": seed}
    manifest = Manifest(kind="crf", base="crf", tags=TAGS, trained_on=len(train), recipe=recipe)
    _write(trainer, manifest, folder)
    figures: dict[str, Any] = {
        "base": "crf",
        "train_notes": len(train),
        "train_words": words_seen,
        "train_spans": {label.value: labels[label] for label in Label},
        "untagged_spans": dict(untagged),
        "steps": trainer.logparser.last_iteration["num"] if trainer.logparser.last_iteration else 0,
        "seconds": round(time.perf_counter() - started[0], 2),
        "cpu_seconds": round(time.process_time() - started[1], 2),
    }
    return Trained(folder, figures)


def spell(words: Words) -> list[list[str]]:
    """The attributes of each word of a note, as CRFsuite takes them."""
    spelled: list[list[str]] = [[] for _ in range(len(words))]
    for column, keys in describe(words).items():
        known = {key: attributes(column, key) for key in set(keys)}
        for attributes_of_word, key in zip(spelled, keys, strict=True):
            attributes_of_word += known[key]
    return spelled


def _write(trainer: Any, manifest: Manifest, folder: Path) -> None:
    with whole_folder(folder) as draft:
        trainer.train(str(draft / MODEL_NAME))
        text = json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"
        (draft / MANIFEST_NAME).write_text(text, "utf-8")
