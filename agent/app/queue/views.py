"""Jobs as the API sends them, `--json` prints them, and pages show them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from agent.app.queue.model import DeadLetter, Job, JobState, Progress
from agent.app.queue.store import Jobs
from agent.app.view import View
from agent.db.ledger import SqlLedger
from agent.db.store import Store


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

    @classmethod
    def of(cls, letter: DeadLetter) -> "DeadLetterView":
        return cls.model_validate(letter)


class JobDetailView(JobView):
    """A job with the newest calls that it gave up on."""

    dead_letters: Sequence[DeadLetterView]

    @classmethod
    def of(cls, store: Store, job: Job) -> "JobDetailView":
        letters = [DeadLetterView.of(letter) for letter in store[Jobs].dead_letters(job.id, limit=50)]
        return cls(**_facts(store, job), dead_letters=letters)


def _facts(store: Store, job: Job) -> dict[str, Any]:
    spent = store[SqlLedger].spent_usd(job=job.id)
    return {**job.model_dump(), "progress": store[Jobs].progress(job.id), "spent_usd": spent}
