"""The command line as a test uses it: the program itself, in a process of its own."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from annotation.label_studio.server import FOLDER_NAME

NOTES = 8
"""Notes in a round of the `workspace` fixture."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did: exit status, standard output, standard error."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def last_line(self) -> str:
        return self.err.strip().splitlines()[-1] if self.err.strip() else ""


Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def ernotes(program: str) -> Run:
    def run(*arguments: str | Path, **environment: str) -> Ran:
        done = subprocess.run(
            [program, *map(str, arguments)],
            capture_output=True,
            text=True,
            env={**os.environ, "HF_HUB_OFFLINE": "1", **environment},
            timeout=300,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def offline(tmp_path: Path, ernotes: Run) -> Path:
    """A fresh offline workspace."""
    folder = tmp_path / "workspace"
    assert ernotes("-w", folder, "init", "--offline").status == 0
    return folder


@pytest.fixture
def workspace(offline: Path, migrated_label_studio: Path, program: str) -> Iterator[Path]:
    """An offline workspace whose own Label Studio runs already, so that a kill does not wait for its start."""
    config = offline / "ernotes.toml"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = config.read_text("utf-8").replace("notes_per_round = 40", f"notes_per_round = {NOTES}")
    # What a cross-validation says is tested without a server.
    settings = settings.replace('judge_by = "auto"', 'judge_by = "validation"')
    config.write_text(settings.replace("127.0.0.1:8080", f"127.0.0.1:{port}"), "utf-8")
    shutil.copytree(migrated_label_studio / FOLDER_NAME, offline / FOLDER_NAME)
    server = subprocess.Popen([program, "-w", offline, "label-studio"], stderr=subprocess.PIPE, text=True)
    assert server.stderr
    try:
        for line in server.stderr:
            if "End it with" in line:
                break
        else:
            pytest.fail("Label Studio did not start")
        yield offline
    finally:
        server.terminate()
        server.wait(60)
        server.stderr.close()
