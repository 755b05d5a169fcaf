"""What a crf says of the annotated notes without having seen them, worked out once and kept in the store."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.config.training import CrfConfig
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Role, Span
from corpus.recognition import Annotated
from corpus.store.spans import SpanSet
from corpus.workspace import Workspace
from ernotes.console import say

if TYPE_CHECKING:
    from training.crf.cross_validation import Unseen  # numpy and the crf are loaded where a fold is worked out

SUFFIX = ":cross-validated"
"""Ends the name of every author of such spans, so that no model's own are taken for them."""
_SEED = 1
_POSSIBLE = "possible"

PredictFold = Callable[[Sequence[Annotated], Sequence[Annotated], CrfConfig, int], Mapping[str, "Unseen"]]
"""`training.crf.cross_validation.predict_fold`."""


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """The train and exemplar notes with their gold and, by note id, what a crf trained on other folds says of them.

    `found` are the spans that it would predict, `possible` all that are not improbable, overlapping ones included.
    `author` is the name under which the store keeps them.
    """

    author: str
    notes: tuple[Annotated, ...]
    found: Mapping[str, tuple[Span, ...]]
    possible: Mapping[str, tuple[Span, ...]]


def out_of_fold(
    workspace: Workspace, *, learn_from: Collection[str] | None = None, predict: PredictFold | None = None
) -> OutOfFold:
    """The cross-validated spans of every annotated train and exemplar note; validation and test have no part in it.

    With `learn_from`, only the notes with these ids are learnt from; the others are predicted all the same, on the same
    folds. Each fold is durable as soon as it is done: killed and run again, it goes on with the next, and the same
    notes, gold and recipe are not worked out twice. Raises ModelError where there are too few notes.
    """
    store, config = workspace.store, workspace.config.training
    notes = store.spans.annotated(Role.TRAIN, Role.EXEMPLAR, silver=config.silver)
    lineages = {note.id: note.lineage or note.id for note in store.notes.many([note.id for note in notes])}
    learnt = [note for note in notes if learn_from is None or note.id in learn_from]
    author = Author(AuthorKind.MODEL, _name(notes, lineages, learnt, config.crf))
    known = store.spans.of_author(author.kind, author.name)
    if not notes or any(note.id not in known for note in notes):
        _work_out(workspace, notes, lineages, learnt, author, predict)
        known = store.spans.of_author(author.kind, author.name)
    return OutOfFold(
        author.name,
        tuple(notes),
        {note.id: known[note.id].spans or () for note in notes},
        {note.id: _possible(known[note.id]) for note in notes},
    )


def _work_out(
    workspace: Workspace,
    notes: Sequence[Annotated],
    lineages: Mapping[str, str],
    learnt: Sequence[Annotated],
    author: Author,
    predict: PredictFold | None,
) -> None:
    """Store what is said of the notes of each fold that is not stored whole."""
    from training.crf.cross_validation import predict_fold, split_folds

    spans = workspace.store.spans
    predict = predict or predict_fold
    known = spans.of_author(author.kind, author.name).keys()
    folds = split_folds(notes, lineages, _SEED)
    for number, fold in enumerate(folds, start=1):
        own = {note.id for note in fold}
        if own <= known:
            continue
        say(f"cross-validation: fold {number} of {len(folds)}")
        others = [note for note in learnt if note.id not in own]
        unseen = predict(others, fold, workspace.config.training.crf, _SEED)
        spans.add_many(
            author,
            {note_id: said.found for note_id, said in unseen.items()},
            details={
                note_id: {_POSSIBLE: [[*span.place, span.confidence] for span in said.possible]}
                for note_id, said in unseen.items()
            },
        )


def _name(
    notes: Sequence[Annotated], lineages: Mapping[str, str], learnt: Sequence[Annotated], config: CrfConfig
) -> str:
    """A name that follows from all that the spans do: notes, gold, lineages, what is learnt from, and the recipe."""
    from inference.crf.spelling import FEATURES

    parts: list[object] = [config.model_dump(mode="json"), FEATURES, _SEED]
    parts += [[note.id, lineages[note.id], [span.place for span in note.spans]] for note in notes]
    parts.append([note.id for note in learnt])
    return f"crf-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:10]}{SUFFIX}"


def _possible(said: SpanSet) -> tuple[Span, ...]:
    return tuple(Span(start, end, Label(label), confidence) for start, end, label, confidence in said.detail[_POSSIBLE])
