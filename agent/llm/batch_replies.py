"""Puts the results of a batch into the cache, so that the usual way of asking finds them there at no cost.

    ticket = await desk.submit(requests)     # those that are not in the cache, if they can be paid for
    keep(ticket)
    taken = await desk.collect(ticket, find)   # from time to time, until taken.ticket.done
    keep(taken.ticket, taken.entries)        # in one transaction: then each answer is booked once, whatever dies when

A result that is no complete, valid reply is not kept: it is asked again online, or in the next batch.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from agent.core.errors import ModelError
from agent.llm.answers import booked, check_read_whole
from agent.llm.batch_files import Result
from agent.llm.batches import PRICE_FACTOR, BatchTicket, OpenAIBatches
from agent.llm.budget import affordable
from agent.llm.cache import CachedModel
from agent.llm.ledger import answer_entry, failure_entry, spent_on
from agent.llm.model import Reply, Request
from agent.llm.prices import Prices
from agent.llm.replies import Misfit, checked
from agent.llm.spending import Entry
from agent.llm.wire import Completion, with_spent


@dataclass(frozen=True)
class Taken:
    """What a finished batch brought: the ticket to store from now on, the ledger entries to book, and the errors, by
    request id, of requests that have no reply in the cache."""

    ticket: BatchTicket
    failed: dict[str, ModelError] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class BatchDesk:
    """Hands in batches within the budget, and takes in their replies. `left_usd` None means no limit."""

    model: OpenAIBatches
    cache: CachedModel
    prices: Prices
    left_usd: float | None = None

    async def submit(self, requests: Iterable[Request[Any]], purpose: str = "") -> BatchTicket:
        """Hand in those of `requests` that have no cached reply or are fresh. Raises `BudgetExceeded` before anything
        is handed in.

        The provider recognises the same requests for the same `purpose`; to ask again for failed ones, use another
        purpose.
        """
        unanswered: Iterable[Request[Any]] = (r for r in requests if r.fresh or r not in self.cache)
        if self.left_usd is not None:
            unanswered = affordable(unanswered, self.left_usd, self.prices, PRICE_FACTOR)
        return await self.model.submit(unanswered, purpose)

    async def collect(self, ticket: BatchTicket, find: Callable[[str, str], Request[Any] | None]) -> Taken:
        """Put the good replies of finished batches into the cache. `find` makes the request for a subject and a
        request id. If it returns none or a different request by now (a call was deleted, the rubric changed), the
        result is dropped."""
        collected = await self.model.collect(ticket)
        subjects = {id_: subject for part in ticket.parts for id_, subject in part.subjects.items()}
        taken = Taken(collected.ticket)
        for id_, result in collected.results.items():
            request = find(subjects[id_], id_)
            if request is not None and request.id == id_:
                try:
                    reply = reply_of(request, result, self.prices)
                except ModelError as error:
                    if error.attempts:
                        usd = _half(self.prices.cost(request.model, spent_on(error)))
                        taken.entries.append(failure_entry(request, error, "batch", usd, None))
                    taken.failed[request.id] = error
                else:
                    taken.entries.append(answer_entry(request, reply))
                    self.cache.keep(request, reply)
        return taken


def reply_of(request: Request[Any], result: Result, prices: Prices) -> Reply[Any]:
    """`result` as a priced reply to `request`. Raises its `ModelError`; nothing is asked again here."""
    if not isinstance(result, Completion):
        result.model, result.endpoint, result.request = request.model, request.endpoint, request.id
        raise result
    result = booked(result, request)
    try:
        check_read_whole(request, result)
        value, text = checked(request, result)
    except Misfit as misfit:
        raise _spent(misfit.final(), request, result) from misfit
    except ModelError as error:
        raise _spent(error, request, result) from error
    usd = _half(prices.cost(request.model, result.usage))
    return Reply(value, request.id, text, result.usage, result.model, "batch", usd, asked=request)


def _spent(error: ModelError, request: Request[Any], result: Completion) -> ModelError:
    with_spent(error, request, result.usage, attempts=1)
    return error


def _half(usd: float | None) -> float | None:
    return None if usd is None else usd * PRICE_FACTOR
