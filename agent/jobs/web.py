"""Background jobs: what runs, how far it is, and starting, stopping and trying again. The API first, then the pages."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse

from agent.app.queue.liveness import count_workers
from agent.app.queue.model import OPEN, JobState
from agent.app.queue.store import Jobs
from agent.app.queue.views import DeadLetterView, JobDetailView, JobView
from agent.app.steps import next_step
from agent.app.verb import Who
from agent.app.view import Page, example
from agent.app.web.auth import Anew, OpsLead, SignedIn, Team, still_allowed
from agent.app.web.forms import Typed
from agent.app.web.live import changes
from agent.app.web.paging import Pages
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.calls.store import Calls
from agent.core.language import N_, _
from agent.jobs import plans, verbs
from agent.jobs.views import JobPlanView, RetriedView, Work
from agent.rubrics.in_use import rubric_in_use
from agent.rubrics.proposal import Only, proposal
from agent.rubrics.store import Rubrics

api = api_router("jobs")
pages = page_router()

Ident = Annotated[str, Path(max_length=40, examples=["job-4f1c2a9b7d3e"])]
TITLES = {
    "extract": N_("Finding patterns"),
    "draft": N_("Drafting criteria"),
    "score": N_("Scoring calls"),
    "score_batch": N_("Scoring calls at half price"),
    "evaluate": N_("Running a suite"),
    "hear": N_("Hearing recordings"),
}


@dataclass(frozen=True)
class After:
    """What to do when a job is done."""

    sentence: str
    button: str
    path: str


_AFTER = {
    "extract": After(
        N_("The patterns are found. Read them, then draft criteria from them."), N_("Draft criteria"), "/jobs/new/draft"
    ),
    "draft": After(
        N_(
            "The criteria are drafted. Read them, try them on a few calls, change what you would say otherwise, "
            "and calibrate them."
        ),
        N_("Open the rubric"),
        "/rubric",
    ),
    "score": After(N_("The calls are scored."), N_("Open the calls"), "/calls"),
    "score_batch": After(N_("The calls are scored."), N_("Open the calls"), "/calls"),
    "evaluate": After(
        N_("The suite has been run. Look at the figures, then hold the run against the baseline."),
        N_("Open the runs"),
        "/evals",
    ),
    "hear": After(
        N_("The recordings are heard. Say who speaks in them, then store them."), N_("Look at them"), "/upload/{staged}"
    ),
}


class StartJob(BaseModel):
    """What to do in the background.

    `extract`: patterns from all interviews. `draft`: criteria from the newest patterns. `score`: calls without ratings
    against a rubric (the one in use unless named).
    """

    kind: Literal["extract", "draft", "score"]
    budget_usd: Annotated[float | None, Field(ge=0, le=1e6, description="Stop before passing this.")] = None
    priority: Annotated[int, Field(ge=1, le=1000, description="Smaller goes first.")] = 100
    adjudicated_by: Annotated[Literal["model", "person"], Field(description="extract: who decides differences.")] = (
        "model"
    )
    label: Annotated[str, Field(max_length=200, description="draft: label of the new rubric.")] = ""
    only: Annotated[Only, Field(description="draft: `distinguishing` leaves out patterns that only lean.")] = ""
    patterns: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=100)] = Field(
        default_factory=list, description="draft: ids of patterns; default: those that are proposed."
    )
    rubric: Annotated[str, Field(max_length=200, description="score: id or label; default: the one in use.")] = ""
    calls: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=10_000)] = Field(
        default_factory=list, description="score: ids; default: all."
    )
    retry_failed: Annotated[bool, Field(description="score: also calls with failed ratings.")] = False
    fresh: Annotated[bool, Field(description="Ask the model also where a reply is kept.")] = False

    model_config = example({"kind": "extract", "budget_usd": 5.0})


@api.get("/jobs")
def list_jobs(
    who: Team,
    paging: Pages,
    state: Annotated[JobState | None, Query(description="Only jobs in this state.")] = None,
    kind: Annotated[str, Query(max_length=40, description="Only jobs of this kind.")] = "",
) -> Page[JobView]:
    """Jobs, newest first."""
    store, skipped = who.space.store, int(paging.after or 0)
    jobs = store[Jobs].list([state] if state else [], kind, paging.fetch, skipped)
    return paging.page(jobs, lambda _: skipped + paging.limit, lambda job: JobView.of(store, job))


@api.post("/jobs", status_code=201)
def start_job(who: OpsLead, new: StartJob) -> JobView:
    """Start a job. A worker takes it up; `closeread serve` has one unless told otherwise."""
    return JobView.of(who.space.store, verbs.start_job(who, **dict(new)))


@api.get("/jobs/{ident}")
def read_job(who: Team, ident: Ident) -> JobDetailView:
    """One job, with the newest calls that it gave up on."""
    store = who.space.store
    return JobDetailView.of(store, store[Jobs].get(ident))


@api.get("/jobs/{ident}/dead-letters")
def dead_letters(who: Team, ident: Ident, paging: Pages) -> Page[DeadLetterView]:
    """Calls that the job gave up on, with reasons, newest first."""
    store, skipped = who.space.store, int(paging.after or 0)
    store[Jobs].get(ident)
    dead_letters = store[Jobs].dead_letters(ident, paging.fetch, skipped)
    return paging.page(dead_letters, lambda _: skipped + paging.limit, DeadLetterView.of)


@api.get(
    "/jobs/{ident}/events",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Events."}},
)
def job_events(request: Request, who: Team, ident: Ident) -> EventSourceResponse:
    """Server-sent events: `progress` with the job as JSON whenever something changed, `end` when it no longer runs."""
    store = who.space.store
    store[Jobs].get(ident)
    seen = changes(
        lambda: JobView.of(store, store[Jobs].get(ident)), lambda job: not job.live, still_allowed(request, who)
    )
    return EventSourceResponse(seen)


@api.post("/jobs/{ident}/cancel")
def cancel_job(who: OpsLead, ident: Ident) -> JobView:
    """Stop a job. What is done is kept; requests in flight are finished and kept too."""
    return JobView.of(who.space.store, verbs.cancel_job(who, ident))


@api.post("/jobs/{ident}/resume")
def resume_job(who: OpsLead, ident: Ident) -> JobView:
    """Go on with a job that is paused, cancelled or failed."""
    return JobView.of(who.space.store, verbs.resume_job(who, ident))


@api.post("/jobs/{ident}/retry")
def retry_job(who: OpsLead, ident: Ident) -> RetriedView:
    """Try the calls once more that the job gave up on."""
    return RetriedView(calls=verbs.retry_job(who, ident))


@api.get("/job-plans/{work}")
def job_plan(
    who: OpsLead,
    work: Work,
    _anew: Anew,
    only: Annotated[Only, Query(description="draft: `distinguishing` leaves out patterns that only lean.")] = "",
) -> JobPlanView:
    """What a job would take, before it is started. Asks no model."""
    return plans.plan(who.space, work, only)


# Pages.


@pages.get("/jobs")
def jobs_page(request: Request, who: Team, paging: Pages) -> HTMLResponse:
    """All jobs, newest first."""
    values = {"page": list_jobs(who, paging), "titles": TITLES, "no_worker": _no_worker(who), "step": next_step(who)}
    return render(request, "jobs/list.html", who, values)


@pages.get("/jobs/running")
def running(request: Request, who: Team) -> HTMLResponse:
    """The part of the start page that shows what is under way."""
    return render(request, "jobs/_running.html", who, {"running": jobs_under_way(who), "titles": TITLES})


@pages.get("/jobs/new/{work}")
def new_job(request: Request, who: OpsLead, work: Work) -> HTMLResponse:
    """What the work is, what it takes, and the button that starts it."""
    counted = plans.patterns_to_draft(who.space)
    values = {
        "work": work,
        "ready": plans.can_begin(who.space, work),
        "proposal": proposal(who.space) if work == "draft" and counted else None,
        "rubric": rubric_in_use(who.space.store).label if who.space.store[Rubrics].all() else "",
        "distinguishing": counted[0] if counted else 0,
        "leaning_count": counted[1] if counted else 0,
        "calls": who.space.store[Calls].count(),
        "models_file": who.space.settings.workspace / "config" / "models.yaml",
        "step": next_step(who),
        "open_job": next(iter(who.space.store[Jobs].open(work)), None),
    }
    return render(request, "jobs/new.html", who, values)


@pages.get("/jobs/new/{work}/estimate")
def estimate(request: Request, who: OpsLead, work: Work, _anew: Anew) -> HTMLResponse:
    """The estimate alone: counting tokens takes seconds where there is much, so it comes after the page."""
    part = request.headers.get("hx-request") == "true"
    values = {"plan": plans.plan(who.space, work), "work": work}
    return render(request, "jobs/_estimate.html" if part else "jobs/estimate.html", who, values)


@pages.post("/jobs/new/{work}")
def start_on_page(request: Request, who: OpsLead, work: Work, form: Typed) -> Response:
    """Start it, and on to its progress."""
    new = form.filled_in(StartJob, kind=work, patterns=form.all("pattern"), budget_usd=form.dollars("budget"))
    return done(request, f"/jobs/{verbs.start_job(who, **dict(new)).id}")


@pages.get("/jobs/{ident}")
def job_page(request: Request, who: Team, ident: Ident) -> HTMLResponse:
    """One job."""
    return render(request, "jobs/job.html", who, _values(who, ident) | {"step": next_step(who, "jobs")})


@pages.get("/jobs/{ident}/part")
def job_part(request: Request, who: Team, ident: Ident) -> HTMLResponse:
    """What changes while it runs."""
    return render(request, "jobs/_job.html", who, _values(who, ident))


@pages.post("/jobs/{ident}/cancel")
def cancel_on_page(request: Request, who: OpsLead, ident: Ident) -> Response:
    """Stop it."""
    verbs.cancel_job(who, ident)
    return done(request, f"/jobs/{ident}", _("Stopped. What was done is kept; you can go on later."))


@pages.post("/jobs/{ident}/resume")
def resume_on_page(request: Request, who: OpsLead, ident: Ident) -> Response:
    """Go on with it."""
    verbs.resume_job(who, ident)
    return done(request, f"/jobs/{ident}", _("It goes on. What was answered before is not asked again."))


@pages.post("/jobs/{ident}/retry")
def retry_on_page(request: Request, who: OpsLead, ident: Ident) -> Response:
    """Try once more what it gave up on."""
    count = verbs.retry_job(who, ident)
    return done(request, f"/jobs/{ident}", f"{count} {'call waits' if count == 1 else 'calls wait'} again.")


def jobs_under_way(who: Who) -> list[JobView]:
    """Jobs that have not ended, newest first."""
    store = who.space.store
    return [JobView.of(store, job) for job in store[Jobs].list(OPEN, limit=10)]


def _values(who: SignedIn, ident: str) -> dict[str, Any]:
    job = read_job(who, ident)
    return {
        "job": job,
        "title": TITLES.get(job.kind, job.kind),
        "letters": job.dead_letters,
        "live": job.live,
        "after": _after(job),
        "no_worker": job.live and _no_worker(who),
        "may_change": who.scope.may_run,
    }


def _after(job: JobView) -> After | None:
    """What to do when it is done; an address may lead to what the job was about."""
    after = _AFTER.get(job.kind)
    return after and replace(after, path=after.path.format(**job.params) if "{" in after.path else after.path)


def _no_worker(who: SignedIn) -> bool:
    return not count_workers(who.space.store.engine)
