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
class Draft:
    """An answer, as the note that it would be; of a twin, the first note of its pair and the allergen that it names."""

    note_id: str
    brief: Brief
    text: str
    finish_reason: str
    first: Note | None = None
    allergen: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """Why a draft is refused ('' where it is not), and what it is if it is a note: its spans, and figures.

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

    def judge(self, draft: Draft) -> Assessment:
        """The assessment; a draft that passes is known from now on."""
        first = draft.first
        inspection = self._gates.judge(draft.text, draft.finish_reason, twin_of=first.id if first else "")
        if inspection.reason:
            return Assessment(inspection.reason)
        if first is not None and (strayed := check_pair(first.text, draft.text, draft.allergen)):
            return Assessment(strayed)
        alignment = align_brief(draft.brief, draft.text)
        if not alignment.reason:
            self._gates.admit(draft.note_id, inspection)
        return Assessment(alignment.reason, alignment.details, alignment.spans, inspection.figures)


Judging = Callable[[Draft], Awaitable[Assessment]]


@contextmanager
def judging(store: Store, exemplars: Sequence[Note], briefs: int) -> Iterator[Judging]:
    """What judges the drafts of so many briefs, for as long as the block runs."""
    if briefs < LARGE_BATCH:
        judge = Judge(store, exemplars)

        async def here(draft: Draft) -> Assessment:
            return judge.judge(draft)

        yield here
        return
    url = store.engine.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(1, get_context("spawn"), _begin, (url, exemplars)) as pool:
        pool.submit(os.getpid)  # starts the process now, while the first requests are under way

        async def elsewhere(draft: Draft) -> Assessment:
            try:
                return await asyncio.get_running_loop().run_in_executor(pool, _judge, draft)
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


def _judge(draft: Draft) -> Assessment:
    return _judges[0].judge(draft)
