"""What one HTTP exchange with a provider gives, and how its failures are told apart.

A `Wire` sends a request once: no retry, no re-ask, no validation. It raises `Transient` for what may pass by itself
(408, 409, 429, 5xx, time-outs, broken connections) and a `ModelError` for what will not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from pydantic import BaseModel

from agent.core.errors import InputTooLong, ModelError, ModelRefused, ModelRejected
from agent.llm.limit_headers import asked_pause, signal_of
from agent.llm.model import Request, Usage, reply_schema
from agent.llm.pacing import CALM, Signal

RETRIED = frozenset({408, 409, 429})
_SLOW_DOWN = frozenset({429, 529})
# A 429 that no waiting cures: the account has no credit left.
_NO_QUOTA = "insufficient_quota"
_FILTERED = ("content_filter", "content_policy_violation")
_TOO_LONG = ("context_length_exceeded", "maximum context length", "context window", "prompt is too long")
_SHOWN = 300

# Keywords of the JSON Schema subset that providers' strict modes take (OpenAI, "Structured outputs: supported
# schemas"). A schema with any other keyword is sent with `strict: false` and checked here all the same.
_STRICT_KEYWORDS = frozenset(
    {"$defs", "$ref", "additionalProperties", "anyOf", "const", "description", "enum", "exclusiveMaximum"}
    | {"exclusiveMinimum", "format", "items", "maxItems", "maximum", "minItems", "minimum", "multipleOf", "pattern"}
    | {"properties", "required", "title", "type"}
)


@dataclass(frozen=True)
class Endpoint:
    """One place that answers requests.

    `api_base` is an OpenAI-compatible base URL (ends in `/v1` as a rule), empty for the provider's own. `api_key` None
    leaves the key to the vendor's environment variable; with an `api_base` no key from the environment is sent, since
    it belongs to another host. `timeout_seconds` bounds one exchange from the first byte to the last.
    `context_tokens` None means the longest input is not known: only the provider then says that one is too long.
    `tokens_estimated` is for endpoints whose token counts are guesses.
    """

    api_base: str = ""
    api_key: str | None = None
    timeout_seconds: float = 120.0
    context_tokens: int | None = None
    tokens_estimated: bool = False

    def __repr__(self) -> str:
        return f"Endpoint(api_base={self.api_base!r}, timeout_seconds={self.timeout_seconds})"


@dataclass(frozen=True)
class Completion:
    """What came back. `finish` is the provider's reason to stop, in OpenAI's words (stop, length, content_filter).

    `signal` is what its headers say about the pace.
    """

    text: str
    finish: str
    refusal: str
    usage: Usage
    model: str
    signal: Signal = CALM


class Wire(Protocol):
    """Sends one request once."""

    async def send(self, request: Request[Any]) -> Completion:
        """What the provider answers."""
        ...

    async def aclose(self) -> None:
        """Give up pooled connections; the next `send` opens new ones."""
        ...


class Transient(Exception):
    """A failure that may pass: worth sending the same request again, after `retry_after` seconds if the provider said.

    `signal` is what the answer says to all requests of the endpoint. Never leaves the gateway.
    """

    def __init__(self, cause: str, retry_after: float | None = None, signal: Signal = CALM) -> None:
        self.cause, self.retry_after, self.signal = cause, retry_after, signal
        super().__init__(cause)


def failure(model: str, status: int, detail: str, headers: Mapping[str, str], code: str = "") -> Exception:
    """The exception for an HTTP answer of `status`: `Transient`, or the `ModelError` that says what to do."""
    said = one_line(detail)
    if code == _NO_QUOTA:
        return ModelRejected(f"{model}: the account has no quota left: {said}")
    if code in _FILTERED:
        return ModelRefused(f"{model}: the provider's content filter stopped the request: {said}")
    if status in RETRIED or status >= 500:
        pause = asked_pause(headers)
        signal = signal_of(headers, refused=status in _SLOW_DOWN or pause is not None)
        return Transient(f"{status}: {said}", pause, signal)
    if any(sign in f"{code} {detail}".lower() for sign in _TOO_LONG):
        return InputTooLong(f"{model}: the provider says the input is too long: {said}; send it in windows")
    return ModelRejected(f"{model}: the provider answered {status}: {said}{_advice(status)}")


def _advice(status: int) -> str:
    match status:
        case 401 | 403:
            return "; check the provider's API key"
        case 404:
            return "; check the model's name and the base URL"
        case _:
            return ""


def one_line(text: str) -> str:
    """`text` on one line, shortened: providers echo whole requests in their errors."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[:_SHOWN] + "…"


def response_format(request: Request[Any]) -> dict[str, Any]:
    """The `response_format` that asks for the request's reply model, built once a process."""
    reply: type[BaseModel] = request.reply
    return _response_format(reply)


@cache
def _response_format(reply: type[BaseModel]) -> dict[str, Any]:
    schema = reply_schema(reply)
    name = "".join(c for c in reply.__name__ if c.isalnum() or c in "_-")[:64]
    return {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": is_strict(schema)}}


def is_strict(schema: Any) -> bool:
    """Whether strict mode takes `schema`: known keywords only, every object closed, every property required."""
    if not isinstance(schema, dict) or not set(schema) <= _STRICT_KEYWORDS:
        return False
    if "$ref" in schema and len(schema) > 1:
        return False
    properties: dict[str, Any] = schema.get("properties", {})
    if schema.get("type") == "object" or properties:
        closed = schema.get("additionalProperties") is False
        if not closed or set(schema.get("required", [])) != set(properties):
            return False
    inner = [*properties.values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", [])]
    return all(is_strict(part) for part in inner + ([schema["items"]] if "items" in schema else []))


def with_spent(error: ModelError, request: Request[Any], usage: Usage, attempts: int) -> None:
    """Write on `error` which request failed and what it cost all the same."""
    error.model, error.request, error.attempts = request.model, request.id, attempts
    error.input_tokens, error.output_tokens = usage.input_tokens, usage.output_tokens
    error.cached_tokens = usage.cached_tokens
