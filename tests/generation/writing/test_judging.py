"""Judging here and in a process of its own: the same assessments, and no process left behind."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.store import Store
from generation.gates import NEARLY_ANOTHER
from generation.writing.judging import LARGE_BATCH, Assessment, Draft, judging
from tests.conftest import PROJECT_ROOT
from tests.generation.notes import brief, note_text

HOLDS_A_JUDGE = """
import multiprocessing, sys
from corpus.store import Store
from generation.writing.judging import LARGE_BATCH, judging
if __name__ == "__main__":
    store = Store.open(sys.argv[1])
    with judging(store, [], LARGE_BATCH):
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'ernotes.db'}")
    yield opened
    opened.close()


def draft(number: int, text: str) -> Draft:
    return Draft(str(number), brief(0), text, "stop")


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def judged(store: Store, briefs: int) -> list[Assessment]:
    right = note_text(brief(0).block(), 1)
    texts = [right, right, note_text(brief(0).block(), 2).replace("Bisoprolol", "Outro"), "curta"]

    async def go() -> list[Assessment]:
        with judging(store, [], briefs) as judge:
            return [await judge(draft(number, text)) for number, text in enumerate(texts)]

    return asyncio.run(go())


@pytest.mark.slow
def test_a_large_batch_is_judged_elsewhere_as_a_small_one_is_here(store: Store) -> None:
    here = judged(store, 1)
    assert [assessment.reason for assessment in here] == ["", NEARLY_ANOTHER, "lacks from its brief: drug", "too short"]
    assert len(here[0].spans) == 3
    assert here[2].faults
    assert judged(store, LARGE_BATCH) == here


@pytest.mark.slow
def test_the_process_that_judges_ends_with_the_one_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "holds_a_judge.py"
    script.write_text(HOLDS_A_JUDGE, "utf-8")
    command = [sys.executable, str(script), f"sqlite:///{tmp_path / 'ernotes.db'}"]
    with subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env={"PYTHONPATH": str(PROJECT_ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        children = [int(pid) for pid in process.stdout.readline().split()]
        assert children
        process.kill()
    deadline = time.monotonic() + 60
    while any(map(is_running, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [pid for pid in children if is_running(pid)] == []
