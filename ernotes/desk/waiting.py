"""Waiting for people: until every pushed note is corrected, with how many are left and how long that may take."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from annotation.corrections import Ledger, correction_ledger
from annotation.label_studio.client import Client
from annotation.label_studio.project import Project
from annotation.label_studio.pull import pull as pull_corrections
from annotation.label_studio.server import CREDENTIALS_NAME, FOLDER_NAME
from annotation.label_studio.tasks import Task
from corpus.workspace import Workspace
from ernotes.console import bar, lasting, say
from ernotes.desk.round_trip import project_of, project_url


@dataclass(frozen=True, slots=True)
class Waited:
    """How many notes were open when the waiting began, and how long it took until none was."""

    simulated: bool
    waited_for: int
    seconds: int


def wait_for_annotators(workspace: Workspace, client: Client) -> Waited:
    """Wait until every pushed note has been submitted or skipped; corrections are pulled as they come.

    A note that several people were asked for is done when all of them have submitted or skipped it. While it waits,
    other commands may write.
    """
    store, config = workspace.store, workspace.config
    project = project_of(workspace, client)
    left = _count_open(workspace, client, project)
    say(f"{left} notes wait for you at {project_url(client, project)}; the loop goes on when none is left")
    if config.label_studio.kind == "own":
        say(f"log in with the username and password in {workspace.folder / FOLDER_NAME / CREDENTIALS_NAME}")
    say("you may end it with Ctrl-C and run it again later")
    begun, first, fewest = time.monotonic(), left, left
    with bar(left, "waiting for corrections") as advance:
        say(told_left(left, seconds_a_note(correction_ledger(store))))
        while left:
            with workspace.let_others_write():
                time.sleep(config.loop.poll_seconds)
            pull_corrections(client, store, project, lambda _: None)
            now_left = _count_open(workspace, client, project)
            if now_left == left:
                continue
            if now_left < fewest:  # another command may push more meanwhile, which a bar cannot take back
                advance(fewest - now_left)
            left, fewest = now_left, min(fewest, now_left)
            waited = time.monotonic() - begun
            pace = seconds_a_note(correction_ledger(store)) or (waited / (first - left) if left < first else None)
            say(told_left(left, pace))
    return Waited(simulated=False, waited_for=first, seconds=round(time.monotonic() - begun))


def open_tasks(tasks: Iterable[Task], people: Mapping[str, int]) -> int:
    """How many of the tasks wait for somebody; `people` says, by note id, how many a note is to go through."""
    return sum(
        len({annotation.completed_by for annotation in task.annotations}) < people.get(task.note_id, 1)
        for task in tasks
    )


def _count_open(workspace: Workspace, client: Client, project: Project) -> int:
    return open_tasks(chain.from_iterable(client.tasks(project.id)), workspace.store.tasks.overlap())


def seconds_a_note(ledger: Ledger) -> float | None:
    """How long a person has a note open, as the mean of all timed corrections; None before the first."""
    whole = ledger.whole
    return whole.seconds / whole.timed if whole.timed else None


def told_left(left: int, pace: float | None) -> str:
    """How many notes are left, and how long that takes one person at so many seconds a note."""
    if not left:
        return "no note is left"
    notes = f"{left} note is left" if left == 1 else f"{left} notes are left"
    if pace is None:
        return f"{notes}; how long that takes is unknown before the first"
    return f"{notes}: about {lasting(left * pace)} at the present pace ({pace:.0f} s a note)"
