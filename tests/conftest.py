"""Fixtures that several folders of tests share."""

import os
from pathlib import Path

import pytest

PROJECT_ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def er_ner_dir() -> Path:
    """The folder of the ER_NER data (train.json, val.json …), which is never committed; skips where it is absent."""
    folder = Path(os.environ.get("ER_NER_DIR") or PROJECT_ROOT.parent / "shared" / "er_ner")
    if not (folder / "train.json").is_file():
        pytest.skip(f"ER_NER DATA NOT FOUND in {folder}: set ER_NER_DIR to its folder to run this test")
    return folder
