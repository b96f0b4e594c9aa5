"""Calls that scoring jobs gave up on and that still have no scores."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from agent.app.queue.model import Job
from agent.app.queue.store import Jobs
from agent.db.database import read
from agent.db.schema import ratings
from agent.db.schema_jobs import job_calls
from agent.db.store import Store

_SCORING = ("score", "score_batch")
_JOBS, _DAYS = 20, timedelta(days=30)


@dataclass(frozen=True)
class Left:
    """A job that has ended, how many of its calls have no score, and the reason of the newest of them."""

    job: Job
    calls: int
    reason: str


def left_over(store: Store) -> list[Left]:
    """For each of the last month's newest scoring jobs that have ended, what it left unscored; newest first."""
    recent = datetime.now(UTC) - _DAYS
    ended = [job for job in store[Jobs].list(("done", "failed"), limit=_JOBS) if job.kind in _SCORING]
    found = (_left_by(store, job) for job in ended if job.at > recent)
    return [left for left in found if left.calls]


def _left_by(store: Store, job: Job) -> Left:
    c = job_calls.c
    scored = select(ratings.c.seq).where(
        ratings.c.call == c.call, ratings.c.rubric + "" == job.params["rubric"], ratings.c.status != "failed"
    )
    query = select(c.reason).where(c.job == job.id, c.state == "failed", ~scored.exists()).order_by(c.at.desc())
    reasons = read(store.engine, lambda connection: connection.execute(query).scalars().all())
    return Left(job, len(reasons), reasons[0] if reasons else "")
