"""A worker: hands waiting chunks to the queue, works on what the queue hands it, takes over from workers that died.

    every second          chunks that nobody holds are put into the queue; jobs whose calls are all settled are finished
    every third second    what dead workers held is handed out anew
    every tenth second    tickets that the queue lost are put in again, those it is done with are given back

All of it may be done by any number of workers at once: each step says in the database "only if still so".
"""

import asyncio
import logging
import math
import shutil
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlalchemy.exc import DBAPIError

from agent.app.chores import Chore, chores
from agent.app.events import Happened, tell
from agent.app.queue.chunks import Bench, stop_job, work_chunk
from agent.app.queue.engine import CHUNK, WHOLE, Hands, Queue, queue_url
from agent.app.queue.job_work import JobWork
from agent.app.queue.kinds import PerCall, Whole, kind
from agent.app.queue.liveness import new_name, number, presence
from agent.app.queue.model import Job, Progress
from agent.app.queue.store import Jobs
from agent.core.errors import BudgetExceeded, CloseReadError, ConfigError, DiskFull
from agent.core.observing import span
from agent.db.database import passing
from agent.workspace import Workspace

log = logging.getLogger("closeread.jobs")

# Chunks of one job in the queue at a time: enough for many workers, but few enough that a job of a million
# calls does not fill the queue's tables.
WINDOW = 64
# Seconds to wait for requests in flight when the worker is told to stop; those still unanswered are given up.
DRAIN_SECONDS = 60.0
_LEAST_ROOM = 64 * 1024  # bytes
# How SQLite and the operating system under PostgreSQL say it, as the queue keeps it of a piece of work.
_NO_ROOM = ("database or disk is full", "No space left on device")


@dataclass
class _Every:
    """True once in every interval of that many seconds, by a clock that never jumps."""

    seconds: float
    due: float = 0.0

    def __call__(self) -> bool:
        now = time.monotonic()
        if now < self.due:
            return False
        self.due = now + self.seconds
        return True


