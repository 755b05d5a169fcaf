"""What a loop that waits for people counts, and what it says of the time that is left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from annotation.corrections import Ledger, Work
from annotation.label_studio.tasks import Annotation, Task
from ernotes.desk import waiting
from ernotes.desk.waiting import open_tasks, seconds_a_note, told_left, wait_for_annotators

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def task(note_id: str, *people: int, skipped_by: tuple[int, ...] = ()) -> Task:
    annotations = [
        Annotation(id=number, result=[], completed_by=who, was_cancelled=who in skipped_by, updated_at=NOW)
        for number, who in enumerate((*people, *skipped_by))
    ]
    return Task(id=1, data={"doc_id": note_id}, annotations=annotations, updated_at=NOW)


def test_a_note_is_done_when_somebody_submitted_or_skipped_it() -> None:
    assert open_tasks([task("a"), task("b", 1), task("c", skipped_by=(1,))], {}) == 1


def test_a_note_for_several_people_is_done_when_all_of_them_submitted_or_skipped_it() -> None:
    tasks = [task("a", 1), task("b", 1, 1), task("c", 1, 2), task("d", 1, skipped_by=(2,))]
    assert open_tasks(tasks, dict.fromkeys("abcd", 2)) == 2


def test_the_pace_is_that_of_the_timed_corrections_and_unknown_before_the_first() -> None:
    untimed = Work(notes=9)
    assert seconds_a_note(Ledger({(1, "eva"): untimed})) is None
    ana, rui = Work(notes=2, timed=2, seconds=60.0), Work(notes=3, timed=1, seconds=30.0)
    assert seconds_a_note(Ledger({(1, "eva"): untimed, (1, "ana"): ana, (2, "rui"): rui})) == 30


@pytest.mark.parametrize(
    ("left", "pace", "told"),
    [
        (0, 50.0, "no note is left"),
        (12, None, "12 notes are left; how long that takes is unknown before the first"),
        (1, 20.0, "1 note is left: about 1 min at the present pace (20 s a note)"),
        (30, 50.0, "30 notes are left: about 25 min at the present pace (50 s a note)"),
        (100, 75.0, "100 notes are left: about 2 h 05 min at the present pace (75 s a note)"),
    ],
)
def test_it_is_said_how_many_are_left_and_how_long_that_takes(left: int, pace: float | None, told: str) -> None:
    assert told_left(left, pace) == told


def test_the_bar_never_runs_backwards_when_another_command_pushes_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty notes are open; three more come, and go with the others."""
    counts, advances = iter([30, 28, 31, 27, 0]), list[int]()

    @contextmanager
    def bar(total: int, _what: str) -> Iterator[Callable[[int], None]]:
        assert total == 30
        yield advances.append

    monkeypatch.setattr(waiting, "bar", bar)
    monkeypatch.setattr(waiting, "project_of", lambda *_: None)
    monkeypatch.setattr(waiting, "project_url", lambda *_: "http://127.0.0.1/projects/1")
    monkeypatch.setattr(waiting, "pull_corrections", lambda *_: None)
    monkeypatch.setattr(waiting, "correction_ledger", lambda _: Ledger({}))
    monkeypatch.setattr(waiting, "_count_open", lambda *_: next(counts))
    config = SimpleNamespace(label_studio=SimpleNamespace(kind="server"), loop=SimpleNamespace(poll_seconds=0))
    workspace: Any = SimpleNamespace(store=None, config=config, let_others_write=nullcontext)
    client: Any = None
    assert wait_for_annotators(workspace, client).waited_for == 30
    assert advances == [2, 1, 27]
