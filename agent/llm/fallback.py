"""Asks another model if the first one cannot answer (docs/adr/0007-pace-and-fallback.md).

    Fallback ─ Metered ─ Recorder ─ CachedModel ─ Budget ─ one gateway a model

It stands above cache, recordings and ledger: the request to another model is another request, with an id, a price and a
recording of its own, and the reply says which one was answered (`Reply.asked`).

The next is asked where a model cannot be reached (connections, time-outs, 5xx, 429 beyond their retries) or refuses the
request (key, quota, unknown model). Never where it did answer: a refusal, a reply that is cut or does not fit is that
model's result, and asking others until one answers differently would choose the result.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from pydantic import BaseModel

from agent.core.errors import ModelError, ModelRejected, ModelUnreachable, RecordingMissing
from agent.llm.model import Model, Reply, ReplyMode, Request, Setting

T = TypeVar("T", bound=BaseModel)

# For this many seconds an unreachable model is skipped; then one request tries it again.
REST = 60.0
_UNANSWERED = (ModelUnreachable, ModelRejected, RecordingMissing)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Alternative:
    """A model that may take a request over, with the settings of its binding."""

    model: str
    settings: Mapping[str, Setting] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    reply_mode: ReplyMode = "json_schema"
    endpoint: str = ""

    def taking(self, request: Request[T]) -> Request[T]:
        """`request` addressed to this model: with the prompt's own settings, then those of this binding."""
        settings = {k: v for k, v in {**request.defaults, **self.settings}.items() if k not in self.dropped}
        return replace(request, model=self.model, settings=settings, reply_mode=self.reply_mode, endpoint=self.endpoint)


class Fallback:
    """Asks a role's models in their order until one answers.

    `chains` holds each role's alternatives, without the first model. A request that names one of them already (the
    follow-up of a reply that it gave) is asked of that model only: a conversation stays with whom it began.
    """

    def __init__(
        self,
        model: Model,
        chains: Mapping[str, Sequence[Alternative]],
        *,
        rest: float = REST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model, self._chains = model, chains
        self._rest, self._clock = rest, clock
        self._resting: dict[str, float] = {}

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The first reply. If no model replies: `ModelUnreachable` if asking later may help, else the first error."""
        ways = self._ways(request)
        errors: list[ModelError] = []
        for way, after in zip(ways, [*ways[1:], None], strict=True):
            try:
                reply = await self._model.ask(way)
            except _UNANSWERED as error:
                errors.append(error)
                if after is not None:
                    self._pass_over(way.model, after.model, error)
            else:
                self._resting.pop(way.model, None)
                return reply
        raise _joined_error(errors)

    def _ways(self, request: Request[T]) -> list[Request[T]]:
        alternatives = self._chains.get(request.role, ())
        if any(request.model == a.model for a in alternatives):
            return [request]
        ways = [request, *(a.taking(request) for a in alternatives)]
        # Skipped models are asked last, not never: the others may fail too.
        return sorted(ways, key=lambda way: self._rests(way.model)) if len(ways) > 1 else ways

    def _rests(self, model: str) -> bool:
        until = self._resting.get(model)
        if until is None:
            return False
        now = self._clock()
        if now < until:
            return True
        self._resting[model] = now + self._rest  # this request tries; the others go by its result
        return False

    def _pass_over(self, model: str, taking_over: str, error: ModelError) -> None:
        if isinstance(error, RecordingMissing):
            return
        if model not in self._resting:
            _log.warning("%s; asking %s instead", error, taking_over)
        self._resting[model] = self._clock() + self._rest


def _joined_error(errors: Sequence[ModelError]) -> ModelError:
    if len(errors) == 1:
        return errors[0]
    first: ModelError = next((e for e in errors if isinstance(e, ModelUnreachable)), errors[0])
    made = type(first)("; then ".join(map(str, errors)), advice=first.advice)
    made.model, made.endpoint, made.request = first.model, first.endpoint, first.request
    made.attempts = sum(e.attempts for e in errors)
    return made
