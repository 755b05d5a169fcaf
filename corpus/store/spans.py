"""Sets of spans with their authors: appended, never overwritten. Gold is chosen among them."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, func, select

from corpus.errors import WorkspaceError
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Role, Span
from corpus.recognition import Annotated
from corpus.store.notes import in_batches
from corpus.store.schema import notes, now, span_sets

GOLD_KINDS = (AuthorKind.ADJUDICATION, AuthorKind.HUMAN, AuthorKind.IMPORT)
SILVER_KINDS = (AuthorKind.BRIEF, AuthorKind.LLM)
# Made once: for thousands of sets, to build a statement costs more than to execute it.
_TEXT = select(notes.c.text).where(notes.c.id == bindparam("note_id"))
_NEWEST = (
    select(span_sets.c.digest)
    .where(
        span_sets.c.note_id == bindparam("note_id"),
        span_sets.c.author_kind == bindparam("author_kind"),
        span_sets.c.author_name == bindparam("author_name"),
    )
    .order_by(span_sets.c.id.desc())
    .limit(1)
)
_LATEST = (
    select(func.max(span_sets.c.id))
    .where(span_sets.c.author_kind.in_(GOLD_KINDS))
    .group_by(span_sets.c.note_id, span_sets.c.author_kind, span_sets.c.author_name)
)
_STANDING = (
    select(span_sets.c.note_id)
    .join(notes, notes.c.id == span_sets.c.note_id)
    .where(span_sets.c.id.in_(_LATEST), ~span_sets.c.withdrawn)
    .distinct()
)
"""The notes of which an author's newest set among those that may be gold was not withdrawn."""

Detail = Mapping[str, object]
"""What an author says besides the spans."""


@dataclass(frozen=True, slots=True)
class SpanSet:
    """What one author said of one note; `spans` is None where the author withdrew it.

    `detail` is JSON of the author's own: seconds spent, the task, the pre-annotation it began from.
    """

    note_id: str
    author: Author
    spans: tuple[Span, ...] | None
    detail: Mapping[str, Any]
    added_at: str


