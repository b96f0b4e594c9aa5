"""The queue: dbos, on the SQLite file beside the workspace's database or in the PostgreSQL that CLOSEREAD_DATABASE_URL
names. The only importer of dbos, which takes over a second to import.

It keeps who does what and when: one workflow a ticket (a chunk of calls, or a whole job), by priority, at most so many
at once and so many started a minute, on one worker and on all together. Arguments are ids, kept as JSON: nothing that
comes back out of the database is unpickled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from agent.core.lazy import lazy
from agent.core.observing.logs import keep_out_messages_of_dbos
from agent.db.database import database_url, refused_by_place
from agent.settings import JobRules

if TYPE_CHECKING:
    import dbos
else:
    dbos = lazy("dbos")

NAME = "closeread"
QUEUE = "closeread-work"
# The version of the workflows' names and arguments. It changes only if they do, so that work queued before an
# upgrade is taken up after it; by default dbos would use a hash of the source.
VERSION = "closeread-jobs-1"
CHUNK, WHOLE = "closeread.chunk", "closeread.whole"
_UNDONE = ("ENQUEUED", "PENDING", "DELAYED")


def queue_url(workspace_url: str) -> URL:
    """The database that holds the queue: a second file next to a SQLite workspace, else the workspace's own
    database."""
    url = database_url(workspace_url)
    if url.get_backend_name() != "sqlite":
        return url
    path = url.database or "closeread.db"
    return url.set(database=f"{path.removesuffix('.db')}-jobs.db")


@dataclass(frozen=True)
class Hands:
    """The functions that do the work which the queue hands out. If one raises, the work has failed for good. `chunk`
    gets job, number of the chunk and ticket; `whole` gets job and ticket."""

    chunk: Callable[[str, int, str], Awaitable[None]]
    whole: Callable[[str, str], Awaitable[None]]


@dataclass(frozen=True)
class State:
    """What the queue says about a ticket."""

    undone: bool
    error: str = ""


class Queue:
    """This process's connection to the queue. There is one for each process, because dbos has global state."""

    def __init__(self, workspace_url: str, worker: str, rules: JobRules, hands: Hands, chunks_here: int) -> None:
        self._url, self._worker, self._rules = queue_url(workspace_url), worker, rules
        self._hands, self._chunks_here = hands, chunks_here

    async def launch(self) -> None:
        """Connect, and start handing out work on the running event loop."""
        config: dbos.DBOSConfig = {
            "name": NAME,
            "system_database_url": self._url.render_as_string(hide_password=False),
            "application_version": VERSION,
            "executor_id": self._worker,
            "serializer": dbos.DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
            "enable_otlp": False,
            "max_executor_threads": 16,
        }
        keep_out_messages_of_dbos()
        dbos.DBOS(config=config)
        hands = self._hands

        @dbos.DBOS.workflow(name=CHUNK, max_recovery_attempts=None)
        async def chunk(job: str, number: int, ticket: str) -> None:
            await hands.chunk(job, number, ticket)

        @dbos.DBOS.workflow(name=WHOLE, max_recovery_attempts=None)
        async def whole(job: str, ticket: str) -> None:
            await hands.whole(job, ticket)

        self._workflows: dict[str, Callable[..., Awaitable[None]]] = {CHUNK: chunk, WHOLE: whole}
        dbos.DBOS.launch()
        await dbos.DBOS.register_queue_async(
            QUEUE,
            worker_concurrency=self._chunks_here,
            global_concurrency=self._rules.chunks_at_once,
            limiter=None
            if self._rules.chunks_a_minute is None
            else {"limit": self._rules.chunks_a_minute, "period": 60},
            polling_interval_sec=self._rules.poll_seconds,
            on_conflict="always_update",
        )

    async def put(self, workflow: str, ticket: str, priority: int, *args: str | int) -> None:
        """Queue the work of `ticket`; does nothing if it is already queued."""
        with dbos.SetWorkflowID(ticket), dbos.SetEnqueueOptions(priority=priority):
            work: Any = self._workflows[workflow]
            enqueue: Any = dbos.DBOS.enqueue_workflow_async  # its types cannot say "arguments known at run time"
            await enqueue(QUEUE, work, *args, ticket)

    async def states(self, tickets: Sequence[str]) -> dict[str, State]:
        """The states of those tickets that the queue knows."""
        if not tickets:
            return {}
        workflows = await dbos.DBOS.list_workflows_async(workflow_ids=list(tickets), load_input=False)
        return {w.workflow_id: State(w.status in _UNDONE, str(w.error or "")) for w in workflows}

    async def holders(self) -> set[str]:
        """The names of workers that hold unfinished work; some of them may have died."""
        workflows = await dbos.DBOS.list_workflows_async(status="PENDING", load_input=False, load_output=False)
        return {w.executor_id for w in workflows if w.executor_id}

    async def take_from(self, dead: Iterable[str]) -> int:
        """Give the work of dead workers to others. Several workers may do this at the same time: each piece is moved
        once."""
        # Not among dbos's public names, since its own service calls it; the public ones cannot say "only while it is
        # still that worker's", and two workers that see the same death would then run the same piece.
        return len(await asyncio.to_thread(dbos.DBOS._recover_pending_workflows, sorted(dead)))

    async def forget(self, job: str) -> None:
        """Delete a finished job's work from the queue's tables."""
        while workflows := await dbos.DBOS.list_workflows_async(
            workflow_id_prefix=f"{job}:", load_input=False, load_output=False, limit=500
        ):
            await dbos.DBOS.delete_workflows_async([w.workflow_id for w in workflows])

    async def close(self) -> None:
        """Stop handing out work and disconnect. Work that was handed out must have ended before."""
        await asyncio.to_thread(dbos.DBOS.destroy, destroy_registry=True)


@dataclass(frozen=True)
class Schedule:
    """A schedule that an earlier version kept in the queue. `cron` has five fields, in the time zone `zone`."""

    name: str
    cron: str
    zone: str
    context: dict[str, Any]


def earlier_schedules(workspace_url: str) -> list[Schedule]:
    """Schedules that earlier versions left in the queue's tables; scoring rules have taken their place."""
    with _Client(queue_url(workspace_url)) as client:
        return [
            Schedule(s["schedule_name"], s["schedule"], s.get("cron_timezone") or "UTC", s["context"])
            for s in client.list_schedules()
        ]


def remove_earlier_schedule(workspace_url: str, name: str) -> None:
    """Delete one of them, after a scoring rule has taken its place."""
    with _Client(queue_url(workspace_url)) as client:
        client.delete_schedule(name)


class _Client:
    """A queue client for one `with` block; makes the queue's tables if they are missing."""

    def __init__(self, url: URL) -> None:
        self._url = url.render_as_string(hide_password=False)
        self._shown = url.render_as_string(hide_password=True)

    def __enter__(self) -> dbos.DBOSClient:
        try:
            dbos.DBOS.migrate(self._url)
        except DBAPIError as error:
            if refused := refused_by_place(error.orig, self._shown):
                raise refused from error
            raise
        self._client = dbos.DBOSClient(
            system_database_url=self._url, application_name=NAME, serializer=dbos.DBOSPortableJSONSerializer()
        )
        return self._client

    def __exit__(self, *_: object) -> None:
        self._client.destroy()
