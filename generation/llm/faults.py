"""What goes wrong with a request, in our words: which try may help, what it cost, and one line for the user.

Messages name the server and the knob; never the key, the prompt or the answer, which a server may quote in its errors.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import openai

from corpus.config.settings import EndpointConfig
from corpus.errors import EndpointError

LONGEST_RETRY_AFTER_SECONDS = 300.0
"""A server that asks for more than this has no time for us today; the run ends and can be taken up later."""
_CODE = re.compile(r"[A-Za-z][\w.-]{0,39}")


class UnusableEndpointError(EndpointError):
    """Every request would fail like this one: the server is down, refuses the key, lacks the model, fails too often."""


class RefusedRequestError(EndpointError):
    """This request is not what the server takes (HTTP 4xx): too long, or with a parameter that it does not have."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One try that failed: its kind in a word, what to raise if it was the last, and what to do about it."""

    kind: str
    error: EndpointError
    may_pass: bool = False
    """Whether another try may help."""
    overrun: bool = False
    """Whether it says that too many requests are under way."""
    free: bool = False
    """Whether the server refused before any work, so that nothing was paid."""
    retry_after_seconds: float = 0.0


def translate(error: Exception, config: EndpointConfig, url: str) -> Failure:
    """The client's error as ours: the one place where that is done. `url` is the server's, fit to be shown."""
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        seconds = f"{config.timeout_seconds:g}"
        late = EndpointError(f"{url} gave no whole answer in {seconds} s (endpoint.timeout_seconds)")
        return Failure("time-out", late, may_pass=True, overrun=True)
    if could_not_connect(error):
        return Failure("no connection", endpoint_down(url), may_pass=True, free=True)
    if isinstance(error, openai.APIStatusError):
        return _translate_status(error, config, url)
    if isinstance(error, openai.APIConnectionError):
        broken = EndpointError(f"{url} broke the connection; see its log, then run this again")
        return Failure("broken connection", broken, may_pass=True)
    odd = EndpointError(f"{url} sent something that is no chat completion; is it OpenAI-compatible?")
    return Failure("no chat completion", odd, may_pass=True)


def _translate_status(error: openai.APIStatusError, config: EndpointConfig, url: str) -> Failure:
    status, wait = error.status_code, _retry_after_seconds(error.response.headers)
    kind = f"HTTP {status}"
    if status in (401, 403):
        why = f"{url} refused the key ({status}); put a valid one in the environment variable {config.api_key_env}"
        return Failure(kind, UnusableEndpointError(why), free=True)
    if status == 404:
        why = f"{url} has no model {config.model!r} (404); set endpoint.model to one that it has, or its URL"
        return Failure(kind, UnusableEndpointError(why), free=True)
    if status == 429 and (error.code == "insufficient_quota" or wait > LONGEST_RETRY_AFTER_SECONDS):
        why = f"{url} says the quota is used up (429); run this again when it is renewed"
        return Failure(kind, UnusableEndpointError(why), free=True)
    if status == 429:
        why = f"{url} says 'too many requests' (429), {config.max_attempts} times; lower endpoint.concurrency"
        return Failure(kind, EndpointError(why), may_pass=True, overrun=True, free=True, retry_after_seconds=wait)
    if status == 408 or status >= 500:
        why = f"{url} failed (HTTP {status}); see its log, then run this again"
        return Failure(kind, EndpointError(why), may_pass=True, retry_after_seconds=wait)
    detail = "".join(f", {part}" for part in (error.code, error.param) if part and _CODE.fullmatch(part))
    why = f"{url} refused the request (HTTP {status}{detail}); check [endpoint] in ernotes.toml"
    return Failure(kind, RefusedRequestError(why), free=True)


def endpoint_down(url: str) -> UnusableEndpointError:
    """What to raise where nothing listens."""
    return UnusableEndpointError(f"nothing answers at {url}; start the LLM server there, or set endpoint.base_url")


def could_not_connect(error: Exception) -> bool:
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
