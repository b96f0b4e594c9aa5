"""What a job of each kind does. To add a kind: write a `PerCall` or a `Whole`, and one line in `KINDS`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.core.errors import UsageError

if TYPE_CHECKING:
    from agent.app.queue.job_work import JobWork
    from agent.app.queue.model import Job, Progress
    from agent.db.database import Guard
    from agent.workspace import Workspace


@dataclass(frozen=True)
class Done:
    """A call is done. `data` goes into the event `call.scored` or its like: ids and counts, no texts.

    `settled`: its row too, with the results (`Held.done`).
    """

    event: str = ""
    data: dict[str, object] | None = None
    settled: bool = False


@dataclass(frozen=True)
class Again:
    """Nothing came of it, and trying later may help."""

    reason: str


@dataclass(frozen=True)
class Hopeless:
    """Nothing came of it, and the same again would not help. `refused`: the provider turned the request down.

    `buried`: its row too, with the results (`Held.buried`).
    """

    reason: str
    refused: bool = False
    buried: bool = False


@dataclass(frozen=True)
class Lost:
    """The call turned out to be another worker's: nothing was stored."""


@dataclass(frozen=True)
class Held:
    """A call of a job, as long as `holder` has it. Settled in the transaction that stores its results, so that it is
    either both or neither, and nobody else's."""

    work: JobWork
    job: str
    call: str
    holder: str

    @property
    def done(self) -> Guard:
        """It is done; no where somebody else has it by now."""
        return self.work.settling(self.job, self.call, self.holder)

    def buried(self, reason: str) -> Guard:
        """It is a dead letter; no where somebody else has it by now."""
        return self.work.burying(self.job, self.call, self.holder, reason)


CallWork = Callable[[Held], Awaitable[Done | Again | Hopeless | Lost]]
Tell = Callable[["Progress"], None]


@dataclass(frozen=True)
class PerCall:
    """A kind that does the same to many calls.

    `opened` gives what works on one call id; a worker opens it once a job and shares it among the job's chunks. The
    work must be safe to do twice. What it raises stops the job: BudgetExceeded and ConfigError pause it.
    """

    opened: Callable[[Workspace, Job], AbstractAsyncContextManager[CallWork]]


@dataclass(frozen=True)
class Whole:
    """A kind that is done in one go by one worker, and from its beginning if that worker dies.

    What `work` raises ends the job: BudgetExceeded and ConfigError pause it, another error of ours fails it.
    """

    work: Callable[[Workspace, Job, Tell], Awaitable[None]]


JobKind = PerCall | Whole


def _score() -> JobKind:
    from agent.scoring.job import SCORE

    return SCORE


def _score_batch() -> JobKind:
    from agent.scoring.job_batch import SCORE_BATCH

    return SCORE_BATCH


def _extract() -> JobKind:
    from agent.patterns.job import EXTRACT

    return EXTRACT


def _draft() -> JobKind:
    from agent.rubrics.job import DRAFT

    return DRAFT


def _evaluate() -> JobKind:
    from agent.evals.job import EVALUATE

    return EVALUATE


# Functions, so that naming a kind does not import what it needs.
KINDS: dict[str, Callable[[], JobKind]] = {
    "score": _score,
    "score_batch": _score_batch,
    "extract": _extract,
    "draft": _draft,
    "evaluate": _evaluate,
}


def kind(name: str) -> JobKind:
    """The kind of that name. UsageError names those there are."""
    if name not in KINDS:
        raise UsageError(f"there is no kind of job {name!r}; there are: {', '.join(sorted(KINDS))}")
    return KINDS[name]()
