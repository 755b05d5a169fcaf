"""The run that turns a batch's briefs into notes: ask, judge the answer, store the note, have it mended, or ask anew.

An answer is durable before anything is done with it, and a brief's note, silver spans and outcome are one transaction.
So a run that was killed goes on from the store: briefs with an outcome are done, and an answer that is there
already is judged again rather than asked for again.
"""

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from corpus.config.settings import Config, GenerationConfig
from corpus.errors import EndpointError
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity
from corpus.store import Store
from corpus.store.batches import Batch, BriefState, Completion, PlannedBrief, accept_brief, reject_brief
from corpus.store.grouping import GroupCommits
from generation.briefs.brief import Brief
from generation.gates import CHECKS
from generation.llm.budget import BudgetReachedError
from generation.llm.chat import ChatMessage
from generation.llm.faults import UnusableEndpointError
from generation.llm.firewall import check_exemplars
from generation.writing.asking import AnswerSource, Asker, NoteRequest
from generation.writing.exemplars import choose_exemplars
from generation.writing.judging import Assessment, Draft, Judging, judging
from generation.writing.pairs import FIRST_MISSING
from generation.writing.prompt import NotePrompt

SOURCE = "generated"
BRIEF_AUTHOR = Author(AuthorKind.BRIEF, "brief")
BRIEF_CHECK = "lacks or contradicts its brief"
WORKERS_PER_PLACE = 4
"""Briefs in hand for each request that may be under way, so that some are asked while others' answers are judged."""


@dataclass(slots=True)
class WritingReport:
    """What a run came to. `refused` counts answers by reason, `rejected` the briefs given up, by their last reason.

    `repaired` are notes accepted at the second turn. `requests` are answers asked for and got, `cached` those that the
    store had; `retries` are tries beyond the first. `unanswered` briefs stay planned: the endpoint failed them, and the
    next run asks again. `stopped` says why the run ended before its time, if it did.
    """

    accepted: int = 0
    repaired: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0
    requests: int = 0
    cached: int = 0
    retries: int = 0
    usage: Counter[str] = field(default_factory=Counter)
    stopped: str = ""


async def write_notes(
    store: Store,
    batch: Batch,
    endpoint: AnswerSource,
    prompt: NotePrompt,
    exemplars: Sequence[Note],
    config: Config,
    commits: GroupCommits,
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
            allow_patient_text=config.endpoint.allow_patient_text,
            allow_test_exemplars=config.generation.allow_test_exemplars,
        )
    asker = Asker(store, batch, endpoint, commits)
    count = store.batches.waiting(batch)
    waiting = _in_turn(store.batches.briefs(batch, BriefState.PLANNED))
    with judging(store, exemplars, count) as judge:
        run = _WritingRun(store, batch, asker, prompt, exemplars, judge, config, progress)
        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(min(WORKERS_PER_PLACE * config.endpoint.concurrency, count)):
                    workers.create_task(run.work(waiting))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None
    report = run.report
    report.requests, report.cached, report.retries, report.usage = asker.asked, asker.cached, asker.retries, asker.usage
    return report


@dataclass(frozen=True, slots=True)
class _BriefInHand:
    """A brief as it is stored and as it was read, once."""

    planned: PlannedBrief
    brief: Brief


@dataclass(frozen=True, slots=True)
class _Task:
    """What is asked first for a brief, with which exemplars; for a twin, its pair's first note and allergen."""

    planned: PlannedBrief
    brief: Brief
    shown: Sequence[Note]
    messages: Sequence[ChatMessage]
    first: Note | None = None
    allergen: str = ""

    def seed(self, seed: int, sample: int, turn: int) -> int:
        """The seed of a request; a twin is written like the first note of its pair."""
        if self.first is not None and not sample and not turn:
            return int(self.first.provenance["parameters"]["seed"])
        return _number(seed, self.planned.batch_id, self.planned.number, sample, *([turn] if turn else []))


