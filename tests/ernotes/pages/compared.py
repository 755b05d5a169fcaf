"""A workspace with two rounds to set side by side, for the tests of the comparison and of its page."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from corpus.config.file import render_config
from corpus.config.settings import Config
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.store.batches import accept_brief
from corpus.workspace import Workspace, make_workspace, open_workspace
from tests.ernotes.pages.reported import HOSTILE, OUTLOOK, judged

TEXT = f"Medicado com aspirina e ramipril,\r\nalérgico a penicilina. {HOSTILE} Nota número"
ASPIRIN, RAMIPRIL, ALLERGY = Span(13, 21, Label.MEDICATION), Span(24, 32, Label.MEDICATION), Span(46, 56, Label.ALLERGY)
DENIED, INVENTED = Span(46, 56, Label.NO_ALLERGY, 0.7), Span(0, 8, Label.MEDICATION, 0.4)
GOLD = (ASPIRIN, RAMIPRIL, ALLERGY)
VALIDATION_NOTES, TEST_NOTES = 8, 2


@contextmanager
def two_rounds(folder: Path) -> Iterator[Workspace]:
    """Round 1 trained crf-one, round 2 crf-two; both were scored on eight validation notes, crf-two on a ninth too.

    Two of the validation notes are of round 1, corrected from what crf-one had found there, in 30 seconds each.
    """
    make_workspace(folder, render_config(Config()))
    with open_workspace(folder, write=True) as workspace:
        notes = [_note(workspace, number, Role.VALIDATION) for number in range(VALIDATION_NOTES + 1)]
        tests = [_note(workspace, 100 + number, Role.TEST) for number in range(TEST_NOTES)]
        _train(workspace, 1, "crf-one", ["t1", "t2"])
        _train(workspace, 2, "crf-two", ["t2", "t3", "t4"])
        for number, note in enumerate(notes):
            if number < VALIDATION_NOTES:
                _found(workspace, "crf-one", note, (ASPIRIN, ALLERGY if number == 1 else DENIED))
            better = {0: (RAMIPRIL, DENIED, INVENTED), 1: (ASPIRIN, RAMIPRIL, DENIED)}
            _found(workspace, "crf-two", note, better.get(number, GOLD))
        for note in tests:
            _found(workspace, "crf-one", note, GOLD)
            _found(workspace, "crf-two", note, GOLD)
        for number, note in enumerate(notes):
            detail = {"pre_annotated_by": "crf-one", "lead_time_seconds": 30.0} if number in (3, 4) else {}
            workspace.store.spans.add(note.id, Author(AuthorKind.HUMAN, "ana"), GOLD, detail=detail)
        for note in tests:
            workspace.store.spans.add(note.id, Author(AuthorKind.IMPORT, "file"), GOLD)
        _ask_for(workspace, 1, notes[3:5])
        yield workspace


def _note(workspace: Workspace, number: int, role: Role) -> Note:
    note = Note("made up", number, f"{TEXT} {number}.", role)
    workspace.store.notes.add(note)
    return note


def _train(workspace: Workspace, number: int, version: str, trained_on: Sequence[str]) -> None:
    store = workspace.store
    store.models.add(version, "crf", trained_on, {})
    store.rounds.finish_step(number, "train", {"model": version})
    store.rounds.finish_step(number, "judge", judged(promoted=number == 2))
    store.rounds.finish_step(number, "outlook", OUTLOOK if number == 2 else {**OUTLOOK, "curve": None})
    for role in (Role.VALIDATION, Role.TEST):
        store.scores.add(version, role, {"diagnosis": "top1", "fictional": True}, number)


def _found(workspace: Workspace, version: str, note: Note, spans: Sequence[Span]) -> None:
    workspace.store.spans.add(note.id, Author(AuthorKind.MODEL, version), spans)


def _ask_for(workspace: Workspace, number: int, notes: Sequence[Note]) -> None:
    """Make the notes those of a round."""
    batch = workspace.store.batches.plan([{}] * len(notes), number)
    with workspace.store.engine.begin() as connection:
        for brief, note in zip(list(workspace.store.batches.briefs(batch)), notes, strict=True):
            accept_brief(connection, brief, note, Author(AuthorKind.BRIEF, "brief"), GOLD)
