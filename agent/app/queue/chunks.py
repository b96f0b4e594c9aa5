"""Working on one chunk of calls. Each call is settled as soon as it is done, so a chunk can
be interrupted at any time."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import assert_never

from sqlalchemy.exc import DBAPIError

from agent.app.events import Happened, tell
from agent.app.queue.job_work import Chunk, JobWork
from agent.app.queue.kinds import Again, CallWork, Done, Held, Hopeless, Lost, PerCall, kind
from agent.app.queue.model import Job
from agent.app.queue.store import Jobs
from agent.core.errors import BudgetExceeded, CloseReadError, ConfigError, DiskFull, NotFound
from agent.core.observing import span
from agent.settings import JobRules
from agent.workspace import Workspace

log = logging.getLogger("closeread.jobs")

_LONGEST_WAIT = 60.0
# After this many refusals in a row with no request accepted, the whole job is stopped: otherwise a wrong
# key or an unknown model would turn every call into a dead letter.
_HOPELESS = 5


@dataclass
class Session:
    """What a worker keeps open for one job while it works on the job's chunks."""

    work: CallWork
    closing: AsyncExitStack
    users: int = 0
    accepted: int = 0
    hopeless: int = 0


@dataclass
class Bench:
    """What all chunks on one worker share: the limit on requests in flight, open sessions, and the signal to stop."""

    space: Workspace
    worker: str
    concurrency: int
    rules: JobRules
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    fatal: DiskFull | None = None
    live: set[str] = field(default_factory=set)  # jobs that may be worked on, as last seen
    _sessions: dict[str, Session] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places = asyncio.Semaphore(self.concurrency)
        self._opening = asyncio.Lock()

    def may_go_on(self, job: str) -> bool:
        """Whether another request may be sent for `job`."""
        return not self.stopping.is_set() and job in self.live

    def stop_for(self, error: DiskFull) -> None:
        """Stop the whole worker, because nothing can be stored on this machine."""
        self.fatal = error
        self.stopping.set()

    @asynccontextmanager
    async def session(self, job: Job) -> AsyncIterator[Session]:
        """The job's session, opened by the first chunk and closed after the last."""
        async with self._opening:
            if job.id not in self._sessions:
                made = kind(job.kind)
                if not isinstance(made, PerCall):
                    raise ConfigError(f"{job.id} is of the kind {job.kind}, which has no calls")
                closing = AsyncExitStack()
                work = await closing.enter_async_context(made.opened(self.space, job))
                self._sessions[job.id] = Session(work, closing)
            session = self._sessions[job.id]
            session.users += 1
        try:
            yield session
        finally:
            session.users -= 1
            if session.users == 0:
                del self._sessions[job.id]
                await session.closing.aclose()


async def work_chunk(bench: Bench, job_id: str, number: int, ticket: str) -> None:
    """Settle the calls that wait under `ticket`. If it stops early the remaining calls are given back."""
    try:
        await _work_chunk(bench, job_id, number, ticket)
    except DiskFull as error:
        bench.stop_for(error)


async def _work_chunk(bench: Bench, job_id: str, number: int, ticket: str) -> None:
    jobs, work = bench.space.store[Jobs], bench.space.store[JobWork]
    if bench.stopping.is_set():
        work.give_back_all(job_id, ticket)
        return
    holder = f"{ticket}@{bench.worker}"
    held = work.claim(Chunk(job_id, number), ticket, holder)
    if not held:
        work.give_back(job_id, ticket)
        return
    bench.live.add(job_id)
    jobs.start(job_id)
    job = jobs.get(job_id)
    try:
        async with bench.session(job) as session:
            await _Chunk(bench, job, session, holder).settle(held)
    # Not a fault of the job: the worker stops and tells of the full disk.
    except DiskFull:
        raise
    except (BudgetExceeded, ConfigError, NotFound) as error:
        stop_job(bench, job, error.explained)
    # The worker waits for the database and works on the chunk once more.
    except DBAPIError:
        raise
    except Exception as error:
        fail_job(bench, job, error)
        raise
    work.give_back(job_id, holder)


def stop_job(bench: Bench, job: Job, reason: str) -> None:
    """Pause `job` for a reason that concerns all its calls."""
    bench.live.discard(job.id)
    if bench.space.store[Jobs].pause(job.id, reason):
        log.warning("%s is paused: %s", job.id, reason)
        tell(bench.space, Happened("job.paused", job.id, {"kind": job.kind, "reason": reason}))


