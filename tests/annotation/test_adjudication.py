"""Where annotators differ, and how that is settled without touching what they said."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from annotation.adjudication import (
    Disagreement,
    adjudicate_by,
    adjudicate_by_majority,
    find_disagreements,
    majority,
    open_notes,
)
from annotation.agreement import SharedNote, shared_notes
from corpus.errors import WorkspaceError
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.store import Store

TEXT = "Toma ramipril 5 mg. Alergia a penicilina. Dx: pneumonia"
DRUG, WITH_DOSE = Span(5, 13, Label.MEDICATION), Span(5, 18, Label.MEDICATION)
PENICILLIN, DENIED = Span(30, 40, Label.ALLERGY), Span(30, 40, Label.NO_ALLERGY)
PNEUMONIA = Span(46, 55, Label.DIAGNOSIS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{tmp_path / 'ernotes.db'}")
    yield store
    store.close()


def annotated(store: Store, number: int, **said: Sequence[Span]) -> str:
    """The id of a training note with what these annotators say of it."""
    note = Note("s", number, f"{TEXT}\r\n{number}", Role.TRAIN)
    store.notes.add(note)
    for name, spans in said.items():
        store.spans.add(note.id, Author(AuthorKind.HUMAN, name), spans)
    return note.id


def gold(store: Store, note_id: str) -> tuple[tuple[Span, ...] | None, AuthorKind]:
    chosen = store.spans.gold(Role.TRAIN)[note_id]
    return chosen.spans, chosen.author.kind


def said_by_people(store: Store, note_id: str) -> list[tuple[str, tuple[Span, ...] | None]]:
    return [(item.author.name, item.spans) for item in store.spans.history(note_id) if item.author.kind == "human"]


def test_a_disagreement_is_a_stretch_with_what_each_says_there_and_what_all_say_is_none() -> None:
    said = {"ana": (WITH_DOSE, PENICILLIN, PNEUMONIA), "rui": (DRUG, DENIED, PNEUMONIA), "eva": (DRUG, PNEUMONIA)}
    found = find_disagreements(SharedNote("n", TEXT, said))
    assert found == [
        Disagreement("n", 5, 18, {"ana": (WITH_DOSE,), "rui": (DRUG,), "eva": (DRUG,)}),
        Disagreement("n", 30, 40, {"ana": (PENICILLIN,), "rui": (DENIED,), "eva": ()}),
    ]
    document: Any = found[1].to_json()
    assert document["said"]["rui"] == [{"start": 30, "end": 40, "label": "Alergias medicamentosas__Negativa"}]


def test_the_same_spans_in_another_order_are_no_disagreement() -> None:
    assert find_disagreements(SharedNote("n", TEXT, {"ana": (DRUG, PENICILLIN), "rui": (PENICILLIN, DRUG)})) == []


def test_the_majority_keeps_what_more_than_half_have_exactly_and_knows_a_tie() -> None:
    three = {"ana": (WITH_DOSE, PENICILLIN), "rui": (DRUG, PENICILLIN), "eva": (DRUG, PNEUMONIA)}
    assert majority(SharedNote("n", TEXT, three)) == [DRUG, PENICILLIN]
    assert majority(SharedNote("n", TEXT, {"ana": (DRUG,), "rui": (WITH_DOSE,)})) is None
    four = {"ana": (DRUG,), "rui": (DRUG,), "eva": (), "ivo": ()}
    assert majority(SharedNote("n", TEXT, four)) is None
    assert majority(SharedNote("n", TEXT, {**four, "eva": (DRUG, PNEUMONIA)})) == [DRUG]


def test_a_named_annotators_word_becomes_gold_and_what_people_said_stays(store: Store) -> None:
    differing = annotated(store, 1, ana=[WITH_DOSE], rui=[DRUG])
    agreed = annotated(store, 2, ana=[DRUG], rui=[DRUG])
    without_ana = annotated(store, 3, eva=[DRUG], rui=[WITH_DOSE])
    before = said_by_people(store, differing)
    report = adjudicate_by(store, shared_notes(store), "ana")
    assert (report.settled, report.undecided) == (1, [without_ana])
    assert gold(store, differing) == ((WITH_DOSE,), AuthorKind.ADJUDICATION)
    assert gold(store, agreed) == ((DRUG,), AuthorKind.HUMAN)
    assert said_by_people(store, differing) == before
    ruling = store.spans.latest(differing, AuthorKind.ADJUDICATION)
    assert ruling is not None
    assert (ruling.author.name, ruling.detail["annotators"]) == ("ana", ["ana", "rui"])
    assert [note.id for note in open_notes(store, shared_notes(store))] == [without_ana]


def test_adjudicating_again_changes_nothing(store: Store) -> None:
    note_id = annotated(store, 1, ana=[DRUG], rui=[DRUG, PNEUMONIA], eva=[DRUG])
    assert adjudicate_by_majority(store, shared_notes(store)).settled == 1
    history = store.spans.history(note_id)
    report = adjudicate_by_majority(store, shared_notes(store))
    assert (report.settled, report.unchanged) == (0, 1)
    assert store.spans.history(note_id) == history


def test_a_later_ruling_takes_the_place_of_an_earlier_one_and_back(store: Store) -> None:
    note_id = annotated(store, 1, ana=[WITH_DOSE], rui=[DRUG])
    for name, spans in (("ana", (WITH_DOSE,)), ("rui", (DRUG,)), ("ana", (WITH_DOSE,))):
        assert adjudicate_by(store, shared_notes(store), name).settled == 1
        assert gold(store, note_id) == (spans, AuthorKind.ADJUDICATION)


def test_a_ruling_follows_what_people_say_now(store: Store) -> None:
    note_id = annotated(store, 1, ana=[WITH_DOSE], rui=[DRUG], eva=[DRUG])
    adjudicate_by_majority(store, shared_notes(store))
    assert gold(store, note_id) == ((DRUG,), AuthorKind.ADJUDICATION)
    for name in ("rui", "eva"):
        store.spans.add(note_id, Author(AuthorKind.HUMAN, name), [WITH_DOSE])
    assert adjudicate_by_majority(store, shared_notes(store)).settled == 1
    assert gold(store, note_id) == ((WITH_DOSE,), AuthorKind.ADJUDICATION)
    store.spans.add(note_id, Author(AuthorKind.HUMAN, "eva"), None)
    store.spans.add(note_id, Author(AuthorKind.HUMAN, "rui"), [DRUG])
    assert adjudicate_by_majority(store, shared_notes(store)).undecided == [note_id]
    assert gold(store, note_id) == ((DRUG,), AuthorKind.HUMAN)


def test_what_somebody_adjudicated_in_label_studio_is_left(store: Store) -> None:
    note_id = annotated(store, 1, ana=[WITH_DOSE], rui=[DRUG], eva=[DRUG])
    by_hand = Author(AuthorKind.ADJUDICATION, "chefe")
    store.spans.add(note_id, by_hand, [PNEUMONIA], detail={"project": "http://127.0.0.1#2", "annotation_id": 7})
    assert adjudicate_by_majority(store, shared_notes(store)).settled_by_hand == [note_id]
    assert adjudicate_by(store, shared_notes(store), "ana").settled_by_hand == [note_id]
    assert gold(store, note_id) == ((PNEUMONIA,), AuthorKind.ADJUDICATION)


def test_who_has_annotated_nothing_cannot_rule(store: Store) -> None:
    annotated(store, 1, ana=[DRUG], rui=[WITH_DOSE])
    with pytest.raises(WorkspaceError, match="'eva' has annotated nothing here; annotators are: ana, rui"):
        adjudicate_by(store, shared_notes(store), "eva")
