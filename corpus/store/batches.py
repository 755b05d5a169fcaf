"""Batches of briefs, and the completions that answered them: paid for once, stored before anything else happens."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, Engine, Row, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError

from corpus.documents import JsonObject
from corpus.errors import WorkspaceError
from corpus.note import Author, Note, Span
from corpus.store.notes import add_note
from corpus.store.schema import batches, briefs, completions, meta, now, put
from corpus.store.spans import add_spans

SPENT = "spent:"
"""With a batch's id, the key of the `meta` table under which what it cost is kept."""
QUOTA = "quota:"
"""The same of how its notes were shared out."""
PAGE = 200
"""Briefs read at once."""
# Made once: for a run of thousands, to build a statement costs more than to execute it.
_COMPLETION = select(completions).where(completions.c.key == bindparam("key"))
_OUTCOME = update(briefs).where(briefs.c.id == bindparam("brief_id"))


class BriefState(StrEnum):
    """How far a brief has come."""

    PLANNED = "planned"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Batch:
    """Briefs that were planned together; `round` is None outside the loop."""

    id: int
    round: int | None
    size: int


@dataclass(frozen=True, slots=True)
class PlannedBrief:
    """A brief as stored: `document` is its JSON, `number` its place in the batch (from 0)."""

    id: int
    batch_id: int
    number: int
    document: Mapping[str, JsonValue]
    state: BriefState
    reason: str
    note_id: str | None


@dataclass(frozen=True, slots=True)
class Completion:
    """What an LLM answered; `key` names the request (rendered messages, parameters, the sample's number)."""

    key: str
    brief_id: int
    text: str
    finish_reason: str
    model: str
    usage: Mapping[str, int]
    request: Mapping[str, JsonValue]


class BatchShelf:
    """Batches, their briefs and their completions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def plan(
        self,
        documents: Sequence[Mapping[str, JsonValue]],
        round_number: int | None = None,
        quota: Mapping[str, JsonValue] | None = None,
    ) -> Batch:
        """A new batch of these briefs; for a round that has one already, that one.

        `quota` is JSON: how the briefs were shared out, and why.
        """
        if round_number is not None and (known := self.of_round(round_number)) is not None:
            return known
        with self._engine.begin() as connection:
            row = batches.insert().values(round=round_number, size=len(documents), ended=False, added_at=now())
            result = connection.execute(row)
            key = result.inserted_primary_key
            batch_id = int(key[0]) if key else 0
            rows = [
                {"batch_id": batch_id, "number": number, "brief": dict(document), "state": "planned", "reason": ""}
                for number, document in enumerate(documents)
            ]
            if rows:
                connection.execute(briefs.insert(), rows)
            if quota is not None:
                put(connection, f"{QUOTA}{batch_id}", dict(quota))
        return Batch(batch_id, round_number, len(documents))

    def of_round(self, round_number: int) -> Batch | None:
        """The batch of a round of the loop."""
        with self._engine.connect() as connection:
            row = connection.execute(select(batches).where(batches.c.round == round_number)).first()
        return None if row is None else Batch(row.id, row.round, row.size)

    def unfinished(self) -> Batch | None:
        """The oldest batch outside the loop that has not ended."""
        query = select(batches).where(batches.c.round.is_(None), ~batches.c.ended).order_by(batches.c.id).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else Batch(row.id, row.round, row.size)

    def end(self, batch: Batch) -> None:
        """Note that what came of the batch was told; until then the same command means this batch, not another."""
        with self._engine.begin() as connection:
            connection.execute(update(batches).where(batches.c.id == batch.id).values(ended=True))

    def count(self) -> int:
        """How many batches there are: what the seed of the next one follows from."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(batches)).scalar_one()

    def briefs(self, batch: Batch, state: BriefState | None = None) -> Iterator[PlannedBrief]:
        """The briefs of a batch in order, of one state if given; read a page at a time, so others may write between."""
        query = select(briefs).where(briefs.c.batch_id == batch.id).order_by(briefs.c.number).limit(PAGE)
        if state is not None:
            query = query.where(briefs.c.state == state)
        last = -1
        while True:
            with self._engine.connect() as connection:
                page = connection.execute(query.where(briefs.c.number > last)).all()
            yield from map(_brief, page)
            if len(page) < PAGE:
                return
            last = page[-1].number

    def brief(self, batch: Batch, number: int) -> PlannedBrief:
        """The brief at a place in the batch."""
        query = select(briefs).where(briefs.c.batch_id == batch.id, briefs.c.number == number)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise WorkspaceError(f"batch {batch.id} has no brief {number}")
        return _brief(row)

    def waiting(self, batch: Batch) -> int:
        """How many briefs of the batch have no outcome yet."""
        query = select(func.count()).where(briefs.c.batch_id == batch.id, briefs.c.state == BriefState.PLANNED)
        with self._engine.connect() as connection:
            return connection.execute(query).scalar_one()

    def outcomes(self, batch: Batch | None = None) -> dict[str, int]:
        """How many briefs of the batch (of all) are in which state; rejected ones as `rejected: reason`."""
        query = select(briefs.c.state, briefs.c.reason, func.count()).group_by(briefs.c.state, briefs.c.reason)
        if batch is not None:
            query = query.where(briefs.c.batch_id == batch.id)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return {f"{state}: {reason}" if reason else state: count for state, reason, count in rows}

    def rounds_of_notes(self) -> dict[str, int]:
        """The round in which each generated note was asked for, by note id; notes of no round are not there."""
        query = (
            select(briefs.c.note_id, batches.c.round)
            .join(batches, batches.c.id == briefs.c.batch_id)
            .where(briefs.c.note_id.is_not(None), batches.c.round.is_not(None))
        )
        with self._engine.connect() as connection:
            return {row.note_id: row.round for row in connection.execute(query)}

    def completion(self, key: str) -> Completion | None:
        """The stored answer to a request, so that it is never asked for again."""
        with self._engine.connect() as connection:
            row = connection.execute(_COMPLETION, {"key": key}).first()
        if row is None:
            return None
        return Completion(row.key, row.brief_id, row.text, row.finish_reason, row.model, row.usage, row.request)

    def usage(self, batch: Batch) -> Counter[str]:
        """The tokens of the batch's completions, as the server counted them, and how many `completions` there are."""
        total: Counter[str] = Counter()
        query = select(completions.c.usage).join(briefs).where(briefs.c.batch_id == batch.id)
        with self._engine.connect() as connection:
            for usage in connection.execution_options(yield_per=500).execute(query).scalars():
                total.update(usage)
                total["completions"] += 1
        return total

    def spent(self, batch: Batch) -> float | None:
        """What the batch has cost or may have cost, in the currency of the prices; None where nothing was recorded."""
        spent: float | None = self._said(f"{SPENT}{batch.id}")
        return spent

    def quota(self, batch: Batch) -> JsonObject | None:
        """How the batch's briefs were shared out, as it was planned; None where nothing was recorded."""
        quota: JsonObject | None = self._said(f"{QUOTA}{batch.id}")
        return quota

    def _said(self, key: str) -> Any:
        with self._engine.connect() as connection:
            return connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar_one_or_none()


