"""What `score` and `evaluate` say beside the table."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import by_field, to_json
from corpus.formats import FileNote, write_notes_file
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.scoring.scores import DiagnosisRule, ScoredNote
from corpus.store import Store
from corpus.workspace import open_workspace
from ernotes.cli.told.scores import tell_known
from ernotes.models.measuring import MeasuredFiles, measure, measure_against, measure_training
from tests.corpus.scoring.scored import scored_notes, shuffled
from tests.ernotes.conftest import Run

MED, DIA, NO = Label.MEDICATION, Label.DIAGNOSIS, Label.NO_ALLERGY
TEXT = "Sem alergias medicamentosas. Ramipril 5 mg, Furosemida 40 mg. Pneumonia."
DENIED, RAMIPRIL, FUROSEMIDE, PNEUMONIA = Span(4, 27, NO), Span(29, 42, MED), Span(44, 60, MED), Span(62, 71, DIA)
GOLD = (DENIED, RAMIPRIL, FUROSEMIDE, PNEUMONIA)
DIAGNOSES: tuple[DiagnosisRule, DiagnosisRule] = ("top1", "all")
TABLE = {"per_label", "micro", "macro"}


def notes_file(path: Path, *found: tuple[Span, ...]) -> Path:
    write_notes_file(path, [FileNote(index, TEXT, spans) for index, spans in enumerate(found)])
    return path


def test_score_prints_intervals_and_errors_and_the_verdict_against_other_predictions(
    tmp_path: Path, ernotes: Run
) -> None:
    gold = notes_file(tmp_path / "gold.json", *[GOLD] * 12)
    good = notes_file(tmp_path / "good.json", *[GOLD] * 11, GOLD[:3])
    poor = notes_file(tmp_path / "poor.json", *[GOLD[:2]] * 11, GOLD)
    document = ernotes("score", gold, poor, "--against", good, "--json").document
    assert document["intervals"]["exact"].keys() & document["intervals"]["relaxed"].keys() >= TABLE
    assert document["errors"]["missed"] == 22
    assert (document["comparison"]["verdict"], document["comparison"]["against"]) == ("worse", str(good))
    text = ernotes("score", gold, poor, "--against", good).out
    assert f"worse than {good}" in text
    assert "polarity flips: 0" in text
    assert max(len(line) for line in text.splitlines() if str(good) not in line) <= 100


def test_overlapping_gold_and_a_set_without_mentions_are_scored_and_a_file_without_notes_is_refused(
    tmp_path: Path, ernotes: Run
) -> None:
    nothing = notes_file(tmp_path / "nothing.json")
    bare = notes_file(tmp_path / "bare.json", (), ())
    overlapping = notes_file(tmp_path / "overlapping.json", (RAMIPRIL, Span(29, 60, MED), Span(29, 42, DIA)), GOLD)
    assert ernotes("score", nothing, nothing).last_line.endswith("holds no notes to score by")
    ran = ernotes("score", bare, bare, "--against", bare)
    assert ran.status == 0
    assert "there is no gold mention in these notes" in ran.out
    assert "indistinguishable" in ran.out
    document = ernotes("score", overlapping, overlapping, "--diagnosis", "all", "--json").document
    assert document["exact"]["micro"]["f1"] == 1
    assert sum(document["errors"][kind] for kind in ("missed", "spurious", "boundary", "wrong_label")) == 0


def test_evaluate_knows_what_training_knew_and_another_model_by_its_version(offline: Path, ernotes: Run) -> None:
    first = ernotes("-w", offline, "train", "--json").document["model"]
    second = ernotes("-w", offline, "train", "--seed", "7", "--json").document["model"]
    document = ernotes("-w", offline, "evaluate", "--against", first, "--json").document
    assert document["model"] == second
    assert (document["comparison"]["against"], document["comparison"]["notes"]) == (first, document["notes"])
    assert document["seen"].keys() == document["unseen"].keys() == TABLE
    support = document["seen"]["micro"]["support"] + document["unseen"]["micro"]["support"]
    assert support == document["exact"]["micro"]["support"]
    assert len(document["leakage"]["notes"]) == document["notes"]
    ran = ernotes("-w", offline, "evaluate", "--against", "crf-0")
    assert (ran.status, ran.out) == (1, "")
    assert "no model 'crf-0'" in ran.last_line
    assert ernotes("-w", offline, "status", "--json").document["test_looks"] == 1
    page = Path(ernotes("-w", offline, "report", "--json").document["report"]).read_text("utf-8")
    assert f"<b>{first}</b>" in page
    assert 'id="leakage"' in page


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{tmp_path / 'ernotes.db'}")
    yield store
    store.close()


def add(store: Store, doc_id: str, role: Role, text: str = TEXT, *gold: Span, exemplars: tuple[str, ...] = ()) -> Note:
    provenance = {"exemplars": list(exemplars)} if exemplars else {}
    note = Note(source="tests", doc_id=doc_id, text=text, role=role, provenance=provenance)
    store.notes.add(note)
    store.spans.add(note.id, Author(AuthorKind.HUMAN, "ana"), gold)
    return note


def test_only_notes_that_were_trained_on_make_a_mention_seen_but_exemplars_leak_too(store: Store) -> None:
    tested = add(store, "tested", Role.TEST, TEXT, *GOLD)
    trained = add(store, "trained", Role.TRAIN, f"a {TEXT}", Span(31, 44, MED), exemplars=(tested.id, "elsewhere"))
    add(store, "later", Role.TRAIN, f"b {TEXT}", Span(46, 62, MED))
    exemplar = add(store, "exemplar", Role.EXEMPLAR, f"c {TEXT}", Span(64, 73, DIA))
    (note,) = store.spans.annotated(Role.TEST)
    scored = [ScoredNote(note.id, note.spans, note.spans)]
    measured = measure_training(store, [note], scored, [trained.id, "erased since"], "top1")
    document: Any = to_json(measured)
    assert (document["seen"]["micro"]["support"], document["unseen"]["micro"]["support"]) == (1, 3)
    leakage = document["leakage"]
    assert (leakage["known_notes"], leakage["mean_share"]) == (2, 1.0)
    assert leakage["notes"][0]["known_mentions"] == 2
    assert {pair["known"] for pair in leakage["near_duplicates"]} == {trained.id, exemplar.id}
    assert leakage["shown_to_the_llm"] == {trained.id: [tested.id]}
    assert document["exemplars_scored"] == [tested.id]
    assert tell_known(measured).endswith(
        "1 of these notes were exemplars too: the LLM that wrote notes here was shown them"
    )
    untouched = measure_training(store, [replace(note, id="other")], [replace(scored[0], id="other")], [], "top1")
    assert "exemplars_scored" not in to_json(untouched)


def test_the_model_card_names_the_test_notes_that_training_notes_were_written_after(
    offline: Path, tmp_path: Path, ernotes: Run
) -> None:
    with open_workspace(offline, write=True) as workspace:
        tested = workspace.store.notes.ids(Role.TEST)[0]
        add(workspace.store, "written", Role.TRAIN, TEXT, *GOLD, exemplars=(tested,))
    version = ernotes("-w", offline, "train", "--json").document["model"]
    card = (offline / "models" / version / "README.md").read_text("utf-8")
    leakage = card.partition("## Leakage")[2].partition("## ")[0]
    assert f"scored note {tested} was an example for 1 training notes" in leakage


def measured(notes: list[ScoredNote], diagnosis: DiagnosisRule) -> Any:
    """The score document."""
    return to_json(measure(notes, diagnosis))


def test_top1_holds_for_all_that_is_said() -> None:
    both = [Span(62, 71, DIA, 0.4), Span(0, 3, DIA, 0.9)]
    notes = [ScoredNote(0, [PNEUMONIA], both), ScoredNote(1, [PNEUMONIA], [])]
    cut, kept = (measured(notes, diagnosis) for diagnosis in DIAGNOSES)
    assert (cut["errors"]["correct"], cut["errors"]["spurious"], cut["errors"]["missed"]) == (0, 1, 2)
    assert (kept["errors"]["correct"], kept["errors"]["spurious"], kept["errors"]["missed"]) == (1, 1, 1)
    assert cut["intervals"]["exact"]["micro"]["f1"] is None  # never right
    assert kept["intervals"]["exact"]["micro"]["f1"] is not None
    assert measure_against(notes, [notes[0], notes[1]], "top1", "itself").comparison.micro.p_value == 1


def test_joined_results_have_every_key_and_are_json() -> None:
    notes = [ScoredNote(0, GOLD, GOLD[:2])]
    against = measure_against(notes, notes, "top1", "itself")
    document = to_json(MeasuredFiles(**by_field(measure(notes, "top1")), comparison=against))
    assert json.loads(json.dumps(document)) == document
    assert {
        "exact",
        "relaxed",
        "relaxed_iou",
        "diagnosis",
        "intervals",
        "errors",
        "comparison",
    } <= document.keys()


@settings(max_examples=25, deadline=None)
@given(scored_notes, st.integers(0, 1000))
def test_no_order_of_notes_or_spans_changes_the_document(notes: list[ScoredNote], seed: int) -> None:
    assert measured(notes, "all") == measured(shuffled(notes, seed), "all")
