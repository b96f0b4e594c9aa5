"""What a job of each kind does. To add a kind: write a `PerCall` or a `Whole` in a slice's `job.py` and register it.

register("draft", Whole(work))
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from agent.app.queue.job_work import JobWork
from agent.app.queue.model import Job, Progress
from agent.app.slices import modules
from agent.core.errors import UsageError
from agent.db.database import Guard
from agent.workspace import Workspace


@dataclass(frozen=True)
class Done:
    """The call is done. `data` goes into the event (`call.scored` or similar) and holds ids and counts, no texts.
    `settled`: the row was already settled in the transaction of the results (`Held.done`)."""

    event: str = ""
    data: dict[str, object] | None = None
    settled: bool = False


@dataclass(frozen=True)
class Again:
    """The attempt failed, and trying later may help."""

    reason: str


@dataclass(frozen=True)
class Hopeless:
    """The attempt failed and repeating it would not help. `refused`: the provider turned the request down. `buried`:
    the row was already given up in the transaction of the results (`Held.buried`)."""

    reason: str
    refused: bool = False
    buried: bool = False


@dataclass(frozen=True)
class Lost:
    """Another worker has taken the call over: nothing was stored."""


@dataclass(frozen=True)
class Held:
    """A call of a job while `holder` has it. It is settled in the transaction that stores its results: both happen
    or neither, and only if the call is still held."""

    work: JobWork
    job: str
    call: str
    holder: str

    @property
    def done(self) -> Guard:
        """A function for that transaction: settle the call as done. It returns False if another worker took the call
        over."""
        return self.work.settling(self.job, self.call, self.holder)

    def buried(self, reason: str) -> Guard:
        """A function for that transaction: give the call up for `reason`. It returns False if another worker took
        the call over."""
        return self.work.burying(self.job, self.call, self.holder, reason)


CallWork = Callable[[Held], Awaitable[Done | Again | Hopeless | Lost]]
Tell = Callable[["Progress"], None]


@dataclass(frozen=True)
class PerCall:
    """A kind of job that does the same to many calls.

    `opened` gives a function that works on one call's id; a worker opens it once for a job and shares it among the
    job's chunks. The work must be safe to do twice. An exception stops the job: BudgetExceeded and ConfigError pause
    it.
    """

    opened: Callable[[Workspace, Job], AbstractAsyncContextManager[CallWork]]


@dataclass(frozen=True)
class Whole:
    """A kind of job that one worker does in one go. If that worker dies it begins again from the start.

    An exception ends the job: BudgetExceeded and ConfigError pause it, other errors of ours fail it.
    """

    work: Callable[[Workspace, Job, Tell], Awaitable[None]]


JobKind = PerCall | Whole


KINDS: dict[str, JobKind] = {}


def register(name: str, kind: JobKind) -> None:
    """Add a kind of job. Slices call it in modules whose names begin with `job`, which are found automatically."""
    KINDS[name] = kind


def kind(name: str) -> JobKind:
    """The kind with that name. UsageError lists the known ones."""
    if name not in KINDS:
        modules("job")
    if name not in KINDS:
        raise UsageError(f"there is no kind of job {name!r}; there are: {', '.join(sorted(KINDS))}")
    return KINDS[name]
