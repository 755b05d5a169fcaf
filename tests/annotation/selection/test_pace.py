"""How long people take, by their own corrections where there are enough."""

from dataclasses import asdict
from pathlib import Path

import pytest

from annotation.corrections import SIMULATED
from annotation.selection.pace import ENOUGH, GUESSED, Pace
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.recognition import Uncertainty
from corpus.store import Store
from tests.annotation.selection.candidates import candidate


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path / 'ernotes.db'}")


def corrected(store: Store, who: str, seconds: list[float]) -> None:
    """Notes of three words with one mention, begun from empty pages."""
    for number, lead_time in enumerate(seconds):
        note = Note(source=who, doc_id=number, text=f"toma Ramipril {number}", role=Role.TRAIN)
        store.notes.add(note)
        detail = {"lead_time_seconds": lead_time}
        store.spans.add(note.id, Author(AuthorKind.HUMAN, who), [Span(5, 13, Label.MEDICATION)], detail=detail)


def test_a_note_takes_its_opening_its_words_and_its_actions() -> None:
    pace = Pace(seconds_per_note=10, seconds_per_word=2, seconds_per_action=4)
    assert pace.seconds(words=3, actions=0.5) == 18
    assert pace.expected_seconds(candidate("a", text="um dois três", confidences=(0.5,))) == 18


def test_the_pace_follows_the_median_of_the_timed_corrections(store: Store) -> None:
    guessed = GUESSED.seconds(words=3, actions=1)
    corrected(store, "ana@example.org", [2 * guessed] * ENOUGH + [9000 * guessed] * 3)
    pace = Pace.of(store)
    assert pace.seconds_per_action == pytest.approx(2 * GUESSED.seconds_per_action)
    assert pace.seconds(words=3, actions=1) == pytest.approx(2 * guessed)


def test_actions_are_expected_as_earlier_expectations_came_true(store: Store) -> None:
    """Each pre-annotation doubts a half mention, and has one to be deleted and one to be added."""
    model, doubts = Author(AuthorKind.MODEL, "crf-1"), Uncertainty.of([0.1], -0.1, expected_missed=0.25)
    for number in range(ENOUGH):
        note = Note(source="ana", doc_id=number, text=f"toma Ramipril {number}", role=Role.TRAIN)
        store.notes.add(note)
        shown = [Span(0, 4, Label.MEDICATION, confidence=0.75)]
        store.spans.add(note.id, model, shown, detail={"uncertainty": asdict(doubts)})
        detail = {"pre_annotated_by": "crf-1"}
        store.spans.add(note.id, Author(AuthorKind.HUMAN, "ana"), [Span(5, 13, Label.MEDICATION)], detail=detail)
        trusted = number + 1 == ENOUGH
        assert Pace.of(store).actions_per_expected == (4 if trusted else 1)
    one = candidate("a", text="um dois três", confidences=(0.75,))
    assert Pace(10, 2, 4, actions_per_expected=4).expected_seconds(one) == 10 + 3 * 2 + 4 * 1


@pytest.mark.parametrize(("who", "notes"), [("ana@example.org", ENOUGH - 1), (SIMULATED, ENOUGH)])
def test_too_few_corrections_and_simulated_ones_leave_the_defaults(store: Store, who: str, notes: int) -> None:
    corrected(store, who, [500.0] * notes)
    assert Pace.of(store) == GUESSED
