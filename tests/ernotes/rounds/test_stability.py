"""How far two models agree on notes that neither learnt from."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from corpus.config.file import render_config
from corpus.config.settings import Config
from corpus.labels import Label
from corpus.note import Note, Role, Span
from corpus.workspace import make_workspace, open_workspace
from ernotes.rounds.stability import stop_set, token_kappa

TEXT = "aspirina 100 mg, ramipril"
WHOLE, SHORT, OTHER = Span(0, 15, Label.MEDICATION), Span(0, 8, Label.MEDICATION), Span(17, 25, Label.MEDICATION)


@pytest.mark.parametrize(
    ("one", "other", "kappa"),
    [
        ([WHOLE, OTHER], [WHOLE, OTHER], 1),
        # Of five tokens (three of the first drug, a comma, a drug) both call three drugs, one only the first model.
        # Agreed: 4/5. By chance: 4/5 · 3/5 + 1/5 · 2/5 = 14/25. Kappa = (20 - 14) / (25 - 14).
        ([WHOLE, OTHER], [WHOLE], 6 / 11),
        ([WHOLE], [], 0),
        ([], [], None),
    ],
)
def test_kappa_is_over_the_labels_of_tokens(one: Sequence[Span], other: Sequence[Span], kappa: float | None) -> None:
    note = Note("made up", 1, TEXT, Role.POOL)
    found = token_kappa([note], {note.id: one}, {note.id: other})
    assert found == (kappa if kappa is None else pytest.approx(kappa))


def test_the_stop_set_is_the_pool_and_validation_and_of_a_large_pool_always_the_same_notes(tmp_path: Path) -> None:
    make_workspace(tmp_path / "w", render_config(Config()))
    with open_workspace(tmp_path / "w", write=True) as workspace:
        notes = workspace.store.notes
        for number in range(8):
            notes.add(Note("made up", number, f"Nota {number}.", Role.POOL))
        for role in (Role.VALIDATION, Role.TRAIN, Role.TEST, Role.EXEMPLAR):
            notes.add(Note("made up", str(role), f"Nota de {role}.", role))
        before = [note.doc_id for note in stop_set(workspace, (), 3)]
        assert before[3:] == ["validation"]
        left = next(number for number in range(8) if number not in before)
        notes.erase(next(note.id for note in notes.by_role(Role.POOL) if note.doc_id == left))
        assert [note.doc_id for note in stop_set(workspace, (), 3)] == before
