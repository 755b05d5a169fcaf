"""What was trained, how it scored, and how far each round of the loop has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, func, select, update

from corpus.errors import WorkspaceError
from corpus.note import Author, AuthorKind, Role
from corpus.store.schema import meta, models, now, put, rounds, scores

CURRENT_MODEL = "current_model"
PREANNOTATOR = "preannotator"
LOOP_GOAL = "loop_goal"


@dataclass(frozen=True, slots=True)
class Model:
    """A trained recogniser; its folder is models/<version> in the workspace. `figures` is JSON."""

    version: str
    base: str
    trained_on: Sequence[str]
    figures: Mapping[str, Any]
    added_at: str


@dataclass(frozen=True, slots=True)
class ScoreRecord:
    """One look at a set of notes: contract 3's document, with the model and the round it belongs to."""

    model_version: str
    role: Role
    round: int | None
    document: Mapping[str, Any]
    added_at: str


class ModelShelf:
    """Trained models; one of them is current."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, version: str, base: str, trained_on: Sequence[str], figures: Mapping[str, Any]) -> None:
        """Record a model whose folder is in place; a version that is here already stays as it is."""
        with self._engine.begin() as connection:
            if connection.execute(select(models.c.number).where(models.c.version == version)).first() is None:
                connection.execute(
                    models.insert().values(
                        version=version, base=base, trained_on=list(trained_on), figures=dict(figures), added_at=now()
                    )
                )

    def get(self, version: str) -> Model | None:
        """The model of this version."""
        with self._engine.connect() as connection:
            row = connection.execute(select(models).where(models.c.version == version)).first()
        return None if row is None else _model(row)

    def all(self) -> list[Model]:
        """Every model, oldest first."""
        with self._engine.connect() as connection:
            return [_model(row) for row in connection.execute(select(models).order_by(models.c.number))]

    def promote(self, version: str) -> None:
        """Make a recorded model the current one."""
        if self.get(version) is None:
            raise WorkspaceError(f"there is no model {version!r} here")
        with self._engine.begin() as connection:
            put(connection, CURRENT_MODEL, version)

    def current(self) -> Model | None:
        """The model that pre-annotates and predicts."""
        with self._engine.connect() as connection:
            version = connection.execute(select(meta.c.value).where(meta.c.key == CURRENT_MODEL)).scalar_one_or_none()
        return None if version is None else self.get(version)

    def set_preannotator(self, author: Author) -> None:
        """Say whose spans the latest `preannotate` was about: those are what annotators are shown."""
        with self._engine.begin() as connection:
            put(connection, PREANNOTATOR, {"kind": author.kind, "name": author.name})

    def preannotator(self) -> Author | None:
        """Whose spans annotators are shown: the latest pre-annotation's author, before the first the current model."""
        with self._engine.connect() as connection:
            said = connection.execute(select(meta.c.value).where(meta.c.key == PREANNOTATOR)).scalar_one_or_none()
        if said is not None:
            return Author(AuthorKind(said["kind"]), said["name"])
        current = self.current()
        return None if current is None else Author(AuthorKind.MODEL, current.version)

    def trained_on(self, note_id: str) -> list[str]:
        """The versions of the models that were trained on this note."""
        return [model.version for model in self.all() if note_id in model.trained_on]


class ScoreShelf:
    """Every score that was worked out, oldest first."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, model_version: str, role: Role, document: Mapping[str, Any], round_number: int | None = None) -> None:
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


def _model(row: Row[Any]) -> Model:
    return Model(row.version, row.base, row.trained_on, row.figures, row.added_at)
