"""A quota from what the recogniser gets wrong."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corpus.config.file import render_config
from corpus.config.settings import Config, LoopConfig
from corpus.config.training import CrfConfig, TrainingConfig
from corpus.documents import to_json
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.scoring.scores import ScoredNote
from corpus.workspace import Workspace, make_workspace, open_workspace
from ernotes.cli.told.writing import tell_shared_out
from ernotes.files.initialise import load_fictional
from ernotes.llm.learning_quota import count_errors, quota_like_errors, quota_of_round
from generation.briefs.brief import AllergyState
from generation.briefs.knowledge import load_knowledge
from generation.briefs.quota import ErrorRate, Quota

KNOWLEDGE = load_knowledge()


def spans(*places: tuple[int, int, Label]) -> tuple[Span, ...]:
    return tuple(Span(start, end, label) for start, end, label in places)


NOTES = [
    ScoredNote(
        "a",
        spans((0, 9, Label.MEDICATION), (20, 30, Label.MEDICATION), (40, 50, Label.ALLERGY)),
        spans((0, 5, Label.MEDICATION), (20, 30, Label.MEDICATION), (40, 50, Label.ALLERGY)),
    ),
    ScoredNote(
        "b",
        spans((0, 9, Label.DIAGNOSIS), (20, 30, Label.NO_ALLERGY)),
        spans((0, 9, Label.DIAGNOSIS), (20, 30, Label.ALLERGY), (60, 70, Label.DIAGNOSIS)),
    ),
    ScoredNote("c", spans((0, 9, Label.MEDICATION)), spans((50, 60, Label.ALLERGY))),
    ScoredNote(
        "d",
        spans((0, 9, Label.ALLERGY), (20, 30, Label.NO_ALLERGY)),
        spans((0, 9, Label.ALLERGY), (20, 30, Label.NO_ALLERGY)),
    ),
]


def test_errors_are_counted_by_specialty_by_allergy_state_and_at_the_ends_of_regimens() -> None:
    errors = count_errors(NOTES, {"a": "Cardiologia", "b": "Neurologia", "c": "Cardiologia", "d": ""})
    # a: one boundary; c: a drug missed and an allergy made up; b: a polarity flip, its second diagnosis is cut
    assert errors.specialties == {"Cardiologia": ErrorRate(3, 5), "Neurologia": ErrorRate(1, 2)}
    assert errors.allergies == {
        AllergyState.AFFIRMED: ErrorRate(0, 2),
        AllergyState.DENIED: ErrorRate(1, 1),
        AllergyState.UNMENTIONED: ErrorRate(1, 1),
    }
    assert errors.regimens == ErrorRate(1, 2)
    assert errors.without_specialty == 1


def test_the_quota_comes_from_train_and_exemplar_notes_alone(tmp_path: Path) -> None:
    make_workspace(tmp_path / "w", render_config(Config(training=TrainingConfig(crf=CrfConfig(max_iterations=5)))))
    with open_workspace(tmp_path / "w", write=True) as workspace:
        load_fictional(workspace.store)
        for note_id in workspace.store.notes.ids(Role.EXEMPLAR)[3:]:
            workspace.store.notes.set_role(note_id, Role.TEST)
        learning = quota_like_errors(workspace, KNOWLEDGE)
    document: Any = to_json(learning.shared_out)
    assert (document["source"], document["notes"]) == ("cross-validation", 3)
    assert document["without_specialty"] == 0
    assert list(document["specialties"]) == list(KNOWLEDGE.specialties)
    unseen = {"wrong": 0, "seen": 0, "weight": 1}
    assert sum(row == unseen for row in document["specialties"].values()) == 5
    assert sum(row["seen"] for row in document["allergies"].values()) == 3
    assert learning.quota.allergies == {
        name: ErrorRate(row["wrong"], row["seen"]).at_most for name, row in document["allergies"].items()
    }
    assert "3 cross-validated notes (0 without specialty)" in tell_shared_out(learning.shared_out, Path())


def add_scored(workspace: Workspace, role: Role, number: int, specialty: str, *, right: bool) -> None:
    """A note that denies allergies and has three drugs; the current model cuts one short where it is not right."""
    text = f"Nota {number}: aspirina, ramipril e bisoprolol; sem alergias medicamentosas."
    note = Note("made up", f"{role} {number}", text, role, provenance={"specialty": specialty})
    gold = [text.index(name) for name in ("aspirina", "ramipril", "bisoprolol")]
    denied = text.index("alergias")
    said = [*((start, start + 8, Label.MEDICATION) for start in gold), (denied, denied + 22, Label.NO_ALLERGY)]
    found = said if right else [(gold[0], gold[0] + 4, Label.MEDICATION), *said[1:]]
    workspace.store.notes.add(note)
    workspace.store.spans.add(note.id, Author(AuthorKind.HUMAN, "ana"), spans(*said))
    workspace.store.spans.add(note.id, Author(AuthorKind.MODEL, "crf-1"), spans(*found))


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace whose current model has said its word on the notes of `add_scored`, so that it need not be run."""
    make_workspace(tmp_path / "w", render_config(Config()))
    with open_workspace(tmp_path / "w", write=True) as opened:
        opened.store.models.add("crf-1", "crf", ["a"], {})
        opened.store.models.promote("crf-1")
        yield opened


