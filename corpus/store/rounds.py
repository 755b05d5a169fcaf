"""How far each round of the loop has come."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, select, update

from corpus.store.schema import meta, now, put, rounds

LOOP_GOAL = "loop_goal"


class RoundShelf:
    """Rounds of the loop: which steps are done, and what each gave."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def steps(self, number: int) -> dict[str, Any]:
        """What each finished step of the round gave (JSON), by step name; empty for a round not begun."""
        with self._engine.connect() as connection:
            found = connection.execute(select(rounds.c.steps).where(rounds.c.number == number)).scalar_one_or_none()
        return dict(found or {})

    def finish_step(self, number: int, step: str, result: Mapping[str, Any]) -> None:
        """Record a step as done; what it gave stands beside it."""
        steps = self.steps(number) | {step: dict(result)}
        with self._engine.begin() as connection:
            if connection.execute(update(rounds).where(rounds.c.number == number).values(steps=steps)).rowcount == 0:
                connection.execute(rounds.insert().values(number=number, steps=steps, added_at=now()))

    def chosen(self) -> dict[str, int]:
        """The round whose `select` step chose a note to be corrected, by note id."""
        steps = {number: self.steps(number).get("select", {}) for number in self.numbers()}
        return {note_id: number for number, step in steps.items() for note_id in step.get("notes", ())}

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
