"""Training of the embedded recogniser."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.config.training import CrfConfig
from corpus.errors import ModelError
from corpus.formats import read_notes_file
from corpus.labels import Label
from corpus.note import Span
from corpus.recognition import Annotated, Trained
from corpus.scoring.scores import ScoredNote, score_notes
from inference.crf.spelling import FEATURES
from inference.load import load_recogniser
from tests.made_up import NOTES, UNSEEN
from training.calibration import USUAL_TEMPERATURE
from training.crf.train import train_crf


def _train(notes: Sequence[Annotated], folder: Path, seed: int = 1) -> Trained:
    return train_crf(notes, [], folder, CrfConfig(), seed, lambda _: None)


def _published(path: Path) -> list[Annotated]:
    return [Annotated(str(note.doc_id), note.text, tuple(note.spans)) for note in read_notes_file(path).notes]


def test_the_same_notes_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    folders = [_train(NOTES, tmp_path / name).folder for name in ("one", "two")]
    first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert sorted(first) == ["ernotes-model.json", "lexicon.json", "model.crfsuite"]
    assert first == second


def test_the_manifest_says_what_the_model_is_and_was_made_from(tmp_path: Path) -> None:
    folder = _train(NOTES, tmp_path / "m", seed=9).folder
    manifest = json.loads((folder / "ernotes-model.json").read_text("utf-8"))
    assert (manifest["kind"], manifest["base"], manifest["trained_on"]) == ("crf", "crf", 10)
    assert manifest["tags"][:3] == ["O", "B-Diagnóstico", "I-Diagnóstico"]
    assert manifest["recipe"] == {
        **CrfConfig().model_dump(),
        "algorithm": "lbfgs",
        "features": FEATURES,
        "seed": 9,
        "temperature": USUAL_TEMPERATURE,
    }


def test_a_loaded_model_says_the_same_as_another_load_of_it(tmp_path: Path) -> None:
    folder = _train(NOTES, tmp_path / "m").folder
    texts = [note.text for note in (*NOTES, UNSEEN)]
    assert list(load_recogniser(folder).recognise(texts)) == list(load_recogniser(folder).recognise(texts))


@pytest.mark.parametrize("notes", [[], [Annotated("a", "Sem nada.", ())]])
def test_nothing_to_learn_from_is_one_clear_line_and_leaves_no_folder(tmp_path: Path, notes: list[Annotated]) -> None:
    with pytest.raises(ModelError, match="nothing to learn from"):
        _train(notes, tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_notes_without_spans_or_without_words_are_learnt_from_too(tmp_path: Path) -> None:
    trained = _train(
        [*NOTES, Annotated("plain", "Sem queixas.\r\n", ()), Annotated("blank", " \r\n", ())], tmp_path / "m"
    )
    assert trained.figures["train_notes"] == 12
    assert next(load_recogniser(trained.folder).recognise(["Sem queixas."])).spans == ()


def test_a_label_missing_from_training_is_never_predicted(tmp_path: Path) -> None:
    kept = [
        replace(note, spans=tuple(span for span in note.spans if span.label is not Label.DIAGNOSIS)) for note in NOTES
    ]
    (recognition,) = load_recogniser(_train(kept, tmp_path / "m").folder).recognise([UNSEEN.text])
    assert {span.label for span in recognition.spans} == {Label.ALLERGY, Label.MEDICATION}


def test_a_gold_span_that_overlaps_another_is_left_out_and_counted(tmp_path: Path) -> None:
    first = NOTES[0]
    overlapping = Span(first.spans[0].start, first.spans[0].end + 3, Label.MEDICATION)
    trained = _train([replace(first, spans=(*first.spans, overlapping)), *NOTES[1:]], tmp_path / "m")
    assert sum(trained.figures["untagged_spans"].values()) == 1


def test_a_polarity_that_contradicts_its_wording_is_corrected_and_counted(tmp_path: Path) -> None:
    slips = [
        replace(note, spans=tuple(_flipped(span) if number == 0 else span for span in note.spans))
        for number, note in enumerate(NOTES)
    ]
    trained, slipped = _train(NOTES, tmp_path / "m"), _train(slips, tmp_path / "n")
    assert trained.figures["polarities_corrected"] == 0
    assert slipped.figures["polarities_corrected"] == 1
    assert (slipped.folder / "model.crfsuite").read_bytes() == (trained.folder / "model.crfsuite").read_bytes()


def _flipped(span: Span) -> Span:
    flips = {Label.ALLERGY: Label.NO_ALLERGY, Label.NO_ALLERGY: Label.ALLERGY}
    return replace(span, label=flips.get(span.label, span.label))


@pytest.mark.slow
def test_on_the_published_data_it_reaches_what_plain_crfs_reach(er_ner_dir: Path, tmp_path: Path) -> None:
    train, validation = (_published(er_ner_dir / name) for name in ("train.json", "val.json"))
    recogniser = load_recogniser(train_crf(train, validation, tmp_path / "m", CrfConfig(), 1, lambda _: None).folder)
    recognitions = recogniser.recognise(note.text for note in validation)
    score = score_notes(
        ScoredNote(note.id, note.spans, recognition.spans)
        for note, recognition in zip(validation, recognitions, strict=True)
    )
    assert score.exact.micro.f1 >= 0.84
