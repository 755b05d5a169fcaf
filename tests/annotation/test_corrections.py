"""The correction ledger says what became of each pre-annotated mention, and what that cost."""

from pathlib import Path
from typing import Any

import pytest

from annotation.corrections import SIMULATED, Action, correction_ledger
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.store import Store
from corpus.store.batches import accept_brief
from ernotes.cli.told.corrections import tell_ledger

BRIEF = Author(AuthorKind.BRIEF, "brief")
MODEL = Author(AuthorKind.MODEL, "crf-1")
ANA, RUI = Author(AuthorKind.HUMAN, "ana@example.org"), Author(AuthorKind.HUMAN, "rui@example.org")
TEXT = "- Ramipril 5 mg id\r\nAlergia a penicilina. Sem alergias a AINEs.\r\nPneumonia.\r\n"
MEDICATION, ALLERGY, DENIED = Label.MEDICATION, Label.ALLERGY, Label.NO_ALLERGY
BEFORE = [Span(2, 10, MEDICATION), Span(30, 40, ALLERGY), Span(46, 54, ALLERGY), Span(57, 62, ALLERGY)]
"""Ramipril, penicilina, alergias (the polarity is wrong), AINEs."""
AFTER = [Span(2, 18, MEDICATION), Span(30, 40, ALLERGY), Span(46, 54, DENIED), Span(65, 74, Label.DIAGNOSIS)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path / 'ernotes.db'}")


def note(doc_id: int) -> Note:
    return Note(source="generated", doc_id=doc_id, text=f"{TEXT}{doc_id}", role=Role.POOL)


def shown_and_corrected(store: Store, doc_id: int, who: Author, seconds: float | None = 60.0) -> Note:
    """A note that the model had pre-annotated, corrected by somebody."""
    own = note(doc_id)
    store.notes.add(own)
    store.spans.add(own.id, MODEL, BEFORE)
    detail = {"pre_annotated_by": MODEL.name, "lead_time_seconds": seconds}
    store.spans.add(own.id, who, AFTER, detail=detail)
    return own


def test_each_mention_is_counted_by_what_was_done_to_it(store: Store) -> None:
    shown_and_corrected(store, 1, ANA)
    work = correction_ledger(store).whole
    assert work.actions[MEDICATION] == {Action.MOVED: 1}
    assert work.actions[ALLERGY] == {Action.ACCEPTED: 1, Action.DELETED: 1}
    assert work.actions[DENIED] == {Action.RELABELLED: 1}
    assert work.actions[Label.DIAGNOSIS] == {Action.ADDED: 1}
    assert (work.effort, work.mentions) == (4, 4)


def test_what_is_relabelled_and_moved_costs_two_actions(store: Store) -> None:
    own = note(1)
    store.notes.add(own)
    store.spans.add(own.id, MODEL, [Span(46, 54, ALLERGY)])
    store.spans.add(own.id, ANA, [Span(46, 62, DENIED)], detail={"pre_annotated_by": MODEL.name})
    assert correction_ledger(store).whole.effort == 2


def test_an_empty_page_costs_an_action_a_mention(store: Store) -> None:
    own = note(1)
    store.notes.add(own)
    store.spans.add(own.id, MODEL, BEFORE)
    store.spans.add(own.id, ANA, AFTER, detail={"pre_annotated_by": None})
    work = correction_ledger(store).whole
    assert (work.effort, work.pre_annotated, work.notes) == (4, 0, 1)
    assert sum(row[Action.ADDED] for row in work.actions.values()) == 4


def test_work_is_kept_apart_by_round_and_annotator(store: Store) -> None:
    batch = store.batches.plan([{}], 1)
    own = note(1)
    with store.engine.begin() as connection:
        accept_brief(connection, store.batches.brief(batch, 0), own, BRIEF, [])
    store.spans.add(own.id, MODEL, BEFORE)
    store.spans.add(own.id, ANA, AFTER, detail={"pre_annotated_by": MODEL.name, "lead_time_seconds": 30})
    shown_and_corrected(store, 2, RUI, seconds=None)
    ledger = correction_ledger(store)
    assert ledger.rounds() == [1, None]
    assert list(ledger.work) == [(1, ANA.name), (None, RUI.name)]
    document: Any = ledger.to_json()
    assert [item["seconds_per_note"] for item in document["rounds"]] == [30.0, None]
    assert document["whole"]["actions_per_100_mentions"] == 100.0
    assert tell_ledger(ledger) == [
        "  round 1: 1 note, 4 correction actions, 100 per 100 mentions (100 from an empty page), 30 s a note",
        "    1 accepted, 1 boundary changed, 1 relabelled, 1 deleted, 1 added",
        "  in no round: 1 note, 4 correction actions, 100 per 100 mentions (100 from an empty page)",
        "    1 accepted, 1 boundary changed, 1 relabelled, 1 deleted, 1 added",
    ]


def test_several_annotators_of_a_round_have_a_line_each(store: Store) -> None:
    shown_and_corrected(store, 1, ANA, seconds=None)
    shown_and_corrected(store, 2, RUI, seconds=None)
    each = "1 note, 4 correction actions, 100 per 100 mentions (100 from an empty page)"
    assert tell_ledger(correction_ledger(store))[2:] == [
        f"    {ANA.name}: {each}",
        f"    {RUI.name}: {each}",
    ]


def test_the_simulated_annotator_is_not_timed(store: Store) -> None:
    shown_and_corrected(store, 1, Author(AuthorKind.HUMAN, SIMULATED), seconds=0.1)
    ledger = correction_ledger(store)
    assert (ledger.whole.notes, ledger.whole.seconds_per_note) == (1, None)
    assert tell_ledger(ledger)[0].startswith("  in no round (SIMULATED annotator): 1 note, 4 correction actions")
    assert " s a note" not in tell_ledger(ledger)[0]


def test_regions_that_could_not_be_proved_are_named(store: Store) -> None:
    own = note(1)
    store.notes.add(own)
    store.spans.add(own.id, ANA, AFTER, detail={"quarantined": [{"reason": "holds white space", "region": {}}]})
    assert correction_ledger(store).quarantined == [(own.id, ANA.name, "holds white space")]


def test_a_withdrawn_correction_and_an_older_one_do_not_count(store: Store) -> None:
    own = shown_and_corrected(store, 1, ANA)
    store.spans.add(own.id, ANA, BEFORE, detail={"pre_annotated_by": MODEL.name})
    assert correction_ledger(store).whole.effort == 0
    store.spans.add(own.id, ANA, None)
    assert correction_ledger(store).whole.notes == 0
