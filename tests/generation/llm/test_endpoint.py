"""The client over real HTTP, against a server that fails on demand."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from corpus.config.settings import EndpointConfig
from corpus.errors import EndpointError
from generation.llm.chat import ChatMessage
from generation.llm.endpoint import Answer, Endpoint, is_near
from generation.llm.faults import RefusedRequestError, UnusableEndpointError, translate
from tests.generation.faulty_server import Behaviour, Faulty, free_port, running

PATIENT_WORDS = "Doente com dor torácica"
MESSAGES = [ChatMessage("system", "És um médico."), ChatMessage("user", PATIENT_WORDS)]
KEY = "sk-secret-123"
FAST = {"backoff_seconds": 0.001, "timeout_seconds": 5.0, "max_attempts": 3, "model": "m"}


@pytest.fixture
def server() -> Iterator[Faulty]:
    with running(Faulty(write=lambda prompt, seed: f"nota {seed}")) as faulty:
        yield faulty


def ask(url: str, waits: list[float] | None = None, api_key: str | None = KEY, **knobs: object) -> Answer:
    """One answer; `waits` gets the waits asked for instead of their being slept."""
    config = EndpointConfig.model_validate({**FAST, **knobs})

    async def record(seconds: float) -> None:
        (waits if waits is not None else []).append(seconds)

    async def go() -> Answer:
        async with Endpoint(config, url, api_key, sleep=record) as endpoint:
            return await endpoint.complete(MESSAGES, seed=7)

    return asyncio.run(go())


def test_an_answer_has_its_text_reason_model_usage_and_number_of_tries(server: Faulty) -> None:
    assert ask(server.url) == Answer("nota 7", "stop", "m", {"prompt_tokens": 10, "completion_tokens": 5}, 1)


def test_what_is_sent_is_the_messages_the_seed_and_the_parameters(server: Faulty) -> None:
    ask(server.url, temperature=0.5, top_p=0.9, max_tokens=99)
    assert server.bodies == [
        {
            "messages": [{"role": "system", "content": "És um médico."}, {"role": "user", "content": PATIENT_WORDS}],
            "model": "m",
            "seed": 7,
            "temperature": 0.5,
            "top_p": 0.9,
            "max_tokens": 99,
        }
    ]


def test_a_response_format_is_sent_only_where_it_is_asked_for(server: Faulty) -> None:
    async def go() -> None:
        async with Endpoint(EndpointConfig(model="m"), server.url, None) as endpoint:
            await endpoint.complete(MESSAGES, 1, {"type": "json_object"})
            await endpoint.complete(MESSAGES, 2)

    asyncio.run(go())
    assert [body.get("response_format") for body in server.bodies] == [{"type": "json_object"}, None]


@pytest.mark.parametrize("fault", ["reset", "nonsense", "no choices", (500, {}), (503, {}), (429, {}), (408, {})])
def test_a_passing_fault_is_tried_again_and_counted(server: Faulty, fault: Behaviour) -> None:
    server.script = [fault, fault]
    answer = ask(server.url)
    assert (answer.text, answer.attempts, server.seeds[7]) == ("nota 7", 3, 3)


@pytest.mark.parametrize("fault", ["reset", "nonsense", "no choices", (500, {}), (429, {})])
def test_a_lasting_fault_ends_after_the_allowed_tries_in_one_line_that_names_the_server(
    server: Faulty, fault: Behaviour
) -> None:
    server.always = fault
    with pytest.raises(EndpointError) as caught:
        ask(server.url)
    assert server.seeds[7] == 3
    assert not isinstance(caught.value, UnusableEndpointError)
    assert server.url in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("fault", ["silent", "slow bytes"])
def test_an_answer_that_does_not_come_whole_in_time_is_a_time_out(server: Faulty, fault: Behaviour) -> None:
    server.always = fault
    with pytest.raises(EndpointError, match=r"no whole answer in 0\.2 s"):
        ask(server.url, timeout_seconds=0.2, max_attempts=1)


def test_retry_after_in_seconds_is_waited_for(server: Faulty) -> None:
    server.script = [(429, {"Retry-After": "17"})]
    waits: list[float] = []
    assert ask(server.url, waits).attempts == 2
    assert waits == [17.0]


def test_retry_after_as_a_date_is_waited_for(server: Faulty) -> None:
    server.script = [(503, {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)})]
    waits: list[float] = []
    ask(server.url, waits)
    assert 20 < waits[0] <= 40


def test_a_retry_after_that_cannot_be_read_is_no_wait(server: Faulty) -> None:
    server.script = [(429, {"Retry-After": "soon"})]
    waits: list[float] = []
    ask(server.url, waits)
    assert waits[0] < 0.01


def test_the_wait_doubles_from_try_to_try_with_jitter(server: Faulty) -> None:
    server.script = [(500, {})] * 4
    waits: list[float] = []
    ask(server.url, waits, backoff_seconds=1.0, max_attempts=5)
    assert [low <= wait <= 2 * low for low, wait in zip([0.5, 1, 2, 4], waits, strict=True)] == [True] * 4


@pytest.mark.parametrize("headers", [{"Retry-After": "86400"}, {"code": "insufficient_quota"}])
def test_a_quota_that_is_used_up_makes_the_endpoint_unusable_at_once(server: Faulty, headers: dict[str, str]) -> None:
    server.always = (429, headers)
    with pytest.raises(UnusableEndpointError, match="quota"):
        ask(server.url)
    assert server.seeds[7] == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_not_tried_again_and_names_the_environment_variable(server: Faulty, status: int) -> None:
    server.always = (status, {})
    with pytest.raises(UnusableEndpointError, match="environment variable MY_KEY"):
        ask(server.url, api_key_env="MY_KEY")
    assert server.seeds[7] == 1


def test_a_model_that_is_not_served_is_named(server: Faulty) -> None:
    server.always = (404, {})
    with pytest.raises(UnusableEndpointError, match="no model 'grande-70b'"):
        ask(server.url, model="grande-70b")
    assert server.seeds[7] == 1


def test_another_refusal_stops_at_once_with_its_code(server: Faulty) -> None:
    server.always = (400, {"code": "context_length_exceeded"})
    with pytest.raises(RefusedRequestError, match="HTTP 400, context_length_exceeded"):
        ask(server.url)
    assert server.seeds[7] == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 413, 422, 429, 500])
def test_no_error_holds_the_key_or_the_prompt(server: Faulty, status: int) -> None:
    server.always = (status, {"code": PATIENT_WORDS.encode("latin-1", "ignore").decode("latin-1")})
    with pytest.raises(EndpointError) as caught:
        ask(server.url)
    assert KEY not in str(caught.value)
    assert "Doente" not in str(caught.value)


def test_credentials_in_the_url_are_not_shown() -> None:
    with pytest.raises(EndpointError) as caught:
        ask(f"http://ana:segredo@127.0.0.1:{free_port()}/v1?token=oculto")
    assert "segredo" not in str(caught.value)
    assert "oculto" not in str(caught.value)


def test_a_server_that_is_down_is_named_with_what_to_do() -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    waits: list[float] = []
    with pytest.raises(UnusableEndpointError, match=f"nothing answers at {url}; start the LLM server"):
        ask(url, waits)
    assert len(waits) == 2


def test_the_check_fails_fast_when_the_server_is_down() -> None:
    async def go() -> None:
        config = EndpointConfig(max_attempts=5, backoff_seconds=60)
        async with Endpoint(config, f"http://127.0.0.1:{free_port()}/v1", None) as endpoint:
            await endpoint.check()

    began = time.monotonic()
    with pytest.raises(UnusableEndpointError, match="nothing answers"):
        asyncio.run(go())
    assert time.monotonic() - began < 10


def test_the_check_passes_a_server_whose_model_list_fails(server: Faulty) -> None:
    async def go() -> None:
        async with Endpoint(EndpointConfig(), server.url, None) as endpoint:
            await endpoint.check()

    asyncio.run(go())


def test_no_more_requests_are_under_way_than_the_configuration_allows(server: Faulty) -> None:
    server.delay_seconds = 0.05

    async def go() -> list[Answer]:
        async with Endpoint(EndpointConfig(concurrency=3, model="m"), server.url, None) as endpoint:
            return await asyncio.gather(*(endpoint.complete(MESSAGES, seed) for seed in range(9)))

    answers = asyncio.run(go())
    assert [answer.text for answer in answers] == [f"nota {seed}" for seed in range(9)]
    assert server.busiest == 3


def test_too_many_requests_halve_what_is_under_way(server: Faulty) -> None:
    server.always, server.delay_seconds = (429, {}), 0.05
    knobs = {"max_attempts": 1, "max_error_share": 1.0, "concurrency": 8, "model": "m"}

    async def go() -> None:
        async with Endpoint(EndpointConfig.model_validate(knobs), server.url, None) as endpoint:
            asked = (endpoint.complete(MESSAGES, seed) for seed in range(8))
            assert all(isinstance(end, EndpointError) for end in await asyncio.gather(*asked, return_exceptions=True))
            server.always, server.busiest = (500, {}), 0
            await asyncio.gather(*(endpoint.complete(MESSAGES, seed) for seed in range(8)), return_exceptions=True)
            assert server.busiest <= 4

    asyncio.run(go())


def test_of_failures_429_and_time_outs_say_that_the_server_is_overrun() -> None:
    late = translate(TimeoutError(), EndpointConfig(), "http://llm.example/v1")
    assert (late.kind, late.overrun, late.may_pass, late.free) == ("time-out", True, True, False)
    broken = translate(ValueError("no chat completion"), EndpointConfig(), "http://llm.example/v1")
    assert (broken.overrun, broken.may_pass, broken.free) == (False, True, False)


def test_a_cancelled_request_leaves_its_slot_free(server: Faulty) -> None:
    async def go() -> str:
        async with Endpoint(EndpointConfig(concurrency=1, model="m"), server.url, None) as endpoint:
            server.delay_seconds = 0.3
            task = asyncio.create_task(endpoint.complete(MESSAGES, 1))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return (await endpoint.complete(MESSAGES, 2)).text

    assert asyncio.run(go()) == "nota 2"


def test_a_key_that_no_header_can_carry_is_refused_without_showing_it() -> None:
    with pytest.raises(EndpointError, match="OPENAI_API_KEY") as caught:
        Endpoint(EndpointConfig(), "http://127.0.0.1:1/v1", "chave\nerrada")
    assert "errada" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://127.9.9.9/v1", True),
        ("http://localhost:11434/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://gpu.local/v1", True),
        ("https://GPU.LOCAL./v1", True),
        ("https://api.openai.com/v1", False),
        ("http://localhost.example.org/v1", False),
        ("http://127.0.0.1.example.org/v1", False),
        ("http://127.0.0.1@example.org/v1", False),
        ("http://10.0.0.7:8000/v1", False),
        ("http://local/v1", False),
    ],
)
def test_only_this_machine_and_local_names_are_near(url: str, near: bool) -> None:
    assert is_near(url) is near


def test_what_goes_to_this_machine_goes_through_no_proxy(server: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert ask(server.url).text == "nota 7"
