"""What every request took: tokens, money, seconds. Append-only; failed requests are in it with what they cost.

Order of the wrappers: `Metered(CachedModel(Budget(Gateway(...))))`. The ledger sees cache hits (at no cost), the budget
sees only what is paid for.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from agent.domain.spending import Entry, Source, Usage
from agent.errors import BudgetExceeded, ModelError
from agent.llm.model import Model, Reply, Request, estimate_request_tokens
from agent.llm.prices import Prices

T = TypeVar("T", bound=BaseModel)

# Output tokens set aside for a request whose settings name no limit.
ASSUMED_OUTPUT = 2_000


class Ledger(Protocol):
    """Where entries go. Nothing is ever changed or taken out."""

    def record(self, entry: Entry) -> None:
        """Append `entry`."""
        ...


class MemoryLedger:
    """A ledger that ends with the process."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def record(self, entry: Entry) -> None:
        """Append `entry`."""
        self.entries.append(entry)


class Metered:
    """A model whose requests are written into a ledger, and whose replies carry their cost."""

    def __init__(self, model: Model, ledger: Ledger, prices: Prices | None = None) -> None:
        self._model, self._ledger, self._prices = model, ledger, prices or Prices()

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The wrapped model's reply, priced. A `ModelError` is recorded and passed on."""
        started = time.perf_counter()
        try:
            reply = await self._model.ask(request)
        except ModelError as error:
            if error.attempts:
                self._record_failure(request, error, time.perf_counter() - started)
            raise
        paid = self._prices.cost(request.model, reply.usage) if reply.source == "provider" else 0.0
        self._ledger.record(_entry(request, reply.source, reply.usage, paid, reply.seconds, reply.attempts))
        return replace(reply, cost_usd=paid)

    def _record_failure(self, request: Request[Any], error: ModelError, seconds: float) -> None:
        usage = spent_on(error)
        paid = self._prices.cost(request.model, usage)
        self._ledger.record(_entry(request, "provider", usage, paid, seconds, error.attempts, error.code))


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
    return Usage(input_tokens=error.input_tokens, output_tokens=error.output_tokens, cached_tokens=error.cached_tokens)


@dataclass(frozen=True)
class Amount:
    """Tokens (input and output) and US dollars."""

    tokens: int = 0
    usd: float = 0.0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.tokens + other.tokens, self.usd + other.usd)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.tokens - other.tokens, self.usd - other.usd)


class Budget:
    """A model that stops before the next request would pass a limit.

    For each request in flight an estimate is set aside: its input tokens (characters / 4) and its `max_tokens`, or
    2,000 where its settings name none. A request that fits only once others have turned out cheaper waits for them; one
    that does not fit with nothing in flight raises `BudgetExceeded`. Re-asks of a reply that did not fit its schema are
    not foreseen, so the limit can be passed by at most what those cost. `spent` is what was used up before.
    """

    def __init__(
        self,
        model: Model,
        *,
        usd: float | None = None,
        tokens: int | None = None,
        prices: Prices | None = None,
        spent: Amount | None = None,
    ) -> None:
        self._model, self._usd, self._tokens = model, usd, tokens
        self._prices = prices or Prices()
        self.spent = spent or Amount()
        self._reserved = Amount()
        self._flying = 0
        self._settled = asyncio.Condition()

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The wrapped model's reply, if it can be paid for."""
        reserve = self._amount(request, self._foreseen(request))
        await self._admit(request, reserve)
        used = reserve  # a request that is cancelled has probably been paid for
        try:
            reply = await self._model.ask(request)
            used = self._amount(request, reply.usage) if reply.source == "provider" else Amount()
            return reply
        except ModelError as error:
            used = self._amount(request, spent_on(error))
            raise
        finally:
            await self._settle(reserve, used)

    async def _admit(self, request: Request[Any], reserve: Amount) -> None:
        async with self._settled:
            while (broken := self._broken(request, self.spent + self._reserved + reserve)) is not None:
                if self._flying == 0:
                    raise BudgetExceeded(broken)
                await self._settled.wait()
            self._reserved += reserve
            self._flying += 1

    async def _settle(self, reserve: Amount, used: Amount) -> None:
        # Booked before the first await: a cancelled task must not leave its reservation behind.
        self._reserved -= reserve
        self.spent += used
        self._flying -= 1
        async with self._settled:
            self._settled.notify_all()

    def _broken(self, request: Request[Any], total: Amount) -> str | None:
        subject = request.subject or request.id
        if self._tokens is not None and total.tokens > self._tokens:
            return f"the next request ({subject}) would pass the limit of {self._tokens} tokens; {self._so_far()}"
        if self._usd is not None and total.usd > self._usd:
            return f"the next request ({subject}) would pass the limit of ${self._usd:.2f}; {self._so_far()}"
        return None

    def _so_far(self) -> str:
        money = f", ${self.spent.usd:.4f}" if self._usd is not None else ""
        return f"used so far: {self.spent.tokens} tokens{money}; what is done is kept; raise the limit to go on"

    def _foreseen(self, request: Request[Any]) -> Usage:
        limits = [request.settings.get(name) for name in ("max_tokens", "max_completion_tokens")]
        output = max((int(limit) for limit in limits if limit is not None), default=ASSUMED_OUTPUT)
        return Usage(input_tokens=estimate_request_tokens(request), output_tokens=output, estimated=True)

    def _amount(self, request: Request[Any], usage: Usage) -> Amount:
        cost = self._prices.cost(request.model, usage)
        if cost is None and self._usd is not None:
            raise BudgetExceeded(
                f"the price of {request.model} is not known, so a limit in money cannot be kept; "
                "give its price beside the model, or set the limit in tokens"
            )
        return Amount(usage.input_tokens + usage.output_tokens, cost or 0.0)
