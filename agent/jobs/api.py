"""Background jobs: what runs, how far it is, and starting, stopping and trying again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse

from agent.app.queue.model import DeadLetter, Job, JobState, Progress
from agent.app.queue.store import Jobs
from agent.app.web.auth import OpsLead, SignedIn, Team
from agent.app.web.live import changes
from agent.app.web.paging import Page, Pages
from agent.app.web.routes import api_router
from agent.core.errors import Conflict, InputError
from agent.db.ledger import SqlLedger
from agent.jobs import plans as job_plans
from agent.rubrics.verbs_drafting import queue_drafting

if TYPE_CHECKING:
    from agent.db.store import Store

router = api_router("jobs")

Ident = Annotated[str, Path(max_length=40, examples=["job-4f1c2a9b7d3e"])]
_EXAMPLE: dict[str, Any] = {
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


class JobOut(BaseModel):
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

    model_config = {"json_schema_extra": {"examples": [_EXAMPLE]}}

    @classmethod
    def of(cls, store: Store, job: Job) -> JobOut:
        """As it is sent."""
        spent = store[SqlLedger].spent_usd(job=job.id)
        return cls(**job.model_dump(), progress=store[Jobs].progress(job.id), spent_usd=spent)


class StartJob(BaseModel):
    """What to do in the background.

    `extract`: patterns from all interviews. `draft`: criteria from the newest patterns. `score`: calls without ratings
    against a rubric (the newest unless named).
    """

    kind: Literal["extract", "draft", "score"]
    budget_usd: Annotated[float | None, Field(ge=0, le=1e6, description="Stop before passing this.")] = None
    priority: Annotated[int, Field(ge=1, le=1000, description="Smaller goes first.")] = 100
    adjudicated_by: Annotated[Literal["model", "person"], Field(description="extract: who decides differences.")] = (
        "model"
    )
    label: Annotated[str, Field(max_length=200, description="draft: label of the new rubric.")] = ""
    leaning: Annotated[bool, Field(description="draft: also from patterns that only lean.")] = False
    rubric: Annotated[str, Field(max_length=200, description="score: id or label; default: the newest.")] = ""
    calls: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=10_000)] = Field(
        default_factory=list, description="score: ids; default: all."
    )
    retry_failed: Annotated[bool, Field(description="score: also calls with failed ratings.")] = False

    model_config = {"json_schema_extra": {"examples": [{"kind": "extract", "budget_usd": 5.0}]}}


class Retried(BaseModel):
    """How many calls wait again."""

    calls: int

    model_config = {"json_schema_extra": {"examples": [{"calls": 3}]}}


class PlanOut(BaseModel):
    """What a job would take. `usd` is an estimate for all of it, null where a model's price is not known."""

    work: job_plans.Work
    models: list[str]
    requests: Annotated[int, Field(description="The first requests; what follows depends on the replies.")]
    cached: Annotated[int, Field(description="Of these, answered already: they cost nothing.")]
    tokens: Annotated[int, Field(description="Input tokens of the first requests that are to be sent.")]
    counted: Annotated[bool, Field(description="Whether the tokens are counted by the model's own encoding.")]
    tokens_in_all: Annotated[int, Field(description="Estimate of all input tokens.")]
    usd: float | None
    monthly_budget_usd: float | None
    spent_this_month_usd: float

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "work": "extract",
                    "models": ["openai/gpt-4.1-mini"],
                    "requests": 36,
                    "cached": 0,
                    "tokens": 87584,
                    "counted": True,
                    "tokens_in_all": 253994,
                    "usd": 0.25,
                    "monthly_budget_usd": 50.0,
                    "spent_this_month_usd": 3.1,
                }
            ]
        }
    }


@router.get("/jobs")
def list_jobs(
    who: Team,
    paging: Pages,
    state: Annotated[JobState | None, Query(description="Only jobs in this state.")] = None,
    kind: Annotated[str, Query(max_length=40, description="Only jobs of this kind.")] = "",
) -> Page[JobOut]:
    """Jobs, newest first."""
    store, skipped = who.space.store, int(paging.after or 0)
    found = store[Jobs].list([state] if state else [], kind, paging.fetch, skipped)
    return paging.page(found, lambda _: skipped + paging.limit, lambda job: JobOut.of(store, job))


