"""Doubted notes in a real Label Studio, and what a person decides there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from annotation.label_studio.client import Client
from annotation.label_studio.project import ensure_project
from annotation.label_studio.server import Address
from annotation.label_studio.tasks import prove, region
from corpus.config.file import render_config
from corpus.config.settings import Config
from corpus.note import Author, AuthorKind, Role
from corpus.workspace import Workspace, make_workspace, open_workspace
from ernotes.desk.second_look import ask_for_second_look
from tests.ernotes.doubted import DRUG, OF_THE_FILE, PENICILLIN, PNEUMONIA, SAID, WITH_DOSE, imported, say_the_same


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    make_workspace(tmp_path, render_config(Config()))
    with open_workspace(tmp_path, write=False) as opened:
        yield opened


def test_a_person_decides_between_gold_and_recogniser_once_and_that_counts(
    workspace: Workspace, label_studio: Address
) -> None:
    store = workspace.store
    odd = imported(store, 1, DRUG, PENICILLIN)
    agreed = imported(store, 2, WITH_DOSE, PENICILLIN, PNEUMONIA)
    client = Client(label_studio, timeout_seconds=60)
    first, again = (ask_for_second_look(workspace, client, 150, predict=say_the_same) for _ in range(2))
    assert [(run.created, run.waiting, run.places) for run in (first, again)] == [(1, 1, 2), (0, 1, 2)]
    project = ensure_project(client, "ernotes second look")
    (task,) = client.tasks_of(project.id, [odd])[odd]
    text = store.notes.get(odd).text
    shown = {item.model_version: [span.place for span in prove(item.result, text).spans] for item in task.predictions}
    assert shown == {
        "gold": [DRUG.place, PENICILLIN.place],
        "recogniser": [span.place for span in SAID[1:]],
    }
    assert (project.tasks, len(task.predictions), project.model_version) == (1, 2, "gold")
    client.sdk.annotations.create(id=task.id, result=[region(WITH_DOSE), region(PENICILLIN)])
    done = ask_for_second_look(workspace, client, 150, predict=say_the_same)
    client.close()
    assert (done.decided, done.waiting, done.places, done.created) == (1, 0, 0, 0)
    gold = store.spans.gold(Role.TRAIN)
    assert gold[odd].author == Author(AuthorKind.ADJUDICATION, "annotator@ernotes.local")
    assert gold[odd].spans == (WITH_DOSE, PENICILLIN)
    assert gold[agreed].author == OF_THE_FILE
    before = store.spans.latest(odd, AuthorKind.IMPORT)
    assert before is not None
    assert before.spans == (DRUG, PENICILLIN)
