"""Evaluation suites: run one, compare a run with the baseline, accept a baseline, add cases that people settled."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from pydantic import Field

from agent.app.planning import planned as counted
from agent.app.queue.model import Job
from agent.app.queue.starting import start
from agent.app.queue.store import Jobs
from agent.app.telling import Phase, unseen
from agent.app.verb import Who, verb
from agent.core.base import Frozen
from agent.core.errors import Advice, Conflict, GateClosed, ModelError, UsageError
from agent.evals.archive import Accepted, Archive, Stored
from agent.evals.comparing import Comparison, compare
from agent.evals.gating import Verdict, judge
from agent.evals.interviews import Extracting, run_interviews
from agent.evals.lists import archive, named_suite
from agent.evals.report import report_of
from agent.evals.run import Mode, Run
from agent.evals.running import CODE, Plan, run_suite
from agent.evals.suite import Suite
from agent.evals.views import RunPlanView
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.patterns.coding import Moments
from agent.patterns.extraction import Readers
from agent.patterns.verbs import PROMPTS
from agent.scoring.reading import COUNTING, RATING
from agent.settings import Stages
from agent.workspace import Workspace

ROLE_OF = {"calls": "rater", "hostile": "rater", "criteria": "drafter", "notes": "analyst_a", "drafts": "drafter"}
_UNKNOWN = (
    "a suite of interviews goes through the whole extraction, whose later requests depend on the earlier replies, so "
    "they cannot be counted before; set a budget"
)


class EvaluateParams(Frozen):
    """What a job runs. Cases and prompt are taken as they are when the work starts."""

    suite: str
    split: str = ""
    prompt: str = ""
    model: str = ""
    draws: int = Field(default=1, ge=1, le=20)
    per_criterion: bool = False
    fresh: bool = False
    budget_usd: float | None = None


@dataclass(frozen=True)
class Wanted:
    """Which cases of a suite to ask, with which prompt, how many draws and in which way. `fresh`: cached replies are
    not used."""

    split: str = ""
    tag: str = ""
    cases: tuple[str, ...] = ()
    prompt: str = ""
    draws: int = 1
    per_criterion: bool = False
    fresh: bool = False

    @classmethod
    def of(cls, params: EvaluateParams) -> "Wanted":
        given = params.model_dump(include={"split", "prompt", "draws", "per_criterion", "fresh"})
        return cls(**given)

    def plan(
        self,
        suite: Suite,
        role: Role,
        prompt: Prompt | None,
        beside: Prompt | None = None,
        stages: Stages | None = None,
    ) -> Plan:
        """The plan of a run. UsageError if the options do not fit the suite. `beside` is the same as in `Plan`."""
        if self.per_criterion and suite.file.kind not in ("calls", "hostile"):
            raise UsageError("one request a criterion is for suites of calls")
        if self.draws > 1 and suite.file.kind in ("quotes", "interviews", "notes", "drafts"):
            raise UsageError(f"several readings are for suites that rate or check, not for kind {suite.file.kind}")
        mode: Mode = "one criterion" if self.per_criterion else "all criteria"
        cases = suite.chosen(self.split, self.tag, self.cases)
        return Plan(suite, cases, role, prompt, self.draws, mode, self.split, stages, beside)


@verb(
    "ops_lead",
    audit="job_started",
    subject=lambda job: job.id,
    facts=lambda job: {"kind": job.kind, **{k: job.params[k] for k in ("suite", "prompt", "model")}},
)
def start_run(who: Who, params: EvaluateParams) -> Job:
    """Run a suite in the background. NotFound for an unknown suite or prompt, RoleUnbound without a model,
    UsageError if the options do not fit the suite, Conflict if the same run is under way."""
    space = who.space
    planned(asking(space, params.model), named_suite(space, params.suite), Wanted.of(params))
    same = params.model_dump(exclude={"budget_usd"}).items()
    if running := [job for job in space.store[Jobs].open("evaluate") if same <= job.params.items()]:
        raise Conflict(f"{running[0].id} runs the same and is {running[0].state}; wait for it, or cancel it")
    return start(space, "evaluate", params.model_dump(), by=who.signature)


@verb("ops_lead", audit="suite_run", subject=lambda made: made.run.id, facts=lambda made: {"suite": made.run.suite})
async def run_now(
    who: Who, suite: Suite, wanted: Wanted, concurrency: int, budget: float | None, phase: Phase
) -> Stored:
    """Run a suite while somebody waits, and store the run with its report."""
    return await execute(who.space, suite, wanted, concurrency, budget, phase)


@verb("ops_lead", audit="suite_made", subject=lambda suite: suite.name, facts=lambda suite: {"cases": len(suite.cases)})
def make_suite(who: Who, name: str, written: Callable[[Path], Suite]) -> Suite:
    """Make the workspace's suite `name`. `written` gets its folder, writes the suite, and returns it."""
    return written(archive(who.space, writing=True).suites / name)


