"""What every request cost: tokens, money, seconds. Append-only; failed requests are in it too.

Order of the wrappers: `Metered(CachedModel(Budget(Gateway(...))))`. The ledger sees cache hits (at no cost), the budget
(budget.py) only what is paid for.
"""

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from agent.core.errors import ModelError
from agent.core.observing import span
from agent.llm.model import Model, Reply, Request
from agent.llm.prices import Prices
from agent.llm.spending import Entry, Source, Usage

T = TypeVar("T", bound=BaseModel)


class Ledger(Protocol):
    """Where entries go. Entries are never changed or removed."""

    def record(self, entry: Entry) -> None:
        """Append `entry`."""
        ...


class Metered:
    """A wrapper around a model that writes each request into a ledger and sets the cost of its reply."""

    def __init__(self, model: Model, ledger: Ledger, prices: Prices | None = None) -> None:
        self._model, self._ledger, self._prices = model, ledger, prices or Prices()

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The model's reply with its price. A `ModelError` is recorded and raised."""
        with span("request", request=request.id, model=request.model, role=request.role, prompt=request.prompt) as told:
            reply = await self._ask(request)
            told.note(source=reply.source, attempts=reply.attempts)
            return reply

    async def _ask(self, request: Request[T]) -> Reply[T]:
        started = time.perf_counter()
        try:
            reply = await self._model.ask(request)
        except ModelError as error:
            if error.attempts:
                lost = self._prices.cost(request.model, spent_on(error))
                self._ledger.record(failure_entry(request, error, "provider", lost, time.perf_counter() - started))
            raise
        paid = self._prices.cost(request.model, reply.usage) if reply.source == "provider" else 0.0
        priced = replace(reply, cost_usd=paid)
        self._ledger.record(answer_entry(request, priced))
        return priced


def answer_entry(request: Request[Any], reply: Reply[Any]) -> Entry:
    """The ledger entry of a priced reply."""
    return _entry(request, reply.source, reply.usage, reply.cost_usd, reply.seconds, reply.attempts)


def failure_entry(
    request: Request[Any], error: ModelError, source: Source, usd: float | None, seconds: float | None
) -> Entry:
    """The ledger entry of a failed request."""
    return _entry(request, source, spent_on(error), usd, seconds, error.attempts, error.code)


def _entry(
    request: Request[Any],
    source: Source,
    usage: Usage,
    usd: float | None,
    seconds: float | None,
    attempts: int,
    failure: str = "",
) -> Entry:
    return Entry(
        request=request.id,
        role=request.role,
        prompt=request.prompt,
        subject=request.subject,
        model=request.model,
        source=source,
        usage=usage,
        usd=usd,
        seconds=seconds,
        attempts=attempts,
        failure=failure,
        at=datetime.now(UTC),
    )


def spent_on(error: ModelError) -> Usage:
    """The tokens of a request that failed."""
    return Usage(
        input_tokens=error.input_tokens,
        output_tokens=error.output_tokens,
        cached_tokens=error.cached_tokens,
        estimated=error.estimated,
    )
