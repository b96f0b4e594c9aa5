"""Evaluations: suites, runs and their reports, comparisons, the gate and the baseline."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query, Response

from agent.app.queue.model import Job
from agent.app.web.auth import OpsLead, SignedIn, Team
from agent.app.web.paging import Page, Pages
from agent.app.web.routes import api_router
from agent.core.errors import NotFound
from agent.evals import lines as eval_lines
from agent.evals import verbs as evaluating
from agent.evals.archive import Accepted
from agent.evals.comparing import Comparison
from agent.evals.gating import Verdict
from agent.evals.job import EvaluateParams, asking, start_evaluation
from agent.evals.report import Report
from agent.evals.views import (
    PROMPT,
    AcceptedOut,
    AcceptRun,
    HoldAgainst,
    RunOut,
    RunPlanOut,
    StartRun,
    SuiteOut,
    Suites,
    VerdictOut,
)
from agent.jobs.api import JobOut, by

router = api_router("evals")

SuiteName = Annotated[str, Path(max_length=100, examples=["ledgerline"])]
RunId = Annotated[str, Path(max_length=60, examples=["ev-0a7f8b6f6249"])]
_UNKNOWN = (
    "a suite of interviews goes through the whole extraction, whose later requests depend on the earlier replies, so "
    "they cannot be counted before; set a budget"
)
RunQuery = Annotated[str, Query(max_length=60, examples=["ev-0a7f8b6f6249"])]


@router.get("/evals/suites")
def list_suites(who: Team) -> Suites:
    """All suites: what each asks, its newest run and its baseline."""
    return Suites(items=[SuiteOut.of(line) for line in eval_lines.suite_lines(who.space)])


@router.get("/evals/suites/{suite}")
def read_suite(who: Team, suite: SuiteName) -> SuiteOut:
    """One suite."""
    return SuiteOut.of(suite_line(who, suite))


@router.get("/evals/suites/{suite}/plan")
def plan_run(
    who: OpsLead,
    suite: SuiteName,
    split: Literal["", "dev", "test"] = "",
    prompt: Annotated[str, Query(pattern=PROMPT)] = "",
    model: Annotated[str, Query(max_length=200)] = "",
    draws: Annotated[int, Query(ge=1, le=20)] = 1,
    per_criterion: bool = False,
) -> RunPlanOut:
    """What a run would take, before it is started. Asks no model."""
    new = StartRun(split=split, prompt=prompt, model=model, draws=draws, per_criterion=per_criterion)
    return planned(who, suite, new)


@router.post("/evals/suites/{suite}/runs", status_code=201)
def start_run(who: OpsLead, suite: SuiteName, new: StartRun) -> JobOut:
    """Run the suite in the background. When the job is done, the run is the newest of the suite."""
    return JobOut.of(who.space.store, begin(who, suite, new))


@router.get("/evals/suites/{suite}/verdict")
def verdict(who: Team, suite: SuiteName, run: RunQuery = "", against: RunQuery = "") -> VerdictOut:
    """What the gate says of a run (the newest) against another (the baseline). Nothing is kept."""
    found = evaluating.judged(who.space, evaluating.named_suite(who.space, suite), run, against)
    return VerdictOut.of(found)


@router.post("/evals/suites/{suite}/gate")
def hold_against(who: OpsLead, suite: SuiteName, runs: HoldAgainst) -> VerdictOut:
    """Ask the gate and keep its answer: a prompt is released only on one that passed."""
    return VerdictOut.of(gated(who, suite, runs.run, runs.against))


@router.get("/evals/runs")
def list_runs(
    who: Team, paging: Pages, suite: Annotated[str, Query(max_length=100, description="Only its runs.")] = ""
) -> Page[RunOut]:
    """Runs, newest first."""
    skipped = int(paging.after or 0)
    found = eval_lines.run_lines(who.space, suite)[skipped : skipped + paging.fetch]
    return paging.page(found, lambda _: skipped + paging.limit, RunOut.of)


@router.get("/evals/runs/{ident}")
def read_run(who: Team, ident: RunId) -> Report:
    """The report of a run: every figure with its interval, beside the three yardsticks."""
    return evaluating.archive(who.space).run(ident).report


@router.post("/evals/runs/{ident}/accept", status_code=201)
def accept_run(who: OpsLead, ident: RunId, why: AcceptRun, response: Response) -> AcceptedOut:
    """Make a run the baseline of its suite. Refused where cases were not answered."""
    found = accepted(who, ident, why.reason)
    response.headers["Location"] = f"/api/v1/evals/suites/{found.suite}"
    return AcceptedOut.model_validate(found, from_attributes=True)


@router.get("/evals/compare")
def compare_runs(who: Team, first: RunQuery, second: RunQuery) -> Comparison:
    """The second run against the first on the same cases, and every rating that flipped, with both quotes."""
    return evaluating.comparison(who.space, first, second)


def suite_line(who: SignedIn, name: str) -> eval_lines.SuiteLine:
    """The line of one suite. NotFound if there is none."""
    found = {line.name: line for line in eval_lines.suite_lines(who.space)}
    if name not in found:
        raise NotFound(f"there is no suite {name!r}; there are {', '.join(found)}")
    return found[name]


def planned(who: SignedIn, suite: str, new: StartRun) -> RunPlanOut:
    """What the run would take. RoleUnbound without a model."""
    from agent.app.planning import planned as cost_of

    space, params = asking(who.space, new.model), _params(suite, new)
    plan = evaluating.planned(space, evaluating.named_suite(space, suite), params.wanted)
    note = _UNKNOWN if plan.suite.file.kind == "interviews" else ""
    return RunPlanOut.of(cost_of(space, plan.requests(), note))


def begin(who: SignedIn, suite: str, new: StartRun) -> Job:
    """Start the job, under the name of whoever asked."""
    job = start_evaluation(who.space, _params(suite, new), by=by(who))
    who.audit("job_started", job.id, kind=job.kind, suite=suite, prompt=new.prompt, model=new.model)
    return job


def gated(who: SignedIn, suite: str, run: str, against: str) -> Verdict:
    """The verdict, kept, with a line in the audit log."""
    found = evaluating.judged(who.space, evaluating.named_suite(who.space, suite), run, against)
    evaluating.archive(who.space).keep_verdict(found)
    who.audit("gate_asked", found.candidate, suite=suite, against=found.baseline, passed=found.passed)
    return found


def accepted(who: SignedIn, ident: str, reason: str) -> Accepted:
    """The new baseline, with a line in the audit log."""
    found = evaluating.accept(who.space, ident, by(who), reason)
    who.audit("baseline_accepted", ident, suite=found.suite, reason=reason)
    return found


def _params(suite: str, new: StartRun) -> EvaluateParams:
    return EvaluateParams(suite=suite, **new.model_dump())