class SpanShelf:
    """Span sets by note and author."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, note_id: str, author: Author, spans: Sequence[Span] | None, *, detail: Detail | None = None) -> bool:
        """Whether this says something new: the author's latest set of the note differs in spans or detail.

        None withdraws what the author said. Raises WorkspaceError for a span that ends beyond its note.
        """
        with self._engine.begin() as connection:
            return add_spans(connection, note_id, author, spans, detail)

    def add_many(
        self, author: Author, said: Mapping[str, Sequence[Span]], *, details: Mapping[str, Detail] | None = None
    ) -> int:
        """`add` of what an author says of many notes, by note id, in one transaction: how many sets are new.

        `details` has the detail of each note, where there is any.
        """
        new = 0
        with self._engine.begin() as connection:
            for some in in_batches(list(said)):
                rows = _new_rows(connection, author, {note_id: said[note_id] for note_id in some}, details or {})
                if rows:
                    connection.execute(span_sets.insert(), rows)
                new += len(rows)
        return new

    def latest(self, note_id: str, kind: AuthorKind, name: str | None = None) -> SpanSet | None:
        """The newest set of a note by an author of this kind (and name), withdrawn ones included."""
        query = select(span_sets).where(span_sets.c.note_id == note_id, span_sets.c.author_kind == kind)
        if name is not None:
            query = query.where(span_sets.c.author_name == name)
        with self._engine.connect() as connection:
            row = connection.execute(query.order_by(span_sets.c.id.desc()).limit(1)).first()
        return None if row is None else _span_set(row)

    def of_author(self, kind: AuthorKind, name: str) -> dict[str, SpanSet]:
        """The newest set of each note by this author, by note id."""
        query = select(span_sets).where(span_sets.c.author_kind == kind, span_sets.c.author_name == name)
        with self._engine.connect() as connection:
            return {row.note_id: _span_set(row) for row in connection.execute(query.order_by(span_sets.c.id))}

    def history(self, note_id: str) -> list[SpanSet]:
        """Every set of a note, oldest first."""
        query = select(span_sets).where(span_sets.c.note_id == note_id).order_by(span_sets.c.id)
        with self._engine.connect() as connection:
            return [_span_set(row) for row in connection.execute(query)]

    def noted_by(self, kind: AuthorKind) -> set[str]:
        """The notes of which an author of this kind ever said something."""
        with self._engine.connect() as connection:
            query = select(span_sets.c.note_id).where(span_sets.c.author_kind == kind).distinct()
            return set(connection.execute(query).scalars())

    def histories(self, note_ids: Sequence[str], kind: AuthorKind) -> dict[str, list[SpanSet]]:
        """Every set of these notes by authors of this kind, oldest first, by note id, where there is one."""
        found: dict[str, list[SpanSet]] = {}
        with self._engine.connect() as connection:
            for some in in_batches(note_ids):
                query = select(span_sets).where(span_sets.c.note_id.in_(some), span_sets.c.author_kind == kind)
                for row in connection.execute(query.order_by(span_sets.c.id)):
                    found.setdefault(row.note_id, []).append(_span_set(row))
        return found

    def count_by_kind(self) -> dict[str, int]:
        """How many sets each kind of author made."""
        query = select(span_sets.c.author_kind, func.count().label("number")).group_by(span_sets.c.author_kind)
        with self._engine.connect() as connection:
            return {row.author_kind: row.number for row in connection.execute(query)}

    def author_names(self, kind: AuthorKind) -> list[str]:
        """The names of the authors of this kind, in alphabetical order."""
        query = select(span_sets.c.author_name).where(span_sets.c.author_kind == kind).distinct()
        with self._engine.connect() as connection:
            return sorted(connection.execute(query).scalars())

    def gold(self, *roles: Role, silver: bool = False) -> dict[str, SpanSet]:
        """The sets that count, by note id in order of arrival; notes that nobody annotated are not there.

        Adjudicated before human before imported, the newest of a kind; with `silver` a brief's or an LLM's where
        there is no gold. A withdrawn set does not count.
        """
        kinds = GOLD_KINDS + (SILVER_KINDS if silver else ())
        query = (
            select(span_sets)
            .join(notes, notes.c.id == span_sets.c.note_id)
            .where(notes.c.role.in_(roles), span_sets.c.author_kind.in_(kinds))
            .order_by(notes.c.number, span_sets.c.id)
        )
        latest: dict[str, dict[tuple[AuthorKind, str], SpanSet]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(query):
                spans = _span_set(row)
                of_note = latest.setdefault(spans.note_id, {})
                of_note.pop((spans.author.kind, spans.author.name), None)
                of_note[spans.author.kind, spans.author.name] = spans
        chosen = {note_id: _chosen(sets.values(), kinds) for note_id, sets in latest.items()}
        return {note_id: spans for note_id, spans in chosen.items() if spans is not None}

    def gold_ids(self, *roles: Role) -> set[str]:
        """The notes of these roles that have gold."""
        with self._engine.connect() as connection:
            return set(connection.execute(_STANDING.where(notes.c.role.in_(roles))).scalars())

    def count_gold(self) -> dict[Role, int]:
        """How many notes of each role have gold; roles without one are not there."""
        standing = _STANDING.subquery()
        query = select(notes.c.role, func.count()).where(notes.c.id.in_(select(standing.c.note_id)))
        with self._engine.connect() as connection:
            return {Role(role): count for role, count in connection.execute(query.group_by(notes.c.role)).all()}

    def annotated(self, *roles: Role, silver: bool = False) -> list[Annotated]:
        """The notes of these roles that have gold, with it, in order of arrival."""
        gold = self.gold(*roles, silver=silver)
        query = select(notes.c.id, notes.c.text).where(notes.c.role.in_(roles)).order_by(notes.c.number)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return [Annotated(row.id, row.text, gold[row.id].spans or ()) for row in rows if row.id in gold]


def add_spans(
    connection: Connection, note_id: str, author: Author, spans: Sequence[Span] | None, detail: Detail | None = None
) -> bool:
    """`SpanShelf.add`, inside a transaction of the caller's."""
    text = connection.execute(_TEXT, {"note_id": note_id}).scalar_one_or_none()
    row = _checked_row(note_id, author, spans, detail or {}, text)
    by = {key: row[key] for key in ("note_id", "author_kind", "author_name")}
    newest = connection.execute(_NEWEST, by).scalar_one_or_none()
    if newest == row["digest"] or (newest is None and spans is None):
        return False
    connection.execute(span_sets.insert(), row)
    return True


