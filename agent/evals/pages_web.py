"""Evals: suites and runs, the report of a run, two runs side by side with the gate, starting and accepting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Form, Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.queue.store import Jobs
from agent.app.web import sessions
from agent.app.web.auth import OpsLead, SignedIn, Team
from agent.app.web.paging import Pages
from agent.app.web.problems import checked, status_of
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.core.errors import CloseReadError, GateClosed, InputError
from agent.evals import lines as eval_lines
from agent.evals import verbs as evaluating
from agent.evals.api import accepted, begin, gated, planned, suite_line
from agent.evals.page import FIGURES, YARDSTICKS, in_cell
from agent.evals.views import RunPlanOut, StartRun
from agent.models.prompts import prompts_data

if TYPE_CHECKING:
    from agent.evals.gating import Verdict
    from agent.evals.report import Report
    from agent.evals.run import Run

router = page_router()

SuiteName = Annotated[str, Path(max_length=100)]
RunId = Annotated[str, Path(max_length=60)]
RunQuery = Annotated[str, Query(max_length=60)]
RunField = Annotated[str, Form(max_length=60)]
Text = Annotated[str, Form(max_length=1000)]
_SHADES = 5
_FLIPS = 60  # flips on a page; the API has all


@router.get("/evals")
def evals(
    request: Request, who: Team, paging: Pages, suite: Annotated[str, Query(max_length=100)] = ""
) -> HTMLResponse:
    """Suites and runs."""
    lines, skipped = eval_lines.suite_lines(who.space), int(paging.after or 0)
    runs = eval_lines.run_lines(who.space, suite)
    page = paging.page(runs[skipped : skipped + paging.fetch], lambda _: skipped + paging.limit, lambda run: run)
    job = next(iter(who.space.store[Jobs].open("evaluate")), None)
    values = {"suites": lines, "page": page, "suite": suite, "job": job, "next": _next(lines)}
    return render(request, "evals/list.html", who, values)


@router.get("/evals/compare")
def compare(request: Request, who: Team, first: RunQuery = "", second: RunQuery = "") -> Response:
    """The second run against the first, what the gate says of it, and every rating that flipped."""
    if not first or not second or first == second:
        sessions.flash(request, "Choose two different runs of one suite: one as first, one as second.", "problem")
        return done(request, "/evals")
    found = evaluating.comparison(who.space, first, second)
    run = evaluating.archive(who.space).run(second).run
    verdict, closed = _verdict(who, run.suite, second, first)
    shown = [flip for flip in found.flips if flip.split == "dev"]
    values = {
        "c": found,
        "run": run,
        "names": _names(run),
        "verdict": verdict,
        "closed": closed,
        "shown": shown[:_FLIPS],
        "more": max(0, len(shown) - _FLIPS),
        "hidden": len(found.flips) - len(shown),
        "figure": in_cell,
    }
    return render(request, "evals/compare.html", who, values)


@router.post("/evals/gate")
def keep_verdict(request: Request, who: OpsLead, first: RunField, second: RunField) -> Response:
    """Ask the gate of the second run against the first, and keep what it says."""
    suite = evaluating.archive(who.space).run(second).run.suite
    found = gated(who, suite, second, first)
    word = "passed" if found.passed else "closed"
    return done(request, f"/evals/compare?first={first}&second={second}", f"Kept: the gate is {word}.")


@router.get("/evals/runs/{ident}")
def run(request: Request, who: Team, ident: RunId) -> HTMLResponse:
    """The report of one run."""
    return _run_page(request, who, ident)


@router.post("/evals/runs/{ident}/accept")
def accept(request: Request, who: OpsLead, ident: RunId, reason: Text = "") -> Response:
    """Make it the baseline."""
    try:
        if not reason.strip():
            raise InputError("say why this run is to be the baseline: who looked at what")
        found = accepted(who, ident, reason.strip())
    except (InputError, GateClosed) as error:
        return _run_page(request, who, ident, problem=error, reason=reason)
    return done(request, f"/evals/runs/{ident}", f"This run is now the baseline of {found.suite}.")


@router.get("/evals/suites/{suite}")
def suite_page(
    request: Request, who: Team, suite: SuiteName, prompt: Annotated[str, Query(max_length=70)] = ""
) -> HTMLResponse:
    """One suite: what it asks, its tolerances, and starting a run."""
    return _suite_page(request, who, suite, {"prompt": prompt})


@router.get("/evals/suites/{suite}/estimate")
def estimate(
    request: Request,
    who: OpsLead,
    suite: SuiteName,
    split: Literal["", "dev", "test"] = "",
    prompt: Annotated[str, Query(max_length=70)] = "",
    model: Annotated[str, Query(max_length=200)] = "",
    draws: Annotated[str, Query(max_length=3)] = "1",
    per_criterion: bool = False,
) -> HTMLResponse:
    """What the run in the form would take: counting tokens takes a while, so it comes after the page."""
    typed = {"split": split, "prompt": prompt, "model": model, "draws": draws, "per_criterion": per_criterion}
    plan, problem = _plan(who, suite, typed)
    return render(request, "evals/_estimate.html", who, {"plan": plan, "problem": problem})


@router.post("/evals/suites/{suite}/runs")
def start(
    request: Request,
    who: OpsLead,
    suite: SuiteName,
    split: Annotated[str, Form(max_length=10)] = "",
    prompt: Annotated[str, Form(max_length=70)] = "",
    model: Annotated[str, Form(max_length=200)] = "",
    draws: Annotated[str, Form(max_length=3)] = "1",
    per_criterion: Annotated[bool, Form()] = False,
    budget: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Start it, and on to its progress."""
    typed = {"split": split, "prompt": prompt, "model": model, "draws": draws, "per_criterion": per_criterion}
    try:
        new = checked(StartRun, typed | {"budget_usd": budget.strip().lstrip("$") or None, "model": model.strip()})
        job = begin(who, suite, new)
    except CloseReadError as error:
        return _suite_page(request, who, suite, typed | {"budget": budget}, error)
    return done(request, f"/jobs/{job.id}")


