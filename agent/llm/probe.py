"""`closeread model check`: is the model there, does it give structured replies, is its price known?"""

from __future__ import annotations

import time
from dataclasses import dataclass

from pydantic import Field

from agent.domain.base import Frozen
from agent.errors import ModelError, ModelRejected, ModelUnreachable
from agent.llm.model import Message, Model, Request, Usage
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


async def probe(model: Model, name: str, prices: Prices | None = None) -> Probe:
    """Ask `model`, bound as `name`, one small question. Never raises a `ModelError`: it is the result."""
    request = Request((Message(role="user", content=_QUESTION),), Count, name, role="probe", prompt="probe")
    price = (prices or Prices()).of(name)
    started = time.perf_counter()
    try:
        reply = await model.ask(request)
    except ModelError as error:
        reachable = not isinstance(error, ModelUnreachable | ModelRejected)
        return Probe(name, reachable, False, price, time.perf_counter() - started, problem=str(error))
    return Probe(name, True, True, price, time.perf_counter() - started, reply.usage)
