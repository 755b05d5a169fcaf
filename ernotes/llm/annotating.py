"""The LLM as annotator of the workspace: its pre-annotations for the pool, and its score beside a recogniser's."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus.config.knobs import overridden
from corpus.documents import by_field
from corpus.errors import EndpointError
from corpus.note import Author, Note, Role
from corpus.recognition import Annotated
from corpus.scoring.scores import DiagnosisRule, PairedNotes, Scored, ScoredNote
from corpus.workspace import Workspace
from ernotes.console import bar
from ernotes.llm.endpoint import PROMPTS, endpoint_url
from ernotes.models.measuring import Compared, MeasuredLlm, measure, measure_against
from generation.annotating.annotator import AnnotationPrompt, AnnotationReport, annotate_notes, llm_author
from generation.llm.budget import Prices
from generation.llm.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class PreannotatedByLlm:
    """What an LLM found in pool notes; `unparsable` are the ids of notes without a readable answer.

    `set_aside` counts what it named that is not its note's, by reason; `usage` is in tokens; `cost`, in the currency
    of the prices, is None where nothing has a price; `json_schema` says whether the server took one.
    """

    model: str
    notes: int
    mentions: int
    set_aside: Mapping[str, int]
    unparsable: Sequence[str]
    unanswered: int
    requests: int
    cached: int
    retries: int
    usage: Mapping[str, int]
    cost: float | None
    json_schema: bool
    offline: bool


def preannotate_with_llm(workspace: Workspace) -> PreannotatedByLlm:
    """The LLM's spans for every pool note that has none of its yet; `push` then shows them."""
    author, report = _annotate(workspace, list(workspace.store.notes.by_role(Role.POOL)))
    workspace.store.models.set_preannotator(author)
    return PreannotatedByLlm(
        model=author.name,
        notes=report.annotated,
        mentions=report.mentions,
        set_aside=report.set_aside,
        unparsable=report.unparsable,
        unanswered=report.unanswered,
        requests=report.requests,
        cached=report.cached,
        retries=report.retries,
        usage=report.usage,
        cost=_cost(workspace, report),
        json_schema=report.has_schema,
        offline=_is_offline(workspace),
    )


def measure_llm(
    workspace: Workspace, notes: Sequence[Annotated], scored: Scored, diagnosis: DiagnosisRule
) -> tuple[MeasuredLlm, Compared]:
    """The LLM's own score on the notes, and what was `scored` compared with it.

    A note without a readable answer counts as found nothing. Raises EndpointError where the LLM left notes unanswered.
    """
    author, report = _annotate(workspace, workspace.store.notes.many([note.id for note in notes]))
    if report.unanswered:
        raise EndpointError(
            f"the LLM left {report.unanswered} of {len(notes)} notes unanswered; run this again: its answers are kept"
        )
    said = workspace.store.spans.of_author(author.kind, author.name)
    answered = [said[note.id] for note in notes if note.id in said]
    set_aside: Counter[str] = Counter()
    for spans in answered:
        set_aside.update(spans.detail["set_aside"])
    spans_by_note = {spans.note_id: spans.spans or () for spans in answered}
    found = (ScoredNote(note.id, note.spans, spans_by_note.get(note.id, ())) for note in notes)
    pairs = PairedNotes(found, diagnosis=diagnosis)
    measured = MeasuredLlm(
        **by_field(measure(pairs, diagnosis)),
        model=author.name,
        set_aside=set_aside,
        unparsable=report.unparsable,
        offline=_is_offline(workspace),
    )
    return measured, measure_against(scored, pairs, diagnosis, author.name)


def _annotate(workspace: Workspace, notes: Sequence[Note]) -> tuple[Author, AnnotationReport]:
    """Have the LLM annotate those of the notes that it has not annotated yet."""
    with endpoint_url(workspace) as url:
        return asyncio.run(_annotate_through(workspace, notes, url))


async def _annotate_through(workspace: Workspace, notes: Iterable[Note], url: str) -> tuple[Author, AnnotationReport]:
    store, config = workspace.store, workspace.config
    prompt = AnnotationPrompt(workspace.own(PROMPTS))
    asked = overridden(config.endpoint, "endpoint", temperature=config.annotator.temperature)
    async with Endpoint(asked, url, os.environ.get(asked.api_key_env)) as endpoint:
        author = llm_author(endpoint, prompt)
        known = store.spans.of_author(author.kind, author.name)
        waiting = [note for note in notes if note.id not in known]
        if waiting:
            await endpoint.check()
        with bar(len(waiting), "annotate") as advance:
            return author, await annotate_notes(store, waiting, endpoint, prompt, config, lambda: advance(1))


def _cost(workspace: Workspace, report: AnnotationReport) -> float | None:
    """What the usage cost, in the currency of the prices; None where nothing has a price."""
    prices = Prices.of(workspace.config.endpoint)
    return prices.cost(report.usage["prompt_tokens"], report.usage["completion_tokens"]) if prices else None


def _is_offline(workspace: Workspace) -> bool:
    return workspace.config.endpoint.is_embedded
