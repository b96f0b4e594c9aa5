"""Who may send to one endpoint, and when: slots in flight, the pause that all share, the allowance a minute.

    admit ─ a slot (at most as many in flight as the endpoint takes now) ─▶ the pause ─▶ the allowance ─▶ send
    tell  ◀─ what the answer says about the pace

The numbers are agent.llm.pacing's. `SharedPace` keeps them: `LocalPace` in this process, agent.db.paces in the
database for all workers. A refusal makes one pause for everybody: those who were told go first when it ends, at most
half as many at once as before.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

from agent.llm.pacing import (
    Grant,
    Limits,
    Signal,
    answered,
    claimed,
    corrected,
    fresh,
    granted,
    learned,
    refilled,
    refused,
)
from agent.llm.wire import Transient

# How far apart those who wait for the same moment start, as a share of the wait and at most, in seconds.
_SPREAD, _LONGEST_SPREAD = 0.1, 0.5


class SharedPace(Protocol):
    """How fast one endpoint may be asked, shared by everybody who asks it."""

    @property
    def limits(self) -> Limits:
        """The limits as far as they are known."""
        ...

    async def claim(self, requests: float, tokens: float) -> Grant:
        """Take that many requests and tokens from the allowance; the request may be sent after `Grant.wait` seconds."""
        ...

    async def report(self, signal: Signal, sent_ago: float, in_flight: int) -> Grant:
        """Report what the answer to a request sent `sent_ago` seconds ago said, with `in_flight` requests out here."""
        ...


class LocalPace:
    """A pace kept in this process only. `clock` gives seconds that never go back."""

    def __init__(self, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._configured = self.limits = limits or Limits()
        self._clock = clock
        self._pace = fresh(self.limits, clock())

    async def claim(self, requests: float, tokens: float) -> Grant:
        """See `SharedPace`."""
        now = self._clock()
        self._pace = claimed(refilled(self._pace, self.limits, now), self.limits, requests, tokens)
        return granted(self._pace, self.limits, now)

    async def report(self, signal: Signal, sent_ago: float, in_flight: int) -> Grant:
        """See `SharedPace`."""
        now, known = self._clock(), self.limits
        if signal.refused:
            self._pace = refused(self._pace, signal, now, sent_ago, in_flight)
        else:
            self._pace = answered(self._pace, known, 1)
        if signal.requests or signal.tokens:
            self.limits = learned(self._configured, known, signal)
            self._pace = corrected(refilled(self._pace, known, now), known, self.limits, signal, now)
        return granted(self._pace, self.limits, now)


class Pacer:
    """Decides when a request may go to one endpoint, for the requests of one event loop.

    First come, first served, except that a retry goes before requests that were never sent. `longest` is the longest
    pause to wait for, in seconds; if the pause is longer `admit` raises `Transient` at once.
    """

    def __init__(
        self,
        shared: SharedPace | None = None,
        *,
        longest: float = 300.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shared = shared or LocalPace(clock=clock)
        self._longest, self._sleep, self._clock = longest, sleep, clock
        self._in_flight_limit = self._shared.limits.in_flight
        self._resume_at = 0.0
        self.in_flight = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def counts_tokens(self) -> bool:
        """Whether a limit on tokens is known, so that `admit` needs to know how many a request takes."""
        return self._shared.limits.tokens_per_minute is not None

    async def admit(self, tokens: float = 0.0, *, again: bool = False) -> None:
        """Wait until a request of `tokens` tokens may be sent. Each `admit` must be followed by one `leave`."""
        await self._slot(again)
        try:
            grant = await self._shared.claim(1, tokens)
            self._take(grant)
            wait = grant.wait
            while wait > 0:
                paused = self._resume_at - self._clock()
                if paused > self._longest:
                    raise Transient(f"the provider asks to wait {paused:.0f} s", retry_after=paused)
                await self._sleep(wait + random.uniform(0, min(_SPREAD * wait, _LONGEST_SPREAD)))
                # Others may have been refused meanwhile. The claim stays.
                wait = self._resume_at - self._clock()
        # Also when cancelled: a slot that is never left would slow this endpoint for good.
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        """Note that an exchange is over, whether or not it succeeded."""
        self.in_flight -= 1
        self._wake()

    async def tell(self, signal: Signal, sent_ago: float) -> None:
        """Report what an answer said about the pace; call it before `leave`."""
        self._take(await self._shared.report(signal, sent_ago, self.in_flight))

    async def _slot(self, again: bool) -> None:
        if self.in_flight < self._in_flight_limit and (again or not self._waiting):
            self.in_flight += 1
            return
        ticket = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if again else self._waiting.append)(ticket)
        try:
            await ticket
        except asyncio.CancelledError:
            if ticket.done() and not ticket.cancelled():
                self.leave()  # the slot had just been handed over
            raise

    def _take(self, grant: Grant) -> None:
        self._resume_at = self._clock() + grant.paused if grant.paused else 0.0
        self._in_flight_limit = grant.in_flight
        self._wake()

    def _wake(self) -> None:
        while self._waiting and self.in_flight < self._in_flight_limit:
            ticket = self._waiting.popleft()
            # One that is done was cancelled while it waited: its slot goes to the next.
            if not ticket.done():
                self.in_flight += 1
                ticket.set_result(None)
