"""The tables of background jobs: what each is to do, its state, its progress, and what failed for good."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from agent.app.queue.job_tables import JobTables
from agent.app.queue.model import LIVE, OPEN, DeadLetter, Job, JobState, Progress
from agent.core.errors import Advice, Conflict, NotFound
from agent.db.database import passing
from agent.db.schema_jobs import job_calls, jobs
from agent.db.transcripts import now

R = TypeVar("R")

_ROWS_AT_ONCE = 1_000
_j, _c = jobs.c, job_calls.c


class Jobs(JobTables):
    """The workspace's background jobs."""

    def create(
        self,
        kind: str,
        params: dict[str, Any],
        by: str,
        calls: Sequence[str] = (),
        *,
        priority: int = 100,
        chunk_size: int = 50,
    ) -> Job:
        """Store a queued job, with `calls` (ids, each once) cut into chunks of `chunk_size`."""
        at, ident = now(), f"job-{uuid4().hex[:12]}"
        body = json.dumps({"params": params, "calls": len(calls)}, ensure_ascii=False)
        row = {"id": ident, "kind": kind, "state": "queued", "priority": priority, "by": by, "at": at, "body": body}
        blank = {"started": "", "ended": "", "reason": ""}

        def work(connection: Connection) -> None:
            if _row(connection, ident) is not None:  # the commit went through, only its answer was lost
                return
            connection.execute(insert(jobs).values(**row, **blank))
            for start in range(0, len(calls), _ROWS_AT_ONCE):
                part = enumerate(calls[start : start + _ROWS_AT_ONCE], start)
                connection.execute(insert(job_calls), [_waiting_row(ident, c, n // chunk_size, at) for n, c in part])

        self._write(work)
        return self.get(ident)

    def get(self, ident: str) -> Job:
        """The job with that id. NotFound if there is none."""
        row = self._read(lambda connection: _row(connection, ident))
        if row is None:
            raise NotFound(f"there is no job {ident!r}", advice=Advice("job list", "/jobs"))
        return _job(row)

    def list(self, states: Sequence[str] = (), kind: str = "", limit: int = 100, offset: int = 0) -> Sequence[Job]:
        """At most `limit` jobs, newest first."""
        query = select(jobs).order_by(_j.at.desc(), _j.id).limit(limit).offset(offset)
        query = query.where(_j.state.in_(states)) if states else query
        query = query.where(_j.kind == kind) if kind else query
        return [_job(row) for row in self._all(query)]

    def live(self) -> Sequence[Job]:
        """Jobs for workers: the most urgent first, then the oldest."""
        return [_job(r) for r in self._all(select(jobs).where(_j.state.in_(LIVE)).order_by(_j.priority, _j.at))]

    def progress(self, ident: str) -> Progress:
        """How far a job has come."""
        query = select(_c.state, func.count()).where(_c.job == ident).group_by(_c.state)

        def work(connection: Connection) -> tuple[Row[Any] | None, dict[str, int]]:
            return _row(connection, ident), {state: count for state, count in connection.execute(query)}

        row, counts = self._read(work)
        if row is None:
            raise NotFound(f"there is no job {ident!r}", advice=Advice("job list", "/jobs"))
        told = json.loads(row.progress) if row.progress else {}
        if not counts:
            return Progress.model_validate({"total": 0, **told})
        return Progress.model_validate({"total": sum(counts.values()), **counts})

    def waiting_and_settled(self) -> dict[tuple[str, str], int] | None:
        """How many calls the open jobs have, by kind of job and state of the call. None if the database is away: it
        does not wait."""
        query = select(_j.kind, _c.state, func.count().label("calls")).join(jobs, _j.id == _c.job)
        query = query.where(_j.state.in_(OPEN)).group_by(_j.kind, _c.state)
        try:
            rows = self._read(lambda connection: connection.execute(query).all(), patience=0)
        except DBAPIError as error:
            if passing(error):
                return None
            raise
        return {(row.kind, row.state): row.calls for row in rows}

    def dead_letters(self, job: str = "", limit: int = 1_000, offset: int = 0) -> Sequence[DeadLetter]:
        """Calls that were given up, newest first; of one job or of all."""
        query = select(_c.job, _c.call, _c.attempts, _c.at, _c.reason).where(_c.state == "failed")
        query = query.where(_c.job == job) if job else query
        rows = self._all(query.order_by(_c.at.desc(), _c.call).limit(limit).offset(offset))
        return [
            DeadLetter(job=r.job, call=r.call, attempts=r.attempts, at=datetime.fromisoformat(r.at), reason=r.reason)
            for r in rows
        ]

    def calls(
        self, job: str, state: str = "", limit: int = 1_000, offset: int = 0, *, among: Sequence[str] = ()
    ) -> Sequence[str]:
        """Ids of a job's calls in the order they were given: in one state or all, and only those in `among` if it
        names any."""
        query = select(_c.call).where(_c.job == job).order_by(_c.chunk, _c.call).limit(limit).offset(offset)
        query = query.where(_c.call.in_(among)) if among else query
        return [row[0] for row in self._all(query.where(_c.state == state) if state else query)]

    def start(self, ident: str) -> None:
        """Note that a worker has begun the job."""
        values = {"state": "running", "started": func.coalesce(func.nullif(_j.started, ""), now())}
        self._change(ident, ("queued",), values)

    def pause(self, ident: str, reason: str) -> bool:
        """Pause the job until somebody resumes it. False if it was not live."""
        return self._change(ident, LIVE, {"state": "paused", "reason": reason})

    def finish(self, ident: str) -> bool:
        """End a job whose calls are all settled. Only the first caller gets True."""
        return self._change(ident, LIVE, {"state": "done", "ended": now(), "reason": ""})

    def fail(self, ident: str, reason: str) -> bool:
        """Fail a job. Only the first caller gets True."""
        return self._change(ident, LIVE, {"state": "failed", "ended": now(), "reason": reason})

    def cancel(self, ident: str, by: str) -> Job:
        """Cancel the job; requests in flight are finished and their replies kept. Conflict if it has ended."""
        if not self._change(ident, OPEN, {"state": "cancelled", "ended": now(), "reason": f"cancelled by {by}"}):
            raise Conflict(f"{ident} is {self.get(ident).state} and cannot be cancelled")
        return self.get(ident)

    def resume(self, ident: str) -> Job:
        """Continue a job that is paused, cancelled or failed. Conflict otherwise."""
        again = {"state": "queued", "ended": "", "reason": "", "ticket": "", "progress": ""}
        if not self._change(ident, ("paused", "cancelled", "failed"), again):
            raise Conflict(f"{ident} is {self.get(ident).state}; only a paused, cancelled or failed job is resumed")
        return self.get(ident)

    def open(self, kind: str) -> Sequence[Job]:
        """Jobs of that kind that have not ended."""
        return [_job(r) for r in self._all(select(jobs).where(_j.state.in_(OPEN), _j.kind == kind).order_by(_j.at))]

    def retry(self, ident: str) -> int:
        """Try a job's dead letters once more, with attempts counted from 0; returns how many there were."""
        again = {"state": "waiting", "attempts": 0, "reason": "", "ticket": "", "at": now()}

        def work(connection: Connection) -> int:
            done = connection.execute(update(job_calls).where(_c.job == ident, _c.state == "failed").values(again))
            if done.rowcount:
                reopened = {"state": "queued", "ended": "", "reason": "", "ticket": ""}
                closed = _j.state.in_(("done", "failed", "cancelled", "paused"))
                connection.execute(update(jobs).where(_j.id == ident, closed).values(reopened))
            return done.rowcount

        self.get(ident)
        return self._write(work)

    def tell(self, ident: str, progress: Progress) -> None:
        """Store how far a job without calls has come."""
        self._change(ident, LIVE, {"progress": progress.model_dump_json()})

    def is_settled(self, job: str) -> bool:
        """Whether none of a job's calls is waiting."""
        query = select(_c.call).where(_c.job == job, _c.state == "waiting").limit(1)
        return not self._all(query)

    def _change(self, ident: str, states: Sequence[JobState], values: dict[str, Any]) -> bool:
        return bool(self._update((_j.id == ident, _j.state.in_(states)), values))


def _waiting_row(job: str, call: str, chunk: int, at: str) -> dict[str, object]:
    return {"job": job, "call": call, "chunk": chunk, "state": "waiting", "attempts": 0, "at": at, "reason": ""}


def _row(connection: Connection, ident: str) -> Row[Any] | None:
    return connection.execute(select(jobs).where(_j.id == ident)).first()


def _job(row: Row[Any]) -> Job:
    body = json.loads(row.body)
    return Job(
        id=row.id,
        kind=row.kind,
        state=row.state,
        priority=row.priority,
        by=row.by,
        at=datetime.fromisoformat(row.at),
        started=datetime.fromisoformat(row.started) if row.started else None,
        ended=datetime.fromisoformat(row.ended) if row.ended else None,
        reason=row.reason,
        params=body["params"],
        calls=body["calls"],
    )
