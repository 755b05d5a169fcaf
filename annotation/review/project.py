"""The physicians' review in Label Studio: notes shown once each without their origin, ratings fetched.

What a reviewer sees of a note is its text and a name that follows from a secret of the workspace: neither the source
nor our id, from which somebody who has the notes could tell who wrote it.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from annotation.label_studio.client import Advance, Client, NoAnswerError, in_batches, retried
from annotation.label_studio.labelling import config_tree
from annotation.label_studio.project import Project, titled
from annotation.label_studio.pull import OVERLAP
from annotation.label_studio.push import BATCH_SIZE
from annotation.label_studio.second_look import LONGEST_TITLE
from annotation.label_studio.tasks import Annotation, Task
from annotation.review.questionnaire import SCALE, Questionnaire, review_config
from annotation.review.sample import code_of
from corpus.errors import DeskError
from corpus.store import Store
from corpus.store.ratings import Rating, ReviewSample
from corpus.store.tasks import REVIEW, PushedTask

SUFFIX = " review"


@dataclass(slots=True)
class RatingsReport:
    """What a pull of ratings brought; `set_aside` counts answers, or whole tasks, that could not be used by reason."""

    tasks: int = 0
    new: int = 0
    withdrawn: int = 0
    skipped: int = 0
    set_aside: Counter[str] = field(default_factory=Counter)


def review_title(title: str) -> str:
    """The title of the project of the review, by that of the project where notes are corrected."""
    return f"{title[: LONGEST_TITLE - len(SUFFIX)]}{SUFFIX}"


def ensure_review_project(client: Client, title: str, questionnaire: Questionnaire, reviewers: int) -> Project:
    """The project with this title that asks these questions of each note to so many people, made where there is none.

    Raises DeskError where the one that is there asks other questions; other words for the same ones are updated.
    """
    config = review_config(questionnaire)
    listed = client.read(lambda: titled(client, title))
    if not listed:
        made = client.write(
            lambda: client.sdk.projects.create(title=title, label_config=config, maximum_annotations=reviewers)
        )
        return Project(int(made.id or 0), 0, "")
    project_id = min(listed)
    project = client.read(lambda: client.sdk.projects.get(project_id))
    if _asked(project.label_config or "") != set(questionnaire.ids):
        raise DeskError(
            f"project {title!r} asks other questions than review.toml; put the old ones back, or name another "
            "[label_studio] project for the new ones"
        )
    if (project.label_config, project.maximum_annotations) != (config, reviewers):
        client.read(lambda: client.sdk.projects.update(project_id, label_config=config, maximum_annotations=reviewers))
    return Project(project_id, project.task_number or 0, "")


def find_review_project(client: Client, title: str) -> Project:
    """The project of the review; raises DeskError where there is none."""
    listed = client.read(lambda: titled(client, title))
    if not listed:
        raise DeskError(f"there is no project {title!r} in Label Studio; run 'ernotes review push' first")
    project = client.read(lambda: client.sdk.projects.get(min(listed)))
    return Project(min(listed), project.task_number or 0, "")


def push_sample(
    client: Client, store: Store, project: Project, sample: ReviewSample, advance: Advance = lambda _: None
) -> int:
    """How many of the sample's notes are new in the project, in its order. Killed and run again, it doubles none."""
    key = client.address.project(project.id)
    codes = {code_of(sample.secret, note.note_id): note.note_id for note in sample.notes}

    def settle() -> list[str]:
        """Record what the server has, remove doubles that nobody has begun, and say which notes it lacks."""
        found = client.tasks_of(project.id, codes)
        there = []
        for tasks in found.values():
            kept = min(tasks, key=lambda task: (not task.is_touched, task.id))
            for task in tasks:
                if task is not kept and not task.is_touched:
                    client.delete_task(task.id)
            there.append(PushedTask(codes[kept.note_id], kept.id, REVIEW))
        store.tasks.record(key, there)
        lacking = [code for code in codes if code not in found]
        store.tasks.forget(key, [codes[code] for code in lacking])
        return lacking

    def bring() -> None:
        for some in in_batches(settle(), BATCH_SIZE):
            request: list[Any] = [
                {"data": {"doc_id": code, "text": note.text}}
                for code, note in zip(some, store.notes.many([codes[code] for code in some]), strict=True)
            ]
            client.write(partial(client.sdk.projects.import_tasks, project.id, request=request))

    lacked = settle()
    advance(len(codes) - len(lacked))
    if lacked:
        retried(bring)
        if still := settle():
            raise NoAnswerError(f"Label Studio lacks {len(still)} of the notes to review; push again")
        advance(len(lacked))
    return len(lacked)


