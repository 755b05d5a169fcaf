"""The embedded endpoint over real HTTP, through the real openai client and, for what that client cannot send, httpx."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from generation.offline.protocol import MODEL_ID
from generation.offline.server import running_offline_endpoint
from generation.offline.tokens import count_tokens
from generation.reading.alignment import align_brief
from generation.writing.pairs import check_pair
from tests.generation.offline.briefs import ALLERGIC

PROMPT: list[ChatCompletionMessageParam] = [
    {"role": "system", "content": "És médico."},
    {"role": "user", "content": f"Escreve uma nota.\n\n{ALLERGIC.block()}"},
]
SECRET = "palavras de um doente"


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with running_offline_endpoint() as url:
        yield url


@pytest.fixture(scope="module")
def client(base_url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=base_url, api_key="none", max_retries=0, timeout=20)


def _note(client: openai.OpenAI, seed: int | None = 5, **parameters: Any) -> str:
    answer = client.chat.completions.create(model=MODEL_ID, messages=PROMPT, seed=seed, **parameters)
    return str(answer.choices[0].message.content)


def test_the_models_are_one_and_it_says_offline(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["ernotes-offline"]
    assert "offline" in client.models.retrieve(MODEL_ID).owned_by


def test_a_completion_holds_the_brief_and_its_usage(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL_ID, messages=PROMPT, seed=5)
    text = answer.choices[0].message.content or ""
    assert "pneumonia adquirida na comunidade" in text.casefold()
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == count_tokens(text)
    assert answer.usage.prompt_tokens == sum(count_tokens(str(turn["content"])) for turn in PROMPT if "content" in turn)
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_the_twin_of_a_note_is_the_same_note_with_its_allergy_denied(client: openai.OpenAI) -> None:
    first = _note(client)
    asked: list[ChatCompletionMessageParam] = [
        *PROMPT,
        {"role": "assistant", "content": first},
        {"role": "user", "content": f"Reescreve a nota.\n\n{ALLERGIC.twin().block()}"},
    ]
    answer = client.chat.completions.create(model=MODEL_ID, messages=asked, seed=5).choices[0].message.content or ""
    assert check_pair(first, answer, ALLERGIC.allergen) == ""
    assert not align_brief(ALLERGIC.twin(), answer).reason
    repair: list[ChatCompletionMessageParam] = [*asked[:3], {"role": "user", "content": "Corrige."}]
    repaired = client.chat.completions.create(model=MODEL_ID, messages=repair, seed=5).choices[0].message.content or ""
    assert not align_brief(ALLERGIC, repaired).reason


def test_a_note_that_ends_the_messages_is_annotated_by_rule(client: openai.OpenAI) -> None:
    note = "Especialidade: Cardiologia\nMEDICAÇÃO:\n- Ramipril 5 mg id\nSem alergias."
    asked: list[ChatCompletionMessageParam] = [{"role": "user", "content": f"Anota:\n<nota>\n{note}\n</nota>"}]
    answer = client.chat.completions.create(model=MODEL_ID, messages=asked).choices[0].message.content
    assert json.loads(answer or "") == {
        "entities": [
            {"label": "Medicação Habitual", "polarity": None, "text": "Ramipril 5 mg id"},
            {"label": "Alergias medicamentosas", "polarity": "Negativa", "text": "alergias"},
        ]
    }


def test_the_seed_decides_the_note(client: openai.OpenAI) -> None:
    assert _note(client, 5) == _note(client, 5)
    assert _note(client, 5) != _note(client, 6)


def test_without_a_seed_each_note_is_another(client: openai.OpenAI) -> None:
    assert _note(client, None) != _note(client, None)


def test_several_choices_are_several_notes_and_repeatable(client: openai.OpenAI) -> None:
    first, again = (
        client.chat.completions.create(model=MODEL_ID, messages=PROMPT, seed=5, n=3).choices for _ in range(2)
    )
    assert [choice.index for choice in first] == [0, 1, 2]
    assert len({choice.message.content for choice in first}) == 3
    assert [choice.message.content for choice in first] == [choice.message.content for choice in again]


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_a_limit_cuts_the_note_and_says_so(client: openai.OpenAI, limit: str) -> None:
    whole = _note(client)
    answer = client.chat.completions.create(model=MODEL_ID, messages=PROMPT, seed=5, extra_body={limit: 20})
    text = answer.choices[0].message.content or ""
    assert whole.startswith(text)
    assert count_tokens(text) == 20
    assert answer.choices[0].finish_reason == "length"


def test_a_stop_text_ends_the_note_before_it(client: openai.OpenAI) -> None:
    assert _note(client, stop="\n") == _note(client).split("\n")[0]


def test_the_text_may_come_in_parts(client: openai.OpenAI) -> None:
    parts: list[ChatCompletionMessageParam] = [
        {"role": "user", "content": [{"type": "text", "text": "Escreve."}, {"type": "text", "text": ALLERGIC.block()}]}
    ]
    assert client.chat.completions.create(model=MODEL_ID, messages=parts).choices[0].message.content


def test_a_turn_after_the_one_with_the_brief_changes_the_note_and_keeps_the_brief(client: openai.OpenAI) -> None:
    turns: list[ChatCompletionMessageParam] = [
        *PROMPT,
        {"role": "assistant", "content": "Especialidade: nenhuma"},
        {"role": "user", "content": "Falta o diagnóstico."},
    ]
    text = client.chat.completions.create(model=MODEL_ID, messages=turns, seed=5).choices[0].message.content or ""
    assert "pneumonia adquirida na comunidade" in text.casefold()
    assert text != _note(client)


def test_a_stream_joins_to_the_same_note_and_ends_with_its_reason(client: openai.OpenAI) -> None:
    chunks = list(client.chat.completions.create(model=MODEL_ID, messages=PROMPT, seed=5, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == _note(client)
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices[0].finish_reason] == ["stop"]
    assert len(chunks) > 10
    assert all(chunk.usage is None for chunk in chunks)


def test_a_stream_ends_with_usage_where_it_is_asked_for(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model=MODEL_ID, messages=PROMPT, seed=5, stream=True, stream_options={"include_usage": True}
    )
    *others, last = list(stream)
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.completion_tokens == count_tokens(_note(client))
    assert all(chunk.usage is None for chunk in others)


def test_a_stream_is_server_sent_events_that_end_with_done(base_url: str) -> None:
    body = {"model": MODEL_ID, "messages": PROMPT, "stream": True, "max_tokens": 12}
    answer = httpx.post(f"{base_url}/chat/completions", json=body)
    events = answer.text.split("\n\n")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert events[-2:] == ["data: [DONE]", ""]
    assert json.loads(events[-3].removeprefix("data: "))["choices"][0]["finish_reason"] == "length"


def test_the_client_raises_its_own_errors(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        client.chat.completions.create(model="llama", messages=PROMPT)
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("llama")
    with pytest.raises(openai.BadRequestError, match="No brief"):
        client.chat.completions.create(model=MODEL_ID, messages=[{"role": "user", "content": "Olá"}])


USER = [{"role": "user", "content": ALLERGIC.block()}]


@pytest.mark.parametrize(
    ("change", "status", "param", "code"),
    [
        ({"model": "llama"}, 404, "model", "model_not_found"),
        ({"model": None}, 400, "model", "invalid_value"),
        ({"messages": []}, 400, "messages", "invalid_value"),
        ({"messages": SECRET}, 400, "messages", "invalid_value"),
        ({"messages": [{"role": "robot", "content": SECRET}]}, 400, "messages", "invalid_value"),
        ({"messages": [{"role": "user", "content": SECRET}]}, 400, "messages", "missing_brief"),
        ({"messages": [{"role": "user", "content": f"Especialidade: {SECRET}"}]}, 400, "messages", "missing_brief"),
        (
            {"messages": [{"role": "user", "content": ALLERGIC.block().replace("Idade: 71", f"Idade: {SECRET}")}]},
            400,
            "messages",
            "missing_brief",
        ),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, 400, "messages", "invalid_value"),
        ({"temperature": 2.1}, 400, "temperature", "invalid_value"),
        ({"temperature": "hot"}, 400, "temperature", "invalid_value"),
        ({"top_p": -0.1}, 400, "top_p", "invalid_value"),
        ({"n": 0}, 400, "n", "invalid_value"),
        ({"n": 17}, 400, "n", "invalid_value"),
        ({"max_tokens": 0}, 400, "max_tokens", "invalid_value"),
        ({"seed": 2**63}, 400, "seed", "invalid_value"),
        ({"seed": "five"}, 400, "seed", "invalid_value"),
        ({"stream": "yes"}, 400, "stream", "invalid_value"),
        ({"stream_options": {"include_usage": True}}, 400, "stream_options", None),
        ({"response_format": {"type": "json_object"}}, 400, "response_format", None),
        ({"tools": []}, 400, "tools", "unknown_parameter"),
        ({"logprobs": True}, 400, "logprobs", "invalid_value"),
    ],
)
def test_bad_parameters_are_refused_by_name_and_never_echo_a_message(
    base_url: str, change: dict[str, Any], status: int, param: str, code: str | None
) -> None:
    body = {"model": MODEL_ID, "messages": USER, **change}
    answer = httpx.post(f"{base_url}/chat/completions", json=body)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", param, code)
    assert SECRET not in answer.text


@pytest.mark.parametrize("missing", ["model", "messages"])
def test_a_missing_parameter_is_named(base_url: str, missing: str) -> None:
    body = {name: value for name, value in {"model": MODEL_ID, "messages": USER}.items() if name != missing}
    answer = httpx.post(f"{base_url}/chat/completions", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "missing_required_parameter"
    assert answer.json()["error"]["param"] == missing


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[1]", b'"text"', b'{"model": "\\ud800"}', b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(base_url: str, body: bytes) -> None:
    answer = httpx.post(f"{base_url}/chat/completions", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nowhere", 404, "unknown_url"),
        ("POST", "/chat/completions", 404, "unknown_url"),
        ("GET", "/docs", 404, "unknown_url"),
        ("GET", "/v1/chat/completions", 405, "method_not_supported"),
        ("DELETE", "/v1/models", 405, "method_not_supported"),
    ],
)
def test_unknown_routes_and_methods_are_refused_as_the_api_does(
    base_url: str, method: str, path: str, status: int, code: str
) -> None:
    answer = httpx.request(method, base_url.removesuffix("/v1") + path)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert ("allow" in answer.headers) == (status == 405)


def test_health_says_that_it_is_the_offline_endpoint(base_url: str) -> None:
    answer = httpx.get(base_url.removesuffix("/v1") + "/health")
    assert answer.json() == {"status": "ok", "endpoint": "offline"}
