"""The workspace's own server, really started and really ended."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from annotation.label_studio.credentials import server_credentials, stored_credentials
from annotation.label_studio.server import find_executable, own_server, run_server
from corpus.config.settings import LabelStudioConfig
from corpus.errors import DeskError
from tests.conftest import PROJECT_ROOT

STARTING = """
import sys, time
from pathlib import Path
from annotation.label_studio.server import own_server
from corpus.config.settings import LabelStudioConfig
with own_server(Path(sys.argv[1]), LabelStudioConfig(kind="own", url=sys.argv[2]), lambda _: None) as address:
    print(address.url, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def workspace(migrated_label_studio: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    shutil.copytree(migrated_label_studio, folder)
    return folder


@pytest.fixture
def taken_port() -> Iterator[int]:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def ends(url: str) -> bool:
    """Whether nothing answers there within fifteen seconds."""
    for _ in range(150):
        try:
            httpx.get(f"{url}/health", timeout=5, trust_env=False)
        except httpx.TransportError:
            return True
        time.sleep(0.1)
    return False


def test_a_server_is_started_reused_while_it_runs_and_ended_by_who_started_it(workspace: Path, taken_port: int) -> None:
    config = LabelStudioConfig(kind="own", url=f"http://127.0.0.1:{taken_port}")
    with own_server(workspace, config, lambda _: None) as first:
        assert first.url != config.url
        said: list[str] = []
        with own_server(workspace, config, said.append) as second:
            assert (second, said) == (first, [])
        assert httpx.get(f"{first.url}/health", trust_env=False).json() == {"status": "UP"}
    assert ends(first.url)


def test_a_server_does_not_outlive_its_starter_killed_with_sigkill(workspace: Path) -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTING, str(workspace), url], cwd=PROJECT_ROOT, stdout=subprocess.PIPE
    )
    with closing(starter.stdout) as output:
        assert output.readline().decode().strip() == url
    starter.kill()
    starter.wait()
    assert ends(url)


def test_the_foreground_server_ends_with_sigterm(workspace: Path) -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        config = LabelStudioConfig(kind="own", url=f"http://127.0.0.1:{probe.getsockname()[1]}")
    said: list[str] = []

    def hear(line: str) -> None:
        said.append(line)
        if line.startswith("End it"):
            os.kill(os.getpid(), signal.SIGTERM)

    run_server(workspace, config, hear)
    assert any("credentials.json" in line and config.url in line for line in said)
    assert server_credentials(workspace / "label-studio" / "credentials.json", {}).password not in " ".join(said)
    assert ends(config.url)


def test_a_port_in_use_is_one_clear_line(tmp_path: Path, taken_port: int) -> None:
    with pytest.raises(DeskError, match=f"port {taken_port} is in use"):
        run_server(tmp_path, LabelStudioConfig(kind="own", url=f"http://127.0.0.1:{taken_port}"), lambda _: None)


@pytest.mark.parametrize("url", ["https://desk.example.org:8080", "http://127.0.0.1"])
def test_an_own_server_has_a_port_of_this_machine(tmp_path: Path, url: str) -> None:
    with pytest.raises(DeskError, match="an own server needs one like"):
        run_server(tmp_path, LabelStudioConfig(kind="own", url=url), lambda _: None)


def test_a_missing_program_says_what_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeskError, match="make label-studio"):
        find_executable(LabelStudioConfig())
    with pytest.raises(DeskError, match="executable"):
        find_executable(LabelStudioConfig(executable=str(tmp_path / "nothing")))


def test_credentials_are_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "label-studio" / "credentials.json"
    made = server_credentials(path, {})
    assert len(bytes.fromhex(made.token)) == 20
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert server_credentials(path, {}) == made
    assert made.token not in repr(made)
    assert made.password not in repr(made)


def test_the_environment_may_give_the_credentials(tmp_path: Path) -> None:
    given = {"LABEL_STUDIO_USERNAME": "a@b.pt", "LABEL_STUDIO_PASSWORD": "p", "LABEL_STUDIO_USER_TOKEN": "0" * 40}
    found = server_credentials(tmp_path / "credentials.json", given)
    assert (found.username, found.password, found.token) == ("a@b.pt", "p", "0" * 40)


def test_a_spoilt_credentials_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "credentials.json").write_text("{}")
    with pytest.raises(DeskError, match="holds no credentials"):
        stored_credentials(tmp_path / "credentials.json", "a@b.pt")
