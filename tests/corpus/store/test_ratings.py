"""Ratings are appended, the newest counts, and erasing a note takes them along."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from corpus.note import Note, Role, Sensitivity
from corpus.store import Store
from corpus.store.ratings import Rating, ReviewSample, SampledNote, Writer
from corpus.store.schema import ratings
from corpus.store.tasks import REVIEW, PushedTask

PROJECT = "http://127.0.0.1:8080#7"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()


@pytest.fixture
def note(store: Store) -> Note:
    note = Note("s", 1, "Sem alergias.", Role.POOL, Sensitivity.FICTIONAL)
    store.notes.add(note)
    return note


def rating(note: Note, annotator: str, value: int, question: str = "historia") -> Rating:
    return Rating(note.id, annotator, question, value, task_id=3, annotation_id={"ana": 11, "rui": 12}[annotator])


def rows(store: Store) -> int:
    with store.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(ratings)).scalar_one()


def test_the_same_ratings_again_are_no_news_and_a_changed_one_is_added_beside_the_first(
    store: Store, note: Note
) -> None:
    said = [rating(note, "ana", 4), rating(note, "ana", 2, "alergias"), rating(note, "rui", 5)]
    assert store.ratings.take(PROJECT, [3], said) == (3, 0)
    assert store.ratings.take(PROJECT, [3], said) == (0, 0)
    said[0] = rating(note, "ana", 3)
    assert store.ratings.take(PROJECT, [3], said) == (1, 0)
    assert [(item.annotator, item.question, item.value) for item in store.ratings.of_project(PROJECT)] == [
        ("ana", "alergias", 2),
        ("ana", "historia", 3),
        ("rui", "historia", 5),
    ]
    assert rows(store) == 4
    assert store.ratings.of_project("another#7") == []


def test_what_is_no_longer_said_in_a_task_is_withdrawn_and_other_tasks_keep_theirs(store: Store, note: Note) -> None:
    elsewhere = replace(rating(note, "rui", 5), task_id=4)
    store.ratings.take(PROJECT, [3, 4], [rating(note, "ana", 4), elsewhere])
    assert store.ratings.take(PROJECT, [3], []) == (0, 1)
    assert store.ratings.of_project(PROJECT) == [elsewhere]
    assert store.ratings.take(PROJECT, [3], [rating(note, "ana", 4)]) == (1, 0)
    assert len(store.ratings.of_project(PROJECT)) == 2


def test_erasing_a_note_removes_its_ratings_and_takes_it_out_of_the_sample(store: Store, note: Note) -> None:
    assert store.ratings.sample() is None
    store.ratings.keep_sample(ReviewSample("ab", (SampledNote(note.id, Writer.GENERATED),)))
    assert store.ratings.sample() == ReviewSample("ab", (SampledNote(note.id, Writer.GENERATED),))
    store.ratings.take(PROJECT, [3], [rating(note, "ana", 4)])
    store.notes.erase(note.id)
    assert store.ratings.sample() == ReviewSample("ab", ())
    assert rows(store) == 0


def test_a_task_of_the_review_is_none_to_be_corrected(store: Store, note: Note) -> None:
    store.tasks.record(PROJECT, [PushedTask(note.id, 3, REVIEW)])
    assert store.tasks.count(Role.POOL) == 0
    assert store.tasks.projects_of(note.id) == {PROJECT: 3}
