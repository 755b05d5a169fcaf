"""The run that turns a batch's briefs into notes: ask, store the answer, judge it, store the note or ask again.

An answer is durable before anything is done with it, and a brief's note, silver spans and outcome are one transaction.
So a run that was killed goes on from the store: briefs with an outcome are done, and an answer that is there
already is judged again rather than asked for again.
"""

import asyncio
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from corpus.config import Config
from corpus.errors import EndpointError
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity
from corpus.store import Store
from corpus.store.batches import Batch, BriefState, Completion, PlannedBrief
from generation.briefs import Brief
from generation.endpoint import Answer
from generation.faults import UnusableEndpointError
from generation.firewall import check_exemplars, choose_exemplars
from generation.gates import GATES, check_note
from generation.prompt import ChatMessage, NotePrompt, prompt_hash
from generation.truth import Alignment, align_brief

SOURCE = "generated"
BRIEF_AUTHOR = Author(AuthorKind.BRIEF, "brief")
DUPLICATE = "same text as another note"
FAILURES_IN_A_ROW = 5
"""Briefs that fail one after another, with no answer between them, before the endpoint counts as unusable."""


class Writer(Protocol):
    """What the run needs of an endpoint."""

    base_url: str

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What, beside the messages and the seed, decides an answer."""
        ...

    async def complete(self, messages: Sequence[ChatMessage], seed: int) -> Answer:
        """The answer; raises EndpointError."""
        ...


@dataclass(slots=True)
class WritingReport:
    """What a run came to. `refused` counts answers by reason, `rejected` the briefs given up, by their last reason.

    `requests` are answers asked for and got, `cached` those that the store had; `retries` are tries beyond the first.
    `unanswered` briefs stay planned: the endpoint failed them, and the next run asks again.
    """

    accepted: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0
    requests: int = 0
    cached: int = 0
    retries: int = 0
    usage: Counter[str] = field(default_factory=Counter)


async def write_notes(
    store: Store,
    batch: Batch,
    endpoint: Writer,
    prompt: NotePrompt,
    exemplars: Sequence[Note],
    config: Config,
    progress: Callable[[], None] = lambda: None,
) -> WritingReport:
    """What became of the batch's briefs that had no outcome yet; `progress` is called at each outcome.

    Raises PrivacyError or WorkspaceError for exemplars that may not be shown, FormatError for a broken template, and
    EndpointError when the endpoint is unusable; what had arrived by then is stored.
    """
    if config.generation.exemplars_per_prompt:
        check_exemplars(
            exemplars,
            endpoint.base_url,
            patients_allowed_at=config.endpoint.allow_patient_text,
            allow_test=config.generation.allow_test_exemplars,
        )
    run = _Run(store, endpoint, prompt, exemplars, config, progress)
    waiting = iter(store.batches.briefs(batch, BriefState.PLANNED))
    try:
        async with asyncio.TaskGroup() as workers:
            for _ in range(min(config.endpoint.concurrency, batch.size)):
                workers.create_task(run.work(waiting))
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
    return run.report


@dataclass(slots=True)
class _Run:
    """One run: what its workers share."""

    store: Store
    endpoint: Writer
    prompt: NotePrompt
    exemplars: Sequence[Note]
    config: Config
    progress: Callable[[], None]
    report: WritingReport = field(default_factory=WritingReport)
    failures_in_a_row: int = 0

    async def work(self, waiting: Iterator[PlannedBrief]) -> None:
        """Take one brief after another until none waits."""
        for planned in waiting:
            try:
                await self._write(planned)
            except UnusableEndpointError:
                raise
            except EndpointError:
                self.report.unanswered += 1
                self.failures_in_a_row += 1
                if self.failures_in_a_row >= FAILURES_IN_A_ROW:
                    raise
            self.progress()

    async def _write(self, planned: PlannedBrief) -> None:
        """Give the brief its outcome; raises EndpointError where an answer could not be had."""
        brief = Brief.from_json(planned.document)
        generation = self.config.generation
        shown = choose_exemplars(
            self.exemplars,
            brief.specialty,
            generation.exemplars_per_prompt,
            f"{generation.seed} {planned.batch_id} {planned.number}",
        )
        messages = self.prompt.render(brief, shown)
        reason = ""
        for sample in range(generation.max_samples_per_brief):
            completion = await self._answer(planned, messages, sample, shown)
            text = _as_note_text(completion.text)
            reason, alignment = self._judge(brief, completion, text)
            if not reason:
                note = self._note(planned, brief, completion, text, shown)
                self.store.batches.accept(planned, note, BRIEF_AUTHOR, alignment.spans)
                self.report.accepted += 1
                return
            self.report.refused[reason] += 1
        self.store.batches.reject(planned, reason)
        self.report.rejected[reason] += 1

    async def _answer(
        self, planned: PlannedBrief, messages: Sequence[ChatMessage], sample: int, shown: Sequence[Note]
    ) -> Completion:
        """The stored answer to this sample's request, or a new one, stored as it arrives."""
        seed = _number(self.config.generation.seed, planned.batch_id, planned.number, sample)
        parameters = {**self.endpoint.parameters, "seed": seed}
        request = {"prompt": prompt_hash(messages), "parameters": parameters, "sample": sample}
        key = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
        known = self.store.batches.completion(key)
        if known is not None:
            self.report.cached += 1
            return known
        answer = await self.endpoint.complete(messages, seed)
        self.failures_in_a_row = 0
        # The prompt itself is not stored: it shows exemplars, whose erasure must not leave them here.
        completion = Completion(
            key=key,
            brief_id=planned.id,
            text=answer.text,
            finish_reason=answer.finish_reason,
            model=answer.model,
            usage=answer.usage,
            request={**request, "exemplars": [note.id for note in shown]},
        )
        self.store.batches.keep(completion)
        self.report.requests += 1
        self.report.retries += answer.attempts - 1
        self.report.usage.update(answer.usage)
        return completion

    def _judge(self, brief: Brief, completion: Completion, text: str) -> tuple[str, Alignment]:
        """Why the answer is refused ('' where it is not), and its alignment with the brief."""
        refused = check_note(completion.text, completion.finish_reason)
        if refused is not None:
            return refused, Alignment()
        if self.store.notes.has_text(text):
            return DUPLICATE, Alignment()
        alignment = align_brief(brief, text)
        return alignment.reason, alignment

    def _note(
        self, planned: PlannedBrief, brief: Brief, completion: Completion, text: str, shown: Sequence[Note]
    ) -> Note:
        fictional = all(note.sensitivity is Sensitivity.FICTIONAL for note in shown)
        return Note(
            source=SOURCE,
            doc_id=f"{planned.batch_id}-{planned.number:04d}",
            text=text,
            role=Role.POOL,
            sensitivity=Sensitivity.FICTIONAL if fictional else Sensitivity.PATIENT,
            lineage=(shown[0].lineage or shown[0].id) if shown else "",
            provenance={
                "specialty": brief.specialty,
                "brief": brief.to_json(),
                "llm": completion.model,
                "offline": self.config.endpoint.kind == "embedded",
                "completion": completion.key,
                **completion.request,
                "checks": [*(gate.reason for gate in GATES), DUPLICATE, "lacks or contradicts its brief"],
            },
        )


def _as_note_text(answer: str) -> str:
    """The answer as the text of a note: nothing around it, and CRLF line ends, as hospital systems write them."""
    return re.sub(r"\r\n|\r|\n", "\r\n", answer.strip())


def _number(*parts: int) -> int:
    """A seed that every server takes (31 bits), which follows from the parts."""
    digest = hashlib.sha256(" ".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4]) >> 1
