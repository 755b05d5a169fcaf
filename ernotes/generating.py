"""Having notes written: a batch of briefs is planned once, then every brief is brought to an outcome."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from corpus.note import Role
from corpus.store.batches import Batch, BriefState
from corpus.workspace import Workspace
from ernotes.console import bar, say
from ernotes.result import Result
from generation.endpoint import Endpoint
from generation.offline.layouts import LAYOUTS
from generation.offline.server import running_offline_endpoint
from generation.prompt import NotePrompt
from generation.sampling import load_knowledge, plan_briefs
from generation.writing import WritingReport, write_notes

OFFLINE_NOTICE = "written offline by rule: not an LLM's work"


def generate(workspace: Workspace, count: int) -> Result:
    """Have `count` notes written. A batch that was cut short is finished first; one of the same size is this one."""
    batches = workspace.store.batches
    unfinished = batches.unfinished()
    if unfinished is not None:
        say(f"going on with the batch of {unfinished.size} notes that was cut short")
        result = _write(workspace, unfinished)
        if unfinished.size == count:
            return result
        say(result.text)
    return _write(workspace, batches.plan(_documents(workspace, count)))


def generate_round(workspace: Workspace, number: int) -> Result:
    """Have the notes of a round of the loop written; a round has one batch, however often it is begun."""
    batches = workspace.store.batches
    batch = batches.of_round(number)
    if batch is None:
        batch = batches.plan(_documents(workspace, workspace.config.loop.notes_per_round), number)
    return _write(workspace, batch)


def _documents(workspace: Workspace, count: int) -> list[dict[str, Any]]:
    seed = workspace.config.generation.seed + workspace.store.batches.count()
    return [brief.to_json() for brief in plan_briefs(count, seed, load_knowledge(), LAYOUTS)]


def _write(workspace: Workspace, batch: Batch) -> Result:
    batches = workspace.store.batches
    report = WritingReport()
    if waiting := len(batches.briefs(batch, BriefState.PLANNED)):
        with endpoint_url(workspace) as url, bar(waiting, "generate") as advance:
            report = asyncio.run(_write_through(workspace, batch, url, lambda: advance(1)))
    result = _result(workspace, batch, report)
    if not report.unanswered:
        batches.end(batch)
    return result


async def _write_through(workspace: Workspace, batch: Batch, url: str, progress: Any) -> WritingReport:
    config = workspace.config
    overrides = workspace.folder / "prompts"
    async with Endpoint(config.endpoint, url, os.environ.get(config.endpoint.api_key_env)) as endpoint:
        await endpoint.check()
        return await write_notes(
            workspace.store,
            batch,
            endpoint,
            NotePrompt(overrides if overrides.is_dir() else None),
            list(workspace.store.notes.by_role(Role.EXEMPLAR)),
            config,
            progress,
        )


@contextmanager
def endpoint_url(workspace: Workspace) -> Iterator[str]:
    """The URL of the configured endpoint; the embedded one is started here and ends with the block."""
    if workspace.config.endpoint.kind == "embedded":
        with running_offline_endpoint() as url:
            yield url
    else:
        yield workspace.config.endpoint.base_url


def _result(workspace: Workspace, batch: Batch, report: WritingReport) -> Result:
    offline = workspace.config.endpoint.kind == "embedded"
    outcomes = workspace.store.batches.outcomes(batch)
    document = {
        "batch": batch.id,
        "asked_for": batch.size,
        "accepted": outcomes.get(BriefState.ACCEPTED, 0),
        "outcomes": outcomes,
        "refused_answers": dict(report.refused),
        "unanswered": report.unanswered,
        "requests": report.requests,
        "cached": report.cached,
        "retries": report.retries,
        "usage": dict(report.usage),
        "offline": offline,
    }
    lines = [f"{document['accepted']} of {batch.size} notes accepted" + (f" ({OFFLINE_NOTICE})" if offline else "")]
    lines += [f"  answers refused: {count} × {reason}" for reason, count in report.refused.items()]
    lines += [f"  briefs given up: {count} × {reason}" for reason, count in report.rejected.items()]
    if report.unanswered:
        lines.append(f"  {report.unanswered} briefs have no answer yet: run the command again")
    lines.append(f"  {report.requests} requests, {report.retries} retries, {report.cached} answers from the store")
    return Result(document, "\n".join(lines))
