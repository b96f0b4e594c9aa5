"""Starting, stopping and resuming background jobs, and scoring at set times."""

from collections.abc import Sequence
from typing import Literal

from agent.app.queue.model import NORMAL, Job
from agent.app.queue.starting import start
from agent.app.queue.store import Jobs
from agent.app.verb import Who, verb
from agent.core.errors import Conflict, InputError
from agent.jobs.plans import can_begin
from agent.jobs.views import Work
from agent.patterns.job import ExtractParams
from agent.rubrics.proposal import Only
from agent.rubrics.verbs_drafting import queue_drafting
from agent.scoring.job import queue_scoring
from agent.workspace import Workspace


@verb(
    "ops_lead",
    audit="job_started",
    subject=lambda job: job.id,
    facts=lambda job: {"kind": job.kind, "calls": job.calls},
)
def start_job(
    who: Who,
    kind: Work,
    *,
    budget_usd: float | None = None,
    priority: int = NORMAL,
    adjudicated_by: Literal["model", "person"] = "model",
    label: str = "",
    only: Only = "",
    patterns: Sequence[str] = (),
    rubric: str = "",
    calls: Sequence[str] = (),
    retry_failed: bool = False,
    fresh: bool = False,
) -> Job:
    """Start a job under the name of the person asking. Conflict if the same work is under way or nothing is left to
    do."""
    space, by = who.space, who.signature
    job: Job | None
    match kind:
        case "extract":
            job = queue_extraction(
                space, by=by, adjudicated_by=adjudicated_by, budget_usd=budget_usd, priority=priority, fresh=fresh
            )
        case "draft":
            job = queue_drafting(
                space,
                by=by,
                label=label,
                only=only,
                patterns=patterns,
                budget_usd=budget_usd,
                priority=priority,
                fresh=fresh,
            )
        case "score":
            job = queue_scoring(
                space,
                by=by,
                rubric=rubric,
                calls=calls,
                retry_failed=retry_failed,
                fresh=fresh,
                budget_usd=budget_usd,
                priority=priority,
            )
    if job is None:
        raise Conflict("every call is scored, or waits in another job: nothing to do")
    return job


def queue_extraction(
    space: Workspace,
    *,
    by: str,
    adjudicated_by: Literal["model", "person"] = "model",
    budget_usd: float | None = None,
    priority: int = NORMAL,
    fresh: bool = False,
) -> Job:
    """A job that extracts patterns from all interviews. Conflict if one has not ended: both would do the same and
    cost twice. InputError if the interviews cannot give patterns, RoleUnbound without a model."""
    if running := space.store[Jobs].open("extract"):
        raise Conflict(f"{running[0].id} does this already and is {running[0].state}; wait for it, or cancel it")
    if missing := can_begin(space, "extract").missing:
        raise InputError(missing)
    for role in ("analyst_a", "analyst_b", "drafter"):
        space.binding(role)
    params = ExtractParams(adjudicated_by=adjudicated_by, budget_usd=budget_usd, fresh=fresh)
    return start(space, "extract", params.model_dump(), by=by, priority=priority)


@verb("ops_lead", audit="job_cancelled")
def cancel_job(who: Who, job: str) -> Job:
    """Stop a job. Finished work is kept; requests in flight are completed and kept too. Conflict if it has ended."""
    return who.space.store[Jobs].cancel(job, who.signature)


@verb("ops_lead", audit="job_resumed")
def resume_job(who: Who, job: str) -> Job:
    """Continue a job that is paused, cancelled or failed. Conflict otherwise."""
    return who.space.store[Jobs].resume(job)


@verb("ops_lead", audit="job_retried", facts=lambda calls: {"calls": calls} if calls else None)
def retry_job(who: Who, job: str) -> int:
    """Try again the calls that a job gave up on; returns how many there were."""
    return who.space.store[Jobs].retry(job)