@dataclass(slots=True)
class _WritingRun:
    """One run: what its workers share."""

    store: Store
    batch: Batch
    asker: Asker
    prompt: NotePrompt
    exemplars: Sequence[Note]
    judge: Judging
    config: Config
    progress: Callable[[], None]
    report: WritingReport = field(default_factory=WritingReport)

    async def work(self, waiting: Iterator[Sequence[_BriefInHand]]) -> None:
        """Take one brief, or pair of briefs, after another until none waits or nothing more may be spent."""
        for together in waiting:
            left = len(together)
            try:
                for place, held in enumerate(together):
                    await self._write(held, together[place - 1] if place else None)
                    left -= 1
                    self.progress()
            except UnusableEndpointError:
                raise
            except BudgetReachedError as error:
                self.report.stopped = str(error)
                return
            except EndpointError:
                self.report.unanswered += left
                for _ in range(left):
                    self.progress()

    async def _write(self, held: _BriefInHand, before: _BriefInHand | None) -> None:
        """Give the brief its outcome; raises EndpointError where an answer could not be had.

        `before` is the first brief of its pair, where this run wrote it.
        """
        task, reason = self._task(held, before), FIRST_MISSING
        if task is not None:
            for sample in range(self.config.generation.max_samples_per_brief):
                reason = await self._sample(task, sample)
                if not reason:
                    return
        await self.asker.write(partial(reject_brief, brief=held.planned, reason=reason))
        self.report.rejected[reason] += 1

    def _task(self, held: _BriefInHand, before: _BriefInHand | None) -> _Task | None:
        """What to ask for the brief; None for the twin of a brief that was given up."""
        planned, brief = held.planned, held.brief
        if not brief.is_twin:
            shown = self._shown(brief, planned.number)
            return _Task(planned, brief, shown, self.prompt.render(brief, shown))
        outcome = self.store.batches.brief(self.batch, planned.number - 1)
        if outcome.note_id is None:
            return None
        first = self.store.notes.get(outcome.note_id)
        asked = before.brief if before else Brief.from_json(outcome.document)
        shown = self._shown(asked, outcome.number)
        written = self.store.batches.completion(first.provenance["completion"])
        messages = [
            *self.prompt.render(asked, shown),
            ChatMessage("assistant", written.text if written else first.text),
            self.prompt.deny(brief, asked.allergen),
        ]
        return _Task(planned, brief, shown, messages, first, asked.allergen)

    def _shown(self, brief: Brief, number: int) -> Sequence[Note]:
        return exemplars_for(brief, self.exemplars, self.config.generation, self.batch.id, number)

    async def _sample(self, task: _Task, sample: int) -> str:
        """Why no answer of this sample is a note, '' where one is: the first, or the one that puts it right."""
        messages, assessment = list(task.messages), Assessment("")
        for turn in range(2):
            seed = task.seed(self.config.generation.seed, sample, turn)
            completion = await self.asker.ask(NoteRequest(task.planned, messages, seed, sample, task.shown))
            text = _as_note_text(completion.text)
            bare = Note(SOURCE, f"{task.planned.batch_id}-{task.planned.number:04d}", text, Role.POOL)
            assessment = await self.judge(
                Draft(bare.id, task.brief, text, completion.finish_reason, task.first, task.allergen)
            )
            if not assessment.reason:
                note = self._note(bare, task, completion, assessment, repaired=turn > 0)
                accept = partial(
                    accept_brief, brief=task.planned, note=note, author=BRIEF_AUTHOR, spans=assessment.spans
                )
                await self.asker.write(accept)
                self.report.accepted += 1
                self.report.repaired += turn
                return ""
            self.report.refused[assessment.reason] += 1
            if not assessment.faults:
                break
            messages += [
                ChatMessage("assistant", completion.text),
                self.prompt.repair(task.brief, assessment.faults),
            ]
        return assessment.reason

    def _note(self, bare: Note, task: _Task, completion: Completion, assessment: Assessment, *, repaired: bool) -> Note:
        """The note with where it comes from."""
        shown, first = task.shown, task.first
        fictional = all(note.sensitivity is Sensitivity.FICTIONAL for note in shown)
        origin = shown[0] if shown else first
        return replace(
            bare,
            sensitivity=Sensitivity.FICTIONAL if fictional else Sensitivity.PATIENT,
            lineage=(origin.lineage or origin.id) if origin else "",
            provenance={
                "specialty": task.brief.specialty,
                "brief": task.brief.to_json(),
                "llm": completion.model,
                "offline": self.config.endpoint.is_embedded,
                "completion": completion.key,
                **completion.request,
                "repaired": repaired,
                **({"pair_of": first.id} if first else {}),
                "checks": [*CHECKS, BRIEF_CHECK],
                "figures": dict(assessment.figures),
            },
        )


def exemplars_for(
    brief: Brief, exemplars: Sequence[Note], generation: GenerationConfig, batch_id: int, number: int
) -> Sequence[Note]:
    """The exemplars that the prompt for a batch's brief shows; always the same for the same place in the batch."""
    seed = f"{generation.seed} {batch_id} {number}"
    return choose_exemplars(exemplars, brief.specialty, generation.exemplars_per_prompt, seed)


def _in_turn(briefs: Iterable[PlannedBrief]) -> Iterator[Sequence[_BriefInHand]]:
    """The briefs, each alone or with its twin, which can be asked for only when the first of the two is a note."""
    together: list[_BriefInHand] = []
    for planned in briefs:
        brief = Brief.from_json(planned.document)
        if together and not (brief.is_twin and planned.number == together[0].planned.number + 1):
            yield together
            together = []
        together = [*together, _BriefInHand(planned, brief)]
    if together:
        yield together


def _as_note_text(answer: str) -> str:
    """The answer as the text of a note: nothing around it, and CRLF line ends, as hospital systems write them."""
    return re.sub(r"\r\n|\r|\n", "\r\n", answer.strip())


def _number(*parts: int) -> int:
    """A seed that every server takes (31 bits), which follows from the parts."""
    digest = hashlib.sha256(" ".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4]) >> 1
