"""Cross-validated spans: worked out once, durable fold by fold, and named by all that they follow from."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from corpus.config.file import render_config
from corpus.config.settings import Config
from corpus.config.training import CrfConfig, TrainingConfig
from corpus.errors import ModelError
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity, Span
from corpus.recognition import Annotated
from corpus.workspace import Workspace, make_workspace, open_workspace
from ernotes.models.out_of_fold import SUFFIX, out_of_fold
from training.crf.cross_validation import Unseen

DRUG, LONGER = Span(0, 4, Label.MEDICATION), Span(0, 6, Label.MEDICATION, 0.1)
IMPORT = Author(AuthorKind.IMPORT, "file")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Ten notes without a word in common, one of them a validation note."""
    make_workspace(tmp_path, render_config(Config(training=TrainingConfig(crf=CrfConfig(max_iterations=5)))))
    with open_workspace(tmp_path, write=True) as opened:
        for number in range(10):
            text = " ".join(f"{letter}{number}" * 2 for letter in "abcdefghijkl")
            role = Role.VALIDATION if number == 9 else Role.TRAIN
            note = Note("test", number, text, role, Sensitivity.FICTIONAL, lineage=f"own {number}")
            opened.store.notes.add(note)
            opened.store.spans.add(note.id, IMPORT, [DRUG])
        yield opened


class Recorded:
    """Stands in for the training of a fold; keeps which notes it was to learn from, and may be killed."""

    def __init__(self, killed_after: int = 99) -> None:
        self.learnt: list[list[str]] = []
        self._left = killed_after

    def __call__(
        self, others: Sequence[Annotated], fold: Sequence[Annotated], _config: CrfConfig, _seed: int
    ) -> Mapping[str, Unseen]:
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        self.learnt.append([note.id for note in others])
        surest = Span(0, 4, Label.MEDICATION, 0.9)
        return {note.id: Unseen((surest,), (surest, LONGER)) for note in fold}


def test_every_train_note_is_predicted_by_what_did_not_see_it_and_only_once(workspace: Workspace) -> None:
    train = Recorded()
    first = out_of_fold(workspace, predict=train)
    ids = workspace.store.notes.ids(Role.TRAIN)
    assert [note.id for note in first.notes] == list(first.found) == ids
    assert first.found[ids[0]] == (Span(0, 4, Label.MEDICATION, 0.9),)
    assert first.possible[ids[0]] == (Span(0, 4, Label.MEDICATION, 0.9), LONGER)
    assert [len(others) for others in train.learnt] == [7, 7, 7, 7, 8]
    assert out_of_fold(workspace, predict=train) == first
    assert len(train.learnt) == 5


def test_a_killed_run_goes_on_with_the_next_fold(workspace: Workspace) -> None:
    killed, rest = Recorded(killed_after=3), Recorded()
    with pytest.raises(KeyboardInterrupt):
        out_of_fold(workspace, predict=killed)
    found = out_of_fold(workspace, predict=rest).found
    assert (len(killed.learnt), len(rest.learnt)) == (3, 2)
    for note_id, spans in found.items():
        assert spans == (Span(0, 4, Label.MEDICATION, 0.9),)
        assert sum(note_id not in others for others in killed.learnt + rest.learnt) == 1


def test_only_the_named_notes_are_learnt_from_on_the_same_folds(workspace: Workspace) -> None:
    every, some = Recorded(), Recorded()
    out_of_fold(workspace, predict=every)
    allowed = workspace.store.notes.ids(Role.TRAIN)[:4]
    fewer = out_of_fold(workspace, learn_from=allowed, predict=some)
    assert list(fewer.found) == workspace.store.notes.ids(Role.TRAIN)
    assert some.learnt == [[note_id for note_id in others if note_id in allowed] for others in every.learnt]


@pytest.mark.parametrize(
    "change",
    [
        lambda store, note_id: store.spans.add(note_id, IMPORT, [Span(0, 5, Label.MEDICATION)]),
        lambda store, note_id: store.notes.set_role(note_id, Role.VALIDATION),
    ],
    ids=["gold", "role"],
)
def test_what_changes_the_notes_or_their_gold_is_worked_out_anew(
    workspace: Workspace, change: Callable[..., object]
) -> None:
    before = out_of_fold(workspace, predict=Recorded())
    change(workspace.store, before.notes[0].id)
    train = Recorded()
    after = out_of_fold(workspace, predict=train)
    assert len(train.learnt) == 5
    assert after.author != before.author
    assert after.author.endswith(SUFFIX)


def test_too_few_notes_are_refused(tmp_path: Path) -> None:
    make_workspace(tmp_path / "empty", render_config(Config()))
    with (
        open_workspace(tmp_path / "empty", write=True) as workspace,
        pytest.raises(ModelError, match="needs notes of two lineages"),
    ):
        out_of_fold(workspace)
