"""The result of one exchange with a provider, and how its failures are told apart.

A provider (providers.py) sends a request once: no retry, no re-ask, no validation. It raises `Transient` for what may
pass by itself (408, 409, 429, 5xx, time-outs, broken connections) and a `ModelError` for what will not.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from agent.core.errors import Advice, InputTooLong, ModelError, ModelRefused, ModelRejected
from agent.llm.limit_headers import asked_pause, signal_of
from agent.llm.masking import hide, masked
from agent.llm.model import Request, Usage, reply_schema
from agent.llm.pacing import CALM, Signal

RETRIED = frozenset({408, 409, 429})
_SLOW_DOWN = frozenset({429, 529})
# A 429 that no waiting cures: the account has no credit left.
_NO_QUOTA = "insufficient_quota"
_FILTERED = ("content_filter", "content_policy_violation")
# What servers say of an input beyond their context: OpenAI, vLLM, Anthropic, llama.cpp, LM
# Studio, Gemini, Bedrock, Ollama.
_TOO_LONG = (
    *("context_length_exceeded", "maximum context length", "context window", "prompt is too long", "input is too long"),
    *("exceed_context_size", "available context size", "context the overflows", "maximum number of tokens allowed"),
    *("input length exceeds", "exceeds the context"),
)
_REPLY_TOO_LONG = re.compile(
    r"max_(?:completion_)?tokens\W+(?:is|must be|value|\d)[^.]{0,40}(?:too large|less|at most|exceed)"
)
_MINUTE_TOO_SMALL = re.compile(r"request too large|too large for .{0,80}tokens per min")
_ASKED_PAUSE = re.compile(
    r"(?:\"retryDelay\":\s*\"|please (?:retry|try again) in )([0-9]{1,6}(?:\.[0-9]{1,9})?)s", re.IGNORECASE
)
_FORM = re.compile(
    r"response_format|json_schema|json_object|structured output|tool_choice|function calling|tool use|tools?\b"
)
_LITELLM_ADVICE = re.compile(
    r"[.,]?\s*(?:to drop (?:these|unsupported|it)[^.]*|[^.]*litellm\.drop_params.*)", re.I | re.S
)
_LITELLM_NAMES = re.compile(r"^litellm\.\w+: (?:\w+(?:Exception|Error):? (?:- )?)*")
_SHOWN = 300
_READ = 20_000  # characters of an error that are looked at

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
    `tokens_estimated` is for endpoints whose token counts are guesses. With `reply_fixed` a way of asking for the reply
    (`Request.reply_mode`) that the server refuses is an error; without, the next way is tried.
    """

    api_base: str = ""
    api_key: SecretStr | None = None
    timeout_seconds: float = 600.0
    context_tokens: int | None = None
    tokens_estimated: bool = False
    reply_fixed: bool = False

    def __post_init__(self) -> None:
        if self.key:
            hide(self.key)

    @property
    def key(self) -> str | None:
        """The API key as plain text, if there is one."""
        return self.api_key.get_secret_value() if self.api_key else None


@dataclass(frozen=True)
class Completion:
    """The answer to one exchange. `finish` is the provider's reason to stop, in OpenAI's words (stop, length,
    content_filter).

    `call` is the id and name of the tool call, if the reply came as its arguments. `signal` is what the headers say
    about the pace.
    """

    text: str
    finish: str
    refusal: str
    usage: Usage
    model: str
    signal: Signal = CALM
    call: tuple[str, str] | None = None


class Transient(Exception):
    """A failure that may pass: the same request is worth sending again, after `retry_after` seconds if the provider
    named a time.

    `signal` is what the answer means for all requests of the endpoint. It never leaves the gateway.
    """

    def __init__(self, cause: str, retry_after: float | None = None, signal: Signal = CALM) -> None:
        self.cause, self.retry_after, self.signal = cause, retry_after, signal
        super().__init__(cause)


