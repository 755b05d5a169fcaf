"""What a loop that waits for people counts, and what it says of the time that is left."""

from datetime import UTC, datetime

import pytest

from annotation.label_studio.tasks import Annotation, Task
from annotation.ledger import Ledger, Work
from ernotes.rounds.waiting import open_tasks, seconds_a_note, told_left

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
