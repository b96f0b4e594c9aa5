"""Jobs as the API sends them, `--json` prints them, and pages show them."""

from collections.abc import Sequence
from typing import Any, Self

from agent.app.queue.model import DeadLetter, Job, Progress
from agent.app.queue.store import Jobs
from agent.app.view import View
from agent.db.ledger import SqlLedger
from agent.db.store import Store


class JobView(Job, View):
    """A job and how far it is. `progress.total` is 0 where nobody knows yet."""

    progress: Progress
    spent_usd: float

    @classmethod
    def of(cls, store: Store, job: Job, **others: Any) -> Self:
        spent = store[SqlLedger].spent_usd(job=job.id)
        return super().of(job, progress=store[Jobs].progress(job.id), spent_usd=spent, **others)


class DeadLetterView(DeadLetter, View):
    """A call that a job gave up on."""


class JobDetailView(JobView):
    """A job with the newest calls that it gave up on."""

    dead_letters: Sequence[DeadLetterView]

    @classmethod
    def of(cls, store: Store, job: Job, **others: Any) -> Self:
        return super().of(store, job, dead_letters=store[Jobs].dead_letters(job.id, limit=50), **others)
