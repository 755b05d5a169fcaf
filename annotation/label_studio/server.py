"""The workspace's own Label Studio server: found, started on this machine, reused, and ended by who started it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from annotation.label_studio.credentials import Credentials, server_credentials
from corpus.config.settings import LabelStudioConfig
from corpus.errors import DeskError
from corpus.machine import keeper as keeper_module
from corpus.machine.files import write_whole
from corpus.machine.ports import LOOPBACK, keep_port

FOLDER_NAME = "label-studio"
CREDENTIALS_NAME = "credentials.json"
START_TIMEOUT_SECONDS = 300.0
"""A first start takes half a minute on an idle machine: it migrates an empty database."""
STOP_TIMEOUT_SECONDS = 15.0

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a Label Studio server is; `name` stays when the port changes, so that tasks are found again."""

    url: str
    token: str = field(repr=False)
    name: str = ""

    def project(self, project_id: int) -> str:
        """What the store calls a project of this server."""
        return f"{self.name or self.url.rstrip('/')}#{project_id}"


def find_executable(config: LabelStudioConfig) -> Path:
    """The label-studio program: the configured one, else the sibling of this environment, else the one on the PATH."""
    if config.executable:
        if os.access(config.executable, os.X_OK):
            return Path(config.executable)
        raise DeskError(f"[label_studio] executable {config.executable} is no program; correct it or leave it empty")
    beside = Path(sys.prefix).parent / ".venv-label-studio" / "bin" / "label-studio"
    found = str(beside) if beside.exists() else shutil.which("label-studio")
    if found is None:
        raise DeskError(
            "Label Studio is not installed; run 'make label-studio' in the checkout, or "
            f"'python3 -m venv {beside.parents[1]} && {beside.parent}/pip install label-studio==1.23.2'"
        )
    return Path(found)


def run_server(workspace: Path, config: LabelStudioConfig, progress: Progress) -> None:
    """Run the workspace's server in the foreground, until SIGINT or SIGTERM ends it.

    Raises DeskError where it runs already or its port is in use, where it does not start, and where it ends by itself.
    """
    if config.kind != "own":
        raise DeskError('this workspace corrects on another server; for its own set kind = "own" in [label_studio]')
    credentials_path = workspace / FOLDER_NAME / CREDENTIALS_NAME
    if (running := _running(workspace / FOLDER_NAME)) is not None:
        raise DeskError(f"Label Studio runs already at {running.url}; log in as {credentials_path} says")
    wanted = _port(config)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with keep_port(wanted) as port:
            if port != wanted:
                raise DeskError(
                    f"port {wanted} is in use; end what listens there, or set another in [label_studio] url"
                )
            with _started(workspace / FOLDER_NAME, config, port, progress) as (address, keeper):
                progress(f"Label Studio is at {address.url}; log in with username and password from {credentials_path}")
                progress("End it with Ctrl-C.")
                keeper.wait()
        raise DeskError(f"Label Studio ended by itself; its log is {workspace / FOLDER_NAME / 'server.log'}")
    except KeyboardInterrupt:
        progress("Label Studio has ended")
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def own_server(workspace: Path, config: LabelStudioConfig, progress: Progress) -> Iterator[Address]:
    """The workspace's server: the one that runs, else one that is started now and ended on leaving."""
    folder = workspace / FOLDER_NAME
    if (running := _running(folder)) is not None:
        yield running
        return
    with keep_port(_port(config)) as port, _started(folder, config, port, progress) as (address, _):
        yield address


