"""The pace in the database when its workers are threads and processes that ask at the same moment, on SQLite and on
PostgreSQL: nothing taken is lost, so together they stay within the limits. Time stands still, so the sums are exact."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, select

from agent.db.database import open_database
from agent.db.paces import SqlPace
from agent.db.schema_jobs import paces
from agent.llm.pacing import BURST_SECONDS, Grant, Limits, Pace, Signal, answered
from tests.durable.conftest import database  # noqa: F401  a fixture

NOW = 1_764_000_000.0
ENDPOINT = "https://x|m|"
RATE, TOKEN_RATE = 10.0, 1000.0  # a second
LIMITS = Limits(requests_per_minute=60 * RATE, tokens_per_minute=60 * TOKEN_RATE, in_flight=64)
WORKERS, PROCESSES, CLAIMS, TOKENS = 8, 3, 40, 50


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:  # noqa: F811  the fixture imported above
    opened = open_database(database)
    yield opened
    opened.dispose()


def new(engine: Engine) -> SqlPace:
    return SqlPace(engine, ENDPOINT, LIMITS, lambda: NOW)


def row(engine: Engine) -> Pace:
    """What is stored; fails unless there is exactly one row."""
    with engine.connect() as connection:
        found = connection.execute(select(paces)).mappings().one()
    return Pace(**{name: value for name, value in found.items() if name != "endpoint"})


def at_once(workers: list[SqlPace], work: Callable[[SqlPace], Coroutine[Any, Any, Any]]) -> list[Any]:
    """`work` on each, in a thread and event loop of its own, all beginning together."""
    gate = threading.Barrier(len(workers))

    async def begin(pace: SqlPace) -> Any:
        gate.wait(30)
        return await work(pace)

    with ThreadPoolExecutor(len(workers)) as threads:
        return list(threads.map(lambda pace: asyncio.run(begin(pace)), workers))


async def claim_all(pace: SqlPace) -> list[float]:
    return [(await pace.claim(1, TOKENS)).wait for _ in range(CLAIMS)]


def check_within_limits(waits: list[float], stored: Pace) -> None:
    """No more may go by any moment than the burst and the rate; and nobody waits for what nobody took."""
    for place, wait in enumerate(sorted(waits), 1):
        assert place <= RATE * (BURST_SECONDS + wait) + 1e-6
        assert place * TOKENS <= TOKEN_RATE * (BURST_SECONDS + wait) + 1e-6
    # A worker takes a second's allowance at a time, and `CLAIMS` is a multiple of it: nothing is left over.
    assert stored.requests_left == pytest.approx(RATE * BURST_SECONDS - len(waits))
    assert stored.tokens_left == pytest.approx(TOKEN_RATE * BURST_SECONDS - len(waits) * TOKENS)
    assert max(waits) == pytest.approx(max(0, len(waits) - RATE * BURST_SECONDS) / RATE)


def test_threads_that_claim_at_once_stay_within_the_limits_together(engine: Engine) -> None:
    waits = at_once([new(engine) for _ in range(WORKERS)], claim_all)
    check_within_limits([wait for one in waits for wait in one], row(engine))


def _keep(gate: Any) -> None:
    _kept.append(gate)


_kept: list[Any] = []


def claim_in_process(url: str) -> list[float]:
    """A worker process: waits for the others, then claims."""
    engine = open_database(url)
    _kept[0].wait(60)
    try:
        return asyncio.run(claim_all(new(engine)))
    finally:
        engine.dispose()


@pytest.mark.slow
def test_processes_that_claim_at_once_stay_within_the_limits_together(engine: Engine, database: str) -> None:  # noqa: F811
    start = multiprocessing.get_context("spawn")
    with start.Pool(PROCESSES, _keep, (start.Barrier(PROCESSES),)) as pool:
        waits = pool.map(claim_in_process, [database] * PROCESSES, chunksize=1)
    check_within_limits([wait for one in waits for wait in one], row(engine))


def test_refusals_that_come_to_all_at_once_halve_once_and_pause_all(engine: Engine) -> None:
    workers = [new(engine) for _ in range(WORKERS)]
    at_once(workers, claim_all)

    async def refused(pace: SqlPace) -> Grant:
        return await pace.report(Signal(True, pause=20.0), sent_ago=0.5, in_flight=LIMITS.in_flight)

    grants = at_once(workers, refused)
    assert {(grant.paused, grant.in_flight) for grant in grants} == {(20.0, 32)}
    assert row(engine).in_flight_limit == 32


def test_good_replies_that_all_tell_at_once_add_up(engine: Engine) -> None:
    later = NOW + 30
    first = new(engine)
    asyncio.run(first.report(Signal(True, pause=1.0), 0.5, 16))
    workers = [SqlPace(engine, ENDPOINT, LIMITS, lambda: later) for _ in range(WORKERS)]

    async def tell(pace: SqlPace) -> None:
        for _ in range(4):
            await pace.report(Signal(), 1.0, 8)
        await pace.claim(1, TOKENS)

    at_once(workers, tell)
    expected = Pace(0.0, 0.0, 0.0, later, 8.0)
    for _ in workers:
        expected = answered(expected, LIMITS, 4)
    assert row(engine).in_flight_limit == pytest.approx(expected.in_flight_limit)
