"""The pace of an endpoint in the database: all workers of a workspace ask it together (table `paces`, one row each).

A worker takes about a second's allowance at a time and spends it here, so a request costs no transaction of its
own; and it looks at the row at least each second while it asks, so that a pause found by one holds back all. Good
replies are told with the next look; a refusal at once. What a worker had taken and did not spend is lost when it
ends: at most one second's worth.

Times are the workers' clocks, seconds since 1970. A clock that is wrong by seconds shifts a pause by as much.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, replace

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from agent.db.database import read, transact
from agent.db.schema_jobs import paces
from agent.llm.pacing import (
    CALM,
    Grant,
    Limits,
    Pace,
    Signal,
    answered,
    claimed,
    corrected,
    fresh,
    granted,
    learned,
    refilled,
    refused,
    waiting,
)

LOOK_AGAIN = 1.0  # seconds


class SqlPace:
    """One endpoint's pace, shared by all workers that use this database. For one event loop at a time."""

    def __init__(
        self, engine: Engine, endpoint: str, limits: Limits | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._engine, self._endpoint, self._clock = engine, endpoint, clock
        self._configured = self._known = self.limits = limits or Limits()
        self._pace = fresh(self.limits, clock())
        self._seen: float | None = None
        self._replies = 0
        self._told = CALM
        self._requests = self._tokens = self._usable_at = 0.0
        self._looking = asyncio.Lock()

    async def claim(self, requests: float, tokens: float) -> Grant:
        """Take that many requests and tokens from the allowance; the request may be sent after `Grant.wait` seconds."""
        async with self._looking:
            now = self._clock()
            if self._seen is None or abs(now - self._seen) >= LOOK_AGAIN or not self._covers(requests, tokens):
                await self._look(requests, tokens)
            self._requests -= requests if self.limits.requests_per_minute else 0.0
            self._tokens -= tokens if self.limits.tokens_per_minute else 0.0
            return self._grant()

    async def report(self, signal: Signal, sent_ago: float, in_flight: int) -> Grant:
        """Report what the answer to a request sent `sent_ago` seconds ago said, with `in_flight` requests out here."""
        if signal.requests or signal.tokens:
            self.limits, self._told = learned(self._configured, self.limits, signal), signal
        if not signal.refused:
            self._replies += 1
            return self._grant()
        async with self._looking:
            await self._change(lambda pace, now: refused(pace, signal, now, sent_ago, in_flight))
            return self._grant()

    def _covers(self, requests: float, tokens: float) -> bool:
        enough = self.limits.requests_per_minute is None or self._requests >= requests
        return enough and (self.limits.tokens_per_minute is None or self._tokens >= tokens)

    def _grant(self) -> Grant:
        now = self._clock()
        return waiting(self._pace, now, self._usable_at - now)  # of the allowance this worker has its part already

    async def _look(self, requests: float, tokens: float) -> None:
        needed = _sip(self._requests, requests, self.limits.requests_per_minute)
        tokens_needed = _sip(self._tokens, tokens, self.limits.tokens_per_minute)
        if (
            not needed
            and not tokens_needed
            and self._told is CALM
            and (not self._replies or self._pace.in_flight_limit >= self.limits.in_flight)
        ):
            # Nothing to take and nothing to tell: reading shows pauses of other workers without the write lock.
            self._pace, self._seen = await asyncio.to_thread(self._read)
            return
        limits = self.limits
        await self._change(lambda pace, now: claimed(pace, limits, needed, tokens_needed))
        self._requests += needed
        self._tokens += tokens_needed
        if needed or tokens_needed:
            now = self._clock()
            # When the part taken is refilled. Without the pause, which may change: each grant looks at it anew.
            self._usable_at = now + granted(replace(self._pace, paused_until=0.0), limits, now).wait

    async def _change(self, change: Callable[[Pace, float], Pace]) -> None:
        """Store what was learned since the last look and apply `change` to the row, in one transaction."""
        replies, told, known, limits = self._replies, self._told, self._known, self.limits

        def work(connection: Connection) -> tuple[Pace, float]:
            before, now = self._locked(connection), self._clock()
            pace = answered(refilled(before, limits, now), limits, replies)
            after = change(corrected(pace, known, limits, told, now), now)
            connection.execute(update(paces).where(self._row).values(asdict(after)))
            return after, now

        self._pace, self._seen = await asyncio.to_thread(transact, self._engine, work)
        # Replies and limits that came in while the transaction ran are kept for the next one.
        self._known = limits
        self._replies -= replies
        self._told = CALM if self._told is told else self._told

    def _read(self) -> tuple[Pace, float]:
        now = self._clock()
        row = read(
            self._engine, lambda connection: connection.execute(select(paces).where(self._row)).mappings().first()
        )
        return (fresh(self.limits, now) if row is None else refilled(_pace(row), self.limits, now)), now

    def _locked(self, connection: Connection) -> Pace:
        # Write first: that locks the row (SQLite: the file) until the end, which a read would not do everywhere.
        held = connection.execute(update(paces).where(self._row).values(endpoint=self._endpoint))
        if not held.rowcount:
            pace = fresh(self.limits, self._clock())
            try:
                with connection.begin_nested():
                    connection.execute(insert(paces).values(endpoint=self._endpoint, **asdict(pace)))
            except IntegrityError:
                # Another worker was first: its row is used.
                connection.execute(update(paces).where(self._row).values(endpoint=self._endpoint))
        return _pace(connection.execute(select(paces).where(self._row)).mappings().one())

    @property
    def _row(self) -> ColumnElement[bool]:
        return paces.c.endpoint == self._endpoint


def _pace(row: RowMapping) -> Pace:
    return Pace(**{name: value for name, value in row.items() if name != "endpoint"})


def _sip(have: float, need: float, per_minute: float | None) -> float:
    """How much to take from the shared allowance: nothing if enough is left here, else what is needed and up to a
    second's worth."""
    if per_minute is None or have >= need:
        return 0.0
    return max(need - have, per_minute / 60)
