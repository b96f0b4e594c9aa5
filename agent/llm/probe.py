"""`closeread model check`: is the model there, does it give structured replies, is its price known?"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field

from agent.core.base import Frozen
from agent.core.errors import ModelError, ModelRejected, ModelUnreachable
from agent.llm.model import Message, Model, Request, Setting, Usage
from agent.llm.prices import Price, Prices

_QUESTION = "A caller says: 'We are three people.' How many people are they? Answer with the number."


class Count(Frozen):
    """The smallest structured reply that can be right or wrong."""

    people: int = Field(description="How many people the caller speaks of.")


@dataclass(frozen=True)
class Probe:
    """What was found. `problem` is one line, empty when the model can be used.

    `reachable`: the provider took the request (a wrong key or an unknown model counts as not reachable).
    `structured`: the reply fitted its schema. `price` None: not known, so cost shows tokens only.
    """

    model: str
    reachable: bool
    structured: bool
    price: Price | None
    seconds: float
    usage: Usage | None = None
    problem: str = ""


async def probe(
    model: Model,
    name: str,
    prices: Prices | None = None,
    *,
    role: str = "probe",
    settings: Mapping[str, Setting] | None = None,
) -> Probe:
    """Ask `model`, bound as `name` with `settings`, one small question. A `ModelError` is a finding, never raised.

    `model` must be the endpoint itself: an answer from a cache or a recording says nothing about it, and is a problem.
    """
    message = Message(role="user", content=_QUESTION)
    request = Request((message,), Count, name, settings or {}, role=role, prompt="probe")
    price = (prices or Prices()).of(name)
    started = time.perf_counter()
    try:
        reply = await model.ask(request)
    except ModelError as error:
        reachable = not isinstance(error, ModelUnreachable | ModelRejected)
        return Probe(name, reachable, False, price, time.perf_counter() - started, problem=str(error))
    seconds = time.perf_counter() - started
    if reply.source != "provider":
        return Probe(name, False, True, price, seconds, problem=f"{name}: answered from a {reply.source}, not asked")
    return Probe(name, True, True, price, seconds, reply.usage)
