"""Jobs of the kind `score_batch`: scoring through the provider's batch interface, within a day at half price.

    hand in ─ every call's request ─▶ ticket, kept in the store ─▶ wait ─▶ collect: replies go into the cache
                                                                             └▶ the usual work finds them there

What was handed in is not handed in again while it is under way: the ticket is kept, and were it lost, the
provider knows the batch by its key. A call without a usable reply becomes a dead letter; `closeread job
retry` hands those in once more.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from agent.app.events import Happened, tell
from agent.app.queue.job_work import JobWork
from agent.app.queue.kinds import Again, Done, Held, Hopeless, Lost, Tell, Whole, register
from agent.app.queue.model import Job
from agent.calls.store import Calls
from agent.core.errors import ModelError, ModelUnreachable, NotFound
from agent.db.ledger import SqlLedger
from agent.llm.batch_replies import BatchDesk
from agent.llm.batches import BatchTicket
from agent.llm.model import Request
from agent.scoring.job import ScoreParams, ScoreWork, job_budget_left, scoring_for
from agent.scoring.running import Scoring
from agent.workspace import Workspace

log = logging.getLogger("closeread.jobs")

_AT_ONCE = 8  # calls worked on together; their replies are in the cache already


async def _work(space: Workspace, job: Job, tell: Tell) -> None:
    params = ScoreParams.model_validate(job.params)
    scoring = scoring_for(space, params.model_copy(update={"fresh": False}))  # the batch's replies are kept ones
    budget = job_budget_left(space, job, params)
    async with scoring.space.batches("rater", budget) as desk, scoring.opened(budget, job.id) as scorer:
        await _Batch(space, job, scoring, desk, ScoreWork(scorer, params), params.fresh).run()


class _Batch:
    """One job's use of the batch interface."""

    def __init__(
        self, space: Workspace, job: Job, scoring: Scoring, desk: BatchDesk, work: ScoreWork, fresh: bool
    ) -> None:
        self._space = space
        self._store, self._calls, self._job = space.store, space.store[JobWork], job
        self._scoring, self._desk, self._work = scoring, desk, work
        self._wait = space.settings.jobs().batch_poll_seconds
        self._role = replace(scoring.space.planned_role("rater"), fresh=fresh)
        self._holder = f"{job.id}:batch"
        self._ledger = self._store[SqlLedger].within(job.id, scoring.rubric.id)
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> None:
        waiting = self._calls.hold(self._job.id, self._holder)
        ticket = await self._ticket(waiting)
        await self._settle([call for call in waiting if not self._handed_in(ticket, call)], {})
        while not ticket.done:
            try:
                taken = await self._desk.collect(ticket, self._request)
            except ModelUnreachable as error:  # what is handed in goes on without us
                log.warning("%s: %s", self._job.id, error)
                await asyncio.sleep(self._wait)
                continue
            ended = [new for new, old in zip(taken.ticket.parts, ticket.parts, strict=True) if new != old]
            whole = {call for part in ended for call in part.subjects.values()}
            await self._settle([call for call in whole if not self._handed_in(taken.ticket, call)], taken.failed)
            ticket = taken.ticket
            self._calls.keep_batch(self._job.id, ticket.model_dump_json(), self._ledger.adding(taken.entries))
            if not ended:
                await asyncio.sleep(self._wait)

    async def _ticket(self, waiting: Sequence[str]) -> BatchTicket:
        """The batch that is under way at the provider; if there is none it is handed in now."""
        kept = self._calls.batch(self._job.id)
        before = BatchTicket.model_validate_json(kept) if kept else None
        if before is not None and not before.done:
            return before
        turn = 0 if before is None else before.turn + 1  # asked again, what failed last time is a batch of its own
        ticket = await self._desk.submit(self._requests(waiting), f"{self._job.id}:{turn}")
        ticket = ticket.model_copy(update={"turn": turn})
        self._calls.keep_batch(self._job.id, ticket.model_dump_json())
        return ticket

    def _requests(self, waiting: Sequence[str]) -> Iterator[Request[Any]]:
        for call in waiting:
            if not self._work.is_rated(call):
                yield from self._requests_of(call)

    def _requests_of(self, call: str) -> list[Request[Any]]:
        """The requests for a call; none if the call is gone."""
        try:
            document = self._store[Calls].get(call)
        except NotFound:
            return []
        return self._scoring.reading(document).requests(self._role)

    def _request(self, call: str, ident: str) -> Request[Any] | None:
        return next((request for request in self._requests_of(call) if request.id == ident), None)

    def _handed_in(self, ticket: BatchTicket, call: str) -> bool:
        return any(call in part.subjects.values() for part in ticket.parts if not part.collected)

    async def _settle(self, calls: Sequence[str], failed: dict[str, ModelError]) -> None:
        async def one(call: str) -> None:
            async with self._places:
                await self._one(call, failed)

        async with asyncio.TaskGroup() as group:
            for call in calls:
                group.create_task(one(call))

    async def _one(self, call: str, failed: dict[str, ModelError]) -> None:
        requests = self._requests_of(call)
        unanswered = [request for request in requests if request not in self._desk.cache]
        if not requests or (unanswered and not self._work.is_rated(call)):
            error = next((failed[request.id] for request in unanswered if request.id in failed), None)
            why = error.explained if error else "the batch ended without an answer to it"
            self._calls.bury(self._job.id, call, self._holder, why)
            return
        match await self._work(Held(self._calls, self._job.id, call, self._holder)):
            case Done(event, data, settled):
                if (settled or self._calls.settle(self._job.id, call, self._holder)) and event:
                    tell(self._space, Happened(event, call, {"job": self._job.id, **(data or {})}))
            case Hopeless(buried=True):
                pass
            case Again(reason) | Hopeless(reason):
                self._calls.bury(self._job.id, call, self._holder, reason)
            case Lost():
                log.warning("%s: %s is another worker's by now", self._job.id, call)


register("score_batch", Whole(_work))
