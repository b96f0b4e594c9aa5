"""How dispatchers and workers claim and settle a job's calls.

A job's calls are cut into chunks. A dispatch puts a chunk's waiting calls under a ticket, and a worker may settle a
call only while it holds that ticket. So a worker that was taken for dead and comes back settles nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, literal, or_, select, update

from agent.app.queue.job_tables import JobTables
from agent.app.queue.model import LIVE
from agent.db.database import Guard
from agent.db.schema_jobs import job_batches, job_calls, jobs
from agent.db.transcripts import now

_j, _c = jobs.c, job_calls.c


@dataclass(frozen=True)
class Chunk:
    """Calls of one job that wait together and are handed out together."""

    job: str
    number: int


class JobWork(JobTables):
    """The calls of jobs, as workers and dispatchers need them."""

    def idle_chunks(self, job: str, limit: int) -> Sequence[Chunk]:
        """At most `limit` chunks, in order, that have waiting calls and no holder."""
        free = (_c.job == job, _c.state == "waiting", _c.ticket == "")
        query = select(_c.chunk).where(*free).distinct().order_by(_c.chunk).limit(limit)
        return [Chunk(job, row.chunk) for row in self._all(query)]

    def tickets(self, job: str) -> set[str]:
        """Tickets under which a job's calls are waiting now."""
        held = select(_c.ticket).where(_c.job == job, _c.state == "waiting", _c.ticket != "").distinct()
        return {row.ticket for row in self._all(held)}

    def own_ticket(self, job: str) -> str:
        """The ticket of a job that is done in one go; empty if it has none."""
        return str(self._all(select(_j.ticket).where(_j.id == job))[0].ticket)

    def take(self, chunk: Chunk, ticket: str) -> int:
        """Put a chunk's free waiting calls under `ticket`; returns how many."""
        free = (_c.job == chunk.job, _c.chunk == chunk.number, _c.state == "waiting", _c.ticket.in_(("", ticket)))
        return self._move(free, {"ticket": ticket})

    def take_job(self, ident: str, ticket: str) -> bool:
        """Put a job that is done in one go under `ticket`. False if somebody already has it."""
        free = (_j.id == ident, _j.state.in_(LIVE), _j.ticket.in_(("", ticket)))
        return bool(self._update(free, {"ticket": ticket}))

    def claim(self, chunk: Chunk, ticket: str, holder: str) -> Sequence[tuple[str, int]]:
        """Reserve for `holder` the calls that wait under `ticket` or are held by an earlier holder of it: their ids
        and attempts. `holder` begins with `ticket`. Empty if the job is not live."""
        mine = (_c.job == chunk.job, _c.chunk == chunk.number, _c.state == "waiting")
        under = or_(_c.ticket == ticket, func.substr(_c.ticket, 1, len(ticket) + 1) == ticket + "@")
        live = select(literal(1)).where(_j.id == chunk.job, _j.state.in_(LIVE)).exists()
        query = select(_c.call, _c.attempts).where(*mine, _c.ticket == holder).order_by(_c.call)

        def work(connection: Connection) -> Sequence[tuple[str, int]]:
            connection.execute(update(job_calls).where(*mine, under, live).values(ticket=holder))
            return [(call, attempts) for call, attempts in connection.execute(query)]

        return self._write(work)

    def settling(self, job: str, call: str, holder: str) -> Guard:
        """A function that does what `settle` does inside the transaction which stores the call's results."""
        return _settling(job, call, holder, {"state": "done", "reason": ""})

    def burying(self, job: str, call: str, holder: str, reason: str) -> Guard:
        """A function that does what `bury` does inside the transaction which stores the call's results."""
        return _settling(job, call, holder, {"state": "failed", "reason": reason, "attempts": _c.attempts + 1})

    def settle(self, job: str, call: str, holder: str) -> bool:
        """Mark a call as done. False if `holder` no longer holds it."""
        return self._write(self.settling(job, call, holder))

    def bury(self, job: str, call: str, holder: str, reason: str) -> bool:
        """Mark a call as failed for good (a dead letter). False if `holder` no longer holds it."""
        return self._write(self.burying(job, call, holder, reason))

    def missed(self, job: str, call: str, holder: str, reason: str) -> bool:
        """Count a failed attempt that will be repeated. False if `holder` no longer holds the call."""
        return self._write(_settling(job, call, holder, {"attempts": _c.attempts + 1, "reason": reason}))

    def give_back(self, job: str, holder: str) -> int:
        """Free the waiting calls held by `holder` or under that ticket; returns how many."""
        values = {"ticket": "", "at": now()}
        return self._move((_c.job == job, _c.state == "waiting", _c.ticket == holder), values)

    def give_back_all(self, job: str, ticket: str) -> int:
        """Free everything dispatched under `ticket`, whoever held it last; returns how many calls."""
        under = or_(_c.ticket == ticket, func.substr(_c.ticket, 1, len(ticket) + 1) == ticket + "@")
        self._update((_j.id == job, _j.ticket == ticket), {"ticket": ""})
        return self._move((_c.job == job, _c.state == "waiting", under), {"ticket": "", "at": now()})

    def hold(self, job: str, holder: str) -> Sequence[str]:
        """Reserve for `holder` all waiting calls of a job that is done in one go: their ids, in order."""
        self._move((_c.job == job, _c.state == "waiting"), {"ticket": holder})
        held = select(_c.call).where(_c.job == job, _c.state == "waiting", _c.ticket == holder)
        return [row.call for row in self._all(held.order_by(_c.chunk, _c.call))]

    def keep_batch(self, job: str, body: str, *also: Callable[[Connection], object]) -> None:
        """Store what `job` has handed in at a provider, replacing what was stored before; empty if nothing is handed
        in. `also` runs in the same transaction."""

        def work(connection: Connection) -> None:
            for do in also:
                do(connection)
            connection.execute(delete(job_batches).where(job_batches.c.job == job))
            if body:
                connection.execute(insert(job_batches).values(job=job, body=body))

        self._write(work)

    def batch(self, job: str) -> str:
        """What `job` has handed in at a provider; empty if nothing."""
        rows = self._all(select(job_batches.c.body).where(job_batches.c.job == job))
        return str(rows[0].body) if rows else ""


def _settling(job: str, call: str, holder: str, values: dict[str, Any]) -> Guard:
    held = (_c.job == job, _c.call == call, _c.ticket == holder)
    # If this repeats a commit whose answer was lost, the row is no longer waiting, but it is settled.
    before = (*held, _c.state == values["state"]) if "state" in values else None

    def work(connection: Connection) -> bool:
        # On PostgreSQL the second worker waits here until the first has finished, and then finds the call settled.
        query = update(job_calls).where(*held, _c.state == "waiting").values({"at": now()} | values)
        if connection.execute(query).rowcount:
            return True
        return before is not None and connection.execute(select(_c.call).where(*before)).first() is not None

    return work
