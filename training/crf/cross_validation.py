"""What the embedded recogniser says of notes that it was not trained on, fold by fold, split over lineages."""

import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.config.training import CrfConfig
from corpus.errors import ModelError
from corpus.note import Span
from corpus.recognition import Annotated
from corpus.text.lineages import ALIKE, join_lineages
from inference.crf.recogniser import CrfRecogniser
from training.crf.train import train_crf

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a recogniser that never saw a note says of it.

    `found` are the spans that it would predict, `possible` all that are not improbable, overlapping ones included.
    """

    found: tuple[Span, ...]
    possible: tuple[Span, ...]


def predict_fold(
    others: Sequence[Annotated], fold: Sequence[Annotated], config: CrfConfig, seed: int
) -> dict[str, Unseen]:
    """What a crf trained on `others` alone says of each note of the fold, by note id; the same notes give the same.

    Raises ModelError where `others` leave nothing to learn from.
    """
    with tempfile.TemporaryDirectory() as place:
        trained = train_crf(others, [], Path(place) / "model", config, seed, lambda _: None)
        recogniser = CrfRecogniser.load(trained.folder, "")
    texts = [note.text for note in fold]
    said = zip(recogniser.recognise(texts), recogniser.possible(texts), strict=True)
    return {
        note.id: Unseen(recognition.spans, possible) for note, (recognition, possible) in zip(fold, said, strict=True)
    }


def split_folds(
    notes: Sequence[Annotated], lineages: Mapping[str, str], seed: int, *, count: int = FOLDS
) -> list[list[Annotated]]:
    """The notes in `count` folds of like size, fewer where there are fewer lineages; none is empty.

    `lineages` gives each note's lineage by id; notes of one lineage, and notes alike, are in one fold. Raises
    ModelError where the notes are of fewer than two lineages.
    """
    joined = join_lineages([lineages[note.id] for note in notes], (note.text for note in notes), least=ALIKE)
    members: dict[str, list[Annotated]] = {}
    for name, note in zip(joined, notes, strict=True):
        members.setdefault(name, []).append(note)
    if len(members) < 2:
        raise ModelError(
            f"cross-validation needs notes of two lineages at least, and the {len(notes)} annotated notes are of "
            f"{len(members)}; import or correct more"
        )
    folds: list[list[Annotated]] = [[] for _ in range(min(count, len(members)))]
    shuffled = random.Random(seed).sample(list(members.values()), len(members))
    for lineage in sorted(shuffled, key=len, reverse=True):
        min(folds, key=len).extend(lineage)
    return folds
