"""A loop that waits for people lets other commands write meanwhile, and goes on when nobody is left to wait for."""

import subprocess
from pathlib import Path
from typing import cast

import pytest

from annotation.label_studio.client import Client
from corpus.errors import WorkspaceError
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.store.schema import rounds
from corpus.workspace import open_workspace
from ernotes.cli.told.outcomes import tell
from ernotes.desk.round_trip import correct_simulated, open_desk
from ernotes.rounds import loop
from ernotes.rounds.status import overview
from tests.ernotes.conftest import NOTES, Run

CHOSEN = 5
"""Notes that the tests of this file have corrected, of those that are written."""
PNEUMONIA = Span(11, 20, Label.DIAGNOSIS)
STEPS = [
    "model", "generate", "preannotate", "select", "push", "correct", "pull", "train", "judge", "evaluate", "outlook",
    "report",
]  # fmt: skip


def start_and_wait(program: str, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    """The command once it waits for people, and the line in which it says so."""
    running = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert running.stderr
    for line in running.stderr:
        if "wait for you" in line:
            return running, line
    pytest.fail("it never waited")


def test_a_loop_that_waits_goes_on_after_a_kill_lets_others_write_and_no_second_loop_in(
    workspace: Path, program: str, ernotes: Run
) -> None:
    config = workspace / "ernotes.toml"
    settings = config.read_text("utf-8").replace("poll_seconds = 10.0", "poll_seconds = 0.5")
    config.write_text(settings.replace("budget = 30", f"budget = {CHOSEN}"), "utf-8")
    arguments = ["-w", str(workspace), "loop", "--rounds", "1"]
    killed, _ = start_and_wait(program, *arguments)
    killed.kill()
    killed.communicate()
    running, waiting = start_and_wait(program, *arguments)
    try:
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
        corrected = list(opened.store.spans.gold(Role.TRAIN, Role.VALIDATION))
        document = overview(opened)
    assert (roles[Role.TRAIN] + roles[Role.VALIDATION], roles[Role.POOL]) == (CHOSEN, NOTES - CHOSEN)
    assert (steps["correct"]["waited_for"], steps["correct"]["simulated"]) == (CHOSEN, False)
    assert (steps["select"]["selected"], steps["select"]["left_in_pool"]) == (CHOSEN, NOTES - CHOSEN)
    assert sorted(steps["select"]["notes"]) == sorted(corrected)
    assert list(steps) == STEPS
    assert "how long that takes is unknown before the first" in said
    assert f"{CHOSEN} notes wait for you" in waiting
    assert document.next.endswith("preannotate, select, push")


def test_the_lock_is_given_away_for_a_block_and_taken_again(offline: Path) -> None:
    with open_workspace(offline, write=True) as waiting:
        with waiting.let_others_write(), open_workspace(offline, write=True):
            pass
        with pytest.raises(WorkspaceError, match="another command is writing"), open_workspace(offline, write=True):
            pass


def test_a_loop_killed_after_it_promoted_a_model_judges_it_against_the_one_before(offline: Path) -> None:
    """The candidate is current already when the step runs again: it must not be taken for its own incumbent."""
    with open_workspace(offline, write=True) as opened:
        store = opened.store
        for number in range(12):
            note = Note("made up", number, f"Doente com pneumonia, número {number}.", Role.VALIDATION)
            store.notes.add(note)
            store.spans.add(note.id, Author(AuthorKind.IMPORT, "made up"), [PNEUMONIA])
            store.spans.add(note.id, Author(AuthorKind.MODEL, "old"), [])
            store.spans.add(note.id, Author(AuthorKind.MODEL, "new"), [PNEUMONIA])
        for version in ("old", "new"):
            store.models.add(version, "other", [], {})
        store.models.promote("old")
        for step in STEPS:
            if step != "judge":
                store.rounds.finish_step(1, step, {"model": "new", "incumbent": "old"} if step == "train" else {})
        no_server = cast(Client, None)  # no step that speaks with it is left
        loop.run_round(opened, no_server, 1, simulated=True, tell=tell)
        once = store.rounds.steps(1)["judge"]
        current = store.models.current()
        assert (once["verdict"], once["incumbent"], current and current.version) == ("better", "old", "new")
        with store.engine.begin() as connection:
            steps = {name: step for name, step in store.rounds.steps(1).items() if name != "judge"}
            connection.execute(rounds.update().values(steps=steps))
        loop.run_round(opened, no_server, 1, simulated=True, tell=tell)
        assert store.rounds.steps(1)["judge"] == once
