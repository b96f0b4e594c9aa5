"""Every request is in the ledger with what it took; a budget stops before it is passed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from agent.core.errors import BudgetExceeded, InputTooLong, ModelError, ReplyInvalid
from agent.llm.budget import Amount, Budget
from agent.llm.ledger import Metered
from agent.llm.model import Reply, Request, Usage, estimate_request_tokens
from agent.llm.prices import Price, Prices
from tests.llm.fakes import FakeModel
from tests.llm.replies import GOOD, Entries, request

PRICES = Prices({"openai/stub-1": Price(input=1.0, output=10.0, cached=0.1)})
USED = Usage(input_tokens=100, output_tokens=10, cached_tokens=50)


class FixedModel:
    """A model with known usage."""

    def __init__(self, usage: Usage = USED, **changes: Any) -> None:
        self._fake, self._usage, self._changes = FakeModel(lambda _: GOOD), usage, changes

    async def ask(self, request: Request[Any]) -> Reply[Any]:
        return replace(await self._fake.ask(request), usage=self._usage, **self._changes)


class FailingModel:
    """A model whose failures cost something."""

    def __init__(self, error: ModelError, attempts: int) -> None:
        self.error = error
        error.attempts, error.input_tokens, error.output_tokens = attempts, 300, 30

    async def ask(self, request: Request[Any]) -> Reply[Any]:
        raise self.error


async def test_a_reply_is_priced_and_written_down() -> None:
    ledger = Entries()
    reply = await Metered(FixedModel(attempts=2, seconds=1.5), ledger, PRICES).ask(request())
    assert reply.cost_usd == pytest.approx(50 + 5 + 100)
    [entry] = ledger.entries
    assert (entry.usd, entry.usage, entry.attempts, entry.seconds) == (reply.cost_usd, USED, 2, 1.5)
    asked = request()
    assert (entry.request, entry.role, entry.prompt, entry.subject, entry.model) == (
        asked.id,
        "rater",
        asked.prompt,
        "call-1",
        "openai/stub-1",
    )
    assert (entry.source, entry.failure) == ("provider", "")


async def test_what_was_not_paid_costs_nothing() -> None:
    ledger = Entries()
    await Metered(FixedModel(source="cache"), ledger, PRICES).ask(request())
    assert (ledger.entries[0].usd, ledger.entries[0].usage) == (0.0, USED)


async def test_an_unknown_price_is_none() -> None:
    ledger = Entries()
    reply = await Metered(FixedModel(), ledger, Prices()).ask(request())
    assert reply.cost_usd is None
    assert ledger.entries[0].usd is None


async def test_a_failure_is_written_down_with_its_cost() -> None:
    ledger = Entries()
    with pytest.raises(ReplyInvalid):
        await Metered(FailingModel(ReplyInvalid("no"), 3), ledger, PRICES).ask(request())
    [entry] = ledger.entries
    assert (entry.failure, entry.attempts, entry.usage.input_tokens, entry.usd) == ("reply_invalid", 3, 300, 600.0)


async def test_what_was_never_sent_is_not_in_the_ledger() -> None:
    ledger = Entries()
    with pytest.raises(InputTooLong):
        await Metered(FailingModel(InputTooLong("no"), 0), ledger, PRICES).ask(request())
    assert ledger.entries == []


FORESEEN = estimate_request_tokens(request()) + 50


async def test_tokens_are_limited_by_what_was_used() -> None:
    budget = Budget(FixedModel(), tokens=110 + FORESEEN)
    await budget.ask(request())
    await budget.ask(request())
    with pytest.raises(BudgetExceeded, match=r"\(call-1\) would pass the limit of \d+ tokens; used so far: 220 tokens"):
        await budget.ask(request())
    assert budget.spent.tokens == 220


async def test_money_is_limited() -> None:
    foreseen = estimate_request_tokens(request()) * 1.0 + 50 * 10.0
    budget = Budget(FixedModel(), usd=155 + foreseen, prices=PRICES)
    await budget.ask(request())
    await budget.ask(request())
    with pytest.raises(BudgetExceeded, match=r"limit of \$"):
        await budget.ask(request())


async def test_what_was_spent_before_counts() -> None:
    with pytest.raises(BudgetExceeded):
        await Budget(FixedModel(), tokens=1000, spent=Amount(tokens=990)).ask(request())


async def test_money_cannot_be_limited_without_a_price() -> None:
    with pytest.raises(BudgetExceeded, match="price of openai/stub-1 is not known"):
        await Budget(FixedModel(), usd=1.0).ask(request())


async def test_no_limit_is_no_limit() -> None:
    assert (await Budget(FixedModel()).ask(request())).text == GOOD


async def test_requests_in_flight_never_pass_the_limit_together() -> None:
    """Ten at once, room for two estimates: they go two by two, and the limit holds although all ten would fit."""
    flying, most = 0, 0

    async def answer(_: Request[Any]) -> str:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0.001)
        flying -= 1
        return GOOD

    class Free:
        """Uses nothing, so that only reservations limit."""

        fake = FakeModel(answer)

        async def ask(self, request: Request[Any]) -> Reply[Any]:
            return replace(await self.fake.ask(request), usage=Usage())

    budget = Budget(Free(), tokens=2 * FORESEEN + 10)
    await asyncio.gather(*(budget.ask(request()) for _ in range(10)))
    assert most == 2


async def test_failures_and_cancellations_settle() -> None:
    budget = Budget(FailingModel(ReplyInvalid("no"), 3), tokens=FORESEEN + 400)
    with pytest.raises(ReplyInvalid):
        await budget.ask(request())
    assert budget.spent.tokens == 330

    async def never(_: Request[Any]) -> str:
        await asyncio.Event().wait()
        return GOOD

    budget = Budget(FakeModel(never), tokens=2 * FORESEEN)
    task = asyncio.create_task(budget.ask(request()))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    # Probably paid for, so it counts as foreseen; what was set aside for it is free again.
    assert budget.spent.tokens == FORESEEN
    waiting = asyncio.create_task(budget.ask(request()))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