def keep_completion(connection: Connection, completion: Completion) -> None:
    """Store an answer as it arrives; the same request's second answer is not stored."""
    if connection.execute(_COMPLETION, {"key": completion.key}).first() is None:
        row = {
            "key": completion.key,
            "brief_id": completion.brief_id,
            "text": completion.text,
            "finish_reason": completion.finish_reason,
            "model": completion.model,
            "usage": dict(completion.usage),
            "request": dict(completion.request),
            "added_at": now(),
        }
        try:
            connection.execute(completions.insert(), row)
        except IntegrityError:
            raise WorkspaceError(f"there is no brief {completion.brief_id} here") from None


def record_spent(connection: Connection, batch: Batch, amount: float) -> None:
    """Record what the batch has cost or may have cost by now."""
    put(connection, f"{SPENT}{batch.id}", amount)


def accept_brief(
    connection: Connection, brief: PlannedBrief, note: Note, author: Author, spans: Sequence[Span]
) -> None:
    """Store the brief's note with its silver spans, and the brief's outcome."""
    add_note(connection, note)
    add_spans(connection, note.id, author, spans)
    outcome = {"brief_id": brief.id, "state": BriefState.ACCEPTED, "reason": "", "note_id": note.id}
    connection.execute(_OUTCOME, outcome)


def reject_brief(connection: Connection, brief: PlannedBrief, reason: str) -> None:
    """Give the brief up, with the reason; its completions stay."""
    outcome = {"brief_id": brief.id, "state": BriefState.REJECTED, "reason": reason, "note_id": None}
    connection.execute(_OUTCOME, outcome)


def _brief(row: Row[tuple[object, ...]]) -> PlannedBrief:
    return PlannedBrief(row.id, row.batch_id, row.number, row.brief, BriefState(row.state), row.reason, row.note_id)
