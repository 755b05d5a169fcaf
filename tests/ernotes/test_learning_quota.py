"""A quota from what the recogniser gets wrong."""

from pathlib import Path

from corpus.config import Config, CrfConfig, TrainingConfig
from corpus.config_file import render_config
from corpus.labels import Label
from corpus.note import Role, Span
from corpus.recognition import Annotated
from corpus.workspace import make_workspace, open_workspace
from ernotes.initialise import load_fictional
from ernotes.learning_quota import count_errors, quota_like_errors
from generation.briefs import AllergyState
from generation.knowledge import load_knowledge
from generation.quota import ErrorRate

KNOWLEDGE = load_knowledge()


def spans(*places: tuple[int, int, Label]) -> tuple[Span, ...]:
    return tuple(Span(start, end, label) for start, end, label in places)


NOTES = [
    Annotated("a", "", spans((0, 9, Label.MEDICATION), (20, 30, Label.MEDICATION), (40, 50, Label.ALLERGY))),
    Annotated("b", "", spans((0, 9, Label.DIAGNOSIS), (20, 30, Label.NO_ALLERGY))),
    Annotated("c", "", spans((0, 9, Label.MEDICATION))),
    Annotated("d", "", spans((0, 9, Label.ALLERGY), (20, 30, Label.NO_ALLERGY))),
]
FOUND = {
    "a": spans((0, 5, Label.MEDICATION), (20, 30, Label.MEDICATION), (40, 50, Label.ALLERGY)),
    "b": spans((0, 9, Label.DIAGNOSIS), (20, 30, Label.ALLERGY), (60, 70, Label.DIAGNOSIS)),
    "c": spans((50, 60, Label.ALLERGY)),
    "d": spans((0, 9, Label.ALLERGY), (20, 30, Label.NO_ALLERGY)),
}


def test_errors_are_counted_by_specialty_by_allergy_state_and_at_the_ends_of_regimens() -> None:
    errors = count_errors(NOTES, FOUND, {"a": "Cardiologia", "b": "Neurologia", "c": "Cardiologia", "d": ""})
    # a: one boundary; c: a drug missed and an allergy made up; b: a polarity flip, its second diagnosis is cut
    assert errors.specialties == {"Cardiologia": ErrorRate(3, 5), "Neurologia": ErrorRate(1, 2)}
    assert errors.allergies == {
        AllergyState.AFFIRMED: ErrorRate(0, 2),
        AllergyState.DENIED: ErrorRate(1, 1),
        AllergyState.UNMENTIONED: ErrorRate(1, 1),
    }
    assert errors.long_regimens == 0.5
    assert errors.without_specialty == 1


def test_the_quota_comes_from_train_and_exemplar_notes_alone(tmp_path: Path) -> None:
    make_workspace(tmp_path / "w", render_config(Config(training=TrainingConfig(crf=CrfConfig(max_iterations=5)))))
    with open_workspace(tmp_path / "w", write=True) as workspace:
        load_fictional(workspace.store)
        for note_id in workspace.store.notes.ids(Role.EXEMPLAR)[3:]:
            workspace.store.notes.set_role(note_id, Role.TEST)
        learning = quota_like_errors(workspace, KNOWLEDGE)
    document = learning.result.document
    assert document["cross_validated"] == 3
    assert document["without_specialty"] == 0
    assert list(document["specialties"]) == list(KNOWLEDGE.specialties)
    unseen = {"wrong": 0, "seen": 0, "weight": 1}
    assert sum(row == unseen for row in document["specialties"].values()) == 5
    assert sum(row["seen"] for row in document["allergies"].values()) == 3
    assert learning.quota.allergies == {
        name: ErrorRate(row["wrong"], row["seen"]).at_most for name, row in document["allergies"].items()
    }
    assert "3 cross-validated notes (0 without specialty)" in learning.result.text
