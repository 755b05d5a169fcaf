"""A committee: recognisers trained beside the current one, so that one can see in which notes they differ."""

import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.store.models import Model
from corpus.workspace import Workspace
from ernotes.console import say
from inference.load import load_recogniser
from training.job import CRF
from training.run import train_recogniser

FOLDER_NAME = "committee"
"""Where members stand in the workspace until they have said what they find."""


def ask_committee(
    workspace: Workspace, notes: Sequence[Note], model: Model, size: int
) -> dict[str, tuple[tuple[Span, ...], ...]]:
    """What so many other recognisers like the model find in each note, by note id.

    A transformer's differ in their seed. Nothing in a crf is left to chance, so each of those learns from a resample of
    the model's notes (Abe & Mamitsuka 1998, "Query Learning Strategies Using Boosting and Bagging"). What a member
    finds is stored: killed and run again, none that was done is trained anew.
    """
    found = [_Member(workspace, model, number).spans_of(notes) for number in range(1, size + 1)]
    return {note.id: tuple(spans[note.id] for spans in found) for note in notes}


@dataclass(frozen=True, slots=True)
class _Member:
    workspace: Workspace
    model: Model
    number: int

    @property
    def author(self) -> Author:
        return Author(AuthorKind.MODEL, f"{self.model.version}:committee-{self.number}")

    @property
    def folder(self) -> Path:
        return self.workspace.folder / FOLDER_NAME / f"{self.model.version}-{self.number}"

    def spans_of(self, notes: Sequence[Note]) -> Mapping[str, tuple[Span, ...]]:
        """What it finds in each note; it is trained where it has not said that of all of them."""
        spans = self.workspace.store.spans
        known = spans.of_author(self.author.kind, self.author.name)
        new = [note for note in notes if note.id not in known]
        if new:
            self.train()
            found = load_recogniser(self.folder).recognise(note.text for note in new)
            spans.add_many(self.author, {note.id: said.spans for note, said in zip(new, found, strict=True)})
        shutil.rmtree(self.folder, ignore_errors=True)
        return {
            note_id: said.spans or () for note_id, said in spans.of_author(self.author.kind, self.author.name).items()
        }

    def train(self) -> None:
        """Write it to its folder, unless a killed run has."""
        if self.folder.exists():
            return
        say(f"committee: training number {self.number} beside {self.model.version}")
        store, config = self.workspace.store, self.workspace.config.training
        learnt = set(self.model.trained_on)
        notes = store.spans.annotated(Role.TRAIN, Role.EXEMPLAR, silver=config.silver)
        notes = [note for note in notes if note.id in learnt]
        if self.model.base == CRF:
            notes = random.Random(self.number).choices(notes, k=len(notes))
        validation = store.spans.annotated(Role.VALIDATION, silver=config.silver)
        self.folder.parent.mkdir(exist_ok=True)
        seed = (config.seed + self.number) % 2**32
        train_recogniser(self.model.base, notes, validation, self.folder, config, seed, say)