@router.post("/jobs", status_code=201)
def start_job(who: OpsLead, new: StartJob) -> JobOut:
    """Start a job. A worker takes it up; `closeread serve` has one unless told otherwise."""
    job = begin(who, new)
    return JobOut.of(who.space.store, job)


@router.get("/jobs/{ident}")
def read_job(who: Team, ident: Ident) -> JobOut:
    """One job."""
    store = who.space.store
    return JobOut.of(store, store[Jobs].get(ident))


@router.get("/jobs/{ident}/dead-letters")
def dead_letters(who: Team, ident: Ident, paging: Pages) -> Page[DeadLetter]:
    """Calls that the job gave up on, with reasons, newest first."""
    store, skipped = who.space.store, int(paging.after or 0)
    store[Jobs].get(ident)
    found = store[Jobs].dead_letters(ident, paging.fetch, skipped)
    return paging.page(found, lambda _: skipped + paging.limit, lambda letter: letter)


@router.get(
    "/jobs/{ident}/events",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Events."}},
)
def job_events(who: Team, ident: Ident) -> EventSourceResponse:
    """Server-sent events: `progress` with the job as JSON whenever something changed, `end` when it no longer runs."""
    store = who.space.store
    store[Jobs].get(ident)
    return EventSourceResponse(changes(lambda: JobOut.of(store, store[Jobs].get(ident)), _stopped))


@router.post("/jobs/{ident}/cancel")
def cancel_job(who: OpsLead, ident: Ident) -> JobOut:
    """Stop a job. What is done is kept; requests in flight are finished and kept too."""
    job = who.space.store[Jobs].cancel(ident, by(who))
    who.audit("job_cancelled", ident)
    return JobOut.of(who.space.store, job)


@router.post("/jobs/{ident}/resume")
def resume_job(who: OpsLead, ident: Ident) -> JobOut:
    """Go on with a job that is paused, cancelled or failed."""
    job = who.space.store[Jobs].resume(ident)
    who.audit("job_resumed", ident)
    return JobOut.of(who.space.store, job)


@router.post("/jobs/{ident}/retry")
def retry_job(who: OpsLead, ident: Ident) -> Retried:
    """Try the calls once more that the job gave up on."""
    count = who.space.store[Jobs].retry(ident)
    who.audit("job_retried", ident, calls=count)
    return Retried(calls=count)


@router.get("/job-plans/{work}")
def job_plan(
    who: OpsLead,
    work: job_plans.Work,
    leaning: Annotated[bool, Query(description="draft: also from patterns that only lean.")] = False,
) -> PlanOut:
    """What a job would take, before it is started. Asks no model."""
    return PlanOut.model_validate(job_plans.plan(who.space, work, leaning), from_attributes=True)


def begin(who: SignedIn, new: StartJob) -> Job:
    """Start what was asked for, under the name of whoever asked. Conflict where the same is under way or nothing is left."""
    from agent.jobs import starting

    space, name, budget, priority = who.space, by(who), new.budget_usd, new.priority
    job: Job | None
    match new.kind:
        case "extract":
            refuse_second(who, "extract")
            if missing := job_plans.can_begin(space, "extract").missing:
                raise InputError(missing)
            judge = new.adjudicated_by
            job = starting.start_extraction(space, by=name, adjudicated_by=judge, budget_usd=budget, priority=priority)
        case "draft":
            job = queue_drafting(
                space, by=name, label=new.label, leaning=new.leaning, budget_usd=budget, priority=priority
            )
        case "score":
            job = starting.start_scoring(
                space,
                by=name,
                rubric=new.rubric,
                calls=new.calls,
                retry_failed=new.retry_failed,
                budget_usd=budget,
                priority=priority,
            )
    if job is None:
        raise Conflict("every call is scored, or waits in another job: nothing to do")
    who.audit("job_started", job.id, kind=job.kind, calls=job.calls)
    return job


def refuse_second(who: SignedIn, kind: str) -> None:
    """Conflict where such a job has not ended: two would do the same, and pay for it twice."""
    running = who.space.store[Jobs].open(kind)
    if running:
        raise Conflict(f"{running[0].id} does this already and is {running[0].state}; wait for it, or cancel it")


def by(who: SignedIn) -> str:
    """Whom a job or an upload is by."""
    return who.name or f"token:{who.token}"


def _stopped(job: JobOut) -> bool:
    return job.state not in ("queued", "running")
