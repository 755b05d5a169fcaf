"""The chat messages that every request consists of, and what names a request."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from corpus.documents import JsonObject


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


def request_of(
    messages: Sequence[ChatMessage], parameters: Mapping[str, JsonValue], sample: int
) -> tuple[str, JsonObject]:
    """What names a request (a hash), and what it is made of as JSON: the prompt by its hash, for it shows exemplars."""
    request: JsonObject = {"prompt": prompt_hash(messages), "parameters": dict(parameters), "sample": sample}
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest(), request


def prompt_hash(messages: Sequence[ChatMessage]) -> str:
    """SHA-256 of the rendered messages, as hex."""
    said = json.dumps([[message.role, message.content] for message in messages], ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
