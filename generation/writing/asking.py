"""Answers to requests: out of the store where they are, else from the endpoint, durable before anybody sees them."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from pydantic import JsonValue
from sqlalchemy import Connection

from corpus.note import Note
from corpus.store import Store
from corpus.store.batches import Batch, Completion, PlannedBrief, keep_completion, record_spent
from corpus.store.grouping import GroupCommits, T, Write
from generation.llm.budget import Budget
from generation.llm.chat import ChatMessage, request_of
from generation.llm.endpoint import Answer


class AnswerSource(Protocol):
    """What a run needs of an endpoint."""

    base_url: str
    budget: Budget | None

    @property
    def parameters(self) -> Mapping[str, JsonValue]:
        """What, beside the messages and the seed, decides an answer."""
        ...

    async def complete(self, messages: Sequence[ChatMessage], seed: int) -> Answer:
        """The answer; raises EndpointError."""
        ...


@dataclass(frozen=True, slots=True)
class NoteRequest:
    """One request for a brief: the messages, the seed, which sample it is, and the exemplars that the messages show."""

    planned: PlannedBrief
    messages: Sequence[ChatMessage]
    seed: int
    sample: int
    shown: Sequence[Note]


@dataclass(slots=True)
class Asker:
    """Has requests answered; counts `asked` and got, `cached` ones, `retries` beyond the first try, and `usage`."""

    store: Store
    batch: Batch
    endpoint: AnswerSource
    commits: GroupCommits
    asked: int = 0
    cached: int = 0
    retries: int = 0
    usage: Counter[str] = field(default_factory=Counter)

    async def ask(self, asked: NoteRequest) -> Completion:
        """The stored answer to this very request, or a new one, stored as it arrives; raises EndpointError."""
        parameters = {**self.endpoint.parameters, "seed": asked.seed}
        key, request = request_of(asked.messages, parameters, asked.sample)
        known = self.store.batches.completion(key)
        if known is not None:
            self.cached += 1
            return known
        answer = await self.endpoint.complete(asked.messages, asked.seed)
        # The prompt itself is not stored: it shows exemplars, whose erasure must not leave them here.
        completion = Completion(
            key=key,
            brief_id=asked.planned.id,
            text=answer.text,
            finish_reason=answer.finish_reason,
            model=answer.model,
            usage=answer.usage,
            request={**request, "exemplars": [note.id for note in asked.shown]},
        )
        await self.write(partial(_keep, completion=completion, batch=self.batch, budget=self.endpoint.budget))
        self.asked += 1
        self.retries += answer.attempts - 1
        self.usage.update(answer.usage)
        return completion

    async def write(self, job: Write[T]) -> T:
        """What the job returns, once it is durable."""
        return await asyncio.wrap_future(self.commits.submit(job))


def _keep(connection: Connection, completion: Completion, batch: Batch, budget: Budget | None) -> None:
    keep_completion(connection, completion)
    if budget is not None:
        record_spent(connection, batch, budget.spent)
