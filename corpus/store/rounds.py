"""How far each round of the loop has come."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue
from sqlalchemy import Connection, Engine, select, update

from corpus.documents import JsonObject, from_json
from corpus.store.schema import meta, now, put, rounds

LOOP_GOAL = "loop_goal"


@dataclass(frozen=True, slots=True)
class ChosenNotes:
    """What is read of a `select` step: the ids of the notes that it chose."""

    notes: tuple[str, ...] = ()


class RoundShelf:
    """Rounds of the loop: which steps are done, and what each gave."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def steps(self, number: int) -> dict[str, JsonObject]:
        """What each finished step of the round gave (JSON), by step name; empty for a round not begun."""
        with self._engine.connect() as connection:
            return _steps(connection, number)

    def all_steps(self) -> dict[int, dict[str, JsonObject]]:
        """`steps` of each round begun, in order."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(rounds.c.number, rounds.c.steps).order_by(rounds.c.number))
            return {row.number: dict(row.steps) for row in rows}

    def finish_step(self, number: int, step: str, result: Mapping[str, JsonValue]) -> None:
        """Record a step as done; what it gave stands beside it."""
        with self._engine.begin() as connection:
            steps = _steps(connection, number) | {step: dict(result)}
            if connection.execute(update(rounds).where(rounds.c.number == number).values(steps=steps)).rowcount == 0:
                connection.execute(rounds.insert().values(number=number, steps=steps, added_at=now()))

    def chosen(self) -> dict[str, int]:
        """The round whose `select` step chose a note to be corrected, by note id."""
        chosen = {number: steps["select"] for number, steps in self.all_steps().items() if "select" in steps}
        return {note_id: number for number, step in chosen.items() for note_id in from_json(ChosenNotes, step).notes}

    def goal(self) -> int | None:
        """The number of the round that the loop last begun was to end with."""
        with self._engine.connect() as connection:
            return connection.execute(select(meta.c.value).where(meta.c.key == LOOP_GOAL)).scalar_one_or_none()

    def set_goal(self, number: int) -> None:
        """Say which round the loop that begins now ends with."""
        with self._engine.begin() as connection:
            put(connection, LOOP_GOAL, number)

    def numbers(self) -> list[int]:
        """The rounds begun, in order."""
        with self._engine.connect() as connection:
            return list(connection.execute(select(rounds.c.number).order_by(rounds.c.number)).scalars())


def _steps(connection: Connection, number: int) -> dict[str, JsonObject]:
    found = connection.execute(select(rounds.c.steps).where(rounds.c.number == number)).scalar_one_or_none()
    return dict(found or {})
