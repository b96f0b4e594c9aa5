"""Retries of one endpoint: bounded in number and in time, with jitter, and as the provider asks for them."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from agent.core.errors import ModelUnreachable
from agent.core.observing import span
from agent.llm.model import Request
from agent.llm.pace import Pacer
from agent.llm.tokens import foreseen
from agent.llm.wire import Completion, Transient, Wire


@dataclass(frozen=True)
class Patience:
    """How long to keep trying one request.

    At most `attempts` exchanges; no wait is begun that would end more than `total_seconds` after the first of them
    began. The k-th wait is drawn evenly from 0 to `first_wait` x 2^(k-1), at most `longest_wait` ("full jitter",
    M. Brooker, "Exponential backoff and jitter", AWS Architecture Blog, 2015). After a refusal (429) the pause that all
    requests of the endpoint share takes its place.
    """

    attempts: int = 6
    total_seconds: float = 300.0
    first_wait: float = 1.0
    longest_wait: float = 30.0


class Retries:
    """Sends through one wire until an answer comes or patience ends, at the pace that the endpoint takes (pace.py).

    `sleep` and `clock` (seconds that never go back) are those of the event loop unless a test brings its own.
    """

    def __init__(
        self,
        patience: Patience | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        pacer: Pacer | None = None,
    ) -> None:
        self._patience = patience or Patience()
        self._sleep, self._clock = sleep, clock
        self._pacer = pacer or Pacer(longest=self._patience.total_seconds, sleep=sleep, clock=clock)

    async def send(self, wire: Wire, request: Request[Any], count: Callable[[], None]) -> Completion:
        """The first answer. `count` is called before each exchange. `ModelUnreachable` when patience ends."""
        sending = _Sending(self._pacer, self._clock, wire, request, count)
        while True:
            try:
                return await sending.exchange()
            except Transient as failed:
                wait = self._wait(sending, failed)
                if self._enough(sending, max(failed.retry_after or 0.0, wait)):
                    said = f"{request.model}: no answer after {_times(sending.made)}; the last: {failed.cause}"
                    raise ModelUnreachable(said) from failed
            await self._sleep(wait)

    def _enough(self, sending: _Sending, wait: float) -> bool:
        if sending.made >= self._patience.attempts or not sending.made:
            return True
        # Time waited for a first turn does not count: a long queue is no failure.
        return self._clock() - sending.began + wait >= self._patience.total_seconds

    def _wait(self, sending: _Sending, failed: Transient) -> float:
        if failed.signal.refused:
            return 0.0  # the pacer holds it back, with everybody else
        ceiling = min(self._patience.longest_wait, self._patience.first_wait * 2 ** max(0, sending.made - 1))
        return random.uniform(0, ceiling)


class _Sending:
    """One request on its way: each exchange is let through by the pacer, and tells it how it went."""

    def __init__(
        self,
        pacer: Pacer,
        clock: Callable[[], float],
        wire: Wire,
        request: Request[Any],
        count: Callable[[], None],
    ) -> None:
        self._pacer, self._clock, self._wire, self._request, self._count = pacer, clock, wire, request, count
        self.made = 0
        self.began = 0.0

    async def exchange(self) -> Completion:
        """One exchange."""
        pacer = self._pacer
        await pacer.admit(self._tokens() if pacer.counts_tokens else 0.0, again=self.made > 0)
        try:
            sent = self._clock()
            self.began = self.began if self.made else sent
            self.made += 1
            self._count()
            try:
                completion = await self._send()
            except Transient as failed:
                if failed.signal.refused:
                    await pacer.tell(failed.signal, self._clock() - sent)
                raise
            await pacer.tell(completion.signal, self._clock() - sent)
            return completion
        finally:
            pacer.leave()

    async def _send(self) -> Completion:
        with span("exchange", model=self._request.model, number=self.made) as told:
            try:
                return await self._wire.send(self._request)
            except Transient as failed:
                told.note(throttled=failed.signal.refused)
                raise

    def _tokens(self) -> float:
        usage = foreseen(self._request)
        return float(usage.input_tokens + usage.output_tokens)


def _times(number: int) -> str:
    return "1 attempt" if number == 1 else f"{number} attempts"
