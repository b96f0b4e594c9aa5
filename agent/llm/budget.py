"""Spending limits: of one run, and of a calendar month over all runs."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel

from agent.core.errors import BudgetExceeded, ModelError
from agent.llm.ledger import spent_on
from agent.llm.model import Model, Reply, Request, Usage
from agent.llm.prices import Prices
from agent.llm.tokens import foreseen

T = TypeVar("T", bound=BaseModel)

WARNED_AT = 0.8
_REREAD = 30.0  # seconds after which the ledger is asked again what others have spent
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Amount:
    """Tokens (input and output) and US dollars."""

    tokens: int = 0
    usd: float = 0.0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.tokens + other.tokens, self.usd + other.usd)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.tokens - other.tokens, self.usd - other.usd)


class Budget:
    """A wrapper around a model that stops before the next request would pass a spending limit.

    An estimate of each request in flight is set aside (tokens.foreseen). A request that would only fit if others turn
    out cheaper waits for them; one that does not fit with nothing in flight raises `BudgetExceeded`. Re-asks of replies
    that did not fit their schema are not estimated, so the limit can be passed by at most their cost. `spent` is what
    was used before; `limit` is the word for the money limit in the message.
    """

    def __init__(
        self,
        model: Model,
        *,
        usd: float | None = None,
        tokens: int | None = None,
        prices: Prices | None = None,
        spent: Amount | None = None,
        limit: str = "the limit",
    ) -> None:
        self._model, self._usd, self._tokens = model, usd, tokens
        self._prices, self._limit = prices or Prices(), limit
        self.spent = spent or Amount()
        self._reserved = Amount()
        self._flying = 0
        self._settled = asyncio.Condition()

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The wrapped model's reply, if it can be paid for."""
        reserve = self._amount(request, foreseen(request))
        async with self._settled:
            while (broken := self._limit_broken(request, self.spent + self._reserved + reserve)) is not None:
                if self._flying == 0:
                    raise BudgetExceeded(broken)
                await self._settled.wait()
            self._reserved += reserve
            self._flying += 1
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

    async def _settle(self, reserve: Amount, used: Amount) -> None:
        # Booked before the first await: a cancelled task must not leave its reservation behind.
        self._reserved -= reserve
        self.spent += used
        self._flying -= 1
        async with self._settled:
            self._settled.notify_all()

    def _limit_broken(self, request: Request[Any], total: Amount) -> str | None:
        subject = request.subject or request.id
        if self._tokens is not None and total.tokens > self._tokens:
            return f"the next request ({subject}) would pass the limit of {self._tokens} tokens; {self._so_far()}"
        if self._usd is not None and total.usd > self._usd:
            return f"the next request ({subject}) would pass {self._limit} of ${self._usd:.2f}; {self._so_far()}"
        return None

    def _so_far(self) -> str:
        money = f", ${self.spent.usd:.4f}" if self._usd is not None else ""
        return f"used so far: {self.spent.tokens} tokens{money}; what is done is kept; raise the limit to go on"

    def _amount(self, request: Request[Any], usage: Usage) -> Amount:
        cost = self._prices.cost(request.model, usage)
        if cost is None and self._usd is not None:
            raise BudgetExceeded(_unpriced(request))
        return Amount(usage.input_tokens + usage.output_tokens, cost or 0.0)


class Month:
    """The spending of the calendar month (UTC); `spent_usd(since)` reads it from the ledger. Warns once when 80 % of
    `usd` is spent.

    The ledger is read every 30 seconds, so that other workers' spending counts; in between each worker adds only its
    own.
    """

    def __init__(
        self,
        usd: float,
        spent_usd: Callable[[str], float],
        today: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.usd, self._spent_usd, self._today, self._clock = usd, spent_usd, today, clock
        self._read_at: float | None = None
        self._warned = ""

    def spent(self, so_far: float) -> float:
        """US dollars spent this month; `so_far` is what this worker has spent itself."""
        now = self._clock()
        if self._read_at is None or now - self._read_at >= _REREAD:
            self._read_at = now
            so_far = self._spent_usd(self._begin)
        if so_far >= WARNED_AT * self.usd and self._warned != self._begin:
            self._warned = self._begin
            _log.warning(
                "$%.2f of this month's $%.2f are spent (monthly_budget_usd); requests stop when it is used up",
                so_far,
                self.usd,
            )
        return so_far

    @property
    def left(self) -> float:
        return max(0.0, self.usd - self._spent_usd(self._begin))

    @property
    def _begin(self) -> str:
        return self._today().replace(day=1, hour=0, minute=0, second=0, microsecond=0).isoformat()


class MonthlyBudget:
    """A wrapper around a model that stops before the next request would pass the month's limit."""

    def __init__(self, model: Model, month: Month, prices: Prices) -> None:
        self._month = month
        self._budget = Budget(model, usd=month.usd, prices=prices, limit="the monthly budget")

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The wrapped model's reply, if this month can still pay for it."""
        spent = self._budget.spent
        self._budget.spent = Amount(spent.tokens, self._month.spent(spent.usd))
        return await self._budget.ask(request)


def affordable(
    requests: Iterable[Request[Any]], left_usd: float, prices: Prices, factor: float = 1.0
) -> Iterator[Request[Any]]:
    """Yields `requests` until their estimated cost at `factor` of the price exceeds what is left: then
    `BudgetExceeded`."""
    total = 0.0
    for request in requests:
        cost = prices.cost(request.model, foreseen(request))
        if cost is None:
            raise BudgetExceeded(_unpriced(request))
        total += cost * factor
        if total > left_usd:
            raise BudgetExceeded(
                f"these requests would take more than the ${left_usd:.2f} that are left of the limit; "
                "send fewer or raise it"
            )
        yield request


def _unpriced(request: Request[Any]) -> str:
    key = "input_usd_per_million and output_usd_per_million" if request.sound is None else "usd_per_minute"
    return (
        f"the price of {request.model} is not known, so a limit in money cannot be kept; "
        f"write {key} in its binding (0 for a machine of your own)"
    )
