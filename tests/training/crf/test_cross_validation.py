"""Cross-validation: no note is predicted by a model that saw it, its lineage or a near-duplicate."""

from dataclasses import replace

import pytest

from corpus.config.training import CrfConfig
from corpus.errors import ModelError
from corpus.labels import Label
from corpus.recognition import Annotated
from tests.made_up import NOTES
from training.crf.cross_validation import FOLDS, predict_fold, split_folds

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


def test_a_fold_is_predicted_by_a_model_of_the_others_alone() -> None:
    # Two layouts: a model of one has never seen the label that only the other has.
    others = [note for note in NOTES if note.id.endswith("a")]
    fold = [note for note in NOTES if note.id.endswith("b")]
    said = predict_fold(others, fold, CrfConfig(max_iterations=20), 1)
    assert list(said) == [note.id for note in fold]
    assert Label.NO_ALLERGY in {span.label for note in fold for span in note.spans}
    assert Label.NO_ALLERGY not in {span.label for unseen in said.values() for span in unseen.possible}
    assert any(unseen.found for unseen in said.values())
    for unseen in said.values():
        # what is found is possible, but for brackets evened out at its end
        assert {span.start for span in unseen.found} <= {span.start for span in unseen.possible}


def test_the_same_notes_give_the_same_spans() -> None:
    once, again = (predict_fold(NOTES[:6], NOTES[6:], CrfConfig(max_iterations=5), 1) for _ in range(2))
    assert once == again
