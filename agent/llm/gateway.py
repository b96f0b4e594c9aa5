"""The gateway: one endpoint as a `Model`, with retries, re-asks and every failure its own error.

    ask ─ too long? ─▶ InputTooLong
     └▶ send, when its turn comes (pace.py)
        (retries.py: 408, 409, 429, 5xx, time-outs, broken connections) ─▶ ModelUnreachable | ModelRejected
         └▶ check (replies.py) ─▶ ModelRefused | ReplyTruncated
              ├ empty: sent again          ─ at most `reasks` times ─▶ ReplyEmpty
              └ does not fit: asked again, with what is wrong        ─▶ ReplyInvalid

OpenAI-compatible endpoints are reached through openai_client.py, all other providers through litellm_client.py; both
import their vendor at the first request. CPU a request at 64 in flight, n = 192: 0.8 ms and 3.9 ms, where instructor over
openai takes 3.4, over litellm 6.1, and bare aiohttp 0.5 (docs/operations/benchmarks.md; evals/bench/gateway.py).
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, TypeVar

from pydantic import BaseModel

from agent.core.errors import InputTooLong, ModelError
from agent.llm.model import Reply, Request, Usage, estimate_request_tokens
from agent.llm.replies import Misfit, checked, correction
from agent.llm.retries import Retries
from agent.llm.wire import Completion, Endpoint, Wire, with_spent

T = TypeVar("T", bound=BaseModel)

REASKS = 2


class Gateway:
    """Answers requests from one endpoint.

    Safe for any number of requests at once on one event loop. Use it as `async with Gateway(...) as model:`, or call
    `aclose`; connections are pooled in between.
    """

    def __init__(
        self, endpoint: Endpoint | None = None, *, retries: Retries | None = None, reasks: int = REASKS
    ) -> None:
        self._endpoint = endpoint or Endpoint()
        self._retries = retries or Retries()
        self._reasks = reasks
        self._wires: dict[str, Wire] = {}

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The validated reply to `request`, its usage summed over all attempts. Raises `ModelError` subclasses only."""
        self._check_length(request)
        exchange = _Exchange(request, self._reasks)
        try:
            while True:
                completion = await self._retries.send(self._wire(request.model), exchange.asking, exchange.count)
                taken = exchange.take(completion)
                if taken is not None:
                    return exchange.reply(taken, completion)
        except ModelError as error:
            with_spent(error, request, exchange.usage, exchange.attempts)
            raise

    async def aclose(self) -> None:
        """Close pooled connections; asking again opens new ones."""
        for wire in self._wires.values():
            await wire.aclose()

    async def __aenter__(self) -> Gateway:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _check_length(self, request: Request[Any]) -> None:
        limit = self._endpoint.context_tokens
        if limit is None:
            return
        tokens = estimate_request_tokens(request)
        if tokens > limit:
            raise InputTooLong(
                f"{request.model}: {request.subject or 'the input'} takes about {tokens} tokens, the model reads "
                f"{limit}; send it in windows or raise context_tokens if the model reads more"
            )

    def _wire(self, model: str) -> Wire:
        kind = "openai" if self._endpoint.api_base or model.startswith("openai/") else "litellm"
        if kind not in self._wires:
            self._wires[kind] = _connect(kind, self._endpoint)
        return self._wires[kind]


def _connect(kind: str, endpoint: Endpoint) -> Wire:
    if kind == "openai":
        from agent.llm.openai_client import OpenAIWire

        return OpenAIWire(endpoint)
    from agent.llm.litellm_client import LiteLLMWire

    return LiteLLMWire(endpoint)


class _Exchange:
    """One request with its re-asks, and what all of it used."""

    def __init__(self, request: Request[Any], reasks: int) -> None:
        self.request = self.asking = request
        self.usage = Usage()
        self.attempts = 0
        self._left = reasks
        self._began = 0.0

    def count(self) -> None:
        """One more exchange begins."""
        self.attempts += 1
        self._began = time.perf_counter()

    def take(self, completion: Completion) -> tuple[Any, str] | None:
        """The validated value and its text, or None when `asking` is to be sent. Raises when no re-ask is left."""
        self.usage += completion.usage
        try:
            return checked(self.request, completion)
        except Misfit as misfit:
            if self._left == 0:
                raise misfit.final() from misfit
            self._left -= 1
            # Always made from the first request: earlier wrong replies would only fill the context.
            self.asking = (
                self.request.follow_up(completion.text, correction(misfit)) if completion.text else self.request
            )
            return None

    def reply(self, taken: tuple[Any, str], completion: Completion) -> Reply[Any]:
        """The reply to the first request. `seconds` is what the last exchange took, without waits and earlier ones."""
        value, text = taken
        return Reply(
            value=value,
            request=self.request.id,
            text=text,
            usage=self.usage,
            model=completion.model,
            source="provider",
            seconds=time.perf_counter() - self._began,
            attempts=self.attempts,
            asked=self.request,
        )