def fail_job(bench: Bench, job: Job, error: BaseException) -> None:
    """Fail `job` because of a fault in the program. Every other call would meet it too, so no more requests are
    sent."""
    bench.live.discard(job.id)
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    log.error("%s is stopped by a fault of the program", job.id, exc_info=error)
    reason = f"stopped by a fault of the program: {type(error).__name__}: {error}"
    if bench.space.store[Jobs].fail(job.id, reason):
        tell(bench.space, Happened("job.finished", job.id, {"kind": job.kind, "state": "failed"}))


@dataclass
class _Chunk:
    """One dispatch of a chunk to this worker. `lost` is set once another worker turns out to have it."""

    bench: Bench
    job: Job
    session: Session
    holder: str
    lost: bool = False
    refusals: list[tuple[str, str]] = field(default_factory=list)

    async def settle(self, held: Sequence[tuple[str, int]]) -> None:
        waiting = list(held)
        for tries in range(self.bench.rules.attempts):
            self.refusals = []
            missed = await self._try(waiting)
            if not self.lost:
                self._bury_refused()
            waiting = [(call, attempts + 1) for call, attempts in missed]
            if not waiting or not self._going:
                return
            wait = min(_LONGEST_WAIT, self.bench.rules.first_wait_seconds * 4**tries)
            await self._pause(wait * random.uniform(0.5, 1.0))

    @property
    def _going(self) -> bool:
        return not self.lost and self.bench.may_go_on(self.job.id)

    async def _try(self, waiting: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
        """Attempt each call once; returns those to be tried again.

        An error that stops the chunk stops only calls not yet begun. Requests in flight are paid for, so their answers
        are waited for and stored before the error is raised.
        """
        missed: list[tuple[str, int]] = []
        stopped: list[CloseReadError | DBAPIError] = []

        async def one(call: str, attempts: int) -> None:
            async with self.bench.places:
                if stopped or not self._going:
                    return
                try:
                    if await self._attempt(call, attempts):
                        missed.append((call, attempts))
                except DiskFull as error:
                    self.bench.stop_for(error)  # at once: calls of other chunks would be asked and could not be kept
                    stopped.append(error)
                except (BudgetExceeded, ConfigError, NotFound, DBAPIError) as error:
                    stopped.append(error)

        async with asyncio.TaskGroup() as group:
            for call, attempts in waiting:
                group.create_task(one(call, attempts))
        if stopped:
            raise stopped[0]
        return missed

    async def _attempt(self, call: str, attempts: int) -> bool:
        """Attempt one call; returns whether it is to be tried again."""
        work = self.bench.space.store[JobWork]
        with span("call", job=self.job.id, attempt=attempts + 1) as told:
            result = await self.session.work(Held(work, self.job.id, call, self.holder))
            told.note(outcome=type(result).__name__.lower())
        match result:
            case Done(event, data, settled):
                self.session.accepted += 1
                self.lost |= not (settled or work.settle(self.job.id, call, self.holder))
                if event:
                    tell(self.bench.space, Happened(event, call, {"job": self.job.id, **(data or {})}))
            case Again(reason):
                again = attempts + 1 < self.bench.rules.attempts
                keep = work.missed if again else work.bury
                self.lost |= not keep(self.job.id, call, self.holder, reason)
                return again
            case Hopeless(reason, refused, buried):
                if refused:
                    self.refusals.append((call, reason))
                    self._count_hopeless(f"the provider refuses every request: {reason}")
                elif buried:
                    self._count_hopeless(f"the first calls all came to nothing; the last: {reason}")
                else:
                    self.lost |= not work.bury(self.job.id, call, self.holder, reason)
            case Lost():
                self.lost = True
            case _:
                assert_never(result)
        return False

    def _count_hopeless(self, why: str) -> None:
        self.session.hopeless += 1
        if self.session.hopeless >= _HOPELESS and not self.session.accepted:
            stop_job(self.bench, self.job, why)

    def _bury_refused(self) -> None:
        if self.bench.may_go_on(self.job.id) or self.session.accepted:
            for call, reason in self.refusals:
                self.lost |= not self.bench.space.store[JobWork].bury(self.job.id, call, self.holder, reason)

    async def _pause(self, seconds: float) -> None:
        """Wait that many seconds, or until the worker is told to stop."""
        try:
            await asyncio.wait_for(self.bench.stopping.wait(), seconds)
        except TimeoutError:
            return