class TimedOut(Transient):
    """The request was sent and not answered in time. It was usually computed all the same, and must be paid for."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"no answer within {seconds:g} s; if the model is only slow, raise timeout_seconds in its binding"
        )


class FormRefused(ModelRejected):
    """The provider does not support this way of asking for the reply (`Request.reply_mode`)."""


def is_loopback(base_url: str) -> bool:
    """Whether a base URL is on this machine; an empty one is the provider's own."""
    host = urlsplit(base_url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def bind(text: str) -> Advice:
    """The advice to bind another model; `text` names the cases."""
    return Advice("model check", "/admin/models", text)


def failure(model: str, status: int, detail: str, headers: Mapping[str, str], code: str = "") -> Exception:
    """The exception for an HTTP answer of `status`: `Transient`, or the `ModelError` that says what to do."""
    said = one_line(_LITELLM_NAMES.sub("", _LITELLM_ADVICE.sub("", detail)))
    words = f"{code} {detail[:2000]}".lower()
    if code == _NO_QUOTA:
        advice = bind("add credit to the account, or bind another model")
        return ModelRejected(f"{model}: the account has no quota left: {said}", advice=advice)
    if code in _FILTERED:
        return ModelRefused(f"{model}: the provider's content filter stopped the request: {said}")
    if _MINUTE_TOO_SMALL.search(words):
        return InputTooLong(
            f"{model}: this one request is larger than the account's tokens a minute, so waiting does not help: {said}",
            advice=bind("raise the account's limit, or bind a model with a larger one"),
        )
    if "input should be 'text' or 'json_object'" in words:
        advice = bind("write reply: json_object in its binding")
        return FormRefused(f"{model}: the server answered {status}: {said}", advice=advice)
    if status in RETRIED or status >= 500:
        pause = asked_pause(headers)
        if pause is None and (asked := _ASKED_PAUSE.search(detail)):
            pause = float(asked.group(1))
        signal = signal_of(headers, refused=status in _SLOW_DOWN or pause is not None, asked=pause)
        return Transient(f"{status}: {said}", pause, signal)
    return _final(model, status, said, words)


def _final(model: str, status: int, said: str, words: str) -> ModelError:
    answered = f"{model}: the provider answered {status}: {said}"
    if _REPLY_TOO_LONG.search(words):
        advice = bind("the reply's limit does not fit: write a smaller max_tokens below settings in its binding")
        return ModelRejected(answered, advice=advice)
    if any(sign in words for sign in _TOO_LONG):
        return InputTooLong(
            f"{model}: the provider says the input is too long: {said}",
            advice=bind(
                "bind a model with a longer context, or give the server more (num_ctx, --max-model-len, --ctx-size)"
            ),
        )
    if status in (400, 404, 422) and _FORM.search(words):
        return FormRefused(answered, advice=bind("checking the model finds the `reply:` that it takes"))
    return ModelRejected(answered, advice=bind(_CURES.get(status, _OTHERWISE)))


_MOVED = "the base URL points elsewhere: write the address that it redirects to"
_CURES = {
    401: "check the provider's API key",
    402: "the account has no credit left: add some, or bind another model",
    403: "check the provider's API key",
    404: "check the model's name and the base URL (it ends in /v1 as a rule)",
    413: "the server takes no request of this size: raise its limit, or bind another",
    **dict.fromkeys((301, 302, 303, 307, 308), _MOVED),
}
_OTHERWISE = "settings that the model does not take are set to null below settings in its binding"


def one_line(text: str) -> str:
    """`text` on one line, without secrets, shortened: providers echo whole requests in their errors."""
    flat = masked(" ".join(text[:_READ].split()))
    return flat if len(flat) <= _SHOWN else flat[:_SHOWN] + "…"


def response_format(request: Request[Any]) -> dict[str, Any]:
    """The `response_format` that asks for the request's reply model, cached for the process."""
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
    """Note on `error` which request failed and what it cost."""
    error.model, error.endpoint, error.request = request.model, request.endpoint, request.id
    error.attempts = attempts
    error.input_tokens, error.output_tokens = usage.input_tokens, usage.output_tokens
    error.cached_tokens, error.estimated = usage.cached_tokens, usage.estimated
