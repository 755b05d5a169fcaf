"""What the embedded endpoint understands of the OpenAI chat API: the request, checked, and the error object.

Source: the OpenAI API reference, "Create chat completion" and "Error codes". What the endpoint cannot do (tools,
JSON answers, log-probabilities, images) is refused rather than ignored.
"""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.documents import JsonObject

MODEL_ID = "ernotes-offline"
MAX_CHOICES = 16


class ApiError(Exception):
    """A refusal as the OpenAI API words it; it never carries text of a message."""

    def __init__(
        self, status: int, message: str, *, param: str | None = None, code: str | None = None, allow: str = ""
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code
        self.allow = allow

    def body(self) -> JsonObject:
        """The `error` object."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    type: Literal["text"]
    text: str


class Message(BaseModel):
    """One turn of the conversation."""

    model_config = ConfigDict(extra="ignore")
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[_Part]

    @property
    def text(self) -> str:
        """The words of the turn, its parts joined by line ends."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content)


class _StreamOptions(BaseModel):
    model_config = ConfigDict(extra="ignore")
    include_usage: bool = False


class _TextFormat(BaseModel):
    model_config = ConfigDict(extra="forbid")
    type: Literal["text"]


class ChatRequest(BaseModel):
    """A chat completion request. The fields after `stop` are checked, then change nothing in what is written."""

    model_config = ConfigDict(extra="forbid", strict=True)

    model: str
    messages: Annotated[list[Message], Field(min_length=1)]
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    n: Annotated[int, Field(ge=1, le=MAX_CHOICES)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    stop: str | Annotated[list[str], Field(max_length=4)] | None = None
    response_format: _TextFormat | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    logprobs: Literal[False] | None = None
    user: str | None = None
    metadata: dict[str, str] | None = None
    store: bool | None = None

    @property
    def token_limit(self) -> int | None:
        """The longest answer allowed, in tokens, or None."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def stops(self) -> list[str]:
        """The texts before which the answer ends."""
        given = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return [text for text in given if text]


def read_request(body: bytes) -> ChatRequest:
    """The request in a body; raises ApiError (400 or 404) saying which parameter is wrong."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise ApiError(400, "We could not parse the JSON body of your request.") from None
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except ValueError:
        raise ApiError(400, "The body of your request holds text that is not valid Unicode.") from None
    if not isinstance(document, dict):
        raise ApiError(400, "The body of your request must be a JSON object.")
    try:
        request = ChatRequest.model_validate(document)
    except ValidationError as error:
        raise _refusal(error) from None
    if request.model != MODEL_ID:
        raise model_not_found(request.model)
    if request.stream_options is not None and not request.stream:
        raise ApiError(400, "'stream_options' is only allowed when 'stream' is true.", param="stream_options")
    return request


def model_not_found(name: str) -> ApiError:
    """The refusal of a model that is not served here."""
    return ApiError(404, f"The model '{name[:100]}' does not exist.", param="model", code="model_not_found")


def _refusal(error: ValidationError) -> ApiError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    names = [str(part) for part in first["loc"]]
    param = ".".join(names[:1])
    if first["type"] == "missing":
        where = ".".join(names)
        return ApiError(400, f"Missing required parameter: '{where}'.", param=where, code="missing_required_parameter")
    if first["type"] == "extra_forbidden" and len(names) == 1:
        return ApiError(
            400, f"Unknown or unsupported parameter: '{param[:60]}'.", param=param, code="unknown_parameter"
        )
    if param == "response_format":
        return ApiError(400, "This server writes plain text only: 'response_format' must be text.", param=param)
    return ApiError(400, f"Invalid value for '{param}': {first['msg']}.", param=param, code="invalid_value")
