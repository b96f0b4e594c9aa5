"""Evals in the browser and over the API: suites and runs, the report of a run, two runs side by side with the gate."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Form, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from agent.app.queue.store import Jobs
from agent.app.queue.views import JobView
from agent.app.steps import next_step
from agent.app.view import Page
from agent.app.web import sessions
from agent.app.web.auth import OpsLead, SignedIn, Team
from agent.app.web.forms import Typed
from agent.app.web.paging import Pages
from agent.app.web.problems import checked
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.core.errors import CloseReadError, GateClosed, InputError
from agent.evals import verbs
from agent.evals.comparing import Comparison
from agent.evals.gating import Verdict
from agent.evals.lists import archive, baseline_of, named_suite, run_views, suite_view, suite_views
from agent.evals.page import comparison_values, report_values
from agent.evals.prompts import prompt_views
from agent.evals.report import Report
from agent.evals.run import Run
from agent.evals.views import (
    AcceptedView,
    AcceptRun,
    HoldAgainst,
    RunChoice,
    RunPlanView,
    RunView,
    StartRun,
    SuiteList,
    SuiteView,
    VerdictView,
)

api = api_router("evals")
pages = page_router()

SuiteName = Annotated[str, Path(max_length=100, examples=["ledgerline"])]
RunId = Annotated[str, Path(max_length=60, examples=["ev-0a7f8b6f6249"])]
RunQuery = Annotated[str, Query(max_length=60, examples=["ev-0a7f8b6f6249"])]
RunField = Annotated[str, Form(max_length=60)]
Text = Annotated[str, Form(max_length=1000)]
_FLIPS = 60  # flips on a page; the API has all


@api.get("/evals/suites")
def list_suites(who: Team) -> SuiteList:
    """All suites: what each asks, its newest run and its baseline."""
    return SuiteList(items=suite_views(who.space))


@api.get("/evals/suites/{suite}")
def read_suite(who: Team, suite: SuiteName) -> SuiteView:
    """One suite."""
    return suite_view(who.space, suite)


@api.get("/evals/suites/{suite}/plan")
def plan_run(who: OpsLead, suite: SuiteName, new: Annotated[RunChoice, Query()]) -> RunPlanView:
    """What a run would take, before it is started. Asks no model."""
    return verbs.run_plan(who.space, _params(suite, new))


@api.post("/evals/suites/{suite}/runs", status_code=201)
def start_run(who: OpsLead, suite: SuiteName, new: StartRun) -> JobView:
    """Run the suite in the background. When the job is done, the run is the newest of the suite."""
    return JobView.of(who.space.store, verbs.start_run(who, _params(suite, new)))


@api.get("/evals/suites/{suite}/verdict")
def verdict(who: Team, suite: SuiteName, run: RunQuery = "", against: RunQuery = "") -> VerdictView:
    """What the gate says of a run (the newest) against another (the baseline). Nothing is kept."""
    return VerdictView.of(verbs.judged(who.space, named_suite(who.space, suite), run, against))


@api.post("/evals/suites/{suite}/gate")
def hold_against(who: OpsLead, suite: SuiteName, runs: HoldAgainst) -> VerdictView:
    """Ask the gate and keep its answer: a prompt is released only on one that passed."""
    return VerdictView.of(verbs.hold_against(who, named_suite(who.space, suite), runs.run, runs.against))


@api.get("/evals/runs")
def list_runs(
    who: Team, paging: Pages, suite: Annotated[str, Query(max_length=100, description="Only its runs.")] = ""
) -> Page[RunView]:
    """Runs, newest first."""
    skipped = int(paging.after or 0)
    runs = run_views(who.space, suite)[skipped : skipped + paging.fetch]
    return paging.page(runs, lambda _: skipped + paging.limit, lambda run: run)


@api.get("/evals/runs/{ident}")
def read_run(who: Team, ident: RunId) -> Report:
    """The report of a run: every figure with its interval, beside the three yardsticks."""
    return archive(who.space).run(ident).report


@api.post("/evals/runs/{ident}/accept", status_code=201)
def accept_run(who: OpsLead, ident: RunId, why: AcceptRun, response: Response) -> AcceptedView:
    """Make a run the baseline of its suite. Refused where cases were not answered."""
    accepted = verbs.accept_run(who, ident, why.reason)
    response.headers["Location"] = f"/api/v1/evals/suites/{accepted.suite}"
    return AcceptedView.of(accepted)


@api.get("/evals/compare")
def compare_runs(who: Team, first: RunQuery, second: RunQuery) -> Comparison:
    """The second run against the first on the same cases, and every rating that flipped, with both quotes."""
    return verbs.comparison(who.space, first, second)


@pages.get("/evals")
def evals(
    request: Request, who: Team, paging: Pages, suite: Annotated[str, Query(max_length=100)] = ""
) -> HTMLResponse:
    """Suites and runs."""
    lines, skipped = suite_views(who.space), int(paging.after or 0)
    runs = run_views(who.space, suite)
    page = paging.page(runs[skipped : skipped + paging.fetch], lambda _: skipped + paging.limit, lambda run: run)
    values = {"suites": lines, "page": page, "suite": suite, "step": next_step(who, "evals")}
    return render(request, "evals/list.html", who, values)


@pages.get("/evals/compare")
def compare(request: Request, who: Team, first: RunQuery = "", second: RunQuery = "") -> Response:
    """The second run against the first, what the gate says of it, and every rating that flipped."""
    if not first or not second or first == second:
        sessions.flash(request, "Choose two different runs of one suite: one as first, one as second.", "problem")
        return done(request, "/evals")
    comparison = verbs.comparison(who.space, first, second)
    run = archive(who.space).run(second).run
    verdict, closed = _verdict(who, run.suite, second, first)
    values = comparison_values(comparison, _names(run), _FLIPS) | {"run": run, "verdict": verdict, "closed": closed}
    return render(request, "evals/compare.html", who, values)


@pages.post("/evals/gate")
def keep_verdict(request: Request, who: OpsLead, first: RunField, second: RunField) -> Response:
    """Ask the gate of the second run against the first, and keep what it says."""
    suite = archive(who.space).run(second).run.suite
    verdict = verbs.hold_against(who, named_suite(who.space, suite), second, first)
    word = "passed" if verdict.passed else "closed"
    return done(request, f"/evals/compare?first={first}&second={second}", f"Kept: the gate is {word}.")


@pages.get("/evals/runs/{ident}")
def run(request: Request, who: Team, ident: RunId) -> HTMLResponse:
    """The report of one run."""
    stored = archive(who.space).run(ident)
    done_run, report = stored.run, stored.report
    baseline = baseline_of(who.space, done_run.suite)
    values = report_values(report, _names(done_run)) | {
        "run": done_run,
        "baseline": baseline,
        "may_change": who.scope.may_run,
        "step": next_step(who, "evals"),
    }
    return render(request, "evals/run.html", who, values)


@pages.post("/evals/runs/{ident}/accept")
def accept(request: Request, who: OpsLead, ident: RunId, reason: Text = "") -> Response:
    """Make it the baseline."""
    if not reason.strip():
        raise InputError("say why this run is to be the baseline: who looked at what")
    accepted = verbs.accept_run(who, ident, reason.strip())
    return done(request, f"/evals/runs/{ident}", f"This run is now the baseline of {accepted.suite}.")


@pages.get("/evals/suites/{suite}")
def suite_page(
    request: Request, who: Team, suite: SuiteName, prompt: Annotated[str, Query(max_length=70)] = ""
) -> HTMLResponse:
    """One suite: what it asks, its tolerances, and starting a run."""
    line = suite_view(who.space, suite)
    found = None if line.problem else named_suite(who.space, suite)
    kept = archive(who.space).baseline(suite)
    values = {
        "line": line,
        "gates": found.file.gates if found else None,
        "splits": sorted({case.split for case in found.cases}) if found else [],
        "criteria": [c.id for c in found.criteria] if found else [],
        "history": [] if kept is None else [kept.now, *kept.before],
        "prompts": [p for p in prompt_views(who.space) if found and p.name == found.file.prompt],
        "unbound": _unbound(who, line.kind),
        "prompt": prompt,
        "may_run": who.scope.may_run,
        "step": next_step(who, "evals"),
        "job": next((j for j in who.space.store[Jobs].open("evaluate") if j.params["suite"] == suite), None),
    }
    return render(request, "evals/suite.html", who, values)


@pages.get("/evals/suites/{suite}/estimate")
def estimate(request: Request, who: OpsLead, suite: SuiteName) -> HTMLResponse:
    """What the run in the form would take: counting tokens takes a while, so it comes after the page."""
    plan, problem = _plan(who, suite, {name: value for name, value in request.query_params.items() if value})
    return render(request, "evals/_estimate.html", who, {"plan": plan, "problem": problem})


@pages.post("/evals/suites/{suite}/runs")
def start(request: Request, who: OpsLead, suite: SuiteName, form: Typed) -> Response:
    """Start it, and on to its progress."""
    new = form.filled_in(StartRun, budget_usd=form.dollars("budget"))
    return done(request, f"/jobs/{verbs.start_run(who, _params(suite, new)).id}")


def _unbound(who: SignedIn, kind: str) -> str:
    """How to bind a model, where the suite needs one and none is bound."""
    if kind in ("quotes", ""):
        return ""
    try:
        who.space.binding(verbs.ROLE_OF.get(kind, "drafter"))
    except CloseReadError as error:
        return str(error)
    return ""


def _plan(who: SignedIn, suite: str, typed: Mapping[str, str]) -> tuple[RunPlanView | None, str]:
    try:
        return verbs.run_plan(who.space, _params(suite, checked(RunChoice, typed))), ""
    except CloseReadError as error:
        return None, str(error)


def _verdict(who: SignedIn, suite: str, run: str, against: str) -> tuple[Verdict | None, str]:
    """What the gate says; or why it cannot say anything."""
    try:
        return verbs.judged(who.space, named_suite(who.space, suite), run, against), ""
    except (GateClosed, InputError) as closed:
        return None, str(closed)


def _names(run: Run) -> dict[str, str]:
    return {criterion.id: criterion.name for criterion in run.criteria}


def _params(suite: str, new: RunChoice) -> verbs.EvaluateParams:
    return verbs.EvaluateParams(suite=suite, **new.model_dump())