def _new_rows(
    connection: Connection, author: Author, said: Mapping[str, Sequence[Span]], details: Mapping[str, Detail]
) -> list[dict[str, object]]:
    """The rows of what is new in what an author says of notes, which one query can name."""
    found = connection.execute(select(notes.c.id, notes.c.text).where(notes.c.id.in_(said)))
    texts: dict[str, str] = {row.id: row.text for row in found}
    query = select(span_sets.c.note_id, span_sets.c.digest).where(
        span_sets.c.note_id.in_(said),
        span_sets.c.author_kind == author.kind,
        span_sets.c.author_name == author.name,
    )
    newest = {row.note_id: row.digest for row in connection.execute(query.order_by(span_sets.c.id))}
    rows = [
        _checked_row(note_id, author, spans, details.get(note_id, {}), texts.get(note_id))
        for note_id, spans in said.items()
    ]
    return [row for row in rows if newest.get(row["note_id"]) != row["digest"]]


def _checked_row(
    note_id: str, author: Author, spans: Sequence[Span] | None, detail: Detail, text: str | None
) -> dict[str, object]:
    """A set as a row; raises WorkspaceError where the note, with this text, is not here or is too short for it."""
    if text is None:
        raise WorkspaceError(f"there is no note {note_id!r} here")
    if spans and max(span.end for span in spans) > len(text):
        raise WorkspaceError(f"a span ends beyond note {note_id}")
    document = [_to_json(span) for span in spans or ()]
    said = json.dumps([document, spans is None, dict(detail)], sort_keys=True, ensure_ascii=False)
    return {
        "note_id": note_id,
        "author_kind": author.kind,
        "author_name": author.name,
        "spans": document,
        "withdrawn": spans is None,
        "detail": dict(detail),
        "digest": hashlib.sha256(said.encode()).hexdigest(),
        "added_at": now(),
    }


def _chosen(sets: Iterable[SpanSet], kinds: Sequence[AuthorKind]) -> SpanSet | None:
    """The newest set of the first kind that has one; later in `sets` is newer."""
    standing = [spans for spans in sets if spans.spans is not None]
    for kind in kinds:
        of_kind = [spans for spans in standing if spans.author.kind is kind]
        if of_kind:
            return of_kind[-1]
    return None


def _to_json(span: Span) -> dict[str, object]:
    document: dict[str, object] = {"start": span.start, "end": span.end, "label": span.label}
    if span.confidence is not None:
        document["confidence"] = span.confidence
    if span.codes:
        document["codes"] = dict(span.codes)
    return document


def _span_set(row: Row[tuple[object, ...]]) -> SpanSet:
    spans = tuple(
        Span(item["start"], item["end"], Label(item["label"]), item.get("confidence"), item.get("codes", {}))
        for item in row.spans
    )
    return SpanSet(
        row.note_id,
        Author(AuthorKind(row.author_kind), row.author_name),
        None if row.withdrawn else spans,
        row.detail,
        row.added_at,
    )