@verb(
    "ops_lead",
    audit="gate_asked",
    subject=lambda made: made.candidate,
    facts=lambda made: {"suite": made.suite, "against": made.baseline, "passed": made.passed},
)
def hold_against(who: Who, suite: Suite, run: str, against: str) -> Verdict:
    """Let the gate compare a run (by default the newest) with another (by default the baseline), and store the
    verdict: a prompt can only be released on a gate that passed."""
    verdict = judged(who.space, suite, run, against)
    archive(who.space).keep_verdict(verdict)
    return verdict


@verb("ops_lead", audit="baseline_accepted", facts=lambda made: {"suite": made.suite, "reason": made.reason})
def accept_run(who: Who, run: str, reason: str) -> Accepted:
    """Make a run the baseline of its suite. GateClosed if cases were not answered."""
    runs = archive(who.space)
    chosen = runs.run(run).run
    if chosen.unanswered:
        raise GateClosed(f"{run} is incomplete: {len(chosen.unanswered)} cases were not answered; run it again")
    accepted = Accepted(
        run=chosen.id,
        suite=chosen.suite,
        suite_id=chosen.suite_id,
        model=chosen.model,
        prompt=chosen.prompt,
        by=who.signature,
        reason=reason,
        at=datetime.now(UTC),
    )
    runs.accept(accepted)
    return accepted


def asking(space: Workspace, model: str) -> Workspace:
    """The same workspace with `model` in every role, if one is named."""
    if not model:
        return space
    other = copy(space)
    other.model = model
    return other


def planned(space: Workspace, suite: Suite, wanted: Wanted) -> Plan:
    """The plan, with roles that cannot send a request."""
    kind = suite.file.kind
    if kind == "quotes":
        return wanted.plan(suite, CODE, None)
    role = replace(space.planned_role(ROLE_OF.get(kind, "drafter")), fresh=wanted.fresh)
    prompt = None if kind == "interviews" else space.prompt(wanted.prompt or suite.file.prompt)
    beside = None if prompt is None else prompt_beside(space, suite, prompt)
    return wanted.plan(suite, role, prompt, beside, space.stages)


def prompt_beside(space: Workspace, suite: Suite, prompt: Prompt) -> Prompt | None:
    """The prompt of the other kind, if a suite's rubric has both rated and counted criteria. UsageError if `prompt`
    is not of the kind that its criteria need."""
    if suite.rubric is None:
        return None
    kinds = {COUNTING if c.counts else RATING for c in suite.rubric.criteria}
    mine = COUNTING if prompt.meta.name == COUNTING else RATING
    if mine not in kinds:
        raise UsageError(f"the criteria of suite {suite.name} are asked with {min(kinds)}, not with {prompt.meta.name}")
    return space.prompt(min(kinds - {mine})) if len(kinds) > 1 else None