class Worker:
    """One worker process on a workspace. `concurrency` limits its requests in flight, over all chunks."""

    def __init__(self, space: Workspace, concurrency: int, drain_seconds: float = DRAIN_SECONDS) -> None:
        self.name = new_name()
        rules = space.settings.jobs()
        self._bench = Bench(space, self.name, concurrency, rules)
        self._presence = presence(space.store.engine, self.name)
        here = math.ceil(concurrency / rules.chunk_size) + 2  # more than fill it: no place is empty at a chunk's end
        hands = Hands(self._chunk, self._whole)
        self._queue = Queue(space.settings.database_url, self.name, rules, hands, here)
        self._jobs, self._work = space.store[Jobs], space.store[JobWork]
        self._store, self._space = space.store, space
        self._drain_seconds = drain_seconds
        self._busy: set[asyncio.Task[None]] = set()
        self._suspected: set[str] = set()
        self._chores: dict[Chore, asyncio.Task[None]] = {}
        self._mending, self._looking = _Every(10.0), _Every(3.0)

    def stop(self) -> None:
        """Finish requests in flight, give chunks back, then end `run`."""
        self._bench.stopping.set()

    async def run(self, until_idle: bool = False) -> None:
        """Work until SIGTERM, SIGINT or `stop`; with `until_idle`, until no job is left. DiskFull if nothing can be
        stored."""
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, self.stop)
        self._presence.show()
        await self._queue.launch()
        log.info("worker %s is at work: %d requests at a time", self.name, self._bench.concurrency)
        try:
            await self._turns(until_idle)
        finally:
            await self._end()
        if self._bench.fatal is not None:
            raise self._bench.fatal

    async def _turns(self, until_idle: bool) -> None:
        while not self._bench.stopping.is_set():
            try:
                live = await self._turn()
            except DiskFull as error:
                self._bench.stop_for(error)
                return
            except DBAPIError as error:
                if DiskFull.is_said_by(error.orig):  # said by the queue
                    self._bench.stop_for(DiskFull.at(str(queue_url(self._space.settings.database_url))))
                    return
                if not passing(error):
                    raise
                log.warning("the database is away: %s", error.orig)
                live = True
            if until_idle and not live and not self._busy:
                return
            await self._sleep(1.0)

    async def _turn(self) -> bool:
        """One round of all regular tasks; returns whether there was anything to do."""
        self._presence.show()
        # Chores, such as sending to webhooks, run beside the work, so that a slow receiver delays nothing.
        for chore in chores("worker"):
            running = self._chores.get(chore)
            if running is not None:
                if not running.done():
                    continue
                if (error := running.exception()) is not None:
                    log.warning("%s failed and is tried again: %s", chore.__name__, error)
            self._chores[chore] = asyncio.create_task(chore(self._space))
        if self._looking():
            await self._take_over()
        live = self._jobs.live()
        self._bench.live = {job.id for job in live}
        mend = self._mending()
        for job in live:
            if mend:
                await self._mend(job)
            await self._hand_out(job)
        if live:
            self._check_room()
        return bool(live)

    def _check_room(self) -> None:
        """DiskFull where the queue's file cannot grow. The queue itself would wait for room without a word, and with
        all chunks handed to it nothing else here writes."""
        place = queue_url(self._space.settings.database_url)
        if place.get_backend_name() == "sqlite" and place.database:
            room = shutil.disk_usage(Path(place.database).parent)
            if room.total and room.free < _LEAST_ROOM:
                raise DiskFull.at(place.database)

    async def _hand_out(self, job: Job) -> None:
        held = self._tickets(job)
        if isinstance(kind(job.kind), Whole):
            ticket = f"{job.id}:whole:{uuid4().hex[:8]}"
            if not held and self._work.take_job(job.id, ticket):
                await self._queue.put(WHOLE, ticket, job.priority, job.id)
            return
        # Whoever holds a ticket may be about to settle the last call, so a job ends only when nobody holds one.
        if not held and self._jobs.is_settled(job.id):
            progress = self._jobs.progress(job.id)
            if progress.failed and not progress.done:
                letters = self._jobs.dead_letters(job.id, limit=1)
                why = f"; the last: {letters[0].reason}" if letters else ""
                first = self._jobs.fail(job.id, f"all {progress.failed} calls failed{why}")
            else:
                first = self._jobs.finish(job.id)
            if first:
                self._tell_end(job, progress)
                await self._queue.forget(job.id)
            return
        for chunk in self._work.idle_chunks(job.id, max(0, WINDOW - len(held))):
            ticket = f"{job.id}:{chunk.number}:{uuid4().hex[:8]}"
            # Another worker may have taken the chunk since it was listed: then no call is taken, and nothing is queued.
            if self._work.take(chunk, ticket):
                await self._queue.put(CHUNK, ticket, job.priority, job.id, chunk.number)

    def _tell_end(self, job: Job, progress: Progress) -> None:
        state = self._jobs.get(job.id).state
        log.info("%s is %s: %d done, %d failed", job.id, state, progress.done, progress.failed)
        data = {"kind": job.kind, "state": state, "done": progress.done, "failed": progress.failed}
        tell(self._space, Happened("job.finished", job.id, data))

    def _tickets(self, job: Job) -> set[str]:
        if isinstance(kind(job.kind), Whole):
            return {self._work.own_ticket(job.id)} - {""}
        return {held.partition("@")[0] for held in self._work.tickets(job.id)}

    async def _mend(self, job: Job) -> None:
        """Bring the table and the queue in line for the tickets of a live job."""
        tickets = self._tickets(job)
        states = await self._queue.states(sorted(tickets))
        for ticket in tickets:
            state = states.get(ticket)
            if state is None:  # its maker died before it was queued, or the queue's database is a new one
                part = ticket.split(":")[1]
                work, args = (WHOLE, ()) if part == "whole" else (CHUNK, (int(part),))
                await self._queue.put(work, ticket, job.priority, job.id, *args)
            elif any(text in state.error for text in _NO_ROOM):  # the work was done, and the queue could not note it
                self._work.give_back_all(job.id, ticket)
            elif state.error:
                self._jobs.fail(job.id, f"stopped by a fault of the program: {state.error}")
            # The queue is done with the ticket and calls are left under it: they go back to be handed out again.
            elif not state.undone:
                self._work.give_back_all(job.id, ticket)

    async def _take_over(self) -> None:
        """Hand out the work of dead workers again. A worker counts as dead if it is missing twice in a row."""
        alive = self._presence.alive()
        if alive is None:
            self._suspected = set()
            return
        missing = {name for name in await self._queue.holders() if number(name) not in alive and name != self.name}
        # Once may be a worker that is starting, or one that takes its lock again after a lost connection.
        dead, self._suspected = missing & self._suspected, missing
        if dead:
            taken = await self._queue.take_from(dead)
            log.warning("%d pieces of work taken over from %s", taken, ", ".join(sorted(dead)))

    # What the queue hands over.

    async def _chunk(self, job: str, number: int, ticket: str) -> None:
        with span("chunk", job=job, chunk=number):
            await self._held(lambda: work_chunk(self._bench, job, number, ticket))

    async def _whole(self, job: str, ticket: str) -> None:
        await self._held(lambda: self._work_whole(job, ticket))

    async def _held(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work`, again if the database was away. It can be cancelled when the worker must stop."""

        async def patiently() -> None:
            while True:
                try:
                    return await work()
                except DBAPIError as error:
                    if not passing(error):
                        log.exception("stopped by the database")
                        raise
                    log.warning("the database is away: %s", error.orig)
                await asyncio.sleep(2.0)

        task = asyncio.create_task(patiently())
        self._busy.add(task)
        try:
            await asyncio.wait([task])
        finally:
            self._busy.discard(task)
        if not task.cancelled():
            task.result()

    async def _work_whole(self, ident: str, ticket: str) -> None:
        job = self._jobs.get(ident)
        if self._bench.stopping.is_set() or not job.live or ticket != self._work.own_ticket(ident):
            self._work.give_back_all(ident, ticket)
            return
        made = kind(job.kind)
        if isinstance(made, PerCall):
            raise ConfigError(f"{ident} is of the kind {job.kind}, which is about calls")
        self._bench.live.add(ident)
        self._jobs.start(ident)
        task = asyncio.ensure_future(made.work(self._space, job, lambda p: self._jobs.tell(ident, p)))
        while not task.done() and self._bench.may_go_on(ident):
            await asyncio.wait([task], timeout=0.5)
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
            self._work.give_back_all(ident, ticket)
            return
        await self._conclude(job, task)

    async def _conclude(self, job: Job, task: asyncio.Future[None]) -> None:
        try:
            task.result()
            first = self._jobs.finish(job.id)
        except DiskFull as error:
            self._bench.stop_for(error)
            return
        except (BudgetExceeded, ConfigError) as error:
            stop_job(self._bench, job, error.explained)
            return
        except CloseReadError as error:
            first = self._jobs.fail(job.id, error.explained)
        if first:
            self._tell_end(job, self._jobs.progress(job.id))

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._bench.stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _end(self) -> None:
        """Let requests in flight finish, within a time limit, and disconnect."""
        self._bench.stopping.set()
        for running in self._chores.values():
            running.cancel()  # what is not sent becomes due again
        if self._chores:
            await asyncio.wait(self._chores.values())
        if self._busy:
            log.info("finishing what is in flight, at most %.0f s", self._drain_seconds)
            _, late = await asyncio.wait(self._busy, timeout=self._drain_seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        await self._queue.close()
        self._presence.leave()
