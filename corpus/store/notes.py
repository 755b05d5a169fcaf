"""The notes of a workspace: added once, given a role, erased by name."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence

from pydantic import JsonValue
from sqlalchemy import Connection, Engine, Row, bindparam, delete, func, or_, select, update

from corpus.errors import WorkspaceError
from corpus.note import Note, Role, Sensitivity, text_hash
from corpus.store.schema import answers, briefs, completions, notes, now, ratings, span_sets, tasks

IDS_IN_A_QUERY = 500
"""Older versions of SQLite take 999 values in one statement."""
VALIDATION_ONE_IN = 10
"""One lineage in ten validates; which one follows from its hash, so it never changes."""
# Made once: for thousands of notes, to build a statement costs more than to execute it.
_SAME_NAME = select(notes.c.id, notes.c.text_hash, notes.c.role).where(
    notes.c.source == bindparam("source"), notes.c.doc_key == bindparam("doc_key")
)
_SAME_TEXT = select(notes.c.id, notes.c.source, notes.c.doc_id, notes.c.role).where(
    notes.c.text_hash == bindparam("text_hash"), notes.c.role != bindparam("role")
)
_LAST_NUMBER = select(func.coalesce(func.max(notes.c.number), 0))


def split_role(lineage: str) -> Role:
    """`train`, or `validation` for one lineage in ten, by hash."""
    first = int(hashlib.sha256(lineage.encode()).hexdigest()[:8], 16)
    return Role.VALIDATION if first % VALIDATION_ONE_IN == 0 else Role.TRAIN


class NoteShelf:
    """Notes by id. Every writing method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, note: Note, *, set_aside: Sequence[JsonValue] = ()) -> bool:
        """Whether the note is new; raises WorkspaceError where it contradicts one that is here already."""
        with self._engine.begin() as connection:
            return add_note(connection, note, set_aside)

    def get(self, note_id: str) -> Note:
        """The note with this id; raises WorkspaceError if there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(select(notes).where(notes.c.id == note_id)).first()
        if row is None:
            raise _unknown(note_id)
        return _note(row)

    def many(self, note_ids: Sequence[str]) -> list[Note]:
        """The notes with these ids, in their order; raises WorkspaceError for one that is not here."""
        found: dict[str, Note] = {}
        with self._engine.connect() as connection:
            for some in in_batches(note_ids):
                query = select(notes).where(notes.c.id.in_(some))
                found.update((row.id, _note(row)) for row in connection.execute(query))
        for note_id in note_ids:
            if note_id not in found:
                raise _unknown(note_id)
        return [found[note_id] for note_id in note_ids]

    def has_text(self, text: str) -> bool:
        """Whether a note with exactly this text is here."""
        query = select(notes.c.id).where(notes.c.text_hash == text_hash(text)).limit(1)
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def find(self, name: str) -> Note:
        """The note with this id or, where only one note has it, this doc_id; raises WorkspaceError otherwise."""
        keys = [json.dumps(name, ensure_ascii=False), name]  # a doc_id may be a string or a number
        query = select(notes).where(or_(notes.c.id == name, notes.c.doc_key.in_(keys)))
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        if not rows:
            raise WorkspaceError(f"there is no note {name!r} here; name it by its doc_id, or by its id in Label Studio")
        if len(rows) > 1:
            ids = ", ".join(f"{row.id} (of {row.source})" for row in rows)
            raise WorkspaceError(f"{len(rows)} notes have the doc_id {name!r}; name one by its id: {ids}")
        return _note(rows[0])

    def by_role(self, *roles: Role) -> Iterator[Note]:
        """The notes of these roles (of all, if none is given) in order of arrival, read lazily."""
        query = select(notes).order_by(notes.c.number)
        if roles:
            query = query.where(notes.c.role.in_(roles))
        with self._engine.connect() as connection:
            for row in connection.execution_options(yield_per=500).execute(query):
                yield _note(row)

    def ids(self, *roles: Role) -> list[str]:
        """The ids of the notes of these roles in order of arrival."""
        query = select(notes.c.id).where(notes.c.role.in_(roles)).order_by(notes.c.number)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def count_by_role(self) -> dict[Role, int]:
        """How many notes each role has; roles without a note are there with 0."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(notes.c.role, func.count()).group_by(notes.c.role)).all()
        counts = {Role(role): count for role, count in rows}
        return {role: counts.get(role, 0) for role in Role}

    def count_by_sensitivity(self, role: Role) -> dict[Sensitivity, int]:
        """How many notes of the role are fictional, and how many a patient's; only those that occur."""
        query = select(notes.c.sensitivity, func.count()).where(notes.c.role == role).group_by(notes.c.sensitivity)
        with self._engine.connect() as connection:
            return {Sensitivity(kind): count for kind, count in connection.execute(query).all()}

    def set_aside(self, note_id: str) -> list[JsonValue]:
        """The annotations of the note's file that could not be used, as they came; raises as `get` does."""
        with self._engine.connect() as connection:
            row = connection.execute(select(notes.c.set_aside).where(notes.c.id == note_id)).first()
        if row is None:
            raise _unknown(note_id)
        return list(row.set_aside)

    def set_asides(self, role: Role) -> dict[str, list[JsonValue]]:
        """`set_aside` of the role's notes, by note id."""
        query = select(notes.c.id, notes.c.set_aside).where(notes.c.role == role)
        with self._engine.connect() as connection:
            return {row.id: list(row.set_aside) for row in connection.execute(query)}

    def set_role(self, note_id: str, role: Role) -> None:
        """Give a note another role; a test note keeps its own (the test set is sealed). Raises as `get` does."""
        with self._engine.begin() as connection:
            refuse_unknown(connection, [note_id])
            set_role(connection, note_id, role)

    def erase(self, note_id: str) -> None:
        """Remove a note, its spans, tasks and ratings, and the completions and answers that show it."""
        self.get(note_id)
        with self._engine.begin() as connection:
            shown = select(briefs.c.id).where(briefs.c.note_id == note_id)
            connection.execute(delete(completions).where(completions.c.brief_id.in_(shown)))
            connection.execute(
                update(briefs).where(briefs.c.note_id == note_id).values(note_id=None, state="erased", reason="erased")
            )
            connection.execute(
                delete(answers).where(or_(answers.c.note_id == note_id, answers.c.example_id == note_id))
            )
            connection.execute(delete(span_sets).where(span_sets.c.note_id == note_id))
            connection.execute(delete(tasks).where(tasks.c.note_id == note_id))
            connection.execute(delete(ratings).where(ratings.c.note_id == note_id))
            connection.execute(delete(notes).where(notes.c.id == note_id))


