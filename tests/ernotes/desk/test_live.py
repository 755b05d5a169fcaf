"""The live backend as Label Studio speaks to it, over HTTP; and as a real Label Studio server does."""

import base64
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from filelock import FileLock

from annotation.label_studio.backend import connect_backend
from annotation.label_studio.client import Client
from annotation.label_studio.project import ensure_project
from annotation.label_studio.push import push
from annotation.label_studio.server import Address
from annotation.label_studio.tasks import task_document
from corpus.errors import DeskError, ModelError
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity, Span
from corpus.recognition import Recognition, Uncertainty
from corpus.store import Store
from corpus.workspace import LOCK_NAME
from ernotes.desk.live import keep_shown, live_app
from ernotes.desk.live_model import LiveModel
from ernotes.desk.live_training import TRAINING_LOCK_NAME, TrainingQueue
from tests.conftest import PROJECT_ROOT
from tests.ernotes.conftest import Run

TOKEN = "a-token-of-the-test"
AUTH = ("label-studio", TOKEN)
TEXT = "Medicação habitual:\r\n- Bisoprolol 5 mg 1 id\r\n"
TASK: dict[str, Any] = {"id": 1, "data": {"text": TEXT, "doc_id": "x"}}
NOTE = Note("live", 1, f"{TEXT}🫀 Sem alergias medicamentosas.", Role.POOL, Sensitivity.FICTIONAL)
FOUND = Recognition((Span(23, 33, Label.MEDICATION, 0.4), Span(41, 43, Label.MEDICATION, 0.9)), Uncertainty(1, 0, 0, 0))
PATIENCE_SECONDS = 120
QUEUEING = """
import sys, time
from pathlib import Path
from ernotes.desk.live_training import TrainingQueue
TrainingQueue(Path(sys.argv[1]), [sys.executable, "-c", "import time; time.sleep(600)"], print).start()
time.sleep(600)
"""


