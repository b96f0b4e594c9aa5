"""Decides how long one request is retried, with tenacity; a refusal pauses all requests of the endpoint."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from agent.core.errors import ModelUnreachable
from agent.core.observing import span
from agent.llm.model import Request
from agent.llm.pace import Pacer
from agent.llm.tokens import foreseen
from agent.llm.wire import Completion, Transient


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


@dataclass
class _Tries:
    """How often one request was sent, and when it was first sent."""

    made: int = 0
    began: float = 0.0


class Retries:
    """Sends one exchange until an answer comes or patience ends, at the pace that the endpoint takes (pace.py).

    `sleep` and `clock` (seconds that never go back) are those of the event loop unless a test brings its own.
    """

    def __init__(
        self,
        patience: Patience | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        pacer: Pacer | None = None,
    ) -> None:
        self._patience, self._sleep, self._clock = patience or Patience(), sleep, clock
        self._pacer = pacer or Pacer(longest=self._patience.total_seconds, sleep=sleep, clock=clock)

    async def send(self, request: Request[Any], exchange: Callable[[], Awaitable[Completion]]) -> Completion:
        """The first answer of `exchange`. `ModelUnreachable` when patience ends."""
        tries = _Tries()
        retrying = AsyncRetrying(
            sleep=self._sleep,
            stop=lambda state: self._out_of_patience(state, tries),
            wait=self._wait,
            retry=retry_if_exception_type(Transient),
            reraise=True,
        )
        try:
            return await retrying(self._paced, request, exchange, tries)
        except Transient as last:
            times = "1 attempt" if tries.made == 1 else f"{tries.made} attempts"
            raise ModelUnreachable(f"{request.model}: no answer after {times}; the last: {last.cause}") from last

    async def _paced(
        self, request: Request[Any], exchange: Callable[[], Awaitable[Completion]], tries: _Tries
    ) -> Completion:
        """One exchange, sent when the pacer admits it; the pacer is told how it went."""
        pacer, tokens = self._pacer, 0.0
        if pacer.counts_tokens:
            usage = foreseen(request)
            tokens = float(usage.input_tokens + usage.output_tokens)
        await pacer.admit(tokens, again=tries.made > 0)
        try:
            sent = self._clock()
            # Patience counts from the first exchange, not from the wait for a turn.
            tries.began = tries.began if tries.made else sent
            tries.made += 1
            with span("exchange", model=request.model, number=tries.made) as told:
                try:
                    completion = await exchange()
                except Transient as failed:
                    told.note(throttled=failed.signal.refused)
                    if failed.signal.refused:
                        await pacer.tell(failed.signal, self._clock() - sent)
                    raise
            await pacer.tell(completion.signal, self._clock() - sent)
            return completion
        finally:
            pacer.leave()

    def _out_of_patience(self, state: RetryCallState, tries: _Tries) -> bool:
        wait = max(_failed(state).retry_after or 0.0, state.upcoming_sleep)
        if tries.made >= self._patience.attempts or not tries.made:
            return True
        # Time waited for a first turn does not count: a long queue is no failure.
        return self._clock() - tries.began + wait >= self._patience.total_seconds

    def _wait(self, state: RetryCallState) -> float:
        if _failed(state).signal.refused:
            return 0.0  # the pacer holds it back, with everybody else
        ceiling = min(self._patience.longest_wait, self._patience.first_wait * 2 ** (state.attempt_number - 1))
        return random.uniform(0, ceiling)


def _failed(state: RetryCallState) -> Transient:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, Transient)
    return error
