"""Background jobs: the list, one job with live progress, and starting one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form, Path, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.queue.model import OPEN
from agent.app.queue.store import Jobs
from agent.app.web.auth import OpsLead, SignedIn, Team
from agent.app.web.paging import Pages
from agent.app.web.problems import checked, status_of
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.calls.store import Calls
from agent.core.errors import CloseReadError
from agent.jobs import plans as job_plans
from agent.jobs.api import JobOut, StartJob, begin, by
from agent.jobs.plans import Work
from agent.rubrics.store import Rubrics

router = page_router()

Ident = Annotated[str, Path(max_length=40)]
TITLES = {
    "extract": "Finding patterns",
    "draft": "Drafting criteria",
    "score": "Scoring calls",
    "score_batch": "Scoring calls at half price",
    "evaluate": "Running a suite",
}
_LETTERS = 50  # dead letters on a page


@dataclass(frozen=True)
class After:
    """What to do when a job is done."""

    sentence: str
    button: str
    path: str


_AFTER = {
    "extract": After("The patterns are found. Read them, then draft criteria from them.", "Draft criteria", "/jobs/new/draft"),
    "draft": After("The criteria are drafted. Read them, change what you would say otherwise, and calibrate them.", "Open the rubric", "/rubric"),
    "score": After("The calls are scored.", "Open the calls", "/calls"),
    "score_batch": After("The calls are scored.", "Open the calls", "/calls"),
    "evaluate": After("The suite has been run. Look at the figures, then hold the run against the baseline.", "Open the runs", "/evals"),
}  # fmt: skip


@router.get("/jobs")
def jobs(request: Request, who: Team, paging: Pages) -> HTMLResponse:
    """All jobs, newest first."""
    store, skipped = who.space.store, int(paging.after or 0)
    found = store[Jobs].list([], "", paging.fetch, skipped)
    page = paging.page(found, lambda _: skipped + paging.limit, lambda job: JobOut.of(store, job))
    return render(request, "jobs/list.html", who, {"page": page, "titles": TITLES, "no_worker": _no_worker(who)})


@router.get("/jobs/running")
def running(request: Request, who: Team) -> HTMLResponse:
    """The part of the start page that shows what is under way."""
    return render(request, "jobs/_running.html", who, {"running": jobs_under_way(who), "titles": TITLES})


@router.get("/jobs/new/{work}")
def new_job(request: Request, who: OpsLead, work: Work, leaning: bool = False) -> HTMLResponse:
    """What the work is, what it takes, and the button that starts it."""
    return _new_page(request, who, work, leaning=leaning)


@router.get("/jobs/new/{work}/estimate")
def estimate(request: Request, who: OpsLead, work: Work, leaning: bool = False) -> HTMLResponse:
    """The estimate alone: counting tokens takes seconds where there is much, so it comes after the page."""
    part = request.headers.get("hx-request") == "true"
    values = {"plan": job_plans.plan(who.space, work, leaning), "work": work}
    return render(request, "jobs/_estimate.html" if part else "jobs/estimate.html", who, values)


@router.post("/jobs/new/{work}")
def start_job(
    request: Request,
    who: OpsLead,
    work: Work,
    budget: Annotated[str, Form(max_length=20)] = "",
    label: Annotated[str, Form(max_length=200)] = "",
    leaning: Annotated[bool, Form()] = False,
    adjudicated_by: Annotated[str, Form(max_length=10)] = "model",
) -> Response:
    """Start it, and on to its progress."""
    typed = {"budget": budget, "label": label, "adjudicated_by": adjudicated_by}
    try:
        given = {"kind": work, "label": label.strip(), "leaning": leaning, "adjudicated_by": adjudicated_by}
        new = checked(StartJob, given | {"budget_usd": budget.strip().lstrip("$") or None})
        job = begin(who, new)
    except CloseReadError as error:
        return _new_page(request, who, work, leaning=leaning, problem=error, **typed)
    return done(request, f"/jobs/{job.id}")


@router.get("/jobs/{ident}")
def job_page(request: Request, who: Team, ident: Ident) -> HTMLResponse:
    """One job."""
    return render(request, "jobs/job.html", who, _values(who, ident))


@router.get("/jobs/{ident}/part")
def job_part(request: Request, who: Team, ident: Ident) -> HTMLResponse:
    """What changes while it runs."""
    return render(request, "jobs/_job.html", who, _values(who, ident))


@router.post("/jobs/{ident}/cancel")
def cancel(request: Request, who: OpsLead, ident: Ident) -> Response:
    """Stop it."""
    who.space.store[Jobs].cancel(ident, by(who))
    who.audit("job_cancelled", ident)
    return done(request, f"/jobs/{ident}", "Stopped. What was done is kept; you can go on later.")


@router.post("/jobs/{ident}/resume")
def resume(request: Request, who: OpsLead, ident: Ident) -> Response:
    """Go on with it."""
    who.space.store[Jobs].resume(ident)
    who.audit("job_resumed", ident)
    return done(request, f"/jobs/{ident}", "It goes on. What was answered before is not asked again.")


@router.post("/jobs/{ident}/retry")
def retry(request: Request, who: OpsLead, ident: Ident) -> Response:
    """Try once more what it gave up on."""
    count = who.space.store[Jobs].retry(ident)
    who.audit("job_retried", ident, calls=count)
    return done(request, f"/jobs/{ident}", f"{count} {'call waits' if count == 1 else 'calls wait'} again.")


def jobs_under_way(who: SignedIn) -> list[JobOut]:
    """Jobs that have not ended, newest first."""
    store = who.space.store
    return [JobOut.of(store, job) for job in store[Jobs].list(OPEN, limit=10)]


def _values(who: SignedIn, ident: str) -> dict[str, Any]:
    store = who.space.store
    job = JobOut.of(store, store[Jobs].get(ident))
    letters = store[Jobs].dead_letters(ident, _LETTERS) if job.progress.failed else []
    return {
        "job": job,
        "title": TITLES.get(job.kind, job.kind),
        "letters": letters,
        "live": job.state in ("queued", "running"),
        "after": _AFTER.get(job.kind),
        "no_worker": job.state in ("queued", "running") and _no_worker(who),
        "may_change": who.scope.may_run,
    }


def _no_worker(who: SignedIn) -> bool:
    from agent.app.queue.liveness import count_workers

    return not count_workers(who.space.store.engine)


def _new_page(
    request: Request, who: SignedIn, work: Work, *, leaning: bool, problem: CloseReadError | None = None, **typed: str
) -> HTMLResponse:
    ready = job_plans.can_begin(who.space, work)
    counted = job_plans.patterns_to_draft(who.space)
    rubrics = who.space.store[Rubrics].all()
    values = {
        "work": work,
        "ready": ready,
        "leaning": leaning,
        "rubric": rubrics[-1].rubric.label if rubrics else "",
        "distinguishing": counted[0] if counted else 0,
        "leaning_count": counted[1] if counted else 0,
        "calls": who.space.store[Calls].count(),
        "problem": str(problem) if problem else "",
        "models_file": who.space.settings.workspace / "config" / "models.yaml",
        "typed": {"budget": "", "label": "", "adjudicated_by": "model"} | typed,
        "open_job": next(iter(who.space.store[Jobs].open(work)), None),
    }
    return render(request, "jobs/new.html", who, values, status_of(problem) if problem else 200)
