"""What an LLM answered when it was asked for a note's entities: paid for once, stored before anything else happens."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue
from sqlalchemy import Engine, select

from corpus.store.notes import refuse_unknown
from corpus.store.schema import answers, now


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it came; `key` names the request (rendered messages, parameters, the sample's number).

    `note_id` is the note that was to be annotated, `example_id` the annotated one that was shown beside it.
    """

    key: str
    note_id: str
    example_id: str | None
    text: str
    finish_reason: str
    model: str
    usage: Mapping[str, int]
    request: Mapping[str, JsonValue]


class AnswerShelf:
    """Answers by key."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, key: str) -> StoredAnswer | None:
        """The stored answer to a request, so that it is never asked for again."""
        with self._engine.connect() as connection:
            row = connection.execute(select(answers).where(answers.c.key == key)).first()
        if row is None:
            return None
        return StoredAnswer(
            row.key, row.note_id, row.example_id, row.text, row.finish_reason, row.model, row.usage, row.request
        )

    def keep(self, answer: StoredAnswer) -> None:
        """Store an answer as it arrives; the same request's second answer is not stored."""
        with self._engine.begin() as connection:
            refuse_unknown(connection, [one for one in (answer.note_id, answer.example_id) if one is not None])
            if connection.execute(select(answers.c.key).where(answers.c.key == answer.key)).first() is None:
                connection.execute(
                    answers.insert().values(
                        key=answer.key,
                        note_id=answer.note_id,
                        example_id=answer.example_id,
                        text=answer.text,
                        finish_reason=answer.finish_reason,
                        model=answer.model,
                        usage=dict(answer.usage),
                        request=dict(answer.request),
                        added_at=now(),
                    )
                )
