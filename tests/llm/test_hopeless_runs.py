"""A run whose requests all end the same way stops: the rest would be paid for and end like them."""

from __future__ import annotations

import asyncio

import pytest

from agent.core.errors import BudgetExceeded, InputTooLong, ModelError, ModelRejected, ReplyInvalid
from agent.llm.asking import STOP_AFTER, each


async def ran(outcomes: list[ModelError | None], concurrency: int = 1) -> tuple[list[int], ModelError | None]:
    """The jobs that were done, and what the run ended with; the last outcome repeats for 100 jobs."""
    done: list[int] = []

    async def work(job: int) -> str:
        error = outcomes[min(job, len(outcomes) - 1)]
        if error is not None:
            raise error
        return "good"

    try:
        await each(range(100), work, concurrency, lambda job, _: done.append(job))
    except ModelError as error:
        return done, error
    return done, None


@pytest.mark.parametrize("concurrency", [1, 16])
async def test_failures_alike_from_the_start_end_the_run(concurrency: int) -> None:
    done, error = await ran([ReplyInvalid("no fit; it begins: '<think>'")], concurrency)
    assert STOP_AFTER <= len(done) < STOP_AFTER + concurrency
    assert isinstance(error, ReplyInvalid)
    assert f"stopped after {STOP_AFTER} failures alike in a row" in str(error)
    assert "<think>" in str(error)


async def test_a_model_that_dies_in_the_middle_ends_the_run_there() -> None:
    done, error = await ran([None] * 40 + [ModelRejected("401")])
    assert (len(done), type(error)) == (40 + STOP_AFTER, ModelRejected)


async def test_failures_with_successes_between_them_do_not() -> None:
    outcomes: list[ModelError | None] = [*[ReplyInvalid("x")] * (STOP_AFTER - 1), None] * 20
    assert await ran(outcomes) == (list(range(100)), None)


async def test_failures_that_differ_do_not() -> None:
    outcomes: list[ModelError | None] = [ReplyInvalid("x"), ModelRejected("y")] * 50
    assert await ran(outcomes) == (list(range(100)), None)


async def test_texts_that_are_too_long_say_nothing_of_the_model() -> None:
    assert await ran([InputTooLong("long")]) == (list(range(100)), None)


async def test_without_budget_nothing_new_is_begun_and_what_is_in_flight_is_waited_for() -> None:
    begun: list[int] = []
    done: list[int] = []

    async def work(job: int) -> str:
        begun.append(job)
        await asyncio.sleep(0.01)
        if job == 0:
            raise BudgetExceeded("nothing is left")
        await asyncio.sleep(0.05)
        return "good"

    with pytest.raises(BudgetExceeded):
        await each(range(100), work, 3, lambda job, _: done.append(job))
    assert begun == [0, 1, 2]
    assert done == [1, 2]
