"""What is spent never exceeds the budget, whatever answers cost, fail, or are cut short by a kill."""

import asyncio
import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from corpus.config.settings import Config, EndpointConfig
from corpus.store import Store
from corpus.store.batches import Batch, record_spent
from corpus.store.grouping import GroupCommits
from generation.llm.budget import Budget, BudgetReachedError, Prices, most_prompt_tokens
from generation.llm.chat import ChatMessage
from generation.llm.endpoint import Endpoint
from generation.writing.prompt import NotePrompt
from generation.writing.run import WritingReport, write_notes
from tests.generation.faulty_server import Behaviour, Faulty, running
from tests.generation.notes import brief, note_text

PRICES = Prices(input_per_million=1.0, output_per_million=2.0)
MESSAGES = [ChatMessage("user", "Olá")]  # 4 bytes
MOST = PRICES.most(MESSAGES, 100)


class Paper:
    """Where a budget is written down."""

    def __init__(self) -> None:
        self.amounts: list[float] = []

    async def save(self, amount: float) -> None:
        self.amounts.append(amount)


@pytest.fixture
def server() -> Iterator[Faulty]:
    with running(Faulty(write=note_text)) as faulty:
        yield faulty


def test_a_prompt_is_reckoned_at_a_token_a_byte_and_what_a_template_adds() -> None:
    assert most_prompt_tokens(MESSAGES) == 4 + 64 + 16
    assert pytest.approx((84 * 1.0 + 100 * 2.0) / 1e6) == MOST


def ask(server: Faulty, budget: Budget, *faults: Behaviour) -> None:
    server.script = list(faults)
    server.write = lambda prompt, seed: "nota"
    config = EndpointConfig(model="m", max_tokens=100, backoff_seconds=0.001, max_attempts=2)

    async def go() -> None:
        async with Endpoint(config, server.url, None, budget=budget) as endpoint:
            await endpoint.complete(MESSAGES, 1)

    asyncio.run(go())


def test_what_is_set_aside_is_written_down_before_it_is_sent_and_settled_by_the_usage(server: Faulty) -> None:
    paper = Paper()
    budget = Budget(PRICES, limit=1.0, spent=0.5, save=paper.save)
    ask(server, budget)
    assert paper.amounts == [pytest.approx(0.5 + MOST)]
    assert budget.spent == pytest.approx(0.5 + (10 * 1.0 + 5 * 2.0) / 1e6)


@pytest.mark.parametrize("fault", ["reset", "nonsense", (500, {})])
def test_a_try_that_may_have_been_paid_for_counts_at_the_most_that_it_may_have_cost(
    server: Faulty, fault: Behaviour
) -> None:
    budget = Budget(PRICES, limit=1.0, spent=0.0, save=Paper().save)
    ask(server, budget, fault)
    assert budget.spent == pytest.approx(MOST + (10 * 1.0 + 5 * 2.0) / 1e6)


def test_a_try_that_was_refused_costs_nothing(server: Faulty) -> None:
    budget = Budget(PRICES, limit=1.0, spent=0.0, save=Paper().save)
    ask(server, budget, (429, {}))
    assert budget.spent == pytest.approx((10 * 1.0 + 5 * 2.0) / 1e6)


def test_an_answer_whose_usage_is_not_told_counts_at_the_most_that_it_may_have_cost(server: Faulty) -> None:
    budget = Budget(PRICES, limit=1.0, spent=0.0, save=Paper().save)
    server.usage = {}
    ask(server, budget)
    assert budget.spent == pytest.approx(MOST)


def test_a_request_that_does_not_fit_is_not_sent(server: Faulty) -> None:
    budget = Budget(PRICES, limit=1.0, spent=1.0 - MOST / 2, save=Paper().save)
    with pytest.raises(BudgetReachedError, match="budget of 1 is reached"):
        ask(server, budget)
    assert server.prompts == []


def test_a_request_waits_for_others_to_settle_and_is_then_sent_if_it_fits() -> None:
    async def go() -> None:
        budget = Budget(PRICES, limit=2.5 * MOST, spent=0.0, save=Paper().save)
        await budget.set_aside(MOST)
        await budget.set_aside(MOST)
        third = asyncio.create_task(budget.set_aside(MOST))
        await asyncio.sleep(0)
        assert not third.done()
        budget.settle(MOST, MOST / 10)
        await third
        with pytest.raises(BudgetReachedError):
            await asyncio.gather(budget.set_aside(MOST), asyncio.to_thread(lambda: None), settle_all(budget, 2))

    async def settle_all(budget: Budget, count: int) -> None:
        for _ in range(count):
            await asyncio.sleep(0)
            budget.settle(MOST, MOST)

    asyncio.run(go())


CONFIG = Config.model_validate(
    {"endpoint": {"model": "m", "concurrency": 6, "max_tokens": 400, "backoff_seconds": 0.001, "max_attempts": 3}}
)


def write(store: Store, batch: Batch, server: Faulty, limit: float) -> tuple[WritingReport, float]:
    """The run's report and what the store says was spent, with the budget kept there."""

    async def go() -> WritingReport:
        with GroupCommits(store.engine) as commits:

            async def save(amount: float) -> None:
                await asyncio.wrap_future(commits.submit(partial(record_spent, batch=batch, amount=amount)))

            budget = Budget(PRICES, limit, store.batches.spent(batch) or 0.0, save)
            async with Endpoint(CONFIG.endpoint, server.url, None, budget=budget) as endpoint:
                return await write_notes(store, batch, endpoint, NotePrompt(), [], CONFIG, commits)

    return asyncio.run(go()), store.batches.spent(batch) or 0.0


def test_a_run_with_many_requests_at_once_and_dear_faults_never_overruns_and_goes_on_with_more(
    tmp_path: Path, server: Faulty
) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'ernotes.db'}")
    batch = store.batches.plan([brief(number).to_json() for number in range(24)])
    server.usage = {"prompt_tokens": 900, "completion_tokens": 400}
    server.script = random.Random(3).choices(["ok", "ok", "ok", "reset", (429, {})], k=30)
    report, spent = write(store, batch, server, limit=0.025)
    answered = len(server.bodies)
    assert report.stopped.startswith("the budget of 0.025 is reached")
    assert 0.015 < spent <= 0.025
    usage = store.batches.usage(batch)
    assert PRICES.cost(usage["prompt_tokens"], usage["completion_tokens"]) <= spent
    assert store.batches.outcomes(batch) == {"accepted": report.accepted, "planned": 24 - report.accepted}
    again, same = write(store, batch, server, limit=0.025)
    assert (again.requests, same, len(server.bodies)) == (0, spent, answered)
    more, spent = write(store, batch, server, limit=1.0)
    assert (more.stopped, store.batches.outcomes(batch)) == ("", {"accepted": 24})
    store.close()