def run_plan(space: Workspace, params: EvaluateParams) -> RunPlanView:
    """What a run would take, before it starts. Asks no model. RoleUnbound without one."""
    space = asking(space, params.model)
    plan = planned(space, named_suite(space, params.suite), Wanted.of(params))
    return RunPlanView.of(counted(space, plan.requests(), _UNKNOWN if plan.suite.file.kind == "interviews" else ""))


async def execute(
    space: Workspace,
    suite: Suite,
    wanted: Wanted,
    concurrency: int,
    budget: float | None,
    phase: Phase = unseen,
    job: str = "",
) -> Stored:
    """Run the suite and store the run with its report; costs are booked on `job`.

    ModelError if no case was answered.
    """
    plan = planned(space, suite, wanted)
    done = await _asked(space, wanted, plan, concurrency, budget, phase, job)
    if not done.answers and not done.refused:
        raise ModelError(f"no case was answered: {next(iter(done.unanswered.values()), 'there are none')}")
    stored = Stored(run=done, report=report_of(done, {case.id: case.text for case in plan.cases}))
    archive(space).keep(stored.run, stored.report)
    return stored


async def _asked(
    space: Workspace, wanted: Wanted, plan: Plan, concurrency: int, budget: float | None, phase: Phase, job: str
) -> Run:
    kind = plan.suite.file.kind
    if kind == "quotes":
        return await run_suite(plan, concurrency, lambda: None)
    if kind != "interviews":
        name, step = ROLE_OF[kind], phase(f"suite {plan.suite.name}", len(plan.asked) * plan.draws)
        async with space.roles(name, budget_usd=budget, job=job, fallback=False, fresh=wanted.fresh) as roles:
            prices = space.prices([space.binding(name)])
            asked = wanted.plan(plan.suite, roles[name], plan.prompt, plan.beside, space.stages)
            return await run_suite(asked, concurrency, step, prices)
    prompts = {name: space.prompt(name) for name in PROMPTS}
    if wanted.prompt:
        changed = space.prompt(wanted.prompt)
        prompts[changed.meta.name] = changed
    names = ("analyst_a", "analyst_b", "drafter")
    async with space.roles(*names, budget_usd=budget, job=job, fallback=False, fresh=wanted.fresh) as roles:
        readers = Readers(*(roles[name] for name in names))
        given = Extracting(readers, prompts, Moments.of(space.stages), concurrency, phase)
        return await run_interviews(plan, given, space.prices([space.binding(name) for name in names]))


def comparison(space: Workspace, first: str, second: str) -> Comparison:
    """The second run compared with the first, on the cases they share. NotFound for an unknown run."""
    return _compared(archive(space).folder, first, second)


@lru_cache(maxsize=64)
def _compared(folder: Path, first: str, second: str) -> Comparison:
    """The comparison, cached: a run's id is made from its answers, so the same two ids always compare alike."""
    runs = Archive(folder)
    return compare(runs.run(first).run, runs.run(second).run)


def judged(space: Workspace, suite: Suite, run: str, against: str) -> Verdict:
    """The gate's verdict, without storing it. GateClosed if there is no baseline, or the suite changed since."""
    runs = archive(space)
    candidate = runs.run(run) if run else runs.newest(suite.name)
    if candidate.run.suite != suite.name:
        raise UsageError(f"{candidate.run.id} is a run of {candidate.run.suite}, not of {suite.name}")
    accepted = runs.baseline(suite.name)
    if not against and accepted is None:
        raise GateClosed(
            f"suite {suite.name} has no baseline to hold {candidate.run.id} against",
            advice=Advice(
                "eval accept RUN --by NAME --reason WHY", "/evals", "accept a run that people have looked at"
            ),
        )
    baseline = runs.run(against or (accepted.now.run if accepted is not None else ""))
    if candidate.run.suite_id != suite.id:
        raise GateClosed(f"suite {suite.name} has changed since {candidate.run.id}; run it again")
    return judge(candidate.run, baseline.run, suite.file.gates, [case.id for case in suite.cases])
