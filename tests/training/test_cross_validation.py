"""Cross-validation: no note is predicted by a model that saw it, its lineage or a near-duplicate."""

from dataclasses import replace

import pytest

from corpus.config import CrfConfig
from corpus.errors import ModelError
from corpus.recognition import Annotated
from tests.made_up import NOTES
from training.cross_validation import FOLDS, cross_validate, split_folds

OWN = {note.id: note.id for note in NOTES}
TEXTS = [f"Nota {letter}: {' '.join(f'{letter}{number}' for number in range(20))}" for letter in "abcdefghijklmnopqrst"]
DISTINCT = [Annotated(str(number), text, ()) for number, text in enumerate(TEXTS)]
DISTINCT_OWN = {note.id: note.id for note in DISTINCT}


def test_folds_hold_every_note_once_and_are_of_one_size() -> None:
    folds = split_folds(DISTINCT, DISTINCT_OWN, seed=3)
    assert [len(fold) for fold in folds] == [4] * FOLDS
    assert sorted(note.id for fold in folds for note in fold) == sorted(DISTINCT_OWN)
    assert folds == split_folds(DISTINCT, DISTINCT_OWN, seed=3) != split_folds(DISTINCT, DISTINCT_OWN, seed=4)


def test_a_lineage_and_its_near_duplicates_are_in_one_fold() -> None:
    lineages = {note.id: str(int(note.id) // 4) for note in DISTINCT}
    copy = replace(DISTINCT[0], id="copy")
    folds = split_folds([*DISTINCT, copy], lineages | {"copy": "copy"}, seed=1)
    for fold in folds:
        assert len({lineages.get(note.id, "0") for note in fold}) == 1
    assert sorted(len(fold) for fold in folds) == [4, 4, 4, 4, 5]


def test_fewer_lineages_give_fewer_folds_and_one_gives_none() -> None:
    assert len(split_folds(DISTINCT[:3], DISTINCT_OWN, seed=1)) == 3
    with pytest.raises(ModelError, match="two lineages at least, and the 20 annotated notes are of 1"):
        split_folds(DISTINCT, dict.fromkeys(DISTINCT_OWN, "one"), seed=1)


def test_each_note_gets_what_a_model_of_the_other_folds_finds() -> None:
    said: list[str] = []
    lineages = {note.id: note.id[-1] for note in NOTES}
    found = cross_validate(NOTES, lineages, CrfConfig(max_iterations=20), said.append)
    assert list(found) == [note.id for note in NOTES]
    assert said == ["cross-validation: fold 1 of 2", "cross-validation: fold 2 of 2"]
    # The two layouts are two lineages: a model of one has never seen the label that only the other has.
    learnt = {note.id[-1]: {span.label for span in note.spans} for note in NOTES}
    for note in NOTES:
        other = learnt["b" if note.id.endswith("a") else "a"]
        assert {span.label for span in found[note.id]} <= other


def test_the_same_notes_give_the_same_spans() -> None:
    once, again = (cross_validate(NOTES, OWN, CrfConfig(max_iterations=5), lambda _: None) for _ in range(2))
    assert once == again
