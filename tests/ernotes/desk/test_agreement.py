"""The commands `agreement` and `adjudicate` on a workspace whose notes several people annotated."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import pytest

from annotation.label_studio.client import Client
from annotation.label_studio.project import ensure_project
from annotation.label_studio.server import Address
from annotation.label_studio.tasks import prove, region
from corpus.config.file import render_config
from corpus.config.settings import Config
from corpus.errors import WorkspaceError
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity, Span
from corpus.workspace import Workspace, make_workspace, open_workspace
from ernotes.cli import ernotes as program
from ernotes.desk.agreement import adjudicate_in_label_studio

TEXT = "Toma ramipril 5 mg.\r\nSem alergias. Dx: pneumonia"
DRUG, WITH_DOSE = Span(5, 13, Label.MEDICATION), Span(5, 18, Label.MEDICATION)
PNEUMONIA = Span(39, 48, Label.DIAGNOSIS)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    make_workspace(tmp_path, render_config(Config()))
    with open_workspace(tmp_path, write=False) as opened:
        yield opened


def annotate(workspace: Workspace, number: int, ana: Sequence[Span], rui: Sequence[Span] | None) -> str:
    note = Note("s", number, f"{TEXT}\r\n{number}", Role.TRAIN, Sensitivity.FICTIONAL)
    workspace.store.notes.add(note)
    workspace.store.spans.add(note.id, Author(AuthorKind.HUMAN, "ana"), ana)
    if rui is not None:
        workspace.store.spans.add(note.id, Author(AuthorKind.HUMAN, "rui"), rui)
    return note.id


def run(workspace: Workspace, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    program(["-w", str(workspace.folder), *words], standalone_mode=False)
    return capsys.readouterr().out


def run_json(workspace: Workspace, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    document = json.loads(run(workspace, capsys, *words, "--json"))
    assert isinstance(document, dict)
    return document


def test_agreement_gives_figures_and_what_is_left_to_do(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    differing = annotate(workspace, 1, [WITH_DOSE, PNEUMONIA], [DRUG, PNEUMONIA])
    annotate(workspace, 2, [DRUG], [DRUG])
    alone = annotate(workspace, 3, [DRUG], None)
    workspace.store.tasks.ask_overlap([differing, alone], 2)
    document = run_json(workspace, capsys, "agreement")
    assert document["exact"]["all"]["value"] == pytest.approx(2 / 3)
    assert document["relaxed"]["all"]["value"] == 1
    assert document["alpha"]["per_label"]["Diagnóstico"]["value"] == 1
    assert [pair["annotators"] for pair in document["pairs"]] == [["ana", "rui"]]
    assert [document[key] for key in ("disagreements", "notes_that_differ", "notes_to_adjudicate")] == [1, 1, 1]
    assert [(item["note"], item["complete"]) for item in document["overlap"]] == [(differing, True), (alone, False)]
    text = run(workspace, capsys, "agreement", "--list")
    assert f"{alone}: 1 of 2 people so far" in text
    assert "1 disagreements in 1 notes; 1 notes are still to be adjudicated" in text


def test_the_words_of_a_note_are_shown_only_where_asked_for(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    note_id = annotate(workspace, 1, [WITH_DOSE], [DRUG])
    without = run(workspace, capsys, "agreement", "--list")
    assert f"{note_id} 5-18: ana: Medicação Habitual 5-18; rui: Medicação Habitual 5-13" in without
    assert "ramipril" not in without
    assert "'ramipril 5 mg'" in run(workspace, capsys, "agreement", "--list", "--show-text")
    (listed,) = run_json(workspace, capsys, "agreement", "--list")["listed"]
    assert listed["adjudicated"] is False
    assert "text" not in listed
    with pytest.raises(click.UsageError, match="--show-text needs --list"):
        run(workspace, capsys, "agreement", "--show-text")


def test_without_a_second_annotator_there_is_one_line(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    annotate(workspace, 1, [DRUG], None)
    assert run(workspace, capsys, "agreement", "--list") == "no note has been annotated by two people yet\n"


def test_adjudicating_settles_what_differs_and_says_what_it_left(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    note_id = annotate(workspace, 1, [WITH_DOSE], [DRUG])
    assert run_json(workspace, capsys, "adjudicate", "--majority")["undecided"] == [note_id]
    assert run_json(workspace, capsys, "adjudicate", "--by", "ana")["settled"] == 1
    assert workspace.store.spans.gold(Role.TRAIN)[note_id].spans == (WITH_DOSE,)
    (listed,) = run_json(workspace, capsys, "agreement", "--list")["listed"]
    assert listed["adjudicated"] is True
    with pytest.raises(WorkspaceError, match="annotators are: ana, rui"):
        run(workspace, capsys, "adjudicate", "--by", "eva")


@pytest.mark.parametrize("words", [[], ["--majority", "--project"], ["--by", "ana", "--majority"]])
def test_adjudicate_takes_exactly_one_way(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    with pytest.raises(click.UsageError, match="give one of"):
        run(workspace, capsys, "adjudicate", *words)


def test_a_person_adjudicates_in_label_studio_with_each_version_beside_the_others(
    workspace: Workspace, label_studio: Address
) -> None:
    note_id = annotate(workspace, 1, [WITH_DOSE, PNEUMONIA], [DRUG])
    annotate(workspace, 2, [DRUG], [DRUG])
    said_before = workspace.store.spans.history(note_id)
    client = Client(label_studio, timeout_seconds=60)
    first, again = (adjudicate_in_label_studio(workspace, client) for _ in range(2))
    assert [(run.created, run.waiting, run.adjudicated) for run in (first, again)] == [(1, 1, 0), (0, 1, 0)]
    project = ensure_project(client, "ernotes adjudication")
    (task,) = client.tasks_of(project.id, [note_id])[note_id]
    text = workspace.store.notes.get(note_id).text
    shown = {item.model_version: [span.place for span in prove(item.result, text).spans] for item in task.predictions}
    assert shown == {"ana": [WITH_DOSE.place, PNEUMONIA.place], "rui": [DRUG.place]}
    assert (project.tasks, len(task.predictions)) == (1, 2)
    client.sdk.annotations.create(id=task.id, result=[region(DRUG), region(PNEUMONIA)])
    done = adjudicate_in_label_studio(workspace, client)
    assert (done.adjudicated, done.waiting, done.quarantined) == (1, 0, [])
    client.close()
    gold = workspace.store.spans.gold(Role.TRAIN)[note_id]
    assert gold.author == Author(AuthorKind.ADJUDICATION, "annotator@ernotes.local")
    assert gold.spans == (DRUG, PNEUMONIA)
    assert workspace.store.spans.history(note_id)[: len(said_before)] == said_before