def _run_page(
    request: Request, who: SignedIn, ident: str, problem: CloseReadError | None = None, reason: str = ""
) -> HTMLResponse:
    stored = evaluating.archive(who.space).run(ident)
    done_run, report = stored.run, stored.report
    baseline = eval_lines.baseline_of(who.space, done_run.suite)
    shown = [f for f in report.failures if f.split == "dev"]
    values = {
        "r": report,
        "run": done_run,
        "names": _names(done_run),
        "baseline": baseline,
        "shown": shown,
        "hidden": len(report.failures) - len(shown),
        "figures": FIGURES,
        "yardsticks": YARDSTICKS,
        "shades": _shades(report),
        "figure": in_cell,
        "problem": str(problem) if problem else "",
        "reason": reason,
        "may_change": who.scope.may_run,
    }
    return render(request, "evals/run.html", who, values, status_of(problem) if problem else 200)


def _suite_page(
    request: Request, who: SignedIn, name: str, typed: dict[str, Any], problem: CloseReadError | None = None
) -> HTMLResponse:
    line = suite_line(who, name)
    suite = None if line.problem else evaluating.named_suite(who.space, name)
    kept = evaluating.archive(who.space).baseline(name)
    blank = {"split": "", "prompt": "", "model": "", "draws": "1", "per_criterion": False, "budget": ""}
    values = {
        "line": line,
        "gates": suite.file.gates if suite else None,
        "splits": sorted({case.split for case in suite.cases}) if suite else [],
        "criteria": [c.id for c in suite.criteria] if suite else [],
        "history": [] if kept is None else [kept.now, *kept.before],
        "prompts": [p for p in prompts_data(who.space) if suite and p["name"] == suite.file.prompt],
        "unbound": _unbound(who, line.kind),
        "typed": blank | typed,
        "problem": str(problem) if problem else "",
        "may_run": who.scope.may_run,
        "job": next((j for j in who.space.store[Jobs].open("evaluate") if j.params["suite"] == name), None),
    }
    return render(request, "evals/suite.html", who, values, status_of(problem) if problem else 200)


def _unbound(who: SignedIn, kind: str) -> str:
    """How to bind a model, where the suite needs one and none is bound."""
    if kind in ("quotes", ""):
        return ""
    try:
        who.space.binding(evaluating.ROLE_OF.get(kind, "drafter"))
    except CloseReadError as error:
        return str(error)
    return ""


def _plan(who: SignedIn, suite: str, typed: dict[str, Any]) -> tuple[RunPlanOut | None, str]:
    try:
        return planned(who, suite, checked(StartRun, typed)), ""
    except CloseReadError as error:
        return None, str(error)


def _verdict(who: SignedIn, suite: str, run: str, against: str) -> tuple[Verdict | None, str]:
    """What the gate says; or why it cannot say anything."""
    try:
        return evaluating.judged(who.space, evaluating.named_suite(who.space, suite), run, against), ""
    except (GateClosed, InputError) as closed:
        return None, str(closed)


def _next(lines: list[eval_lines.SuiteLine]) -> eval_lines.SuiteLine | None:
    """The suite that calls need first: the workspace's own rating suite without a run or a baseline."""
    rating = [line for line in lines if line.kind == "calls" and not line.problem]
    return next((line for line in rating if line.newest is None or line.baseline is None), None)


def _names(found: Run) -> dict[str, str]:
    return {criterion.id: criterion.name for criterion in found.criteria}


def _shades(report: Report) -> dict[str, dict[str, dict[str, int]]]:
    """How dark each confusion cell is, 0 to 5: its share of its row."""
    return {
        c.criterion: {
            row: {column: round(_SHADES * count / max(sum(cells.values()), 1)) for column, count in cells.items()}
            for row, cells in c.confusion.items()
        }
        for c in report.criteria
    }
