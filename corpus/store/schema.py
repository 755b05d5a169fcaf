"""The tables of the store, their version, and how an older store is brought up to date."""

import datetime
import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Engine,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError

from corpus.errors import WorkspaceError

SCHEMA_VERSION = 2

METADATA = MetaData()

meta = Table("meta", METADATA, Column("key", String(255), primary_key=True), Column("value", JSON, nullable=False))

notes = Table(
    "notes",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("number", Integer, nullable=False, unique=True),  # order of arrival
    Column("source", String(255), nullable=False),
    Column("doc_id", JSON, nullable=False),
    Column("doc_key", String(255), nullable=False),
    Column("text", Text, nullable=False),
    Column("text_hash", String(64), nullable=False, index=True),
    Column("role", String(16), nullable=False, index=True),
    Column("sensitivity", String(16), nullable=False),
    Column("lineage", String(64), nullable=False),
    Column("provenance", JSON, nullable=False),
    Column("set_aside", JSON, nullable=False),
    Column("added_at", String(32), nullable=False),
    UniqueConstraint("source", "doc_key"),
)

span_sets = Table(
    "span_sets",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("note_id", ForeignKey("notes.id"), nullable=False),
    Column("author_kind", String(16), nullable=False),
    Column("author_name", String(255), nullable=False),
    Column("spans", JSON, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("detail", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("added_at", String(32), nullable=False),
    Index("span_sets_of_note", "note_id", "author_kind", "author_name"),
)

completions = Table(
    "completions",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("brief_id", ForeignKey("briefs.id"), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("finish_reason", String(32), nullable=False),
    Column("model", String(255), nullable=False),
    Column("usage", JSON, nullable=False),
    Column("request", JSON, nullable=False),
    Column("added_at", String(32), nullable=False),
)

answers = Table(  # of an LLM that was asked for a note's entities
    "answers",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("note_id", ForeignKey("notes.id"), nullable=False, index=True),
    Column("example_id", ForeignKey("notes.id"), nullable=True, index=True),  # the annotated note that was shown
    Column("text", Text, nullable=False),
    Column("finish_reason", String(32), nullable=False),
    Column("model", String(255), nullable=False),
    Column("usage", JSON, nullable=False),
    Column("request", JSON, nullable=False),
    Column("added_at", String(32), nullable=False),
)

batches = Table(
    "batches",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("round", Integer, nullable=True, unique=True),
    Column("size", Integer, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("added_at", String(32), nullable=False),
)

briefs = Table(
    "briefs",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("batch_id", ForeignKey("batches.id"), nullable=False),
    Column("number", Integer, nullable=False),  # within its batch
    Column("brief", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(255), nullable=False),
    Column("note_id", ForeignKey("notes.id"), nullable=True),
    UniqueConstraint("batch_id", "number"),
)

tasks = Table(
    "tasks",
    METADATA,
    Column("project", String(255), primary_key=True),
    Column("note_id", ForeignKey("notes.id"), primary_key=True),
    Column("task_id", Integer, nullable=False),
    Column("model_version", String(255), nullable=False),
    Column("added_at", String(32), nullable=False),
)

ratings = Table(  # of the physicians' review; the newest of a reviewer, note and question counts
    "ratings",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("project", String(255), nullable=False, index=True),
    Column("note_id", ForeignKey("notes.id"), nullable=False),
    Column("annotator", String(255), nullable=False),
    Column("task_id", Integer, nullable=False),
    Column("annotation_id", Integer, nullable=False),
    Column("question", String(64), nullable=False),
    Column("value", Integer, nullable=True),  # null withdraws it
    Column("added_at", String(32), nullable=False),
)

models = Table(
    "models",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("version", String(255), nullable=False, unique=True),
    Column("base", String(255), nullable=False),
    Column("trained_on", JSON, nullable=False),
    Column("figures", JSON, nullable=False),
    Column("added_at", String(32), nullable=False),
)

scores = Table(
    "scores",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("model_version", String(255), nullable=False),
    Column("role", String(16), nullable=False),
    Column("round", Integer, nullable=True),
    Column("document", JSON, nullable=False),
    Column("added_at", String(32), nullable=False),
)

rounds = Table(
    "rounds",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("steps", JSON, nullable=False),
    Column("added_at", String(32), nullable=False),
)


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def put(connection: Connection, key: str, value: object) -> None:
    """Set a value of the `meta` table inside a transaction of the caller's."""
    if connection.execute(meta.update().where(meta.c.key == key).values(value=value)).rowcount == 0:
        connection.execute(meta.insert().values(key=key, value=value))


def open_engine(url: str) -> Engine:
    """An engine on the store at `url`, made or migrated where needed; raises WorkspaceError when it cannot be used."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    try:
        _bring_up_to_date(engine)
    except WorkspaceError:
        engine.dispose()
        raise
    except SQLAlchemyError as error:
        engine.dispose()
        raise WorkspaceError(f"the store cannot be opened ({type(error).__name__}); check [store] url") from None
    return engine


def _prepare_sqlite(connection: object, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA busy_timeout=30000")


def _bring_up_to_date(engine: Engine) -> None:
    if not inspect(engine).has_table(meta.name):
        with engine.begin() as connection:
            METADATA.create_all(connection)
            put(connection, "schema_version", SCHEMA_VERSION)
        return
    with engine.connect() as connection:
        version = connection.execute(select(meta.c.value).where(meta.c.key == "schema_version")).scalar_one()
    if version > SCHEMA_VERSION:
        raise WorkspaceError(
            f"the store has schema version {version}, this ernotes knows {SCHEMA_VERSION}; install a newer ernotes"
        )
    if version < SCHEMA_VERSION:
        _migrate(engine, version)


def _migrate(engine: Engine, version: int) -> None:
    if engine.url.database and engine.dialect.name == "sqlite":
        _back_up(Path(engine.url.database), version)
    with engine.begin() as connection:
        for step in range(version, SCHEMA_VERSION):
            MIGRATIONS[step](connection)
        put(connection, "schema_version", SCHEMA_VERSION)


def _back_up(database: Path, version: int) -> None:
    """A copy of the database beside it, with what its write-ahead log still holds; a copy that is there stands."""
    backup = database.with_name(f"{database.name}.v{version}.backup")
    if backup.exists():
        return
    draft = backup.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(0o600)
    source, target = sqlite3.connect(database), sqlite3.connect(draft)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()
    draft.replace(backup)


def _to_version_2(connection: Connection) -> None:
    """A batch ends when its command has said what came of it, not with its last brief; an LLM may annotate.

    A step may find its work done already: SQLite commits a new column at once, the version comes after.
    """
    answers.create(connection, checkfirst=True)
    ratings.create(connection, checkfirst=True)
    if "ended" in {column["name"] for column in inspect(connection).get_columns(batches.name)}:
        return
    connection.execute(text("ALTER TABLE batches ADD COLUMN ended BOOLEAN DEFAULT true NOT NULL"))
    waiting = select(briefs.c.batch_id).where(briefs.c.state == "planned")
    connection.execute(batches.update().where(batches.c.id.in_(waiting)).values(ended=False))


MIGRATIONS: dict[int, Callable[[Connection], None]] = {1: _to_version_2}
"""Version → what brings a store of that version to the next one."""