def test_a_round_asks_for_more_of_what_the_model_got_wrong_in_validation(workspace: Workspace) -> None:
    for number in range(20):
        specialty = "Neurologia" if number < 10 else "Cardiologia"
        add_scored(workspace, Role.VALIDATION, number, specialty, right=number >= 10)
    learning = quota_of_round(workspace, KNOWLEDGE, 2)
    weights = learning.quota.specialties
    # 10 of 80 mentions are wrong, all in Neurologia; each specialty is steadied by 20 more of which 2.5 are wrong
    assert weights["Neurologia"] == pytest.approx(12.5 / 60 / 0.125)
    assert weights["Cardiologia"] == pytest.approx(2.5 / 60 / 0.125)
    assert weights["Ortopedia"] == 1
    assert set(learning.quota.allergies.values()) == {1}  # nothing is wrong in allergies
    assert learning.quota.long_regimens == 0.5  # ten boundary errors, and ten errors that steady them
    document: Any = to_json(learning.shared_out)
    assert (document["source"], document["notes"]) == ("validation", 20)
    assert document["reason"] == "errors in 20 validation notes, by crf-1"
    assert document["specialties"]["Neurologia"] == {"wrong": 10, "seen": 40, "weight": 1.6667}


def test_the_test_notes_have_no_part_in_a_rounds_quota(workspace: Workspace) -> None:
    for number in range(12):
        add_scored(workspace, Role.VALIDATION, number, "Neurologia", right=number > 3)
    before = quota_of_round(workspace, KNOWLEDGE, 2)
    for number in range(30):
        add_scored(workspace, Role.TEST, 100 + number, "Ortopedia", right=False)
    after = quota_of_round(workspace, KNOWLEDGE, 2)
    assert after == before
    assert (after.shared_out.specialties or {})["Ortopedia"].seen == 0


@pytest.mark.parametrize(
    ("number", "validation", "why"),
    [
        (1, 12, "this is the first round"),
        (2, 9, "9 validation notes are too few to tell what the model gets wrong"),
        (2, 12, "crf-1 got nothing wrong in 12 validation notes"),
    ],
)
def test_notes_are_spread_evenly_where_validation_cannot_tell_and_it_is_said_why(
    workspace: Workspace, number: int, validation: int, why: str
) -> None:
    for place in range(validation):
        add_scored(workspace, Role.VALIDATION, place, "Neurologia", right=(number, validation) == (2, 12))
    learning = quota_of_round(workspace, KNOWLEDGE, number)
    assert learning.quota == Quota()
    assert to_json(learning.shared_out) == {"source": "even", "reason": why}
    assert tell_shared_out(learning.shared_out, Path()) == f"notes are spread evenly: {why}"


def test_a_knob_turns_it_off(tmp_path: Path) -> None:
    make_workspace(tmp_path / "w", render_config(Config(loop=LoopConfig(like_errors=False))))
    with open_workspace(tmp_path / "w", write=True) as workspace:
        workspace.store.models.add("crf-1", "crf", [], {})
        workspace.store.models.promote("crf-1")
        for number in range(12):
            add_scored(workspace, Role.VALIDATION, number, "Neurologia", right=False)
        learning = quota_of_round(workspace, KNOWLEDGE, 2)
    assert to_json(learning.shared_out) == {"source": "even", "reason": "loop.like_errors is off"}
