"""SIGKILL at random moments, on the real endpoint and the real Label Studio: nothing is lost and nothing doubled."""

import os
import random
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from annotation.label_studio.project import ensure_project
from annotation.label_studio.server import FOLDER_NAME
from annotation.label_studio.tasks import Task
from corpus.note import AuthorKind, Role
from corpus.store.schema import briefs, completions
from corpus.workspace import Workspace, open_workspace
from ernotes.desk.round_trip import correct_simulated, open_desk
from ernotes.rounds.loop import rounds_done
from tests.ernotes.conftest import NOTES, Run

KILLS = 3


@pytest.fixture
def moments(record_property: Callable[[str, object], None]) -> random.Random:
    seed = random.randrange(10**6)
    record_property("seed of the moments", seed)
    return random.Random(seed)


def kill(program: str, arguments: list[str | Path], after_seconds: float) -> bool:
    """Whether the command was still running when SIGKILL came."""
    process = subprocess.Popen([program, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(after_seconds)
        return False
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        return True


def kill_at(program: str, arguments: list[str | Path], line: str) -> None:
    """SIGKILL as soon as the command says this line."""
    process = subprocess.Popen(
        [program, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    for said in process.stderr:
        if said.strip() == line:
            break
    else:
        pytest.fail(f"never said {line!r}")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stderr.close()


def batch_has_ended(workspace: Path) -> bool:
    with open_workspace(workspace, write=False) as opened:
        return opened.store.batches.count() > 0 and opened.store.batches.unfinished() is None


def loop_has_ended(workspace: Path) -> bool:
    with open_workspace(workspace, write=False) as opened:
        return rounds_done(opened) == opened.store.rounds.goal()


def tasks_on_the_server(workspace: Workspace) -> list[Task]:
    with open_desk(workspace) as client:
        project = ensure_project(client, workspace.config.label_studio.project)
        return [task for page in client.tasks(project.id) for task in page]


def nothing_lost_or_doubled(workspace: Workspace, notes: int) -> None:
    """Every brief has one outcome, every note one task, every task one annotation, every answer was paid for once."""
    store = workspace.store
    with store.engine.connect() as connection:
        outcomes = connection.execute(select(briefs.c.state, briefs.c.note_id)).all()
        answers = connection.execute(select(completions.c.brief_id, completions.c.request)).all()
    assert Counter(row.state for row in outcomes) == {"accepted": notes}
    assert len({row.note_id for row in outcomes}) == notes
    samples = [(row.brief_id, row.request["sample"]) for row in answers]
    assert len(samples) == len(set(samples)) >= notes
    tasks = tasks_on_the_server(workspace)
    assert sorted(task.note_id for task in tasks) == sorted(row.note_id for row in outcomes)
    assert [len(task.annotations) for task in tasks] == [1] * notes
    roles = store.notes.count_by_role()
    assert (roles[Role.TRAIN] + roles[Role.VALIDATION], roles[Role.POOL]) == (notes, 0)
    for row in outcomes:
        by_people = [said for said in store.spans.history(row.note_id) if said.author.kind is AuthorKind.HUMAN]
        truth = store.spans.latest(row.note_id, AuthorKind.BRIEF)
        assert len(by_people) == 1
        assert truth is not None
        assert [span.place for span in by_people[0].spans or ()] == [span.place for span in truth.spans or ()]


def test_single_commands_killed_at_random_moments(
    workspace: Path, program: str, ernotes: Run, moments: random.Random
) -> None:
    def killed_and_run(*command: str, longest_seconds: float) -> None:
        for _ in range(KILLS):
            kill(program, ["-w", workspace, *command], moments.uniform(0.3, longest_seconds))
        done = ernotes("-w", workspace, *command)
        assert done.status == 0, done.err

    killed_and_run("train", longest_seconds=3)
    write: list[str | Path] = ["-w", workspace, "generate", "--notes", str(NOTES)]
    for _ in range(KILLS):
        kill(program, write, moments.uniform(0.3, 2))
        # A batch that has ended would be followed by another.
        if batch_has_ended(workspace):
            break
    else:
        assert ernotes(*write).status == 0
    killed_and_run("preannotate", longest_seconds=3)
    killed_and_run("push", longest_seconds=4)
    with open_workspace(workspace, write=True) as opened, open_desk(opened) as client:
        correct_simulated(opened, client)
    killed_and_run("pull", longest_seconds=4)
    killed_and_run("train", longest_seconds=4)
    with open_workspace(workspace, write=False) as opened:
        nothing_lost_or_doubled(opened, NOTES)
        models = opened.store.models.all()
        assert len(models) == 2  # before the corrections and after them
        assert sorted(path.name for path in opened.models.iterdir()) == sorted(model.version for model in models)


def test_a_loop_killed_at_random_moments_ends_where_it_was_to_end(
    workspace: Path, program: str, ernotes: Run, moments: random.Random
) -> None:
    loop: list[str | Path] = ["-w", workspace, "loop", "--rounds", "2", "--annotator", "simulated"]
    for step in ("select", "judge", "outlook"):
        kill_at(program, loop, f"round 1: {step}")
    for _ in range(KILLS):
        kill(program, loop, moments.uniform(1, 8))
        # A loop that has ended would be followed by another.
        if loop_has_ended(workspace):
            break
    else:
        done = ernotes(*loop)
        assert done.status == 0, done.err
    with open_workspace(workspace, write=False) as opened:
        assert opened.store.rounds.numbers() == [1, 2]
        nothing_lost_or_doubled(opened, 2 * NOTES)
        assert opened.store.scores.looks(Role.TEST) == 2
        models = opened.store.models.all()
        assert len(models) == 3  # of the exemplars, and of each round
        rounds = [opened.store.rounds.steps(number) for number in (1, 2)]
        assert [step["judge"]["candidate"] for step in rounds] == [model.version for model in models[1:]]
        assert [step["judge"]["incumbent"] for step in rounds] == [model.version for model in models[:-1]]
        chosen = [note_id for step in rounds for note_id in step["select"]["notes"]]
        assert (len(chosen), len(set(chosen))) == (2 * NOTES, 2 * NOTES)
        assert sorted(path.name for path in opened.reports.iterdir()) == ["round-001.html", "round-002.html"]


def test_a_killed_search_for_label_errors_goes_on_with_the_fold_that_it_was_at(
    offline: Path, program: str, ernotes: Run
) -> None:
    search: list[str | Path] = ["-w", offline, "label-errors", "--json"]
    uninterrupted = offline.parent / "uninterrupted"
    shutil.copytree(offline, uninterrupted)
    kill_at(program, search, "cross-validation: fold 3 of 5")
    done = ernotes(*search)
    assert [line for line in done.err.splitlines() if "fold" in line] == [
        f"cross-validation: fold {number} of 5" for number in (3, 4, 5)
    ]
    assert done.document == ernotes("-w", uninterrupted, "label-errors", "--json").document
    assert done.document["notes"]


def test_a_killed_loop_takes_the_server_that_it_started_with_it(
    offline: Path, migrated_label_studio: Path, program: str
) -> None:
    shutil.copytree(migrated_label_studio / FOLDER_NAME, offline / FOLDER_NAME)
    process = subprocess.Popen([program, "-w", offline, "push"], stderr=subprocess.PIPE, text=True)
    assert process.stderr
    for line in process.stderr:
        if "is up" in line:
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stderr.close()
    with open_workspace(offline, write=False) as opened, open_desk(opened) as client:
        # The data folder is locked by whoever serves it: this server could only start because the other has ended.
        assert client.is_on_this_machine
