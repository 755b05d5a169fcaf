"""The LLM as annotator: ask for a note's entities, store the answer, read it, place its entities in the note.

An answer is durable before anything is done with it, and so is each note's set of spans, so that after a kill an
answer that is there already is read again rather than asked for again. The example that a prompt shows is a training
note or an exemplar, never a test or validation note.
"""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus.config.settings import Config
from corpus.errors import EndpointError
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role
from corpus.recognition import Annotated
from corpus.store import Store
from corpus.store.answers import StoredAnswer
from generation.annotating.entities import RESPONSE_FORMAT, read_entities, write_entities
from generation.annotating.grounding import ground
from generation.annotating.similar import SimilarNotes
from generation.llm.chat import ChatMessage, prompt_hash, request_of
from generation.llm.endpoint import Answer, Endpoint
from generation.llm.faults import RefusedRequestError, UnusableEndpointError
from generation.llm.firewall import check_patients
from generation.llm.templates import Templates

ANNOTATION_SYSTEM_TEMPLATE = "annotation_system.j2"
ANNOTATION_TEMPLATE = "annotation.j2"
EXAMPLE_ROLES = (Role.TRAIN, Role.EXEMPLAR)


class AnnotationPrompt:
    """Renders the two templates; one that stands in the folder `overrides` hides the one that ships."""

    def __init__(self, overrides: Path | None = None) -> None:
        self._templates = Templates(overrides)

    def render(self, text: str, example: Annotated | None, *, again: bool = False) -> list[ChatMessage]:
        """The system message with the rules, and the user message with the example (if any) and the text.

        `again` says that the answer before was unreadable. Raises FormatError where a template is broken.
        """
        shown = example and {"text": _plain(example.text), "answer": write_entities(example.text, example.spans)}
        values = {"Label": Label, "text": _plain(text), "example": shown, "again": again}
        return [
            ChatMessage("system", self._templates.fill(ANNOTATION_SYSTEM_TEMPLATE, values)),
            ChatMessage("user", self._templates.fill(ANNOTATION_TEMPLATE, values)),
        ]

    @property
    def fingerprint(self) -> str:
        """A hash that changes with the templates."""
        return prompt_hash([*self.render("", None), *self.render("", Annotated("", "", ()), again=True)])


@dataclass(slots=True)
class AnnotationReport:
    """What a run came to. `set_aside` counts entities by why they are none of their note's.

    `requests` are answers asked for and got, `cached` those that the store had, `unreadable` those of either that held
    no list of entities; `unparsable` notes had no other. `unanswered` notes have no answer: the next run asks again.
    """

    annotated: int = 0
    mentions: int = 0
    set_aside: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0
    unparsable: list[str] = field(default_factory=list)
    unanswered: int = 0
    requests: int = 0
    cached: int = 0
    retries: int = 0
    usage: Counter[str] = field(default_factory=Counter)
    has_schema: bool = True
    """Whether the server took the JSON schema, as far as it was asked."""


def llm_author(endpoint: Endpoint, prompt: AnnotationPrompt) -> Author:
    """The author of the spans that this endpoint gives when it is asked so: the model and ten digits of the rest."""
    asked = json.dumps([prompt.fingerprint, endpoint.parameters], sort_keys=True)
    return Author(AuthorKind.LLM, f"{endpoint.parameters['model']}@{hashlib.sha256(asked.encode()).hexdigest()[:10]}")


async def annotate_notes(
    store: Store,
    notes: Sequence[Note],
    endpoint: Endpoint,
    prompt: AnnotationPrompt,
    config: Config,
    progress: Callable[[], None] = lambda: None,
) -> AnnotationReport:
    """What became of these notes, each of which gets a set of spans by `llm_author`; `progress` is called after each.

    Raises PrivacyError where the notes or the examples may not be shown, FormatError for a broken template, and
    EndpointError when the endpoint is unusable; what had arrived by then is stored.
    """
    examples = [note for note in store.spans.annotated(*EXAMPLE_ROLES) if note.spans]
    shown = store.notes.many([note.id for note in examples])
    check_patients([*notes, *shown], endpoint.base_url, allow_patient_text=config.endpoint.allow_patient_text)
    run = _AnnotationRun(
        store, llm_author(endpoint, prompt), endpoint, prompt, SimilarNotes(examples), config, progress
    )
    waiting = iter(notes)
    try:
        async with asyncio.TaskGroup() as workers:
            for _ in range(min(config.endpoint.concurrency, len(notes))):
                workers.create_task(run.work(waiting))
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
    return run.report


@dataclass(slots=True)
class _AnnotationRun:
    """One run: what its workers share."""

    store: Store
    author: Author
    endpoint: Endpoint
    prompt: AnnotationPrompt
    examples: SimilarNotes
    config: Config
    progress: Callable[[], None]
    report: AnnotationReport = field(default_factory=AnnotationReport)

    async def work(self, waiting: Iterator[Note]) -> None:
        """Take one note after another until none waits."""
        for note in waiting:
            try:
                await self._annotate(note)
            except UnusableEndpointError:
                raise
            except EndpointError:
                self.report.unanswered += 1
            self.progress()

    async def _annotate(self, note: Note) -> None:
        """Give the note its spans, or up; raises EndpointError where an answer could not be had."""
        example = self.examples.most_similar(note.text, besides=note.id)
        for sample in range(self.config.annotator.max_samples_per_note):
            answer = await self._answer(note, example, sample)
            listed = read_entities(answer.text)
            if listed is None:
                self.report.unreadable += 1
                continue
            grounded = ground(listed.entities, note.text)
            set_aside = {str(reason): count for reason, count in (listed.set_aside + grounded.ungrounded).items()}
            detail = {"answer": answer.key, "llm": answer.model, "example": answer.example_id, **answer.request}
            self.store.spans.add(note.id, self.author, grounded.spans, detail=detail | {"set_aside": set_aside})
            self.report.annotated += 1
            self.report.mentions += len(grounded.spans)
            self.report.set_aside.update(set_aside)
            return
        self.report.unparsable.append(note.id)

    async def _answer(self, note: Note, example: Annotated | None, sample: int) -> StoredAnswer:
        """The stored answer to this sample's request, or a new one, stored as it arrives."""
        messages = self.prompt.render(note.text, example, again=sample > 0)
        seed = self.config.generation.seed + sample
        parameters = {**self.endpoint.parameters, "seed": seed}
        key, request = request_of(messages, parameters, sample)
        known = self.store.answers.get(key)
        if known is not None:
            self.report.cached += 1
            return known
        answer = await self._ask(messages, seed)
        stored = StoredAnswer(
            key=key,
            note_id=note.id,
            example_id=example.id if example else None,
            text=answer.text,
            finish_reason=answer.finish_reason,
            model=answer.model,
            usage=answer.usage,
            request={**request, "offline": self.config.endpoint.is_embedded},
        )
        self.store.answers.keep(stored)
        self.report.requests += 1
        self.report.retries += answer.attempts - 1
        self.report.usage.update(answer.usage)
        return stored

    async def _ask(self, messages: Sequence[ChatMessage], seed: int) -> Answer:
        """A new answer, by the schema where the server has it; one that refuses it is not offered it again."""
        if self.report.has_schema:
            try:
                return await self.endpoint.complete(messages, seed, RESPONSE_FORMAT)
            except RefusedRequestError:
                answer = await self.endpoint.complete(messages, seed)
                self.report.has_schema = False  # what it refused was the schema, since it takes the rest
                return answer
        return await self.endpoint.complete(messages, seed)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
