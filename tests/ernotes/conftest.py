"""The command line as a test uses it: the program itself, in a process of its own."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


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
