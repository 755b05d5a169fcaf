"""What the embedded recogniser says of notes that it was not trained on, by cross-validation over lineages."""

import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from corpus.config import CrfConfig
from corpus.errors import ModelError
from corpus.lineages import ALIKE, join_lineages
from corpus.note import Span
from corpus.recognition import Annotated
from inference.load import load_recogniser
from training.crf import train_crf

FOLDS = 5


def cross_validate(
    notes: Sequence[Annotated],
    lineages: Mapping[str, str],
    config: CrfConfig,
    progress: Callable[[str], None],
    *,
    seed: int = 1,
) -> dict[str, tuple[Span, ...]]:
    """What a crf finds in each note, by note id: one trained on the notes of other folds alone.

    `lineages` gives each note's lineage by id; notes of one lineage, and notes alike, are in one fold. The same notes
    and seed give the same spans. Raises ModelError where the notes are of fewer than two lineages, or a fold leaves
    nothing to learn from.
    """
    folds = split_folds(notes, lineages, seed)
    found: dict[str, tuple[Span, ...]] = {}
    for number, fold in enumerate(folds, start=1):
        progress(f"cross-validation: fold {number} of {len(folds)}")
        others = [note for other in folds if other is not fold for note in other]
        with tempfile.TemporaryDirectory() as place:
            trained = train_crf(others, [], Path(place) / "model", config, seed, lambda _: None)
            recognised = load_recogniser(trained.folder).recognise(note.text for note in fold)
            found |= {note.id: recognition.spans for note, recognition in zip(fold, recognised, strict=True)}
    return {note.id: found[note.id] for note in notes}


def split_folds(notes: Sequence[Annotated], lineages: Mapping[str, str], seed: int) -> list[list[Annotated]]:
    """The notes in FOLDS folds of like size, fewer where there are fewer lineages; none is empty."""
    joined = join_lineages([lineages[note.id] for note in notes], (note.text for note in notes), least=ALIKE)
    members: dict[str, list[Annotated]] = {}
    for name, note in zip(joined, notes, strict=True):
        members.setdefault(name, []).append(note)
    if len(members) < 2:
        raise ModelError(
            f"cross-validation needs notes of two lineages at least, and the {len(notes)} annotated notes are of "
            f"{len(members)}; import or correct more"
        )
    folds: list[list[Annotated]] = [[] for _ in range(min(FOLDS, len(members)))]
    shuffled = random.Random(seed).sample(list(members.values()), len(members))
    for lineage in sorted(shuffled, key=len, reverse=True):
        min(folds, key=len).extend(lineage)
    return folds
