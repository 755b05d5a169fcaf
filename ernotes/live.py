"""The live pre-annotation backend: Label Studio asks it for a task's spans as the task is opened.

Label Studio's ML protocol, as its server speaks it: /health, /setup, /predict, /webhook. The server can send HTTP
Basic and nothing else, so the token is the password (any user name), or a bearer token.
"""

import base64
import binascii
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request

from annotation.tasks import region
from corpus.errors import ErNotesError, WorkspaceError
from corpus.recognition import Recogniser, Recognition
from corpus.workspace import open_workspace
from ernotes.console import say
from generation.offline.server import listening
from inference.load import load_recogniser


def serve_live(folder: Path, port: int | None) -> None:
    """Serve the backend of a workspace until interrupted; raises WorkspaceError where no token is set."""
    with open_workspace(folder, write=False) as workspace:
        live = workspace.config.live
        token = os.environ.get(live.token_env, "")
        if not token:
            raise WorkspaceError(f"the live backend takes a token: set the environment variable {live.token_env}")
    models = CurrentModel(folder)
    models.get()
    with listening(live.host, live.port if port is None else port) as listener:
        say(f"pre-annotating at http://{live.host}:{listener.getsockname()[1]}; end it with Ctrl-C")
        uvicorn.Server(uvicorn.Config(live_app(models.get, token), log_level="warning")).run(sockets=[listener])


class CurrentModel:
    """The workspace's current recogniser, loaded again when another model has become current."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._recogniser: Recogniser | None = None

    def get(self) -> Recogniser:
        """The recogniser of the model that is current now; raises ModelError when there is none."""
        from ernotes.prediction import current_model_folder

        with open_workspace(self._folder, write=False) as workspace:
            folder = current_model_folder(workspace)
        if self._recogniser is None or self._recogniser.version != folder.name:
            self._recogniser = load_recogniser(folder, folder.name)
        return self._recogniser


def live_app(current: Callable[[], Recogniser], token: str) -> FastAPI:
    """The backend as an application; `current` gives the recogniser to use for a request."""
    app = FastAPI(title="ernotes live pre-annotation", docs_url=None, redoc_url=None, openapi_url=None)

    def authorised(request: Request) -> None:
        if not secrets.compare_digest(_credential(request).encode(), token.encode()):
            raise HTTPException(401, "a token is needed", headers={"WWW-Authenticate": "Basic"})

    @app.get("/")
    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "UP"}

    @app.post("/setup", dependencies=[Depends(authorised)])
    def setup() -> dict[str, str]:
        return {"model_version": _recogniser(current).version}

    @app.post("/predict", dependencies=[Depends(authorised)])
    def predict(body: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        recogniser = _recogniser(current)
        try:
            texts = [str(task["data"]["text"]) for task in body["tasks"]]
        except (KeyError, TypeError):
            raise HTTPException(422, "each of 'tasks' needs data.text") from None
        found = recogniser.recognise(texts)
        return {"results": [_prediction(item, recogniser.version) for item in found]}

    @app.post("/webhook", status_code=201, dependencies=[Depends(authorised)])
    def webhook() -> dict[str, str]:
        return {"status": "heard"}  # a hint that something changed; pulling is what finds out

    return app


def _prediction(recognition: Recognition, version: str) -> dict[str, Any]:
    confidences = [span.confidence for span in recognition.spans if span.confidence is not None]
    return {
        "model_version": version,
        "score": min(confidences, default=None),
        "result": [region(span) for span in recognition.spans],
    }


def _recogniser(current: Callable[[], Recogniser]) -> Recogniser:
    try:
        return current()
    except ErNotesError as error:
        raise HTTPException(503, str(error)) from None


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