@dataclass(frozen=True, slots=True)
class _RatingsPull:
    texts: Mapping[str, str]
    codes: Mapping[str, str]
    users: Mapping[int, str]
    names: Mapping[int, str]
    """The reviewer that each annotation came with, whoever is renamed since."""
    questions: Collection[str]
    report: RatingsReport

    def ratings(self, task: Task) -> list[Rating] | None:
        """What the task's people say now; None where it shows none of the sample's notes as it is."""
        note_id = self.codes.get(task.note_id)
        if note_id is None or task.data.get("text") != self.texts[note_id]:
            reason = "task of no note of the review" if note_id is None else "task with another text than the note's"
            self.report.set_aside[reason] += 1
            return None
        said: dict[str, list[Rating]] = {}
        for annotation in sorted(task.annotations, key=lambda item: (item.updated_at, item.id)):
            if annotation.was_cancelled:
                self.report.skipped += 1
                continue
            user = annotation.completed_by or 0
            name = self.names.get(annotation.id) or self.users.get(user) or f"user-{user}"
            # A reviewer's second answer to a task replaces the first, as the later word.
            said[name] = [
                Rating(note_id, name, question, value, task.id, annotation.id)
                for question, value in self._values(annotation).items()
            ]
        return [rating for ratings in said.values() for rating in ratings]

    def _values(self, annotation: Annotation) -> dict[str, int]:
        values = {}
        for item in annotation.result:
            question, value = read_answer(item)
            if value is None:
                self.report.set_aside["answer that is no number from 1 to 5"] += 1
            elif question not in self.questions:
                self.report.set_aside["answer to a question that review.toml does not have"] += 1
            else:
                values[question] = value
        self.report.set_aside["question without an answer"] += len(self.questions) - len(values)
        return values


def pull_ratings(
    client: Client,
    store: Store,
    project: Project,
    questions: Collection[str],
    advance: Advance = lambda _: None,
) -> RatingsReport:
    """Bring the ratings submitted, changed or deleted since the last pull into the store."""
    key = client.address.project(project.id)
    sample = store.ratings.sample() or ReviewSample("", ())
    codes = {code_of(sample.secret, note.note_id): note.note_id for note in sample.notes}
    users: dict[int, str] = client.read(
        lambda: {int(user.id): str(user.email) for user in client.sdk.users.list() if user.email}
    )
    names = {rating.annotation_id: rating.annotator for rating in store.ratings.of_project(key)}
    texts = {note.id: note.text for note in store.notes.many(list(codes.values()))}
    job = _RatingsPull(texts, codes, users, names, questions, RatingsReport())
    mark = store.tasks.watermark(key)
    newest = since = datetime.fromisoformat(mark) if mark else None
    for page in client.tasks(project.id, changed_after=since - OVERLAP if since else None):
        said = {task.id: ratings for task in page if (ratings := job.ratings(task)) is not None}
        new, withdrawn = store.ratings.take(key, said, chain.from_iterable(said.values()))
        job.report.tasks += len(page)
        job.report.new += new
        job.report.withdrawn += withdrawn
        newest = max([task.updated_at for task in page] + ([newest] if newest else []))
        advance(len(page))
    if newest is not None:
        store.tasks.take(key, [], newest.isoformat())
    job.report.set_aside = +job.report.set_aside
    return job.report


def read_answer(item: object) -> tuple[str, int | None]:
    """The question that one result of Label Studio's answers, and the answer; None where it is none."""
    if not isinstance(item, Mapping):
        return "", None
    value = item.get("value")
    choices = value.get("choices") if isinstance(value, Mapping) else None
    known = {str(number): number for number in SCALE}
    number = known.get(str(choices[0])) if isinstance(choices, Sequence) and len(choices) == 1 else None
    return str(item.get("from_name", "")), number


def _asked(config: str) -> set[str]:
    view = config_tree(config)
    return set() if view is None else {choices.get("name", "") for choices in view.iter("Choices")}
