"""`generate` inside the program: what it plans, asks, tells and refuses, against a server that behaves as told."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from corpus.config.file import render_config
from corpus.config.settings import Config
from corpus.documents import to_json
from corpus.errors import ConfigError, PrivacyError
from corpus.note import Role, Sensitivity
from corpus.workspace import Workspace, make_workspace, open_workspace
from ernotes.cli.told.writing import tell_rehearsed, tell_written
from ernotes.llm.rehearsal import rehearse
from ernotes.llm.writing import Order, generate, generate_round
from tests.generation.faulty_server import Faulty, running
from tests.generation.notes import exemplar, note_text

PRICES = {"input_price_per_million": 1.0, "output_price_per_million": 2.0}

Open = Callable[..., AbstractContextManager[Workspace]]


@pytest.fixture
def server() -> Iterator[Faulty]:
    with running(Faulty(write=note_text)) as faulty:
        faulty.usage = {"prompt_tokens": 1000, "completion_tokens": 500}
        yield faulty


@pytest.fixture
def workspace(tmp_path: Path, server: Faulty) -> Open:
    """What opens a workspace for the server, with such endpoint knobs."""

    def opened(generation: dict[str, object] | None = None, **knobs: object) -> AbstractContextManager[Workspace]:
        endpoint = {"base_url": server.url, "model": "m", "max_tokens": 600, "backoff_seconds": 0.001, **knobs}
        loop = {"notes_per_round": 6}
        config = Config.model_validate({"endpoint": endpoint, "generation": generation or {}, "loop": loop})
        folder = tmp_path / "workspace"
        make_workspace(folder, "")
        (folder / "ernotes.toml").write_text(render_config(config), "utf-8")
        return open_workspace(folder, write=True)

    return opened


def test_a_dry_run_shows_two_prompts_that_generate_then_sends_and_itself_sends_and_stores_nothing(
    workspace: Open, server: Faulty
) -> None:
    with workspace(**PRICES) as opened:
        opened.store.notes.add(exemplar(0))
        rehearsed = rehearse(opened, Order(6))
        assert (opened.store.batches.count(), server.bodies) == (0, [])
        prompts: Any = to_json(rehearsed)["prompts"]
        assert len(prompts) == 2
        assert prompts[0][1]["content"] in tell_rehearsed(rehearsed, opened.folder)
        generate(opened, Order(6))
        assert [messages in [body["messages"] for body in server.bodies] for messages in prompts] == [True, True]


def test_a_dry_run_estimates_tokens_by_characters_and_cost_by_prices(workspace: Open) -> None:
    with workspace(**PRICES) as opened:
        opened.store.notes.add(exemplar(0))
        document: Any = to_json(rehearse(opened, Order(2)))
        characters = sum(len(message["content"]) for messages in document["prompts"] for message in messages)
        assert document["prompt_tokens"] == round(characters / 3)
        assert document["completion_tokens"] == round(2 * len(exemplar(0).text) / 3)
        assert document["most_completion_tokens"] == 2 * 600
        assert document["cost"] == pytest.approx((document["prompt_tokens"] + 2 * document["completion_tokens"]) / 1e6)
    with workspace() as opened:
        rehearsed = rehearse(opened, Order(2, pairs=True))
        assert rehearsed.cost is None
        assert "cost: unknown" in tell_rehearsed(rehearsed, opened.folder)


def test_a_dry_run_says_whose_words_it_prints_and_refuses_what_generate_would(workspace: Open) -> None:
    patient = exemplar(0, sensitivity=Sensitivity.PATIENT)
    with workspace() as opened:
        opened.store.notes.add(patient)
        rehearsed = rehearse(opened, Order(4))
        assert rehearsed.patient_notes_shown == [patient.id]
        assert tell_rehearsed(rehearsed, opened.folder).startswith("these prompts show 1 notes marked 'patient'")
    with workspace(base_url="https://llm.example/v1") as opened, pytest.raises(PrivacyError, match=r"llm\.example"):
        rehearse(opened, Order(4))
    with workspace(base_url="https://llm.example/v1", allow_patient_text=["llm.example"]) as opened:
        rehearse(opened, Order(4))


def test_generate_ends_with_what_each_gate_refused_and_what_it_cost(workspace: Open, server: Faulty) -> None:
    server.script = ["cut", "empty", "cut"]
    with workspace(concurrency=1, **PRICES) as opened:
        result = generate(opened, Order(4))
    assert result.refused_answers == {"cut off": 2, "empty": 1}
    assert result.judged_answers == 7
    assert to_json(result.bill) == {
        "answers": 7,
        "prompt_tokens": 7000,
        "completion_tokens": 3500,
        "cost": pytest.approx(0.014),
        "per_accepted_note": {"prompt_tokens": 1750, "completion_tokens": 875, "cost": pytest.approx(0.0035)},
    }
    assert tell_written(result, opened.folder).splitlines()[-5:] == [
        "  tokens: 7000 of prompts, 3500 of answers (1750 and 875 an accepted note)",
        "  cost: 0.0140 (0.00350 an accepted note)",
        "  gates: 3 of 7 answers refused",
        "    cut off      2   29%",
        "    empty        1   14%",
    ]


def test_a_budget_ends_the_batch_cleanly_and_more_of_it_goes_on_with_the_same_batch(
    workspace: Open, server: Faulty
) -> None:
    with workspace(**PRICES) as opened:
        stopped = generate(opened, Order(12, budget=0.02))
        assert stopped.stopped.startswith("the budget of 0.02 is reached")
        assert 0 < stopped.accepted < 12
        assert stopped.bill.cost or 0 <= 0.02
        finished = generate(opened, Order(12, budget=1.0))
        assert (finished.batch, finished.accepted) == (stopped.batch, 12)
        assert finished.bill.cost == pytest.approx(12 * 0.002)
    assert max(server.seeds.values()) == 1


def test_a_budget_without_prices_is_refused_before_anything_is_planned(workspace: Open) -> None:
    with workspace() as opened:
        with pytest.raises(ConfigError, match="needs prices"):
            generate(opened, Order(2, budget=1.0))
        assert opened.store.batches.count() == 0


def test_test_notes_enter_a_prompt_only_where_the_named_option_says_so(workspace: Open, server: Faulty) -> None:
    sealed = exemplar(0, role=Role.TEST)
    with workspace() as opened:
        opened.store.notes.add(sealed)
        generate(opened, Order(2))
        assert not any("<exemplo>" in prompt for prompt in server.prompts)
    with workspace(generation={"allow_test_exemplars": True}) as opened:
        generate(opened, Order(1))
        assert "Nota de exemplo 0." in server.prompts[-1]
        assert opened.store.notes.get(sealed.id).role is Role.TEST


def test_a_round_that_is_asked_for_again_keeps_the_quota_that_it_was_planned_with(
    workspace: Open, server: Faulty
) -> None:
    with workspace() as opened:
        planned = to_json(generate_round(opened, 2))["quota"]
        assert planned == {"source": "even", "reason": "there is no model yet"}
        opened.store.models.add("crf-1", "crf", [], {})
        opened.store.models.promote("crf-1")
        asked = len(server.bodies)
        again = to_json(generate_round(opened, 2))
        assert (again["quota"], again["asked_for"], len(server.bodies)) == (planned, 6, asked)
        later = generate_round(opened, 3).quota
        assert later is not None
        assert later.reason.startswith("0 validation notes are too few")
