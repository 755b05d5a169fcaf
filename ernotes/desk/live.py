"""The live pre-annotation backend: Label Studio asks it for a task's spans as the task is opened.

Label Studio's ML protocol, as its server speaks it: /health, /setup, /predict, /webhook. The server can send HTTP
Basic and nothing else, so the token is the password (any user name), or a bearer token. What a request holds (notes,
and at /setup the token of the project's maker) is neither logged nor repeated in an answer.
"""

import base64
import binascii
import os
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Annotated, TypeVar

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, JsonValue, ValidationError

from annotation.label_studio.tasks import region
from corpus.documents import JsonObject
from corpus.errors import ErNotesError, WorkspaceError
from corpus.machine.ports import listening
from corpus.note import Author, AuthorKind, text_hash
from corpus.recognition import Recognition
from corpus.store import Store
from corpus.workspace import Workspace, open_workspace
from ernotes.console import say
from ernotes.desk.live_model import LiveModel
from ernotes.desk.live_training import TrainingQueue, training_command
from ernotes.models.prediction import current_model_folder
from inference.load import load_recogniser

START_TRAINING = "START_TRAINING"
Keep = Callable[[str, str, str, Recognition], None]
Body = TypeVar("Body", bound=BaseModel)


class TaskData(BaseModel):
    """What a task shows; `doc_id` and `sha256` are there where `push` made it."""

    text: str
    doc_id: JsonValue = None
    sha256: str | None = None


class LiveTask(BaseModel):
    """A task as Label Studio sends it."""

    id: JsonValue = None
    data: TaskData


class Asked(BaseModel):
    """The body of /predict."""

    tasks: list[LiveTask]


class Hook(BaseModel):
    """The body of /webhook."""

    action: str = ""


def serve_live(folder: Path, port: int | None, *, connect: bool = False) -> None:
    """Serve the backend of a workspace until interrupted; with `connect` its Label Studio project is told of it.

    Raises WorkspaceError where no token is set, and ModelError where there is no model yet.
    """
    with open_workspace(folder, write=False) as workspace:
        live = workspace.config.live
        token = os.environ.get(live.token_env, "")
        if not token:
            raise WorkspaceError(f"the live backend takes a token: set the environment variable {live.token_env}")
        model = LiveModel(
            lambda: current_model_folder(workspace).name,
            lambda version: load_recogniser(workspace.models / version, version),
            say,
        )
        training = TrainingQueue(folder, training_command(folder), say)
        doubtful_below = workspace.config.label_studio.doubtful_below
        app = live_app(model, partial(keep_shown, workspace.store), training.start, token, doubtful_below)
        with listening(live.host, live.port if port is None else port) as listener:
            url = f"http://{live.host}:{listener.getsockname()[1]}"
            say(f"pre-annotating at {url}; end it with Ctrl-C")
            if connect:
                Thread(target=_connect, args=(workspace, live.url or url, token), daemon=True).start()
            # uvicorn would log tracebacks as errors, and requests as information: both can show what must not be seen.
            config = uvicorn.Config(app, log_level="critical", access_log=False, timeout_graceful_shutdown=5)
            with suppress(KeyboardInterrupt):
                uvicorn.Server(config).run(sockets=[listener])


def _connect(workspace: Workspace, url: str, token: str) -> None:
    """Beside the server, which Label Studio asks at once whether it is up."""
    from annotation.label_studio.backend import connect_backend
    from annotation.label_studio.labelling import GUIDELINE_NAME, own_guideline
    from annotation.label_studio.project import ensure_project
    from ernotes.desk.round_trip import open_desk

    title = workspace.config.label_studio.project
    try:
        with open_desk(workspace) as client:
            connect_backend(
                client, ensure_project(client, title, own_guideline(workspace.own(GUIDELINE_NAME))), url, token
            )
    except ErNotesError as error:
        say(f"not connected: {error}")
    else:
        say(f"the project {title!r} asks {url} as its tasks are opened")


def live_app(
    model: LiveModel, keep: Keep, start_training: Callable[[], bool], token: str, doubtful_below: float = 0.0
) -> FastAPI:
    """The backend as an application; `keep` gets a task's doc_id and text, the model's version, and what it found.

    As `push` does, it marks mentions whose confidence is under `doubtful_below`.
    """
    app = FastAPI(title="ernotes live pre-annotation", docs_url=None, redoc_url=None, openapi_url=None)

    async def authorised(request: Request) -> None:
        if not secrets.compare_digest(_credential(request).encode(), token.encode()):
            raise HTTPException(401, "a token is needed", headers={"WWW-Authenticate": "Basic"})

    guarded = [Depends(authorised)]

    @app.get("/")
    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "UP"}

    @app.post("/setup", dependencies=guarded)
    def setup() -> dict[str, str]:
        return {"model_version": model.version()}

    @app.post("/predict", dependencies=guarded)
    def predict(asked: Annotated[Asked, Depends(_body(Asked))]) -> dict[str, list[JsonObject]]:
        for task in asked.tasks:
            _prove(task)
        version, found = model.recognise([task.data.text for task in asked.tasks])
        for task, recognition in zip(asked.tasks, found, strict=True):
            keep(str(task.data.doc_id), task.data.text, version, recognition)
        return {"results": [_prediction(recognition, version, doubtful_below) for recognition in found]}

    @app.post("/webhook", status_code=201, dependencies=guarded)
    def webhook(hook: Annotated[Hook, Depends(_body(Hook))]) -> dict[str, str]:
        if hook.action != START_TRAINING:
            return {"status": "heard"}  # a hint that something changed; pulling is what finds out
        return {"status": "queued" if start_training() else "already queued"}

    @app.exception_handler(Exception)
    def unexpected(_request: Request, error: Exception) -> JSONResponse:
        say(f"a request failed: unexpected {type(error).__name__}")
        return JSONResponse({"detail": f"unexpected {type(error).__name__}"}, 500)

    return app


def keep_shown(store: Store, doc_id: str, text: str, version: str, recognition: Recognition) -> None:
    """Store what is shown for a note of ours, for the ledger to compare a correction with; another text is left alone.

    It is one more set of spans and touches no other, so it does not wait for the command that writes in the workspace.
    """
    author = Author(AuthorKind.MODEL, version)
    with suppress(WorkspaceError):  # a task of none of our notes, or of one that is erased at this moment
        if store.notes.get(doc_id).text == text and store.spans.latest(doc_id, author.kind, author.name) is None:
            store.spans.add(doc_id, author, recognition.spans, detail={"uncertainty": asdict(recognition.uncertainty)})


def _body(kind: type[Body]) -> Callable[[Request], Awaitable[Body]]:
    """A dependency that reads a request's body; after `authorised`, so that nothing of a stranger's is read."""

    async def read(request: Request) -> Body:
        try:
            return kind.model_validate_json(await request.body())
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the body"
            raise HTTPException(422, f"{place}: {first['msg']}") from None

    return read


def _prove(task: LiveTask) -> None:
    """Refuse a task whose text is not the one that it was made with; a task that is not ours has no hash."""
    if task.data.sha256 is not None and task.data.sha256 != text_hash(task.data.text):
        raise HTTPException(422, f"task {task.id} no longer shows the text that it was made with (sha256): push again")


def _prediction(recognition: Recognition, version: str, doubtful_below: float) -> JsonObject:
    confidences = [span.confidence for span in recognition.spans if span.confidence is not None]
    return {
        "model_version": version,
        "score": min(confidences, default=None),
        "result": [region(span, doubtful_below=doubtful_below) for span in recognition.spans],
    }


def _credential(request: Request) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""
