import json
from pathlib import Path

import pytest

from corpus.formats import read_notes_file
from corpus.labels import Label
from corpus.note import Span
from corpus.recognition import Annotated
from corpus.scoring.leakage import NearDuplicate, find_leakage

MED = Label.MEDICATION
# Twelve words: five 8-grams, of which the training note has those of the first ten words, so three.
TESTED = Annotated(
    "test", "um dois três quatro cinco seis sete oito nove dez onze doze", (Span(0, 2, MED), Span(3, 7, MED))
)
TRAINED = Annotated("train", "Um, dois: TRES quatro cinco seis sete oito nove dez vinte", (Span(0, 2, MED),))
OTHER = Annotated("other", "nada do que se disse antes se diz de novo aqui", ())


def test_the_share_of_a_notes_ngrams_and_mentions_that_are_known() -> None:
    (note,) = find_leakage([TESTED], [TRAINED, OTHER]).notes
    assert (note.id, note.share, note.ngrams, note.mentions, note.known_mentions) == ("test", 0.6, 5, 2, 1)


def test_exemplars_are_known_too_and_count_once() -> None:
    leakage = find_leakage([TESTED], [OTHER, TRAINED], [TRAINED])
    assert leakage.known == 2
    assert find_leakage([TESTED], [OTHER], [TRAINED]).mean_share == 0.6


def test_near_duplicates_are_named_with_their_containment() -> None:
    assert find_leakage([OTHER, TESTED], [TRAINED]).near_duplicates == [NearDuplicate("test", "train", 0.75)]


def test_training_notes_that_were_written_after_scored_notes_are_named() -> None:
    leakage = find_leakage([TESTED], [TRAINED, OTHER], examples={"train": ["x", "test"], "other": ["x"]})
    assert leakage.shown == {"train": ["test"]}


def test_nothing_leaks_from_nothing_or_into_nothing() -> None:
    assert find_leakage([], [TRAINED]).to_json()["mean_share"] == 0.0
    assert find_leakage([], []).most is None
    empty = Annotated("empty", "", ())
    assert [note.share for note in find_leakage([empty, TESTED], []).notes] == [0.0, 0.0]


def test_a_note_that_is_trained_on_is_known_whole() -> None:
    leakage = find_leakage([TESTED], [TESTED])
    assert (leakage.mean_share, leakage.near_duplicates[0].containment) == (1.0, 1.0)


def test_the_document_lists_the_notes_that_leak_most_first() -> None:
    document = find_leakage([OTHER, TESTED], [TRAINED], examples={"train": ["test"]}).to_json()
    assert json.loads(json.dumps(document)) == document == {
        "ngram_words": 8,
        "known_notes": 1,
        "mean_share": 0.3,
        "max_share": 0.6,
        "notes": [
            {"id": "test", "share": 0.6, "ngrams": 5, "mentions": 2, "known_mentions": 1},
            {"id": "other", "share": 0.0, "ngrams": 4, "mentions": 0, "known_mentions": 0},
        ],
        "near_duplicates": [{"note": "test", "known": "train", "containment": 0.75}],
        "shown_to_the_llm": {"train": ["test"]},
    }  # fmt: skip


def test_er_ners_validation_notes_share_up_to_half_of_their_ngrams_with_training(er_ner_dir: Path) -> None:
    trained, scored = (
        [Annotated(str(note.doc_id), note.text, note.spans) for note in read_notes_file(er_ner_dir / name).notes]
        for name in ("train.json", "val.json")
    )
    leakage = find_leakage(scored, trained)
    assert leakage.mean_share == pytest.approx(0.27, abs=0.05)
    assert leakage.to_json()["max_share"] > 0.5
