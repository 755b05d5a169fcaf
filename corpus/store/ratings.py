"""The physicians' review: which notes were chosen for it, and what each reviewer answered."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import Connection, Engine, select

from corpus.store.notes import refuse_unknown
from corpus.store.schema import meta, notes, now, put, ratings

SAMPLE = "review"
"""Key of the `meta` table for the notes chosen to be reviewed."""


class Writer(StrEnum):
    """Who wrote a reviewed note, which reviewers are not told."""

    GENERATED = "generated"
    PHYSICIAN = "physician"


@dataclass(frozen=True, slots=True)
class SampledNote:
    """A note chosen to be reviewed."""

    note_id: str
    writer: Writer


@dataclass(frozen=True, slots=True)
class ReviewSample:
    """The chosen notes in the order in which reviewers see them; `secret` (hex) makes the names that they see."""

    secret: str
    notes: tuple[SampledNote, ...]


@dataclass(frozen=True, slots=True)
class Rating:
    """One answer of a reviewer, 1 to 5; task and annotation are the server's."""

    note_id: str
    annotator: str
    question: str
    value: int
    task_id: int
    annotation_id: int

    @property
    def asked(self) -> tuple[str, str, str]:
        """What only one rating that stands answers."""
        return self.note_id, self.annotator, self.question


class RatingShelf:
    """Ratings by project, which is named as for tasks. They are appended, and none is overwritten."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def sample(self) -> ReviewSample | None:
        """The notes chosen for review, without those that have been erased since; None before the first choice."""
        with self._engine.connect() as connection:
            stored = connection.execute(select(meta.c.value).where(meta.c.key == SAMPLE)).scalar_one_or_none()
            here = set(connection.execute(select(notes.c.id)).scalars()) if stored else set()
        if stored is None:
            return None
        chosen = [SampledNote(item["note_id"], Writer(item["writer"])) for item in stored["notes"]]
        return ReviewSample(stored["secret"], tuple(note for note in chosen if note.note_id in here))

    def keep_sample(self, sample: ReviewSample) -> None:
        """Record which notes are chosen, in place of what was recorded."""
        with self._engine.begin() as connection:
            put(connection, SAMPLE, {"secret": sample.secret, "notes": [asdict(note) for note in sample.notes]})

    def of_project(self, project: str) -> list[Rating]:
        """The ratings that stand, by note, reviewer and question."""
        with self._engine.connect() as connection:
            return _standing(connection, project)

    def take(self, project: str, task_ids: Collection[int], said: Iterable[Rating]) -> tuple[int, int]:
        """How many ratings are new or changed, and how many were withdrawn, in one transaction.

        `said` is all that reviewers say now in these tasks; what they said there and say no longer is withdrawn.
        """
        moment = now()
        with self._engine.begin() as connection:
            before = {rating.asked: rating for rating in _standing(connection, project)}
            now_said = {rating.asked: rating for rating in said}
            new = [rating for asked, rating in now_said.items() if rating != before.get(asked)]
            gone = [rating for asked, rating in before.items() if asked not in now_said and rating.task_id in task_ids]
            rows = [asdict(rating) for rating in new] + [{**asdict(rating), "value": None} for rating in gone]
            if rows:
                refuse_unknown(connection, (rating.note_id for rating in new))
                connection.execute(ratings.insert(), [{"project": project, "added_at": moment, **row} for row in rows])
        return len(new), len(gone)


def _standing(connection: Connection, project: str) -> list[Rating]:
    """The newest answer of each reviewer to each question of each note, withdrawn ones left out."""
    newest: dict[tuple[str, str, str], Rating | None] = {}
    query = select(ratings).where(ratings.c.project == project).order_by(ratings.c.id)
    for row in connection.execute(query):
        place = (row.note_id, row.annotator, row.question)
        newest[place] = None if row.value is None else Rating(*place, row.value, row.task_id, row.annotation_id)
    return [rating for _, rating in sorted(newest.items()) if rating is not None]