def in_batches(note_ids: Sequence[str], size: int = IDS_IN_A_QUERY) -> Iterator[Sequence[str]]:
    """The ids in order, so many at a time."""
    for begin in range(0, len(note_ids), size):
        yield note_ids[begin : begin + size]


def add_note(connection: Connection, note: Note, set_aside: Iterable[JsonValue] = ()) -> bool:
    """Whether the note is new, inside a transaction of the caller's; raises WorkspaceError on a contradiction."""
    digest = text_hash(note.text)
    doc_key = json.dumps(note.doc_id, ensure_ascii=False)
    same_name = connection.execute(_SAME_NAME, {"source": note.source, "doc_key": doc_key}).first()
    if same_name is not None and same_name.text_hash != digest:
        raise WorkspaceError(
            f"note {note.doc_id!r} of {note.source!r} is here with another text; erase {same_name.id} first"
        )
    same_text = connection.execute(_SAME_TEXT, {"text_hash": digest, "role": note.role}).first()
    if same_text is not None and not (same_name and _left_pool(same_text.role, note)):
        raise WorkspaceError(
            f"the text of note {note.doc_id!r} of {note.source!r} is here as {same_text.doc_id!r} of "
            f"{same_text.source!r} with role {same_text.role}; a text has one role"
        )
    if same_name is not None:
        return False
    row = {
        "id": note.id,
        "number": connection.execute(_LAST_NUMBER).scalar_one() + 1,
        "source": note.source,
        "doc_id": note.doc_id,
        "doc_key": doc_key,
        "text": note.text,
        "text_hash": digest,
        "role": note.role,
        "sensitivity": note.sensitivity,
        "lineage": note.lineage or note.id,
        "provenance": dict(note.provenance),
        "set_aside": list(set_aside),
        "added_at": now(),
    }
    connection.execute(notes.insert(), row)
    return True


def set_role(connection: Connection, note_id: str, role: Role) -> None:
    """Give a note another role inside a transaction of the caller's; a test note keeps its own."""
    connection.execute(update(notes).where(notes.c.id == note_id, notes.c.role != Role.TEST).values(role=role))


def refuse_unknown(connection: Connection, note_ids: Iterable[str]) -> None:
    """Raise WorkspaceError for a note that is not here."""
    for some in in_batches(list(dict.fromkeys(note_ids))):
        here = set(connection.execute(select(notes.c.id).where(notes.c.id.in_(some))).scalars())
        for note_id in some:
            if note_id not in here:
                raise _unknown(note_id)


def _unknown(note_id: str) -> WorkspaceError:
    return WorkspaceError(f"there is no note {note_id!r} here")


def _left_pool(role: str, note: Note) -> bool:
    """Whether this is a pool file imported again after a pull made its note train or validation."""
    return note.role is Role.POOL and role in (Role.TRAIN, Role.VALIDATION)


def _note(row: Row[tuple[object, ...]]) -> Note:
    return Note(
        source=row.source,
        doc_id=row.doc_id,
        text=row.text,
        role=Role(row.role),
        sensitivity=Sensitivity(row.sensitivity),
        lineage=row.lineage,
        provenance=row.provenance,
    )