def comes_true(condition: Callable[[], bool]) -> bool:
    """Whether it does before patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@dataclass(frozen=True, slots=True)
class Fake:
    """A recogniser that finds the same in every text."""

    version: str

    def recognise(self, texts: Iterable[str]) -> Iterator[Recognition]:
        return (FOUND for _ in texts)


@dataclass(slots=True)
class Models:
    """Which version is current, and how a version is loaded."""

    current: str = "m1"
    ready: Callable[[], object] = lambda: None

    def load(self, version: str) -> Fake:
        if version != "m1":
            self.ready()
        return Fake(version)


@dataclass(frozen=True, slots=True)
class Backend:
    """A backend in this process: what it kept, how often it was to train, and a client with no token."""

    client: TestClient
    kept: list[tuple[str, str, str, Recognition]]
    runs: list[str]


@pytest.fixture
def backend() -> Backend:
    kept: list[Any] = []
    runs: list[str] = []

    def start() -> bool:
        runs.append("run")
        return len(runs) == 1

    models = Models()
    model = LiveModel(lambda: models.current, models.load, lambda _: None)
    app = live_app(model, lambda *shown: kept.append(shown), start, TOKEN, doubtful_below=0.5)
    return Backend(TestClient(app, raise_server_exceptions=False), kept, runs)


@pytest.mark.parametrize("auth", [None, ("x", "wrong"), ("x", ""), (TOKEN, "")])
@pytest.mark.parametrize("path", ["/setup", "/predict", "/webhook"])
def test_without_the_token_it_says_that_it_is_up_and_nothing_else(
    backend: Backend, path: str, auth: tuple[str, str] | None
) -> None:
    assert backend.client.get("/health").json() == {"status": "UP"}
    answer = backend.client.post(path, content=b"not even JSON", auth=auth)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Basic")


@pytest.mark.parametrize("header", ["", "Basic", "Basic !", "Basic /w==", "Bearer", "Bearer é", f"Digest {TOKEN}"])
def test_a_credential_that_cannot_be_read_is_refused(backend: Backend, header: str) -> None:
    assert backend.client.post("/setup", headers={"Authorization": header.encode("latin-1")}).status_code == 401


@pytest.mark.parametrize("scheme", ["Basic", "basic", "Bearer"])
def test_the_token_counts_as_a_password_of_anybody_or_as_a_bearer_token(backend: Backend, scheme: str) -> None:
    value = TOKEN if scheme == "Bearer" else base64.b64encode(f"anybody:{TOKEN}".encode()).decode()
    answer = backend.client.post("/setup", headers={"Authorization": f"{scheme} {value}"}, json={"access_token": "t"})
    assert answer.json() == {"model_version": "m1"}


def test_regions_carry_their_confidence_and_doubtful_ones_are_marked_as_in_a_push(backend: Backend) -> None:
    (result,) = backend.client.post("/predict", json={"tasks": [TASK]}, auth=AUTH).json()["results"]
    assert (result["model_version"], result["score"]) == ("m1", 0.4)
    assert [item["value"] for item in result["result"]] == [
        {"start": 23, "end": 33, "labels": ["Medicação Habitual"]},
        {"start": 41, "end": 43, "labels": ["Medicação Habitual"]},
    ]
    assert [(item["score"], item["id"].endswith("doubt")) for item in result["result"]] == [(0.4, True), (0.9, False)]
    assert backend.kept == [("x", TEXT, "m1", FOUND)]


def test_a_pushed_task_is_proved_by_its_hash(backend: Backend) -> None:
    task = {"id": 5, **task_document(NOTE)}
    assert len(backend.client.post("/predict", json={"tasks": [TASK, task]}, auth=AUTH).json()["results"]) == 2
    backend.kept.clear()
    task["data"]["text"] = NOTE.text.replace("\r\n", "\n")
    answer = backend.client.post("/predict", json={"tasks": [TASK, task]}, auth=AUTH)
    assert (answer.status_code, backend.kept) == (422, [])
    assert answer.json()["detail"].startswith("task 5 no longer shows the text")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"{}",
        b'{"tasks": 7}',
        b'{"tasks": [{}]}',
        b'{"tasks": [{"data": {"text": ["Bisoprolol"]}}]}',
        b'{"tasks": [{"data": {"text": "Bisoprolol \\ud800"}}]}',
        b'{"tasks": [{"data": {"texto": "Bisoprolol"}}]}',
    ],
)
def test_what_is_no_task_is_refused_in_one_line_that_repeats_nothing_of_it(backend: Backend, body: bytes) -> None:
    answer = backend.client.post("/predict", content=body, auth=AUTH)
    assert answer.status_code == 422
    assert "\n" not in answer.json()["detail"]
    assert "Bisoprolol" not in answer.text


def test_what_nobody_expected_is_one_line_without_the_text(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(self: Fake, texts: Iterable[str]) -> Iterator[Recognition]:
        raise ValueError(str(list(texts)))

    monkeypatch.setattr(Fake, "recognise", fail)
    answer = backend.client.post("/predict", json={"tasks": [TASK]}, auth=AUTH)
    assert (answer.status_code, answer.json()) == (500, {"detail": "unexpected ValueError"})
    assert capsys.readouterr().err == "a request failed: unexpected ValueError\n"


def test_training_is_queued_once_and_other_events_are_only_heard(backend: Backend) -> None:
    said = []
    for action in ("ANNOTATION_CREATED", "START_TRAINING", "START_TRAINING"):
        answer = backend.client.post("/webhook", json={"action": action, "project": {"id": 1}}, auth=AUTH)
        said.append((answer.status_code, answer.json()["status"]))
    assert said == [(201, "heard"), (201, "queued"), (201, "already queued")]


def test_the_model_before_serves_while_another_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ernotes.desk.live_model.PATIENCE_SECONDS", 0)
    ready, models = Event(), Models()
    models.ready = ready.wait
    model = LiveModel(lambda: models.current, models.load, lambda _: None)
    models.current = "m2"
    assert [model.version(), model.recognise([TEXT])[0]] == ["m1", "m1"]
    models.current = "m3"
    ready.set()
    assert comes_true(lambda: model.version() == "m3")


def test_a_model_that_cannot_be_loaded_is_told_once_and_the_one_before_goes_on() -> None:
    def refuse() -> None:
        raise ModelError("m2 cannot be read")

    models, said = Models(ready=refuse), []
    model = LiveModel(lambda: models.current, models.load, said.append)
    models.current = "m2"
    assert [model.version() for _ in range(3)] == ["m1"] * 3
    assert comes_true(lambda: said == ["m2 cannot be read; m1 goes on serving"])
    models.ready, models.current = lambda: None, "m3"
    assert comes_true(lambda: model.version() == "m3")


def test_what_is_shown_of_a_note_of_ours_is_kept_for_the_ledger_and_of_no_other(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    store.notes.add(NOTE)
    for doc_id, text in (("x", TEXT), (NOTE.id, TEXT), (NOTE.id, NOTE.text), (NOTE.id, NOTE.text)):
        keep_shown(store, doc_id, text, "m1", FOUND)
    (said,) = store.spans.history(NOTE.id)
    assert (said.author, said.spans) == (Author(AuthorKind.MODEL, "m1"), FOUND.spans)
    store.close()


def test_one_run_at_a_time_is_trained_when_nobody_writes_and_its_end_is_told(tmp_path: Path) -> None:
    said: list[str] = []
    queue = TrainingQueue(tmp_path, [sys.executable, "-c", "print('begun\\nthe model is m2')"], said.append)
    with FileLock(tmp_path / LOCK_NAME):
        assert [queue.start(), queue.start()] == [True, False]
        assert not (tmp_path / TRAINING_LOCK_NAME).exists()
    assert comes_true(lambda: said == ["the model is m2"])
    assert comes_true(queue.start)
    assert comes_true(lambda: len(said) == 2)


def test_a_run_that_fails_is_one_line(tmp_path: Path) -> None:
    said: list[str] = []
    command = [sys.executable, "-c", "import sys; print('reading'); sys.exit('ernotes: no annotated note')"]
    assert TrainingQueue(tmp_path, command, said.append).start()
    assert comes_true(lambda: said == ["training failed (status 1): ernotes: no annotated note"])


@pytest.mark.slow
def test_a_run_does_not_outlive_a_backend_killed_with_sigkill(tmp_path: Path) -> None:
    def is_training() -> bool:
        lock = FileLock(tmp_path / TRAINING_LOCK_NAME, timeout=0)
        try:
            with lock:
                return False
        except TimeoutError:
            return True

    backend = subprocess.Popen([sys.executable, "-c", QUEUEING, str(tmp_path)], cwd=PROJECT_ROOT)
    assert comes_true(is_training)
    backend.kill()
    backend.wait()
    assert comes_true(lambda: not is_training())


@dataclass(frozen=True, slots=True)
class Serving:
    """A running `ernotes serve`: where, and what it has said so far."""

    url: str
    log: Path

    def says(self, pattern: str) -> bool:
        """Whether it says this before patience ends."""
        return comes_true(lambda: re.search(pattern, self.log.read_text("utf-8")) is not None)


@contextmanager
def serving(program: str, workspace: Path, *options: str, **environment: str) -> Iterator[Serving]:
    log = workspace / "serve.log"
    command = [program, "-w", str(workspace), "serve", "--port", "0", *options]
    with log.open("w") as written:
        process = subprocess.Popen(
            command, stderr=written, env={**os.environ, "ERNOTES_LIVE_TOKEN": TOKEN, **environment}
        )
    try:
        assert comes_true(lambda: "Ctrl-C" in log.read_text("utf-8") or process.poll() is not None)
        found = re.search(r"http://[^;\s]+", log.read_text("utf-8"))
        assert found, log.read_text("utf-8")
        yield Serving(found.group(), log)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


@pytest.fixture
def trained(offline: Path, ernotes: Run) -> Path:
    """An offline workspace with a model and a pool note."""
    assert ernotes("-w", offline, "train").status == 0
    with_note = Store.open(f"sqlite:///{offline / 'ernotes.db'}")
    with_note.notes.add(NOTE)
    with_note.close()
    return offline


def test_the_program_pre_annotates_trains_and_takes_up_the_new_model_without_a_restart(
    trained: Path, program: str
) -> None:
    first = next((trained / "models").iterdir()).name
    with serving(program, trained) as backend:
        answer = httpx.post(f"{backend.url}/predict", json={"tasks": [TASK]}, auth=AUTH).json()
        (result,) = answer["results"]
        assert result["model_version"] == first
        marked = [TEXT[item["value"]["start"] : item["value"]["end"]] for item in result["result"]]
        assert marked == ["Bisoprolol 5 mg 1 id"]
        config = trained / "ernotes.toml"
        config.write_text(config.read_text("utf-8").replace("seed = 42", "seed = 7"), "utf-8")
        hook = {"action": "START_TRAINING", "project": {}}
        with FileLock(trained / LOCK_NAME):
            answers = [httpx.post(f"{backend.url}/webhook", json=hook, auth=AUTH).json()["status"] for _ in range(2)]
        assert answers == ["queued", "already queued"]
        assert backend.says(r"model crf-\w+; it is the current model")
        (second,) = {path.name for path in (trained / "models").iterdir()} - {first}
        assert comes_true(
            lambda: httpx.post(f"{backend.url}/setup", auth=AUTH, json={}).json() == {"model_version": second}
        )
        log = backend.log.read_text("utf-8")
        assert TOKEN not in log
        assert "Bisoprolol" not in log


def test_without_a_token_or_a_model_it_does_not_start(offline: Path, ernotes: Run) -> None:
    refused = ernotes("-w", offline, "serve", ERNOTES_LIVE_TOKEN="")
    assert (refused.status, "ERNOTES_LIVE_TOKEN" in refused.last_line) == (1, True)
    refused = ernotes("-w", offline, "serve", ERNOTES_LIVE_TOKEN=TOKEN)
    assert (refused.status, "ernotes train" in refused.last_line) == (1, True)


def test_a_real_label_studio_asks_it_for_a_task_as_it_is_opened_and_has_it_train(
    label_studio: Address, trained: Path, program: str
) -> None:
    config, title = trained / "ernotes.toml", "live backend"
    settings = config.read_text("utf-8").replace('kind = "own"', 'kind = "remote"')
    settings = settings.replace("http://127.0.0.1:8080", label_studio.url).replace(
        'project = "ernotes"', f'project = "{title}"'
    )
    config.write_text(settings, "utf-8")
    client = Client(label_studio, 60)
    project = ensure_project(client, title)
    documents: list[Any] = [task_document(NOTE), {"data": {"text": TEXT, "doc_id": "of nobody here"}}]
    made = client.sdk.projects.import_tasks(project.id, request=documents, return_task_ids=True)
    ours, other = made.model_dump()["task_ids"]

    def opened(task_id: int) -> list[dict[str, Any]]:
        """The pre-annotations that the page gets when a person opens the task."""
        header = {"Authorization": f"Token {label_studio.token}"}
        url = f"{label_studio.url}/api/tasks/{task_id}?project={project.id}"
        shown: list[dict[str, Any]] = httpx.get(url, headers=header, timeout=60).json()["predictions"]
        return shown

    with serving(program, trained, "--connect", LABEL_STUDIO_API_KEY=label_studio.token) as backend:
        assert backend.says("asks http")
        (shown,) = opened(ours)
        (version,) = (path.name for path in (trained / "models").iterdir())
        places = [(item["value"]["start"], item["value"]["end"]) for item in shown["result"]]
        store = Store.open(f"sqlite:///{trained / 'ernotes.db'}")
        (kept,) = store.spans.history(NOTE.id)
        push(client, store, ensure_project(client, title), [NOTE.id], version)
        store.close()
        assert [item["id"] for item in opened(ours)] == [shown["id"]]
        assert shown["model_version"] == kept.author.name == version
        assert places == [(span.start, span.end) for span in kept.spans or ()]
        assert NOTE.text[slice(*places[0])] == "Bisoprolol 5 mg 1 id"
        assert len(opened(other)) == len(opened(other)) == 1

        connect_backend(client, project, backend.url, TOKEN)
        (connection,) = client.sdk.ml.list(project=project.id)
        assert not [hook for hook in client.sdk.webhooks.list(project=str(project.id)) if backend.url in hook.url]
        assert ensure_project(client, title).model_version == connection.title
        client.sdk.ml.train(id=int(connection.id or 0))
        assert backend.says(r"was trained already; it is the current model")
        with pytest.raises(DeskError, match="does not take the backend"):
            connect_backend(client, project, backend.url, "another token")
    client.close()
