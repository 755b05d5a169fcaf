"""Having notes written: a batch of briefs is planned once, then every brief is brought to an outcome."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from corpus.documents import by_field, from_json, to_json
from corpus.errors import ConfigError
from corpus.store.batches import Batch, record_spent
from corpus.store.grouping import GroupCommits
from corpus.workspace import Workspace
from ernotes.console import bar, say
from ernotes.llm.endpoint import endpoint_url, exemplars_of, knowledge_of, prompt_of
from ernotes.llm.learning_quota import SharedOut, configured_quota, quota_like_errors, quota_of_round
from ernotes.llm.written import Written, WrittenInRound, what_was_written
from generation.briefs.brief import Brief
from generation.briefs.knowledge import ClinicalKnowledge
from generation.briefs.planning import plan_briefs
from generation.briefs.quota import Quota
from generation.llm.budget import Budget, Prices
from generation.llm.endpoint import Endpoint
from generation.offline.layouts import LAYOUTS
from generation.writing.run import WritingReport, write_notes


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written: how many notes, whether in counterfactual pairs, for how much (None: as configured).

    With `like_errors` the notes are shared out by what the recogniser gets wrong in cross-validation.
    """

    notes: int
    pairs: bool = False
    like_errors: bool = False
    budget: float | None = None


SayOutcome = Callable[[SharedOut | Written], None]
"""Says what came of something on the way to the end."""


def say_nothing(_outcome: SharedOut | Written) -> None:
    """Nobody is there to be told."""


def generate(workspace: Workspace, order: Order, say_outcome: SayOutcome = say_nothing) -> Written:
    """Have notes written. A batch that was cut short is finished first; one of the same size is this one."""
    batches = workspace.store.batches
    if order.budget and not Prices.of(workspace.config.endpoint):
        raise ConfigError("a budget needs prices: set endpoint.input_price_per_million and output_price_per_million")
    unfinished = batches.unfinished()
    if unfinished is not None:
        say(f"going on with the batch of {unfinished.size} notes that was cut short")
        written = _write(workspace, unfinished, order.budget)
        if unfinished.size == order.notes or batches.waiting(unfinished):
            return written
        say_outcome(written)
    batch = batches.plan([brief.to_json() for brief in plan_order(workspace, order, say_outcome)])
    return _write(workspace, batch, order.budget)


def generate_round(workspace: Workspace, number: int, say_outcome: SayOutcome = say_nothing) -> WrittenInRound:
    """Have the notes of a round of the loop written; a round has one batch, however often it is begun.

    From round 2 on they are shared out by what the current model got wrong in validation. The document says how, under
    `quota`: as it was when the batch was planned.
    """
    batches = workspace.store.batches
    batch = batches.of_round(number)
    if batch is None:
        knowledge = knowledge_of(workspace)
        learning = quota_of_round(workspace, knowledge, number)
        say_outcome(learning.shared_out)
        briefs = _briefs(workspace, Order(workspace.config.loop.notes_per_round), knowledge, learning.quota)
        batch = batches.plan([brief.to_json() for brief in briefs], number, to_json(learning.shared_out))
    written = _write(workspace, batch, None)
    planned = batches.quota(batch)
    return WrittenInRound(**by_field(written), quota=None if planned is None else from_json(SharedOut, planned))


def plan_order(workspace: Workspace, order: Order, say_outcome: SayOutcome = say_nothing) -> list[Brief]:
    """The briefs of the next batch: the same until a batch is planned."""
    knowledge = knowledge_of(workspace)
    quota = configured_quota(workspace)
    if order.like_errors:
        learning = quota_like_errors(workspace, knowledge)
        say_outcome(learning.shared_out)
        quota = learning.quota
    return _briefs(workspace, order, knowledge, quota)


def _briefs(workspace: Workspace, order: Order, knowledge: ClinicalKnowledge, quota: Quota) -> list[Brief]:
    seed = workspace.config.generation.seed + workspace.store.batches.count()
    return plan_briefs(order.notes, seed, knowledge, LAYOUTS, quota, pairs=order.pairs)


def _write(workspace: Workspace, batch: Batch, budget: float | None) -> Written:
    batches = workspace.store.batches
    limit = workspace.config.generation.budget if budget is None else budget
    report = WritingReport()
    if waiting := batches.waiting(batch):
        with endpoint_url(workspace) as url, bar(waiting, "generate") as advance:
            report = asyncio.run(_write_through(workspace, batch, url, limit, lambda: advance(1)))
    written = what_was_written(workspace, batch, report)
    if not batches.waiting(batch):
        batches.end(batch)
    return written


async def _write_through(
    workspace: Workspace, batch: Batch, url: str, limit: float, progress: Callable[[], None]
) -> WritingReport:
    store, config = workspace.store, workspace.config
    key = os.environ.get(config.endpoint.api_key_env)
    with GroupCommits(store.engine) as commits:
        budget = _budget(workspace, batch, limit, commits)
        async with Endpoint(config.endpoint, url, key, budget=budget) as endpoint:
            await endpoint.check()
            prompt, exemplars = prompt_of(workspace), exemplars_of(workspace)
            return await write_notes(store, batch, endpoint, prompt, exemplars, config, commits, progress)


def _budget(workspace: Workspace, batch: Batch, limit: float, commits: GroupCommits) -> Budget | None:
    """The batch's budget, with what it has cost so far; None where nothing has a price."""
    prices = Prices.of(workspace.config.endpoint)
    if not prices:
        return None
    spent = workspace.store.batches.spent(batch)
    if spent is None:  # answers of a time without prices
        usage = workspace.store.batches.usage(batch)
        spent = prices.cost(usage["prompt_tokens"], usage["completion_tokens"])

    async def save(amount: float) -> None:
        await asyncio.wrap_future(commits.submit(partial(record_spent, batch=batch, amount=amount)))

    return Budget(prices, limit, spent, save)
