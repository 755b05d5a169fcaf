"""Model folders appear whole or not at all."""

from pathlib import Path

import pytest

from corpus.errors import ModelError
from corpus.machine.files import whole_folder


def test_a_folder_appears_when_all_is_written(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "models" / "m1") as draft:
        (draft / "weights").write_text("1")
        assert not (tmp_path / "models" / "m1").exists()
    assert (tmp_path / "models" / "m1" / "weights").read_text() == "1"


def test_a_failed_block_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with whole_folder(tmp_path / "m1") as draft:
            (draft / "weights").write_text("1")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_the_draft_of_a_killed_run_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".m1.partial").mkdir()
    (tmp_path / ".m1.partial" / "half").write_text("?")
    with whole_folder(tmp_path / "m1"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["m1"]
    assert list((tmp_path / "m1").iterdir()) == []


def test_a_folder_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is there already"), whole_folder(tmp_path):
        pass
