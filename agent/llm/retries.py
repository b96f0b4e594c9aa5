"""Retries of one endpoint: bounded in number and in time, with jitter, and as the provider asks for them."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.errors import ModelUnreachable
from agent.llm.model import Request
from agent.llm.wire import Completion, Transient, Wire

if TYPE_CHECKING:
    from tenacity import RetryCallState


@dataclass(frozen=True)
class Patience:
    """How long to keep trying one request.

    At most `attempts` exchanges; no wait is begun that would end more than `total_seconds` after the first of them.
    The k-th wait is drawn evenly from 0 to `first_wait` x 2^(k-1), at most `longest_wait` ("full jitter", M. Brooker,
    "Exponential backoff and jitter", AWS Architecture Blog, 2015), and never shorter than Retry-After.
    """

    attempts: int = 6
    total_seconds: float = 300.0
    first_wait: float = 1.0
    longest_wait: float = 30.0


class Retries:
    """Sends through one wire until an answer comes or patience ends.

    When the provider says Retry-After, every request to this endpoint waits, not only the one that was told: the
    others would be refused too, and each refusal would be answered with another retry. `sleep` and `clock` (seconds
    that never go back) are those of the event loop unless a test brings its own.
    """

    def __init__(
        self,
        patience: Patience | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._patience = patience or Patience()
        self._sleep, self._clock = sleep, clock
        self._resume_at = 0.0

    async def send(self, wire: Wire, request: Request[Any], count: Callable[[], None]) -> Completion:
        """The first answer. `count` is called before each exchange. `ModelUnreachable` when patience ends."""
        from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, stop_before_delay

        async def exchange() -> Completion:
            await self._pause()
            count()
            return await wire.send(request)

        retrying = AsyncRetrying(
            sleep=self._sleep,
            stop=stop_after_attempt(self._patience.attempts) | stop_before_delay(self._patience.total_seconds),
            wait=self._wait,
            retry=retry_if_exception_type(Transient),
            reraise=True,
        )
        try:
            return await retrying(exchange)
        except Transient as last:
            made = _times(retrying.statistics["attempt_number"])
            raise ModelUnreachable(f"{request.model}: no answer after {made}; the last: {last.cause}") from last

    def _wait(self, state: RetryCallState) -> float:
        outcome = state.outcome
        told = getattr(outcome.exception(), "retry_after", None) if outcome is not None else None
        ceiling = min(self._patience.longest_wait, self._patience.first_wait * 2 ** (state.attempt_number - 1))
        wait = random.uniform(0, ceiling)
        if told is None:
            return wait
        if told <= self._patience.total_seconds:
            self._resume_at = max(self._resume_at, self._clock() + told)
        return float(told) + wait

    async def _pause(self) -> None:
        """Wait until the time the provider named, spread a little so that not all start at once.

        Looked at once: a wait that others prolong meanwhile would have no bound.
        """
        left = self._resume_at - self._clock()
        if left > 0:
            await self._sleep(left + random.uniform(0, self._patience.first_wait))


def _times(number: int) -> str:
    return "1 attempt" if number == 1 else f"{number} attempts"
