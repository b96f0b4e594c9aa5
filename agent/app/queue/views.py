"""Jobs as the API sends them, `--json` prints them, and pages show them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from agent.app.queue.model import DeadLetter, Job, JobState, Progress
from agent.app.queue.store import Jobs
from agent.app.view import View, example
from agent.db.ledger import SqlLedger
from agent.db.store import Store

_JOB: dict[str, Any] = {
    "id": "job-4f1c2a9b7d3e",
    "kind": "extract",
    "state": "running",
    "priority": 100,
    "by": "Ana Ruiz",
    "at": "2026-11-24T09:30:00+00:00",
    "started": "2026-11-24T09:30:01+00:00",
    "ended": None,
    "reason": "",
    "params": {"adjudicated_by": "model", "budget_usd": 5.0},
    "calls": 0,
    "progress": {"total": 36, "waiting": 24, "done": 12, "failed": 0, "phase": "reading interviews"},
    "spent_usd": 0.42,
}
_LETTER: dict[str, Any] = {
    "job": "job-4f1c2a9b7d3e",
    "call": "call-0412",
    "attempts": 3,
    "at": "2026-11-24T09:31:00+00:00",
    "reason": "no usable reply: the reply is cut off",
}


class JobView(View):
    """A job and how far it is. `progress.total` is 0 where nobody knows yet."""

    id: str
    kind: str
    state: JobState
    priority: int
    by: str
    at: datetime
    started: datetime | None
    ended: datetime | None
    reason: str
    params: dict[str, Any]
    calls: int
    progress: Progress
    spent_usd: float

    model_config = example(_JOB)

    @classmethod
    def of(cls, store: Store, job: Job) -> "JobView":
        return cls(**_facts(store, job))

    @property
    def live(self) -> bool:
        """Whether workers work on it, or will."""
        return self.state in ("queued", "running")


class DeadLetterView(View):
    """A call that a job gave up on."""

    job: str
    call: str
    attempts: int
    at: datetime
    reason: str

    model_config = example(_LETTER)

    @classmethod
    def of(cls, letter: DeadLetter) -> "DeadLetterView":
        return cls.model_validate(letter)


class JobDetailView(JobView):
    """A job with the newest calls that it gave up on."""

    dead_letters: Sequence[DeadLetterView]

    model_config = example(_JOB | {"dead_letters": [_LETTER]})

    @classmethod
    def of(cls, store: Store, job: Job) -> "JobDetailView":
        letters = [DeadLetterView.of(letter) for letter in store[Jobs].dead_letters(job.id, limit=50)]
        return cls(**_facts(store, job), dead_letters=letters)


def _facts(store: Store, job: Job) -> dict[str, Any]:
    spent = store[SqlLedger].spent_usd(job=job.id)
    return {**job.model_dump(), "progress": store[Jobs].progress(job.id), "spent_usd": spent}
