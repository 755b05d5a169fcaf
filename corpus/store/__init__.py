"""Where a workspace keeps its notes, spans, completions, answers, tasks, ratings, models …: one SQL database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import JsonValue
from sqlalchemy import Engine

from corpus.note import Author, Note, Span
from corpus.store.answers import AnswerShelf
from corpus.store.batches import BatchShelf
from corpus.store.models import ModelShelf
from corpus.store.notes import NoteShelf, add_note
from corpus.store.ratings import RatingShelf
from corpus.store.rounds import RoundShelf
from corpus.store.schema import open_engine
from corpus.store.scores import ScoreShelf
from corpus.store.spans import SpanShelf, add_spans
from corpus.store.tasks import TaskShelf


@dataclass(frozen=True, slots=True)
class Arrival:
    """A note on its way in: with its author's spans (None where nobody annotated it) and what was set aside."""

    note: Note
    spans: Sequence[Span] | None = None
    set_aside: Sequence[JsonValue] = ()


@dataclass(frozen=True, slots=True)
class Store:
    """The shelves of one database; each writing method of theirs is one durable transaction."""

    engine: Engine
    notes: NoteShelf
    spans: SpanShelf
    batches: BatchShelf
    answers: AnswerShelf
    tasks: TaskShelf
    ratings: RatingShelf
    models: ModelShelf
    scores: ScoreShelf
    rounds: RoundShelf

    @classmethod
    def open(cls, url: str) -> Self:
        """The store at an SQLAlchemy URL, made if it is not there; raises WorkspaceError when it cannot be used."""
        engine = open_engine(url)
        return cls(
            engine,
            NoteShelf(engine),
            SpanShelf(engine),
            BatchShelf(engine),
            AnswerShelf(engine),
            TaskShelf(engine),
            RatingShelf(engine),
            ModelShelf(engine),
            ScoreShelf(engine),
            RoundShelf(engine),
        )

    def take_in(self, arrivals: Iterable[Arrival], author: Author) -> int:
        """How many of the notes are new; all of them come in, with their spans, or (on an error) none does."""
        new = 0
        with self.engine.begin() as connection:
            for arrival in arrivals:
                new += add_note(connection, arrival.note, arrival.set_aside)
                if arrival.spans is not None:
                    add_spans(connection, arrival.note.id, author, arrival.spans)
        return new

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()
