"""Which note is which task of which Label Studio project, and how far a pull has come."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, func, select

from corpus.note import Author, Role, Span
from corpus.store.notes import refuse_unknown, set_role, split_role
from corpus.store.schema import meta, notes, now, put, tasks
from corpus.store.spans import add_spans

OVERLAP = "overlap"
"""Key of the `meta` table for the notes that several people are to annotate."""
CHOSEN = "chosen"
"""Key of the `meta` table for the notes that the latest selection chose."""
REVIEW = "review"
"""In place of a model's version: the task shows the note to be rated, not to be corrected."""


@dataclass(frozen=True, slots=True)
class PushedTask:
    """A note's task; `model_version` is that of the pre-annotation it shows ('' for none)."""

    note_id: str
    task_id: int
    model_version: str


@dataclass(frozen=True, slots=True)
class PulledSet:
    """What came back of one note from one annotator; `spans` None withdraws it.

    `quarantined` are regions that could not be proved, each `{"reason": …, "region": …}`.
    """

    note_id: str
    author: Author
    spans: tuple[Span, ...] | None
    detail: Mapping[str, Any]


class TaskShelf:
    """Tasks by project; a project is named by its server's URL and its id, `URL#ID`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_project(self, project: str) -> dict[str, PushedTask]:
        """The tasks of a project by note id."""
        query = select(tasks).where(tasks.c.project == project)
        with self._engine.connect() as connection:
            return {
                row.note_id: PushedTask(row.note_id, row.task_id, row.model_version)
                for row in connection.execute(query)
            }

    def count(self, role: Role) -> int:
        """How many notes of the role are tasks to be corrected in some project."""
        query = select(func.count(tasks.c.note_id.distinct())).join(notes, notes.c.id == tasks.c.note_id)
        with self._engine.connect() as connection:
            return connection.execute(query.where(notes.c.role == role, tasks.c.model_version != REVIEW)).scalar_one()

    def projects_of(self, note_id: str) -> dict[str, int]:
        """The note's task id in each project that has one."""
        query = select(tasks.c.project, tasks.c.task_id).where(tasks.c.note_id == note_id)
        with self._engine.connect() as connection:
            return {row.project: row.task_id for row in connection.execute(query)}

    def record(self, project: str, pushed: Sequence[PushedTask]) -> None:
        """Note what the server now has, replacing what was noted of these notes before."""
        if not pushed:
            return
        moment = now()
        rows = [{"project": project, "added_at": moment, **asdict(task)} for task in pushed]
        with self._engine.begin() as connection:
            refuse_unknown(connection, (task.note_id for task in pushed))
            _remove(connection, project, [task.note_id for task in pushed])
            connection.execute(tasks.insert(), rows)

    def forget(self, project: str, note_ids: Sequence[str]) -> None:
        """Drop the record of tasks that the server no longer has."""
        with self._engine.begin() as connection:
            _remove(connection, project, note_ids)

    def pushed(self) -> set[str]:
        """The notes that are tasks to be corrected in some project."""
        with self._engine.connect() as connection:
            return set(connection.execute(select(tasks.c.note_id).where(tasks.c.model_version != REVIEW)).scalars())

    def choose(self, note_ids: Sequence[str]) -> None:
        """Say which notes are to be pushed next, in place of those that were chosen before and not pushed."""
        with self._engine.begin() as connection:
            put(connection, CHOSEN, list(note_ids))

    def chosen(self) -> list[str] | None:
        """The notes that were chosen last, in their order; None where nothing was ever chosen."""
        with self._engine.connect() as connection:
            query = select(meta.c.value).where(meta.c.key == CHOSEN)
            return connection.execute(query).scalar_one_or_none()

    def to_correct(self) -> list[str]:
        """The pool notes that were chosen or pushed, in order of arrival; all of them where nothing was ever chosen."""
        query = select(notes.c.id).where(notes.c.role == Role.POOL).order_by(notes.c.number)
        with self._engine.connect() as connection:
            pool = list(connection.execute(query).scalars())
        chosen = self.chosen()
        if chosen is None:
            return pool
        wanted = self.pushed().union(chosen)
        return [note_id for note_id in pool if note_id in wanted]

    def watermark(self, project: str) -> str | None:
        """The server's time up to which corrections have been pulled (ISO 8601)."""
        with self._engine.connect() as connection:
            query = select(meta.c.value).where(meta.c.key == _watermark_key(project))
            return connection.execute(query).scalar_one_or_none()

    def overlap(self) -> dict[str, int]:
        """How many people are to annotate each of the notes that several were asked for, by note id."""
        with self._engine.connect() as connection:
            return _overlap(connection)

    def ask_overlap(self, note_ids: Sequence[str], annotators: int) -> None:
        """Record that so many people are to annotate each of these notes."""
        with self._engine.begin() as connection:
            asked = _overlap(connection) | dict.fromkeys(note_ids, annotators)
            put(connection, OVERLAP, asked)

    def take(self, project: str, corrections: Sequence[PulledSet], watermark: str | None) -> int:
        """How many corrections were new. Spans, the notes' roles and the watermark move in one transaction.

        A pool note with a correction that stands becomes `train`, or `validation` for one lineage in ten.
        """
        with self._engine.begin() as connection:
            new = sum(add_spans(connection, item.note_id, item.author, item.spans, item.detail) for item in corrections)
            for item in corrections:
                if item.spans is not None:
                    _leave_pool(connection, item.note_id)
            if watermark is not None:
                put(connection, _watermark_key(project), watermark)
        return new


def _overlap(connection: Connection) -> dict[str, int]:
    asked = connection.execute(select(meta.c.value).where(meta.c.key == OVERLAP)).scalar_one_or_none() or {}
    here = set(connection.execute(select(notes.c.id)).scalars()) if asked else set()
    return {note_id: annotators for note_id, annotators in asked.items() if note_id in here}


def _remove(connection: Connection, project: str, note_ids: Sequence[str]) -> None:
    if note_ids:
        gone = delete(tasks).where(tasks.c.project == project, tasks.c.note_id == bindparam("gone"))
        connection.execute(gone, [{"gone": note_id} for note_id in note_ids])


def _leave_pool(connection: Connection, note_id: str) -> None:
    row = connection.execute(select(notes.c.role, notes.c.lineage).where(notes.c.id == note_id)).one()
    if row.role == Role.POOL:
        set_role(connection, note_id, split_role(row.lineage))


def _watermark_key(project: str) -> str:
    return f"watermark {project}"
