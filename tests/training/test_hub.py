"""Giving a model to a hub: a small server of the tests' own answers as one."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import huggingface_hub.constants
import pytest

from corpus.errors import ModelError
from training.hub import push_to_hub


class _Hub(BaseHTTPRequestHandler):
    """Takes repositories and commits of small files; the account "nobody" is refused."""

    seen: list[tuple[str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        refused = "nobody/" in self.path + body
        if self.path.endswith("/preupload/main"):
            paths = [file["path"] for file in json.loads(body)["files"]]
            files = [{"path": path, "uploadMode": "regular", "shouldIgnore": False} for path in paths]
            answer: dict[str, Any] = {"files": files}
        elif "/commit/" in self.path:
            self.seen.append(("commit", [json.loads(line) for line in body.splitlines()]))
            answer = {"commitUrl": "http://127.0.0.1/someone/model/commit/1", "commitOid": "1" * 40}
        else:
            self.seen.append((self.path, json.loads(body)))
            answer = {"url": "http://127.0.0.1/someone/model"}
        self._answer(403 if refused else 200, {"error": "no leave"} if refused else answer)

    def do_GET(self) -> None:
        self._answer(200, {"sha": "0" * 40, "id": "someone/model", "siblings": []})

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, Any]]]:
    """What the hub was asked for, in order."""
    seen: list[tuple[str, Any]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Hub", (_Hub,), {"seen": seen}))
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_TOKEN", "hf_invented")
    yield seen
    server.shutdown()
    server.server_close()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "crf-1"
    folder.mkdir()
    (folder / "ernotes-model.json").write_text('{"kind": "crf", "base": "crf"}')
    (folder / "README.md").write_text("# A card\n")
    return folder


def test_a_model_goes_to_a_private_repository(hub: list[tuple[str, Any]], model: Path) -> None:
    assert push_to_hub(model, "someone/model").endswith("/someone/model")
    made, *_, commit = hub
    assert made[0] == "/api/repos/create"
    assert made[1]["visibility"] == "private"
    assert {line["value"]["path"] for line in commit[1] if line["key"] == "file"} == {"README.md", "ernotes-model.json"}


def test_without_leave_the_line_says_so(hub: list[tuple[str, Any]], model: Path) -> None:
    with pytest.raises(ModelError, match=r"the hub refused nobody/model \(status 403\)"):
        push_to_hub(model, "nobody/model")


def test_without_a_token_nothing_is_sent(monkeypatch: pytest.MonkeyPatch, model: Path, tmp_path: Path) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    with pytest.raises(ModelError, match="set HF_TOKEN"):
        push_to_hub(model, "someone/model")


def test_without_a_network_the_line_says_so(monkeypatch: pytest.MonkeyPatch, model: Path) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_invented")
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelError, match="the hub cannot be reached") as caught:
        push_to_hub(model, "someone/model")
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_no_model_is_not_sent(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no ernotes-model\.json"):
        push_to_hub(tmp_path, "someone/model")
