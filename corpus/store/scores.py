"""How models scored: every look at a set of notes."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue
from sqlalchemy import Engine, func, select

from corpus.note import Role
from corpus.store.schema import now, scores


@dataclass(frozen=True, slots=True)
class ScoreRecord:
    """One look at a set of notes: contract 3's document, with the model and the round it belongs to."""

    model_version: str
    role: Role
    round: int | None
    document: Mapping[str, JsonValue]
    added_at: str


class ScoreShelf:
    """Every score that was worked out, oldest first."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self, model_version: str, role: Role, document: Mapping[str, JsonValue], round_number: int | None = None
    ) -> None:
        """Record a look; a round's look at a role is recorded once."""
        with self._engine.begin() as connection:
            if round_number is not None:
                again = select(scores.c.id).where(
                    scores.c.round == round_number, scores.c.role == role, scores.c.model_version == model_version
                )
                if connection.execute(again).first() is not None:
                    return
            connection.execute(
                scores.insert().values(
                    model_version=model_version,
                    role=role,
                    round=round_number,
                    document=dict(document),
                    added_at=now(),
                )
            )

    def all(self, role: Role | None = None) -> list[ScoreRecord]:
        """The looks at a role's notes (at all), oldest first."""
        query = select(scores).order_by(scores.c.id)
        if role is not None:
            query = query.where(scores.c.role == role)
        with self._engine.connect() as connection:
            return [
                ScoreRecord(row.model_version, Role(row.role), row.round, row.document, row.added_at)
                for row in connection.execute(query)
            ]

    def looks(self, role: Role) -> int:
        """How often the notes of this role were scored."""
        with self._engine.connect() as connection:
            query = select(func.count()).select_from(scores).where(scores.c.role == role)
            return connection.execute(query).scalar_one()
