"""The month's budget: over all runs and workers, with a warning before the end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.core.errors import BudgetExceeded
from agent.llm.budget import Month, MonthlyBudget
from agent.llm.model import Reply, Request, Usage
from agent.llm.prices import Price, Prices
from tests.llm.fakes import FakeModel
from tests.llm.replies import GOOD, request
from tests.llm.times import Time

PRICES = Prices({"openai/stub-1": Price(input=0.0, output=1.0, cached=0.0)})


class TenDollars:
    """A model whose every reply costs ten dollars, of the fifty that each request might."""

    def __init__(self) -> None:
        self.fake = FakeModel(lambda _: GOOD)

    async def ask(self, request: Request[Any]) -> Reply[Any]:
        return replace(await self.fake.ask(request), usage=Usage(output_tokens=10))


class Spending:
    """A ledger's sum, as other workers add to it."""

    def __init__(self, usd: float) -> None:
        self.usd, self.since = usd, ""

    def of(self, since: str) -> float:
        self.since = since
        return self.usd


def month(usd: float, spending: Spending, time: Time, now: datetime = datetime(2026, 3, 17, 9, tzinfo=UTC)) -> Month:
    return Month(usd, spending.of, lambda: now, time.clock)


async def test_what_was_spent_before_counts_and_the_limit_holds() -> None:
    spending = Spending(920.0)
    model = MonthlyBudget(TenDollars(), month(1000.0, spending, Time()), PRICES)
    for _ in range(4):
        await model.ask(request())
    assert spending.since == "2026-03-01T00:00:00+00:00"
    with pytest.raises(BudgetExceeded, match=r"would pass the monthly budget of \$1000\.00; .*\$960"):
        await model.ask(request())


async def test_what_others_spend_is_seen_after_a_while() -> None:
    spending, time = Spending(0.0), Time()
    model = MonthlyBudget(TenDollars(), month(1000.0, spending, time), PRICES)
    await model.ask(request())
    spending.usd = 990.0
    await model.ask(request())
    time.now += 31.0
    with pytest.raises(BudgetExceeded):
        await model.ask(request())


async def test_many_at_once_never_pass_the_limit() -> None:
    slow = TenDollars()
    model = MonthlyBudget(slow, month(1000.0, Spending(880.0), Time()), PRICES)
    found = await asyncio.gather(*(model.ask(request(draw=n)) for n in range(30)), return_exceptions=True)
    spent = 10 * len([r for r in found if isinstance(r, Reply)])
    assert 0 < spent <= 120
    assert any(isinstance(r, BudgetExceeded) for r in found)


async def test_a_warning_once_at_four_fifths(caplog: pytest.LogCaptureFixture) -> None:
    model = MonthlyBudget(TenDollars(), month(1000.0, Spending(785.0), Time()), PRICES)
    await model.ask(request())
    await model.ask(request())
    assert caplog.records == []
    for _ in range(3):
        await model.ask(request())
    assert [r.message for r in caplog.records] == [
        "$805.00 of this month's $1000.00 are spent (monthly_budget_usd); requests stop when it is used up"
    ]


def test_what_is_left_of_a_month() -> None:
    assert month(100.0, Spending(30.0), Time()).left == 70.0
    assert month(100.0, Spending(130.0), Time()).left == 0.0
