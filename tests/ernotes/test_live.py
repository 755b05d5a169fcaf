"""The live backend as Label Studio speaks to it, over HTTP."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.ernotes.conftest import Run

TOKEN = "a-token-of-the-test"
TASK: dict[str, Any] = {"id": 1, "data": {"text": "Medicação habitual:\r\n- Bisoprolol 5 mg 1 id\r\n", "doc_id": "x"}}


@pytest.fixture
def backend(offline: Path, ernotes: Run, program: str) -> Iterator[str]:
    ernotes("-w", offline, "train")
    environment = {**os.environ, "ERNOTES_LIVE_TOKEN": TOKEN}
    command = [program, "-w", str(offline), "serve", "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stderr
        found = re.search(r"http://\S+", process.stderr.readline())
        assert found
        yield found.group().rstrip(";")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        process.stderr.close()


def test_it_is_up_without_a_token_and_says_nothing_else_without_one(backend: str) -> None:
    assert httpx.get(f"{backend}/health").json() == {"status": "UP"}
    assert httpx.post(f"{backend}/predict", json={"tasks": [TASK]}).status_code == 401
    assert httpx.post(f"{backend}/predict", json={"tasks": [TASK]}, auth=("x", "wrong")).status_code == 401


def test_it_pre_annotates_a_task_with_the_current_model_for_basic_and_bearer(backend: str, offline: Path) -> None:
    version = next((offline / "models").iterdir()).name
    assert httpx.post(f"{backend}/setup", json={}, auth=("ls", TOKEN)).json() == {"model_version": version}
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    answer = httpx.post(f"{backend}/predict", json={"tasks": [TASK]}, headers=bearer).json()
    (result,) = answer["results"]
    assert result["model_version"] == version
    text = TASK["data"]["text"]
    marked = [text[item["value"]["start"] : item["value"]["end"]] for item in result["result"]]
    assert all(words == words.strip() and words for words in marked)


def test_it_takes_up_a_new_current_model_without_a_restart(backend: str, offline: Path, ernotes: Run) -> None:
    newer = ernotes("-w", offline, "train", "--seed", "7", "--json").document["model"]
    assert httpx.post(f"{backend}/setup", json={}, auth=("ls", TOKEN)).json() == {"model_version": newer}


def test_what_is_no_task_is_refused_without_a_traceback(backend: str) -> None:
    for body in ({"tasks": [{}]}, {"tasks": 7}, {}):
        assert httpx.post(f"{backend}/predict", json=body, auth=("ls", TOKEN)).status_code == 422
