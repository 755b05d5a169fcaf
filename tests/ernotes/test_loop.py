"""A loop that waits for people lets other commands write meanwhile, and goes on when nobody is left to wait for."""

import subprocess
from pathlib import Path

import pytest

from corpus.errors import WorkspaceError
from corpus.note import Role
from corpus.workspace import open_workspace
from ernotes.desk import correct_simulated, open_desk
from tests.ernotes.conftest import NOTES, Run


def test_a_loop_that_waits_lets_others_write_and_no_second_loop_in(workspace: Path, program: str, ernotes: Run) -> None:
    config = workspace / "ernotes.toml"
    config.write_text(config.read_text("utf-8").replace("poll_seconds = 10.0", "poll_seconds = 0.5"), "utf-8")
    arguments = ["-w", str(workspace), "loop", "--rounds", "1"]
    running = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert running.stderr
    try:
        for line in running.stderr:
            if "wait for you" in line:
                break
        second = ernotes(*arguments)
        # The corrections of a person who works while the loop waits.
        with open_workspace(workspace, write=False) as opened, open_desk(opened) as client:
            correct_simulated(opened, client)
        _, said = running.communicate(timeout=300)
    finally:
        running.kill()
        running.wait()
    assert running.returncode == 0, said
    assert (second.status, "a loop runs in" in second.last_line) == (1, True)
    with open_workspace(workspace, write=False) as opened:
        roles = opened.store.notes.count_by_role()
        steps = opened.store.rounds.steps(1)
    assert (roles[Role.TRAIN] + roles[Role.VALIDATION], roles[Role.POOL]) == (NOTES, 0)
    assert (steps["correct"]["waited_for"], steps["correct"]["simulated"]) == (NOTES, False)


def test_the_lock_is_given_away_for_a_block_and_taken_again(offline: Path) -> None:
    with open_workspace(offline, write=True) as waiting:
        with waiting.let_others_write(), open_workspace(offline, write=True):
            pass
        with pytest.raises(WorkspaceError, match="another command is writing"), open_workspace(offline, write=True):
            pass
