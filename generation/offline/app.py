"""The embedded endpoint's routes: models, chat completions (whole or streamed), health, errors."""

import hashlib
import json
import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import JsonValue
from starlette.exceptions import HTTPException

from corpus.documents import JsonObject
from corpus.errors import FormatError
from generation.annotating.entities import write_entities
from generation.briefs.brief import AllergyState, Brief
from generation.offline.annotator import annotate_note
from generation.offline.protocol import MODEL_ID, ApiError, ChatRequest, Message, model_not_found, read_request
from generation.offline.tokens import count_tokens, cut_to_tokens, pieces
from generation.offline.wording import DATA_FINGERPRINT
from generation.offline.writer import write_note, write_twin

_MODEL: JsonObject = {"id": MODEL_ID, "object": "model", "created": 0, "owned_by": "ernotes (offline, rule-based)"}
_TO_ANNOTATE = re.compile(r"<nota>\n(?P<text>.*)\n</nota>\s*\Z", re.DOTALL)
"""How prompts/annotation.j2 ends."""


@dataclass(frozen=True, slots=True)
class _Completion:
    """What answers one request: a text and a finish reason for each choice."""

    identifier: str
    created: int
    choices: tuple[tuple[str, str], ...]
    prompt_tokens: int

    @property
    def usage(self) -> dict[str, int]:
        written = sum(count_tokens(text) for text, _ in self.choices)
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": written,
            "total_tokens": self.prompt_tokens + written,
        }

    def head(self, kind: str) -> JsonObject:
        return {
            "id": self.identifier,
            "object": kind,
            "created": self.created,
            "model": MODEL_ID,
            "system_fingerprint": DATA_FINGERPRINT,
        }


def offline_app() -> FastAPI:
    """The application; it holds no state, so that the same request with a seed always has the same answer."""
    app = FastAPI(title="ernotes offline endpoint", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok", "endpoint": "offline"}

    @app.get("/v1/models")
    async def models() -> JsonObject:
        return {"object": "list", "data": [_MODEL]}

    @app.get("/v1/models/{name:path}")
    async def model(name: str) -> JsonObject:
        if name != MODEL_ID:
            raise model_not_found(name)
        return _MODEL

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> Response:
        asked = read_request(await request.body())
        completion = _complete(asked)
        if asked.stream:
            with_usage = asked.stream_options is not None and asked.stream_options.include_usage
            return StreamingResponse(_events(completion, with_usage), media_type="text/event-stream")
        return JSONResponse(_document(completion))

    app.add_exception_handler(ApiError, _refuse)
    app.add_exception_handler(HTTPException, _refuse)
    app.add_exception_handler(Exception, _refuse)
    return app


def _complete(request: ChatRequest) -> _Completion:
    first, asked = _asked_before(request.messages)
    write = partial(write_twin, first) if first else _writer(asked)
    seed = request.seed if request.seed is not None else secrets.randbits(63)
    prompt = json.dumps([[message.role, message.text] for message in asked])
    choices = []
    for number in range(request.n or 1):
        digest = hashlib.sha256(f"{seed}\n{number}\n{prompt}".encode()).digest()
        choices.append(_ended(write(int.from_bytes(digest[:8])), request))
    return _Completion(
        identifier=f"chatcmpl-{secrets.token_hex(12)}",
        created=int(time.time()),
        choices=tuple(choices),
        prompt_tokens=sum(count_tokens(message.text) for message in request.messages),
    )


def _asked_before(messages: list[Message]) -> tuple[Brief | None, list[Message]]:
    """Of a request for a note's twin, the brief of the first note and the messages that asked for it.

    Of any other request, None and its messages. The twin is the first note written again with the other allergy, so
    it needs the first one's seed.
    """
    answers = [index for index, message in enumerate(messages) if message.role == "assistant"]
    if answers and "Especialidade:" in messages[-1].text:
        asked = messages[: answers[-1]]
        first = _brief(asked)
        if first.allergy is AllergyState.AFFIRMED and _brief(messages) == first.twin():
            return first, asked
    return None, messages


def _writer(messages: list[Message]) -> Callable[[int], str]:
    """What answers the messages, given a seed: the entities of the note that they end with, or a note from a brief."""
    asked = _TO_ANNOTATE.search(messages[-1].text)
    if asked is None:
        return partial(write_note, _brief(messages))
    text = asked["text"]
    return lambda _seed: write_entities(text, annotate_note(text))


def _brief(messages: list[Message]) -> Brief:
    """The brief in the last message that holds one, since a repair turn may follow the one that asked."""
    refusal = "No brief found: the messages hold no block of 'Field: value' lines that begins with 'Especialidade:'."
    for message in reversed(messages):
        if message.role == "assistant" or "Especialidade:" not in message.text:
            continue
        try:
            return Brief.from_block(message.text)
        except FormatError:
            # Its message may quote the prompt; the field names are enough to find what is missing.
            refusal = "The brief in the messages lacks a field or holds a value that cannot be read."
    raise ApiError(400, refusal, param="messages", code="missing_brief")


def _ended(text: str, request: ChatRequest) -> tuple[str, str]:
    """The text cut at the first stop or at the token limit, and why it ended."""
    for stop in request.stops:
        text = text.partition(stop)[0]
    if request.token_limit is not None:
        cut = cut_to_tokens(text, request.token_limit)
        if len(cut) < len(text):
            return cut, "length"
    return text, "stop"


def _document(completion: _Completion) -> JsonObject:
    choices: list[JsonValue] = [
        {
            "index": index,
            "message": {"role": "assistant", "content": text, "refusal": None},
            "logprobs": None,
            "finish_reason": reason,
        }
        for index, (text, reason) in enumerate(completion.choices)
    ]
    return {**completion.head("chat.completion"), "choices": choices, "usage": {**completion.usage}}


def _events(completion: _Completion, with_usage: bool) -> Iterator[str]:
    head = completion.head("chat.completion.chunk")
    if with_usage:
        head["usage"] = None

    def event(index: int, delta: dict[str, str], reason: str | None = None) -> str:
        choice: JsonObject = {"index": index, "delta": {**delta}, "logprobs": None, "finish_reason": reason}
        return _event({**head, "choices": [choice]})

    for index, (text, reason) in enumerate(completion.choices):
        yield event(index, {"role": "assistant", "content": ""})
        for piece in pieces(text):
            yield event(index, {"content": piece})
        yield event(index, {}, reason)
    if with_usage:
        yield _event({**head, "choices": [], "usage": {**completion.usage}})
    yield "data: [DONE]\n\n"


def _event(document: JsonObject) -> str:
    return f"data: {json.dumps(document, ensure_ascii=False)}\n\n"


async def _refuse(request: Request, error: Exception) -> Response:
    refusal = error if isinstance(error, ApiError) else _translated(request, error)
    headers = {"Allow": refusal.allow} if refusal.allow else None
    return JSONResponse(refusal.body(), status_code=refusal.status, headers=headers)


def _translated(request: Request, error: Exception) -> ApiError:
    """A routing error, or a fault of our own, in the API's words."""
    route = f"{request.method} {request.url.path[:200]}"
    if isinstance(error, HTTPException) and error.status_code == 404:
        return ApiError(404, f"Invalid URL ({route})", code="unknown_url")
    if isinstance(error, HTTPException) and error.status_code == 405:
        allow = (error.headers or {}).get("Allow", "")
        return ApiError(405, f"Not allowed: {route}. Use {allow}.", code="method_not_supported", allow=allow)
    if isinstance(error, HTTPException):
        return ApiError(error.status_code, "The request could not be served.")
    return ApiError(500, "The offline endpoint failed; its log says where.")
