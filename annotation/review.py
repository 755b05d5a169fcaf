"""The physicians' review: notes drawn and shown without their origin, ratings fetched. Notes are sent once each.

What a reviewer sees of a note is its text and a name that follows from a secret of the workspace: neither the source
nor our id, from which somebody who has the notes could tell who wrote it.
"""

import hashlib
import hmac
import random
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from xml.etree import ElementTree

from annotation.client import Client, NoAnswerError, in_batches, retried
from annotation.project import Project, titled
from annotation.pull import OVERLAP
from annotation.push import BATCH_SIZE
from annotation.questionnaire import SCALE, Questionnaire, review_config
from annotation.second_look import LONGEST_TITLE
from annotation.tasks import Annotation, Task, can_be_kept
from corpus.errors import DeskError
from corpus.note import AuthorKind, Note, Role
from corpus.store import Store
from corpus.store.ratings import Rating, ReviewSample, SampledNote, Writer
from corpus.store.tasks import REVIEW, PushedTask

SUFFIX = " review"

Advance = Callable[[int], None]
"""Told how many more notes are done."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The sample, and how many notes it lacks by writer; `unfit` candidates hold what a server cannot keep."""

    sample: ReviewSample
    missing: Mapping[Writer, int]
    unfit: int


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


def code_of(secret: str, note_id: str) -> str:
    """The name by which reviewers know a note."""
    return hmac.new(bytes.fromhex(secret), note_id.encode(), hashlib.sha256).hexdigest()[:16]


def draw_sample(
    store: Store, counts: Mapping[Writer, int], seed: int, *, generated: str, by_no_physician: Collection[str]
) -> Drawn:
    """So many notes of each writer, those drawn before among them, evenly over specialties; not recorded yet.

    `generated` is the source of generated notes, `by_no_physician` are other sources that no physician wrote. Test
    and validation notes are never drawn. New notes come after the earlier ones, generated and others shuffled.
    """
    before = store.ratings.sample() or ReviewSample(secrets.token_hex(32), ())
    chosen = {note.note_id for note in before.notes}
    candidates: dict[Writer, dict[str, str]] = {writer: {} for writer in Writer}
    taken: dict[Writer, Counter[str]] = {writer: Counter() for writer in Writer}
    writers = {note.note_id: note.writer for note in before.notes}
    unfit = 0
    for note in store.notes.by_role():
        specialty = str(note.provenance.get("specialty", ""))
        if note.id in chosen:
            taken[writers[note.id]][specialty] += 1
            continue
        writer = _writer(store, note, generated, by_no_physician)
        if writer is None:
            continue
        if can_be_kept(note.text):
            candidates[writer][note.id] = specialty
        else:
            unfit += 1
    rng = random.Random(seed)
    new: list[SampledNote] = []
    missing = {}
    for writer, count in counts.items():
        wanted = max(0, count - taken[writer].total())
        drawn = draw_evenly(candidates[writer], wanted, taken[writer], rng)
        new += [SampledNote(note_id, writer) for note_id in drawn]
        missing[writer] = wanted - len(drawn)
    rng.shuffle(new)
    sample = ReviewSample(before.secret, (*before.notes, *new))
    return Drawn(sample, missing, unfit)


def draw_evenly(groups: Mapping[str, str], count: int, taken: Counter[str], rng: random.Random) -> list[str]:
    """At most `count` of the items, drawn by chance from the group that has given least so far; `taken` says how much.

    `groups` has each item's group. The same items, seed and `taken` give the same draw, whatever the items' order.
    """
    left: dict[str, list[str]] = {}
    for item in sorted(groups):
        left.setdefault(groups[item], []).append(item)
    for items in left.values():
        rng.shuffle(items)
    order = sorted(left)
    rng.shuffle(order)
    given = Counter(taken)
    drawn: list[str] = []
    while len(drawn) < count and any(left.values()):
        group = min((name for name in order if left[name]), key=lambda name: given[name])
        drawn.append(left[group].pop())
        given[group] += 1
    return drawn


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
        for tasks in found.values():
            kept = min(tasks, key=lambda task: (not task.is_touched, task.id))
            for task in tasks:
                if task is not kept and not task.is_touched:
                    client.delete_task(task.id)
            store.tasks.record(key, [PushedTask(codes[kept.note_id], kept.id, REVIEW)])
        lacking = [code for code in codes if code not in found]
        store.tasks.forget(key, [codes[code] for code in lacking])
        return lacking

    def bring() -> None:
        for some in in_batches(settle(), BATCH_SIZE):
            request = [{"data": {"doc_id": code, "text": store.notes.get(codes[code]).text}} for code in some]
            client.write(lambda request=request: client.sdk.projects.import_tasks(project.id, request=request))  # type: ignore[misc]

    lacked = settle()
    advance(len(codes) - len(lacked))
    if lacked:
        retried(bring)
        if still := settle():
            raise NoAnswerError(f"Label Studio lacks {len(still)} of the notes to review; push again")
        advance(len(lacked))
    return len(lacked)


@dataclass(frozen=True, slots=True)
class _Pull:
    store: Store
    codes: Mapping[str, str]
    users: Mapping[int, str]
    names: Mapping[int, str]
    """The reviewer that each annotation came with, whoever is renamed since."""
    questions: Collection[str]
    report: RatingsReport

    def ratings(self, task: Task) -> list[Rating] | None:
        """What the task's people say now; None where it shows none of the sample's notes as it is."""
        note_id = self.codes.get(task.note_id)
        if note_id is None or task.data.get("text") != self.store.notes.get(note_id).text:
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
    job = _Pull(store, codes, users, names, questions, RatingsReport())
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


def _writer(store: Store, note: Note, generated: str, by_no_physician: Collection[str]) -> Writer | None:
    """Who wrote a note that may be reviewed; None for one that may not."""
    if note.source == generated:
        return Writer.GENERATED if note.role in (Role.POOL, Role.TRAIN) else None
    if note.source in by_no_physician or note.role not in (Role.EXEMPLAR, Role.TRAIN):
        return None
    return Writer.PHYSICIAN if store.spans.latest(note.id, AuthorKind.IMPORT) else None


def _asked(config: str) -> set[str]:
    try:
        view = ElementTree.fromstring(config)  # noqa: S314 - the server is the team's own, and expat limits entities
    except ElementTree.ParseError:
        return set()
    return {choices.get("name", "") for choices in view.iter("Choices")}
