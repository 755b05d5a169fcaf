"""Fixtures that several folders of tests share."""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from annotation.label_studio.server import Address, own_server
from annotation.label_studio.simulated import simulated_account
from corpus.config.settings import LabelStudioConfig

# No test depends on time: a busy machine is no failure.
settings.register_profile("ernotes", deadline=None)
settings.register_profile("fast", deadline=None, max_examples=20)  # for make test-fast
settings.load_profile("ernotes")

# The tests run in two processes, and each starts others: one thread for each is what two cores can use.
os.environ.setdefault("OMP_NUM_THREADS", "1")

PROJECT_ROOT = Path(__file__).resolve().parents[1]

NEEDS = {"migrated_label_studio": "label_studio", "browser": "browser", "postgresql": "database", "program": "command"}
"""Fixture → the marker of the tests that use it, however far down."""
TORCH_MODULE = re.compile(r"^pytestmark = .*pytest\.mark\.torch", re.MULTILINE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by what it needs; a parameter may name a fixture, as `postgresql` does."""
    for item in items:
        if isinstance(item, pytest.Function):
            parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
            named = [*item.fixturenames, *parameters]
            for fixture, marker in NEEDS.items():
                if fixture in named:
                    item.add_marker(marker)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass over a module that is marked `torch` where such tests are not asked for: importing it takes seconds."""
    if "not torch" not in config.option.markexpr or collection_path.suffix != ".py":
        return None
    return bool(TORCH_MODULE.search(collection_path.read_text("utf-8"))) or None


@pytest.fixture(scope="session")
def er_ner_dir() -> Path:
    """The folder of the ER_NER data (train.json, val.json …), which is never committed; skips where it is absent."""
    folder = Path(os.environ.get("ER_NER_DIR") or PROJECT_ROOT.parent / "shared" / "er_ner")
    if not (folder / "train.json").is_file():
        pytest.skip(f"ER_NER DATA NOT FOUND in {folder}: set ER_NER_DIR to its folder to run this test")
    return folder


@pytest.fixture(scope="session")
def migrated_label_studio(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose Label Studio has been started once: its first start takes half a minute, a copy's four seconds.

    Kept in pytest's cache, so that only the first session of a checkout pays for it.
    """
    template = Path(request.config.cache.mkdir("label-studio")) / "workspace"
    # Of several processes that run the tests, one makes it and the others wait.
    with FileLock(template.with_suffix(".lock")):
        if not template.exists():
            fresh = tmp_path_factory.mktemp("label-studio-template")
            with own_server(fresh, LabelStudioConfig(kind="own"), lambda _: None):
                pass
            unfinished = template.with_suffix(f".{os.getpid()}")
            shutil.copytree(fresh, unfinished)
            unfinished.rename(template)
    return template


@pytest.fixture(scope="session")
def label_studio(migrated_label_studio: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """A real Label Studio server for the whole session: its URL and token. A test takes a project of its own there."""
    workspace = tmp_path_factory.mktemp("label-studio") / "workspace"
    shutil.copytree(migrated_label_studio, workspace)
    with own_server(workspace, LabelStudioConfig(kind="own"), lambda _: None) as address:
        yield address


@pytest.fixture(scope="session")
def second_user(label_studio: Address, tmp_path_factory: pytest.TempPathFactory) -> Address:
    """The same server with the token of another user, the simulated annotator."""
    workspace = tmp_path_factory.mktemp("simulated")
    account = simulated_account(label_studio, workspace)
    assert simulated_account(label_studio, workspace) == account
    return account


@pytest.fixture(scope="session")
def program() -> str:
    """The `ernotes` command of this environment."""
    return str(Path(sys.executable).with_name("ernotes"))
