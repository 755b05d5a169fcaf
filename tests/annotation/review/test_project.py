"""The draw of notes to review, and their way to a real Label Studio server and back."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.label_studio.client import Client
from annotation.label_studio.server import Address
from annotation.review.project import (
    RatingsReport,
    ensure_review_project,
    find_review_project,
    pull_ratings,
    push_sample,
    read_answer,
    review_title,
)
from annotation.review.questionnaire import Questionnaire, read_questionnaire
from annotation.review.sample import Drawn, code_of, draw_evenly, draw_sample
from corpus.errors import DeskError
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity
from corpus.store import Store
from corpus.store.ratings import Writer
from tests.annotation.conftest import ODD_TEXT, Desk


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'drawn.db'}")
    yield opened
    opened.close()


def add(store: Store, number: int, role: Role, source: str = "generated", specialty: str = "Cardiologia") -> Note:
    text = f"{ODD_TEXT}\r\n{source} {number}"
    note = Note(source, number, text, role, Sensitivity.FICTIONAL, provenance={"specialty": specialty})
    store.notes.add(note)
    if source != "generated":
        store.spans.add(note.id, Author(AuthorKind.IMPORT, source), [])
    return note


def draw(store: Store, generated: int, physician: int, seed: int = 0) -> Drawn:
    counts = {Writer.GENERATED: generated, Writer.PHYSICIAN: physician}
    drawn = draw_sample(store, counts, seed, generated="generated", by_no_physician={"made up"})
    store.ratings.keep_sample(drawn.sample)
    return drawn


@given(st.lists(st.integers(0, 5), max_size=6), st.integers(0, 40), st.integers(0, 9))
def test_no_group_gives_two_more_than_another_that_has_some_left(sizes: list[int], count: int, seed: int) -> None:
    groups = {f"{group}-{item}": str(group) for group, size in enumerate(sizes) for item in range(size)}
    drawn = draw_evenly(groups, count, Counter(), random.Random(seed))
    assert len(drawn) == len(set(drawn)) == min(count, len(groups))
    given = Counter(groups[item] for item in drawn)
    open_groups = [str(group) for group, size in enumerate(sizes) if given[str(group)] < size]
    assert all(given[name] - given[other] <= 1 for name in given for other in open_groups)
    assert drawn == draw_evenly(dict(reversed(groups.items())), count, Counter(), random.Random(seed))


def test_only_generated_and_imported_notes_that_nothing_is_measured_on_are_drawn(store: Store) -> None:
    pool, train = add(store, 1, Role.POOL), add(store, 2, Role.TRAIN)
    exemplar, imported = add(store, 3, Role.EXEMPLAR, "hospital"), add(store, 4, Role.TRAIN, "hospital")
    for number, role in enumerate((Role.VALIDATION, Role.TEST), 5):
        add(store, number, role)
        add(store, number, role, "hospital")
    add(store, 7, Role.EXEMPLAR, "made up")
    store.notes.add(Note("nobody annotated", 8, "x", Role.TRAIN))
    store.notes.add(Note("generated", 9, "NUL \0", Role.POOL))
    drawn = draw(store, 9, 9)
    found = {note.note_id: note.writer for note in drawn.sample.notes}
    written = dict.fromkeys([pool.id, train.id], Writer.GENERATED)
    assert found == written | dict.fromkeys([exemplar.id, imported.id], Writer.PHYSICIAN)
    assert (drawn.missing, drawn.unfit) == ({Writer.GENERATED: 7, Writer.PHYSICIAN: 7}, 1)


def test_a_larger_draw_keeps_the_first_and_evens_out_the_specialties(store: Store) -> None:
    for number in range(6):
        add(store, number, Role.POOL)
    first = draw(store, 3, 0).sample
    rare = {add(store, number, Role.POOL, specialty="Nefrologia").id for number in range(6, 9)}
    assert draw(store, 3, 0).sample == first
    second = draw(store, 5, 0).sample
    assert second.notes[:3] == first.notes
    assert {note.note_id for note in second.notes[3:]} <= rare
    assert second.secret == first.secret


@pytest.mark.parametrize(
    "item",
    [None, {}, {"value": 4}, {"value": {"choices": []}}, {"value": {"choices": ["4", "5"]}},
     {"value": {"choices": ["6"]}}, {"value": {"choices": [["4"]]}}],
)  # fmt: skip
def test_what_is_no_number_of_the_scale_is_no_answer(item: object) -> None:
    assert read_answer(item) == ("", None)


def answers(questionnaire: Questionnaire, *values: int) -> list[dict[str, object]]:
    return [
        {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": [str(value)]}}
        for name, value in zip(questionnaire.ids, values, strict=False)
    ]


@pytest.fixture
def questionnaire() -> Questionnaire:
    return read_questionnaire(None)


def test_reviewers_see_a_text_and_a_code_once_and_their_ratings_come_back(
    desk: Desk, second_user: Address, questionnaire: Questionnaire
) -> None:
    store, client, title = desk.store, desk.client, review_title(desk.title)
    with pytest.raises(DeskError, match="run 'ernotes review push' first"):
        find_review_project(client, title)
    notes = [add(store, number, Role.POOL) for number in range(3)] + [add(store, 3, Role.EXEMPLAR, "hospital")]
    sample = draw(store, 3, 1).sample
    project = ensure_review_project(client, title, questionnaire, 2)
    assert push_sample(client, store, project, sample) == 4
    tasks = [task for page in client.tasks(project.id) for task in page]
    codes = [code_of(sample.secret, note.note_id) for note in sample.notes]
    assert [task.note_id for task in tasks] == codes
    assert {tuple(task.data) for task in tasks} == {("doc_id", "text")}
    assert not set(codes) & {note.id for note in notes}

    # A push that was killed: the store does not know of its tasks, and one came in twice.
    key = client.address.project(project.id)
    store.tasks.forget(key, [note.id for note in notes])
    client.sdk.projects.import_tasks(project.id, request=[{"data": tasks[0].data}])
    assert push_sample(client, store, ensure_review_project(client, title, questionnaire, 2), sample) == 0
    assert find_review_project(client, title).tasks == 4
    assert len(store.tasks.of_project(key)) == 4

    ids = [task.id for task in tasks]
    rui = Client(second_user, timeout_seconds=60)
    first = client.sdk.annotations.create(id=ids[0], result=answers(questionnaire, 5, 4, 4, 3, 2, 1))
    rui.sdk.annotations.create(id=ids[0], result=answers(questionnaire, 4, 4, 4, 4, 4, 4))
    rui.sdk.annotations.create(id=ids[1], result=answers(questionnaire, 1, 9))
    rui.sdk.annotations.create(id=ids[2], result=[], was_cancelled=True)

    def pull() -> RatingsReport:
        return pull_ratings(client, store, project, questionnaire.ids)

    report = pull()
    assert (report.new, report.withdrawn, report.skipped) == (13, 0, 1)
    assert report.set_aside == {"answer that is no number from 1 to 5": 1, "question without an answer": 5}
    said = {(rating.note_id, rating.annotator): rating.value for rating in store.ratings.of_project(key)}
    assert len(said) == 3
    assert said[sample.notes[1].note_id, "simulated-annotator@ernotes.local"] == 1

    client.sdk.annotations.update(id=int(first.id or 0), result=answers(questionnaire, 5, 4, 4, 3, 2, 5))
    assert (pull().new, pull().new) == (1, 0)
    client.sdk.annotations.delete(id=int(first.id or 0))
    assert pull().withdrawn == 6
    rui.close()


def test_other_questions_are_refused_and_other_words_for_the_same_are_shown(
    desk: Desk, questionnaire: Questionnaire
) -> None:
    client, title = desk.client, review_title(desk.title)
    project = ensure_review_project(client, title, questionnaire, 2)
    clearer = questionnaire.questions[0].model_copy(update={"question": "Percebe-se a história?"})
    reworded = questionnaire.model_copy(update={"questions": (clearer, *questionnaire.questions[1:])})
    assert ensure_review_project(client, title, reworded, 3).id == project.id
    shown = client.sdk.projects.get(project.id)
    assert "Percebe-se a história?" in (shown.label_config or "")
    assert shown.maximum_annotations == 3
    fewer = questionnaire.model_copy(update={"questions": questionnaire.questions[1:]})
    with pytest.raises(DeskError, match="asks other questions"):
        ensure_review_project(client, title, fewer, 2)
