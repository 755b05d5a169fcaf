"""The rounds of a simulation on disk: none is lost, none is taken for another setting's."""

from pathlib import Path

import pytest
from filelock import FileLock

from corpus.errors import WorkspaceError
from ernotes.simulation.journal import JOURNAL_NAME, LOCK_NAME, open_journal
from ernotes.simulation.plan import Plan
from tests.ernotes.simulation.replayed import NOTES, played


def test_the_journal_gives_back_what_was_kept(tmp_path: Path) -> None:
    _, rounds = played(Plan(("random",), seeds=1, folds=2, start=2))
    with open_journal(tmp_path / "new", {"batch": 2}) as journal:
        for one in rounds:
            journal.add(one)
    with open_journal(tmp_path / "new", {"batch": 2}) as journal:
        assert journal.rounds == rounds
    assert not any(note.text in (tmp_path / "new" / JOURNAL_NAME).read_text("utf-8") for note in NOTES)


def test_half_a_line_that_a_killed_run_left_is_cut(tmp_path: Path) -> None:
    _, rounds = played(Plan(("random",), seeds=1, folds=2, start=2))
    path = tmp_path / JOURNAL_NAME
    with open_journal(tmp_path, {"batch": 2}) as journal:
        journal.add(rounds[0])
    whole = path.read_bytes()
    for cut in (0, 5, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with open_journal(tmp_path, {"batch": 2}) as journal:
            assert journal.rounds == []
            journal.add(rounds[0])
        assert path.read_bytes() == whole


def test_a_folder_of_another_setting_or_a_damaged_one_is_refused(tmp_path: Path) -> None:
    setting = {"notes": "abc", "batch": 2}
    with open_journal(tmp_path, setting):
        pass
    with pytest.raises(WorkspaceError, match=r"differs in: batch; give another folder with -o$"):
        open_journal(tmp_path, {**setting, "batch": 3}).__enter__()
    (tmp_path / JOURNAL_NAME).write_text("{\n")
    with pytest.raises(WorkspaceError, match="is damaged"):
        open_journal(tmp_path, setting).__enter__()


def test_two_simulations_do_not_write_in_one_folder(tmp_path: Path) -> None:
    with FileLock(tmp_path / LOCK_NAME), pytest.raises(WorkspaceError, match="another simulation writes"):
        open_journal(tmp_path, {}).__enter__()
