"""The sixteen fictional notes keep what `ernotes/data/README.md` promises."""

import json
import re
from importlib import resources
from typing import Any

import pytest

from corpus.labels import Label

SPECIALTIES = {
    "medicina-interna",
    "cardiologia",
    "cirurgia-geral",
    "nefrologia",
    "pneumologia",
    "neurologia",
    "gastrenterologia",
    "ortopedia",
}
NOTES: list[dict[str, Any]] = json.loads((resources.files("ernotes") / "data" / "fictional.json").read_text("utf-8"))
each_note = pytest.mark.parametrize("note", NOTES, ids=lambda note: note["doc_id"])


def labels_of(note: dict[str, Any]) -> list[Label]:
    return [Label.of(mention["label"], mention.get("Polaridade")) for mention in note["annotations"]]


def half(role: str) -> list[dict[str, Any]]:
    return [note for note in NOTES if note["doc_id"].endswith(f"-{role}")]


def shared_of_smaller(one: str, other: str, words: int = 8) -> float:
    grams = []
    for text in (one, other):
        tokens = re.findall(r"\w+", text.lower())
        grams.append({tuple(tokens[at : at + words]) for at in range(len(tokens) - words + 1)})
    return len(grams[0] & grams[1]) / min(len(grams[0]), len(grams[1]))


def test_each_specialty_has_one_exemplar_and_one_test_note() -> None:
    assert len(NOTES) == 16
    assert {note["doc_id"] for note in NOTES} == {
        f"fict-{specialty}-{role}" for specialty in SPECIALTIES for role in ("exemplar", "teste")
    }


@pytest.mark.parametrize("role", ["exemplar", "teste"])
def test_each_half_has_every_label_and_the_three_allergy_states(role: str) -> None:
    labels = [set(labels_of(note)) for note in half(role)]
    assert set().union(*labels) == set(Label)
    assert sum(Label.ALLERGY in found for found in labels) == 4
    assert sum(Label.NO_ALLERGY in found for found in labels) == 3
    assert sum(not found & {Label.ALLERGY, Label.NO_ALLERGY} for found in labels) == 1


def test_all_but_one_note_state_exactly_one_principal_diagnosis() -> None:
    counts = {note["doc_id"]: labels_of(note).count(Label.DIAGNOSIS) for note in NOTES}
    assert counts.pop("fict-gastrenterologia-teste") == 0
    assert set(counts.values()) == {1}


def test_usual_medication_ranges_from_none_to_nine_drugs() -> None:
    counts = [labels_of(note).count(Label.MEDICATION) for note in NOTES]
    assert min(counts) == 0
    assert max(counts) == 9


@each_note
def test_the_text_is_shaped_like_an_emergency_room_note(note: dict[str, Any]) -> None:
    text = note["text"]
    assert 1200 <= len(text) <= 3500
    assert not re.search(r"(?<!\r)\n|\r(?!\n)", text), "a line end is not CRLF"
    lines = [line.strip() for line in text.split("\r\n")]
    assert any(re.match(r"# ?\w", line) for line in lines)
    assert any(re.match(r"- ?\w", line) for line in lines)


@each_note
def test_the_text_holds_no_markdown_and_no_long_number(note: dict[str, Any]) -> None:
    assert not re.search(r"\*\*|__|```|^##|^\|.*\|\s*$|\]\(", note["text"], re.MULTILINE)
    assert not re.search(r"\d{9}", note["text"]), "nine digits look like a telephone or tax number"


@each_note
def test_mentions_are_whole_in_order_and_do_not_overlap(note: dict[str, Any]) -> None:
    text, end_before = note["text"], 0
    for mention in note["annotations"]:
        surface = text[mention["begin"] : mention["end"]]
        assert end_before <= mention["begin"] < mention["end"] <= len(text)
        assert surface == surface.strip(" \t.,;:-")
        assert not re.search(r"[\r\n]", surface)
        assert not text[: mention["begin"]][-1:].isalnum()
        assert not text[mention["end"] :][:1].isalnum()
        end_before = mention["end"]


def test_no_two_notes_share_five_percent_of_their_eight_word_runs() -> None:
    for at, one in enumerate(NOTES):
        for other in NOTES[at + 1 :]:
            assert shared_of_smaller(one["text"], other["text"]) < 0.05, (one["doc_id"], other["doc_id"])