@contextmanager
def _started(
    folder: Path, config: LabelStudioConfig, port: int, progress: Progress
) -> Iterator[tuple[Address, "subprocess.Popen[bytes]"]]:
    executable = find_executable(config)
    credentials = server_credentials(folder / CREDENTIALS_NAME)
    address = Address(f"http://{LOOPBACK}:{port}", credentials.token, "own")
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    command = [str(executable), "start", "--no-browser", "--internal-host", LOOPBACK, "--port", str(port)]
    with (folder / "server.log").open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-I", keeper_module.__file__, str(folder / "server.lock"), *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=_environment(data, credentials),
            start_new_session=True,
        )
    try:
        _await_health(address, keeper, folder, progress)
        _refuse_other_token(address, folder)
        state = folder / "server.json"
        write_whole(state, json.dumps({"url": address.url, "keeper": keeper.pid}))
        yield address, keeper
    finally:
        (folder / "server.json").unlink(missing_ok=True)
        if keeper.stdin:
            keeper.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            keeper.wait(STOP_TIMEOUT_SECONDS)


def _environment(data: Path, credentials: Credentials) -> dict[str, str]:
    """The server's environment: sign-up and telemetry off, SQLite in the workspace, whatever the caller's says."""
    strange = ("LABEL_STUDIO_", "DJANGO_", "POSTGRE_", "PYTHON", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    return kept | {
        "HOME": str(data),
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "LABEL_STUDIO_USERNAME": credentials.username,
        "LABEL_STUDIO_PASSWORD": credentials.password,
        "LABEL_STUDIO_USER_TOKEN": credentials.token,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "FEATURE_FLAGS_OFFLINE": "true",
        "LOG_LEVEL": "WARNING",
        # It reaches the live backend on this machine; both are needed, since it registers a webhook there.
        "ML_BLOCK_LOCAL_IP": "false",
        "SSRF_PROTECTION_ENABLED": "false",
    }


def _await_health(address: Address, keeper: "subprocess.Popen[bytes]", folder: Path, progress: Progress) -> None:
    begun = time.monotonic()
    first = not (folder / "data" / "label_studio.sqlite3").exists()
    progress("Label Studio is starting" + (" for the first time, which takes a minute" if first else ""))
    while not _is_healthy(address.url):
        status = keeper.poll()
        if status == keeper_module.LOCK_TAKEN:
            raise DeskError(f"another Label Studio server works on {folder}; end it, then try again")
        if status is not None:
            raise DeskError(f"Label Studio ended as it started (status {status}); see {folder / 'server.log'}")
        if time.monotonic() - begun > START_TIMEOUT_SECONDS:
            raise DeskError(f"Label Studio did not answer on {address.url} in time; see {folder / 'server.log'}")
        time.sleep(0.25)
    progress(f"Label Studio is up after {time.monotonic() - begun:.0f} s")


def _refuse_other_token(address: Address, folder: Path) -> None:
    if not _accepts(address):
        raise DeskError(
            f"Label Studio refuses the token in {folder / CREDENTIALS_NAME}: its data folder was made with another; "
            "restore that file, or the LABEL_STUDIO_… variables of the first start"
        )


def _running(folder: Path) -> Address | None:
    """The server that the state file names, if it lives and takes our token."""
    try:
        state = json.loads((folder / "server.json").read_text("utf-8"))
        os.kill(int(state["keeper"]), 0)
        url = str(state["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    address = Address(url, server_credentials(folder / CREDENTIALS_NAME).token, "own")
    return address if _is_healthy(url) and _accepts(address) else None


def _is_healthy(url: str) -> bool:
    with suppress(httpx.HTTPError, ValueError, AttributeError):
        document = httpx.get(f"{url}/health", timeout=5, trust_env=False).json()
        return bool(document.get("status") == "UP")
    return False


def _accepts(address: Address) -> bool:
    with suppress(httpx.HTTPError):
        headers = {"Authorization": f"Token {address.token}"}
        answer = httpx.get(f"{address.url}/api/current-user/whoami", headers=headers, timeout=60, trust_env=False)
        return answer.status_code == httpx.codes.OK
    return False


def _port(config: LabelStudioConfig) -> int:
    """The port of the configured URL, which must be this machine's."""
    url = urlsplit(config.url)
    if url.hostname not in (LOOPBACK, "localhost") or url.port is None:
        raise DeskError(f"[label_studio] url is {config.url}; an own server needs one like http://{LOOPBACK}:8080")
    return url.port
