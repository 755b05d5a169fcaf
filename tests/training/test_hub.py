"""Giving a model to a hub: a small server of the tests' own answers as one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import pytest

from corpus.errors import ModelError
from tests.hub import serving_hub
from training.hub import push_to_hub


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, Any]]]:
    """What the hub was asked for, in order."""
    with serving_hub() as (address, seen):
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", address)
        monkeypatch.setenv("HF_TOKEN", "hf_invented")
        yield seen


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
