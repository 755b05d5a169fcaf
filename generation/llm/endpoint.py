"""The client of an OpenAI-compatible endpoint: bounded concurrency, tries that are ours to count, errors of one line.

The `openai` package speaks the protocol with its own retries off, so that back-off, `Retry-After`, the number of
tries and what each may cost are decided and counted here. Messages name the server and the knob; never the key, the
prompt or the answer.
"""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import openai

from corpus.config.settings import EndpointConfig
from corpus.documents import JsonObject
from corpus.errors import EndpointError
from generation.llm.budget import Budget
from generation.llm.chat import ChatMessage
from generation.llm.failures import FailureWatch
from generation.llm.faults import (
    Failure,
    RefusedRequestError,
    UnusableEndpointError,
    could_not_connect,
    endpoint_down,
    translate,
)
from generation.llm.throttle import Throttle

LONGEST_BACKOFF_SECONDS = 60.0
CHECK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one request; `attempts` counts the tries that it took."""

    text: str
    finish_reason: str
    model: str
    usage: Mapping[str, int]
    attempts: int


class Endpoint:
    """An endpoint in use; an async context manager, or call `aclose`."""

    def __init__(
        self,
        config: EndpointConfig,
        base_url: str,
        api_key: str | None,
        *,
        budget: Budget | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`base_url` ends in /v1; a server without keys gets a placeholder. Raises EndpointError for a bad key."""
        if api_key and not (api_key.isascii() and api_key.isprintable() and " " not in api_key):
            raise UnusableEndpointError(
                f"the value of {config.api_key_env} is no key: it holds blanks or odd characters"
            )
        self.base_url = base_url
        self._config = config
        self._shown_url = _without_credentials(base_url)
        self._sleep = sleep
        self.budget = budget
        self._throttle = Throttle(config.concurrency)
        self._watch = FailureWatch(config.error_window, config.max_error_share)
        # What is meant for this machine or network goes there: through no proxy, and not where a redirect points.
        near = is_near(base_url)
        self._client = openai.AsyncOpenAI(
            api_key=api_key or "none",
            base_url=base_url,
            max_retries=0,
            timeout=config.timeout_seconds,
            http_client=openai.DefaultAsyncHttpxClient(trust_env=not near, follow_redirects=not near),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._client.close()

    @property
    def parameters(self) -> JsonObject:
        """What, beside the messages and the seed, decides an answer."""
        config = self._config
        return {
            "model": config.model,
            "temperature": config.temperature,
            "top_p": config.top_p,
            "max_tokens": config.max_tokens,
        }

    async def check(self) -> None:
        """Nothing, if something listens at the URL; raises UnusableEndpointError at once where nothing does.

        What `/models` answers is not looked at: servers that write well fail there (`transformers serve` does).
        """
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await self._client.models.list()
        except (openai.APIError, TimeoutError, ValueError) as error:
            if could_not_connect(error):
                raise endpoint_down(self._shown_url) from None

    async def complete(
        self, messages: Sequence[ChatMessage], seed: int, response_format: Mapping[str, object] | None = None
    ) -> Answer:
        """The answer to the messages, after as many tries as the configuration allows.

        Raises UnusableEndpointError where no request can succeed or too many did not, BudgetReachedError where this one
        cannot be paid, RefusedRequestError where the server does not take it, EndpointError where it only failed.
        """
        asked = {
            **self.parameters,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "seed": seed,
            **({} if response_format is None else {"response_format": response_format}),
        }
        most = self.budget.prices.most(messages, self._config.max_tokens) if self.budget else 0.0
        attempt = 1
        while True:
            async with self._throttle.place() as falls:
                outcome = await self._paid_try(asked, most, attempt)
                if isinstance(outcome, Answer):
                    self._throttle.went_well()
                    self._watch.answered()
                    return outcome
                if outcome.overrun:
                    self._throttle.overrun(falls)
            if not outcome.may_pass or attempt >= self._config.max_attempts:
                raise self._last_word(outcome, response_format is not None)
            await self._sleep(max(outcome.retry_after_seconds, self._backoff_seconds(attempt)))
            attempt += 1

    def _last_word(self, failure: Failure, with_format: bool) -> EndpointError:
        """What to raise for a request that failed for good."""
        if isinstance(failure.error, UnusableEndpointError):
            return failure.error
        if isinstance(failure.error, RefusedRequestError) and with_format:
            return failure.error  # it says what the server can do, not how well it does
        too_much = self._watch.failed(failure.kind)
        return UnusableEndpointError(f"{too_much}; the last: {failure.error}") if too_much else failure.error

    def _backoff_seconds(self, attempt: int) -> float:
        whole = min(LONGEST_BACKOFF_SECONDS, self._config.backoff_seconds * 2.0 ** (attempt - 1))
        return whole * random.uniform(0.5, 1.0)

    async def _paid_try(self, asked: Mapping[str, object], most: float, attempt: int) -> Answer | Failure:
        """One try, with `most` set aside for it and then settled by what is known of its cost."""
        if self.budget is None:
            return await self._try(asked, attempt)
        await self.budget.set_aside(most)
        cost = most
        try:
            outcome = await self._try(asked, attempt)
            if isinstance(outcome, Answer):
                cost = self.budget.prices.cost(**outcome.usage) if len(outcome.usage) == 2 else most
            elif outcome.free:
                cost = 0.0
        finally:
            self.budget.settle(most, cost)
        return outcome

    async def _try(self, asked: Mapping[str, object], attempt: int) -> Answer | Failure:
        try:
            async with asyncio.timeout(self._config.timeout_seconds):
                # The plain post: to cast messages and answers to the package's own types takes a third of its time.
                document = await self._client.post("/chat/completions", body=asked, cast_to=object)
            return _answer(document, self._config.model, attempt)
        except (openai.APIError, TimeoutError, ValueError) as error:
            return translate(error, self._config, self._shown_url)


def is_near(base_url: str) -> bool:
    """Whether the URL's host is this machine, or of its own network by a `.local` name."""
    host = (urlsplit(base_url).hostname or "").rstrip(".")
    return (
        host in ("localhost", "::1") or host.endswith(".local") or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None
    )


def _answer(document: Any, model: str, attempt: int) -> Answer:
    """The answer in what the server sent, which need not be what it should; raises ValueError then."""
    try:
        choice, usage = document["choices"][0], document.get("usage") or {}
        text, finish_reason = choice["message"].get("content") or "", choice.get("finish_reason") or ""
        counts = {name: usage.get(name) for name in ("prompt_tokens", "completion_tokens")}
        text.encode()  # a lone surrogate, which JSON can spell, is a ValueError
    except (AttributeError, IndexError, KeyError, TypeError):
        raise ValueError("no chat completion") from None
    if "\0" in text:
        raise ValueError("a NUL in the text")
    return Answer(
        text=text,
        finish_reason=str(finish_reason),
        model=str(document.get("model") or model),
        usage={name: count for name, count in counts.items() if isinstance(count, int)},
        attempts=attempt,
    )


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
