"""`closeread model check`: is the model there, does it give structured replies and how, is its price known?"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import Field

from agent.core.base import Frozen
from agent.core.errors import ModelError, ModelRejected, ModelUnreachable, ReplyEmpty, ReplyInvalid
from agent.llm.model import Message, Model, Reply, ReplyMode, Request, Setting, Usage
from agent.llm.prices import Price, Prices
from agent.llm.roles import Role
from agent.llm.wire import FormRefused

_QUESTION = "A caller says: 'We are three people.' How many people are they? Answer with the number."
_ANOTHER_WAY = (FormRefused, ReplyInvalid, ReplyEmpty)


class Count(Frozen):
    """The smallest structured reply that can be right or wrong."""

    people: int = Field(description="How many people the caller speaks of.", strict=False)


@dataclass(frozen=True)
class Probe:
    """The result of the check. `problem` is one line, empty if the model can be used as it is bound.

    `reachable`: the provider took the request (a wrong key or an unknown model counts as unreachable). `structured`: a
    reply fitted its schema when asked for in the way `reply_mode`. `write` holds the lines that the binding should
    have. `price` is None if it is not known; then cost is shown in tokens only.
    """

    model: str
    reachable: bool
    structured: bool
    price: Price | None
    seconds: float
    usage: Usage | None = None
    problem: str = ""
    reply_mode: str = ""
    write: Mapping[str, Any] = field(default_factory=dict)


async def probe(
    model: Model,
    role: Role,
    settings: Mapping[str, Setting] | None = None,
    prices: Prices | None = None,
    learned: Callable[[str], Mapping[str, Any]] = lambda _: {},
) -> Probe:
    """Ask `model`, bound to `role`, one small question with `settings`, trying one way of asking after the other until
    a reply fits.

    `model` asks in the way that a request names; `learned` gives the settings that it was found to refuse. A
    `ModelError` is a finding and is never raised. An answer from a cache or a recording says nothing about the
    endpoint, and is reported as a problem.
    """
    name, price, started = role.model, (prices or Prices()).of(role.model), time.perf_counter()
    first: ModelError | None = None
    for mode in sorted(get_args(ReplyMode), key=lambda mode: mode != role.reply_mode):
        request = Request(
            (Message(role="user", content=_QUESTION),),
            Count,
            name,
            settings or {},
            role=role.name,
            prompt="probe",
            reply_mode=mode,
        )
        try:
            reply = await model.ask(request)
        except ModelError as error:
            first = first or error
            if not isinstance(error, _ANOTHER_WAY):
                break
        else:
            return _answered(reply, price, time.perf_counter() - started, first, learned(name))
    assert first is not None
    reachable = isinstance(first, FormRefused) or not isinstance(first, ModelUnreachable | ModelRejected)
    return Probe(name, reachable, False, price, time.perf_counter() - started, problem=first.explained)


def _answered(
    reply: Reply[Count], price: Price | None, seconds: float, refused: ModelError | None, learned: Mapping[str, Any]
) -> Probe:
    """The findings for a reply that fits. Each run finds refused modes and settings anew, unless they are written
    into the binding."""
    asked = reply.asked
    if reply.source != "provider":
        said = f"{asked.model}: answered from a {reply.source}, not asked"
        return Probe(asked.model, False, True, price, seconds, problem=said)
    write: dict[str, Any] = {"reply": asked.reply_mode} if refused else {}
    if learned:
        write["settings"] = dict(learned)
    # A refusal makes every run take the next way by itself; a reply that does not fit does not.
    problem = refused.explained if refused and not isinstance(refused, FormRefused) else ""
    return Probe(asked.model, True, True, price, seconds, reply.usage, problem, asked.reply_mode, write)
