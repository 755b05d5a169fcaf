"""Push against a server that fails, is down, or is pushed to by a process that is killed."""

import random
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from annotation.label_studio.client import Client, NoAnswerError
from annotation.label_studio.project import ensure_project
from annotation.label_studio.push import push, refuse_patient_text
from annotation.label_studio.server import Address, own_server
from corpus.config.settings import LabelStudioConfig
from corpus.errors import PrivacyError
from corpus.note import Note, Role, Sensitivity
from corpus.store import Store
from tests.annotation.conftest import ODD_SPANS, Desk, pool_note
from tests.annotation.label_studio.faults import FaultProxy
from tests.conftest import PROJECT_ROOT


def fill(desk: Desk, count: int) -> list[Note]:
    notes = [pool_note(number) for number in range(count)]
    for note in notes:
        desk.store.notes.add(note)
        desk.say(note, ODD_SPANS)
    return notes


def assert_each_note_is_there_once(desk: Desk, notes: list[Note]) -> None:
    tasks = desk.tasks()
    assert sorted(task.note_id for task in tasks) == sorted(note.id for note in notes)
    assert all(len(task.predictions) == 1 for task in tasks)
    known = desk.store.tasks.of_project(desk.client.address.project(desk.project.id))
    assert {task.note_id: task.id for task in tasks} == {note_id: task.task_id for note_id, task in known.items()}


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotation.label_studio.client.FIRST_WAIT_SECONDS", 0.05)
    monkeypatch.setattr("annotation.label_studio.push.BATCH_SIZE", 4)


def push_through(proxy: FaultProxy, desk: Desk, timeout_seconds: float = 60) -> None:
    client = Client(replace(desk.client.address, url=proxy.url), timeout_seconds)
    try:
        push(client, desk.store, desk.project, desk.store.notes.ids(Role.POOL), "m1")
    finally:
        client.close()


@pytest.mark.parametrize("faults", [["refuse", "refuse"], ["lose", "refuse", "lose"]])
def test_an_import_that_fails_or_loses_its_answer_is_made_once(desk: Desk, faults: list[str]) -> None:
    notes = fill(desk, 8)
    with FaultProxy(desk.client.address.url, "/import", list(faults)).serving() as proxy:
        push_through(proxy, desk)
    assert proxy.met == faults
    assert_each_note_is_there_once(desk, notes)


def test_an_import_that_answers_too_late_is_made_once(desk: Desk) -> None:
    notes = fill(desk, 4)
    with FaultProxy(desk.client.address.url, "/import", ["late"], delay_seconds=7).serving() as proxy:
        push_through(proxy, desk, timeout_seconds=5)
    assert proxy.met == ["late"]
    assert_each_note_is_there_once(desk, notes)


def test_predictions_whose_answer_got_lost_are_not_doubled(desk: Desk) -> None:
    notes = fill(desk, 2)
    desk.push("")
    with FaultProxy(desk.client.address.url, "/import/predictions", ["lose"]).serving() as proxy:
        push_through(proxy, desk)
    assert proxy.met == ["lose"]
    assert_each_note_is_there_once(desk, notes)


def test_a_server_that_keeps_failing_ends_the_push_and_the_next_one_goes_on(desk: Desk) -> None:
    notes = fill(desk, 8)
    with (
        FaultProxy(desk.client.address.url, "/import", ["refuse"] * 4).serving() as proxy,
        pytest.raises(NoAnswerError, match="failed \\(500\\)"),
    ):
        push_through(proxy, desk)
    desk.push()
    assert_each_note_is_there_once(desk, notes)


def test_a_push_killed_at_any_moment_and_run_again_loses_and_doubles_nothing(desk: Desk) -> None:
    notes = fill(desk, 45)
    address = desk.client.address
    assert desk.project.tasks == 0  # made before, so that the kills meet the imports
    arguments = [address.url, address.token, desk.store_url, desk.title]
    chance = random.Random(2)
    for _ in range(4):
        pushing = subprocess.Popen(
            [sys.executable, "-m", "tests.annotation.label_studio.pushing", *arguments],
            cwd=PROJECT_ROOT,
            stdout=subprocess.PIPE,
        )
        assert pushing.stdout is not None
        assert pushing.stdout.readline() == b"begun\n"
        time.sleep(chance.uniform(0.05, 0.5))
        pushing.kill()
        pushing.wait()
        pushing.stdout.close()
    desk.push()
    assert_each_note_is_there_once(desk, notes)


def test_a_server_that_ends_in_the_middle_and_is_started_again_has_each_note_once(
    tmp_path: Path, migrated_label_studio: Path
) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(migrated_label_studio, workspace)
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        config = LabelStudioConfig(kind="own", url=f"http://127.0.0.1:{probe.getsockname()[1]}")
    url = f"sqlite:///{tmp_path / 'own.db'}"
    with closing(Store.open(url)) as store, ExitStack() as first_run:
        client = Client(first_run.enter_context(own_server(workspace, config, lambda _: None)), timeout_seconds=60)
        desk = Desk(client, store, url, "restarted")
        notes = fill(desk, 12)
        done: list[int] = []

        def advance(count: int) -> None:
            done.append(count)
            if sum(done) == 4:
                first_run.close()

        with pytest.raises(NoAnswerError, match="does not answer"):
            push(client, store, desk.project, store.notes.ids(Role.POOL), "m1", advance)
        assert sum(done) == 4
        with own_server(workspace, config, lambda _: None):
            report = desk.push()
            assert (report.created, report.unchanged) == (8, 4)
            assert_each_note_is_there_once(desk, notes)
        client.close()


def test_a_server_that_is_down_is_one_clear_line() -> None:
    client = Client(Address("http://127.0.0.1:9", "0" * 40), timeout_seconds=1)
    with pytest.raises(NoAnswerError, match="does not answer; start it") as caught:
        ensure_project(client, "ernotes")
    assert "\n" not in str(caught.value)
    client.close()


@pytest.mark.parametrize(
    ("url", "allowed", "goes"),
    [
        ("http://127.0.0.1:8080", [], True),
        ("http://localhost:8080", [], True),
        ("http://[::1]:8080", [], True),
        ("https://desk.example.org", [], False),
        ("https://127.0.0.1.example.org", [], False),
        ("https://desk.example.org", ["other.example.org"], False),
        ("https://Desk.example.org", ["desk.example.org"], True),
    ],
)
def test_a_patients_words_go_to_this_machine_or_to_a_host_allowed_by_name(
    url: str, allowed: list[str], goes: bool
) -> None:
    note = replace(pool_note(1), sensitivity=Sensitivity.PATIENT)
    client = Client(Address(url, "0" * 40), timeout_seconds=1)
    if goes:
        refuse_patient_text(client, [note], allowed_hosts=allowed)
    else:
        with pytest.raises(PrivacyError, match=note.id):
            refuse_patient_text(client, [note], allowed_hosts=allowed)
    client.close()
