"""Whether an answer is a note: the gates, then the alignment with its brief.

To judge takes more of a processor than to ask: a large batch is judged in a process of its own, so that requests do
not wait for it.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context

from corpus.errors import ErNotesError
from corpus.machine.processes import begin_child
from corpus.note import Note, Span
from corpus.store import Store
from generation.briefs.brief import Brief
from generation.gates import Gates
from generation.reading.alignment import align_brief
from generation.writing.pairs import check_pair

LARGE_BATCH = 200
"""Briefs from which on the second or two that another process takes to start are worth while."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer, as the note that it would be; of a twin, the first note of its pair and the allergen that it names."""

    note_id: str
    brief: Brief
    text: str
    finish_reason: str
    first: Note | None = None
    allergen: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Why a candidate is refused ('' where it is not), and what it is if it is a note: its spans, and figures.

    `faults` says what the LLM may put right; like a prompt it is for the LLM alone.
    """

    reason: str
    faults: Sequence[str] = ()
    spans: Sequence[Span] = ()
    figures: Mapping[str, float] = field(default_factory=dict)


class Judge:
    """Knows the exemplars, every note of the store, and those that it let pass, which later ones must not repeat."""

    def __init__(self, store: Store, exemplars: Sequence[Note]) -> None:
        self._gates = Gates.of(exemplars, ((note.id, note.text) for note in store.notes.by_role()))

    def judge(self, candidate: Candidate) -> Judgement:
        """The judgement; a candidate that passes is known from now on."""
        first = candidate.first
        verdict = self._gates.judge(candidate.text, candidate.finish_reason, twin_of=first.id if first else "")
        if verdict.reason:
            return Judgement(verdict.reason)
        if first is not None and (strayed := check_pair(first.text, candidate.text, candidate.allergen)):
            return Judgement(strayed)
        alignment = align_brief(candidate.brief, candidate.text)
        if not alignment.reason:
            self._gates.admit(candidate.note_id, verdict)
        return Judgement(alignment.reason, alignment.details, alignment.spans, verdict.figures)


Judging = Callable[[Candidate], Awaitable[Judgement]]


@contextmanager
def judging(store: Store, exemplars: Sequence[Note], briefs: int) -> Iterator[Judging]:
    """What judges the candidates of so many briefs, for as long as the block runs."""
    if briefs < LARGE_BATCH:
        judge = Judge(store, exemplars)

        async def here(candidate: Candidate) -> Judgement:
            return judge.judge(candidate)

        yield here
        return
    url = store.engine.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(1, get_context("spawn"), _begin, (url, exemplars)) as pool:
        pool.submit(os.getpid)  # starts the process now, while the first requests are under way

        async def elsewhere(candidate: Candidate) -> Judgement:
            try:
                return await asyncio.get_running_loop().run_in_executor(pool, _judge, candidate)
            except BrokenProcessPool:
                raise ErNotesError("the process that judges the notes has ended; run this again") from None

        yield elsewhere


_judges: list[Judge] = []
"""The judge of this process, where it is the one that judges."""


def _begin(url: str, exemplars: Sequence[Note]) -> None:
    begin_child()
    store = Store.open(url)
    _judges.append(Judge(store, exemplars))
    store.close()


def _judge(candidate: Candidate) -> Judgement:
    return _judges[0].judge(candidate)
