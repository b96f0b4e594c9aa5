"""The one protocol between this program and any language model.

A `Request` is complete: what is sent, the shape of the reply, the model, its settings. Its id is made from all of it,
so cache, recordings, ledger and provenance name the same thing by the same id.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, JsonValue

from agent.core.base import Frozen, canonical_json
from agent.llm.spending import Source as Source
from agent.llm.spending import Usage as Usage

T = TypeVar("T", bound=BaseModel)
Setting = JsonValue

# How the reply's shape is asked for: the JSON schema as `response_format`, as a tool to be called, in the messages with
# `response_format: json_object`, or in the messages alone. Part of every request's id, since another way of asking is
# another request.
ReplyMode = Literal["json_schema", "tools", "json_object", "prompt"]
_BY_PROVIDER: Mapping[str, ReplyMode] = {"deepseek": "json_object", "cohere": "tools", "cohere_chat": "tools"}


def default_reply_mode(model: str) -> ReplyMode:
    """The provider's JSON schema mode, except for providers known not to support it."""
    return _BY_PROVIDER.get(model.partition("/")[0], "json_schema")


class Message(Frozen):
    """One message of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


@cache
def reply_schema(reply: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a reply model, built once a process. Its descriptions are prompt text."""
    return reply.model_json_schema()


@cache
def _schema_json(reply: type[BaseModel]) -> str:
    return canonical_json(reply_schema(reply))


@dataclass(frozen=True)
class SoundSent:
    """The sound sent to a speech recogniser: a WAV file, made when it is needed, and its length in seconds."""

    seconds: float
    wav: Callable[[], bytes]


@dataclass(frozen=True)
class Request(Generic[T]):
    """Everything that decides a reply, and labels (`role`, `prompt`, `subject`, `defaults`, `fresh`) that do not.

    `draw` tells apart repeated readings of the same text: the second analyst, the third draw for a flip rate. It is
    sent as the seed. `subject` names what is read (a call, an interview) for the ledger and recordings. `defaults` are
    the prompt's own settings, from which the request to another model is made. `reply_mode` is how the shape of the
    reply is asked for. `endpoint` is the base URL of a server of one's own, empty for the provider's: one model name on
    two servers is two models. `fresh`: no kept reply answers it, neither here nor in a follow-up. `sound` is sent in
    the place of the message, which then is its hash.
    """

    messages: tuple[Message, ...]
    reply: type[T]
    model: str
    settings: Mapping[str, Setting] = field(default_factory=dict)
    draw: int = 0
    role: str = ""
    prompt: str = ""
    subject: str = ""
    defaults: Mapping[str, Setting] = field(default_factory=dict)
    reply_mode: ReplyMode = "json_schema"
    endpoint: str = ""
    fresh: bool = False
    sound: SoundSent | None = field(default=None, repr=False, compare=False)

    @cached_property
    def id(self) -> str:
        """`rq-` and 24 hex digits over messages as sent, schema, model, settings, reply mode, draw, endpoint."""
        reply: type[BaseModel] = self.reply
        messages = canonical_json([[m.role, m.content] for m in self.messages])
        endpoint = [self.endpoint] if self.endpoint else []
        rest = canonical_json([self.model, dict(self.settings), self.reply_mode, self.draw, *endpoint])
        # One JSON list of six; its second, the schema, is written once a process.
        content = f"[{messages},{_schema_json(reply)},{rest[1:]}"
        return "rq-" + hashlib.sha256(content.encode()).hexdigest()[:24]

    def follow_up(self, reply_text: str, correction: str) -> "Request[T]":
        """The same request with the model's reply and a correction added: a new request with its own id."""
        added = (Message(role="assistant", content=reply_text), Message(role="user", content=correction))
        return replace(self, messages=(*self.messages, *added))


@dataclass(frozen=True)
class Reply(Generic[T]):
    """A complete, validated reply. `cost_usd` is None where no price is known; `seconds` is the provider's latency.

    `asked` is the request that was answered: another model's than the one put, where that one could not answer;
    `request` is its id, `asked.model` the name of the model that ratings give, `model` what its provider calls it. A
    follow-up is made from `asked`. `text` is the reply as compact JSON, keys in the model's order, so that a follow-up
    made from it has the same id whether the reply came from a provider, a cache or a recording. `usage` counts every
    attempt that was answered, re-asks too; `attempts` counts what was sent, retries too (0 where nothing was).
    """

    value: T
    request: str
    text: str
    usage: Usage
    model: str
    source: Source
    cost_usd: float | None = None
    seconds: float | None = None
    attempts: int = 1
    asked: Request[T] = field(kw_only=True, repr=False, compare=False)


class Model(Protocol):
    """Answers requests. Raises only `ModelError` subclasses and `BudgetExceeded`."""

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The validated reply to `request`."""
        ...


def estimate_tokens(text: str) -> int:
    """Tokens of `text`, estimated as characters / 4, rounded up."""
    return -(-len(text) // 4)


def estimate_request_tokens(request: Request[Any]) -> int:
    """Input tokens of `request`, estimated: its messages and its reply schema."""
    reply: type[BaseModel] = request.reply
    return sum(estimate_tokens(m.content) for m in request.messages) + _schema_tokens(reply)


@cache
def _schema_tokens(reply: type[BaseModel]) -> int:
    return estimate_tokens(_schema_json(reply))
