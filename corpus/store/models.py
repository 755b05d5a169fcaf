"""What was trained, which model is current, and whose spans annotators are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue
from sqlalchemy import Engine, Row, select

from corpus.errors import WorkspaceError
from corpus.note import Author, AuthorKind
from corpus.store.schema import meta, models, now, put

CURRENT_MODEL = "current_model"


PREANNOTATOR = "preannotator"


@dataclass(frozen=True, slots=True)
class Model:
    """A trained recogniser; its folder is models/<version> in the workspace. `figures` is JSON."""

    version: str
    base: str
    trained_on: Sequence[str]
    figures: Mapping[str, JsonValue]
    added_at: str


class ModelShelf:
    """Trained models; one of them is current."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, version: str, base: str, trained_on: Sequence[str], figures: Mapping[str, JsonValue]) -> None:
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


def _model(row: Row[tuple[object, ...]]) -> Model:
    return Model(row.version, row.base, row.trained_on, row.figures, row.added_at)
