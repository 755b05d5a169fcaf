"""The client of an OpenAI-compatible endpoint: bounded concurrency, tries that are ours to count, errors of one line.

The `openai` package speaks the protocol with its own retries off, so that back-off, `Retry-After` and the number of
tries are decided and counted here. Messages name the server and the knob; never the key, the prompt or the answer.
"""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import urlsplit

import openai

from corpus.config import EndpointConfig
from corpus.errors import EndpointError
from generation.prompt import ChatMessage

LONGEST_BACKOFF_SECONDS = 60.0
LONGEST_RETRY_AFTER_SECONDS = 300.0
"""A server that asks for more than this has no time for us today; the run ends and can be taken up later."""
CHECK_SECONDS = 10.0
_CODE = re.compile(r"[A-Za-z][\w.-]{0,39}")


class UnusableEndpointError(EndpointError):
    """Every request would fail like this one: the server is down, refuses the key, or lacks the model."""


class RefusedRequestError(EndpointError):
    """This request is not what the server takes (HTTP 4xx): too long, or with a parameter that it does not have."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one request; `attempts` counts the tries that it took."""

    text: str
    finish_reason: str
    model: str
    usage: Mapping[str, int]
    attempts: int


@dataclass(frozen=True, slots=True)
class _Failure:
    """One try that failed: what to raise if it was the last, whether another may help, the wait asked for."""

    error: EndpointError
    may_pass: bool
    retry_after_seconds: float = 0.0


class Endpoint:
    """An endpoint in use; an async context manager, or call `aclose`."""

    def __init__(
        self,
        config: EndpointConfig,
        base_url: str,
        api_key: str | None,
        *,
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
        self._slots = asyncio.Semaphore(config.concurrency)
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
    def parameters(self) -> dict[str, Any]:
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
            if _could_not_connect(error):
                raise self._down() from None

    async def complete(
        self, messages: Sequence[ChatMessage], seed: int, response_format: Mapping[str, Any] | None = None
    ) -> Answer:
        """The answer to the messages, after as many tries as the configuration allows.

        `response_format` is the protocol's own (a JSON schema), which not every server has. Raises
        UnusableEndpointError where no request can succeed, RefusedRequestError where the server does not take this
        one, EndpointError where it had no answer.
        """
        extra = {} if response_format is None else {"response_format": response_format}
        async with self._slots:
            attempt = 1
            while True:
                outcome = await self._try(messages, seed, attempt, extra)
                if isinstance(outcome, Answer):
                    return outcome
                if not outcome.may_pass or attempt >= self._config.max_attempts:
                    raise outcome.error
                await self._sleep(max(outcome.retry_after_seconds, self._backoff_seconds(attempt)))
                attempt += 1

    def _backoff_seconds(self, attempt: int) -> float:
        whole = min(LONGEST_BACKOFF_SECONDS, self._config.backoff_seconds * 2.0 ** (attempt - 1))
        return whole * random.uniform(0.5, 1.0)

    async def _try(
        self, messages: Sequence[ChatMessage], seed: int, attempt: int, extra: Mapping[str, Any]
    ) -> Answer | _Failure:
        asked: Any = [{"role": message.role, "content": message.content} for message in messages]
        parameters = {**self.parameters, **extra}
        try:
            async with asyncio.timeout(self._config.timeout_seconds):
                completion = await self._client.chat.completions.create(messages=asked, seed=seed, **parameters)
            return _answer(completion, self._config.model, attempt)
        except (openai.APIError, TimeoutError, ValueError) as error:
            return self._translate(error)

    def _translate(self, error: Exception) -> _Failure:
        """The one place where the client's errors become ours."""
        url, config = self._shown_url, self._config
        if isinstance(error, TimeoutError | openai.APITimeoutError):
            seconds = f"{config.timeout_seconds:g}"
            return _Failure(
                EndpointError(f"{url} gave no whole answer in {seconds} s (endpoint.timeout_seconds)"), True
            )
        if _could_not_connect(error):
            return _Failure(self._down(), True)
        if isinstance(error, openai.APIStatusError):
            return self._translate_status(error)
        if isinstance(error, openai.APIConnectionError):
            return _Failure(EndpointError(f"{url} broke the connection; see its log, then run this again"), True)
        return _Failure(
            EndpointError(f"{url} sent something that is no chat completion; is it OpenAI-compatible?"), True
        )

    def _translate_status(self, error: openai.APIStatusError) -> _Failure:
        url, config, status = self._shown_url, self._config, error.status_code
        if status in (401, 403):
            why = f"{url} refused the key ({status}); put a valid one in the environment variable {config.api_key_env}"
            return _Failure(UnusableEndpointError(why), False)
        if status == 404:
            why = f"{url} has no model {config.model!r} (404); set endpoint.model to one that it has, or its URL"
            return _Failure(UnusableEndpointError(why), False)
        if status == 429:
            wait = _retry_after_seconds(error.response.headers)
            if error.code == "insufficient_quota" or wait > LONGEST_RETRY_AFTER_SECONDS:
                why = f"{url} says the quota is used up (429); run this again when it is renewed"
                return _Failure(UnusableEndpointError(why), False)
            why = f"{url} says 'too many requests' (429), {config.max_attempts} times; lower endpoint.concurrency"
            return _Failure(EndpointError(why), True, wait)
        if status == 408 or status >= 500:
            why = f"{url} failed (HTTP {status}); see its log, then run this again"
            return _Failure(EndpointError(why), True, _retry_after_seconds(error.response.headers))
        detail = "".join(f", {part}" for part in (error.code, error.param) if part and _CODE.fullmatch(part))
        why = f"{url} refused the request (HTTP {status}{detail}); check [endpoint] in ernotes.toml"
        return _Failure(RefusedRequestError(why), False)

    def _down(self) -> UnusableEndpointError:
        return UnusableEndpointError(
            f"nothing answers at {self._shown_url}; start the LLM server there, or set endpoint.base_url"
        )


def is_near(base_url: str) -> bool:
    """Whether the URL's host is this machine, or of its own network by a `.local` name."""
    host = (urlsplit(base_url).hostname or "").rstrip(".")
    return (
        host in ("localhost", "::1") or host.endswith(".local") or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None
    )


def _answer(completion: Any, model: str, attempt: int) -> Answer:
    """The answer in what the server sent, which need not be what it should; raises ValueError then."""
    try:
        choice = completion.choices[0]
        text, finish_reason = choice.message.content or "", choice.finish_reason or ""
        text.encode()  # a lone surrogate, which JSON can spell, is a ValueError
    except (AttributeError, IndexError, TypeError):
        raise ValueError("no chat completion") from None
    if "\0" in text:
        raise ValueError("a NUL in the text")
    usage = getattr(completion, "usage", None)
    counts = {name: getattr(usage, name, None) for name in ("prompt_tokens", "completion_tokens")}
    return Answer(
        text=text,
        finish_reason=str(finish_reason),
        model=str(completion.model or model),
        usage={name: count for name, count in counts.items() if isinstance(count, int)},
        attempts=attempt,
    )


def _could_not_connect(error: Exception) -> bool:
    """Whether no connection came about; releases of openai differ in the transport's package, not in its class."""
    return isinstance(error, openai.APIConnectionError) and type(error.__cause__).__name__ == "ConnectError"


def _retry_after_seconds(headers: Mapping[str, str]) -> float:
    """The wait that the header asks for, as seconds or a date (RFC 9110, 10.2.3); 0 without one."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
