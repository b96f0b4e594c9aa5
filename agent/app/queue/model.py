"""Background jobs as data: what is to be done, how far it has come, and what failed for good."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from agent.core.base import Frozen

JobState = Literal["queued", "running", "paused", "done", "failed", "cancelled"]
LIVE: tuple[JobState, ...] = ("queued", "running")  # workers work on these
OPEN: tuple[JobState, ...] = ("queued", "running", "paused")  # these may still change by themselves or be stopped

# Priorities as the queue orders them: the smaller goes first.
FIRST, NORMAL, LAST = 1, 100, 1000


class Job(Frozen):
    """One piece of background work. `params` belong to its kind (ids, never texts) and never change.

    `reason` says why it is paused, failed or cancelled. `calls` is the number of its calls; 0 for a kind that does not
    go through calls.
    """

    id: str
    kind: str
    state: JobState
    priority: int = Field(default=NORMAL, ge=FIRST, le=LAST)
    by: str
    at: datetime
    started: datetime | None = None
    ended: datetime | None = None
    reason: str = ""
    params: dict[str, Any]
    calls: int = 0

    @property
    def live(self) -> bool:
        """Whether workers work on it now or will soon."""
        return self.state in LIVE


class Progress(Frozen):
    """How far a job has come. A job without calls has a `phase` with its own counts; `total` is 0 if it is unknown."""

    total: int
    waiting: int = 0
    done: int = 0
    failed: int = 0
    phase: str = ""

    @property
    def share(self) -> float | None:
        """The share of calls that are settled, 0 to 1; None if the total is unknown."""
        return (self.done + self.failed) / self.total if self.total else None


class DeadLetter(Frozen):
    """A call that a job gave up on."""

    job: str
    call: str
    attempts: int
    at: datetime
    reason: str
