"""What the `eval` commands do: find a suite, run it, keep the run, hold it against the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.context import run, say
from agent.errors import GateClosed, ModelError, NotFound, UsageError

if TYPE_CHECKING:
    from agent.evaluation.archive import Accepted, Archive, Stored
    from agent.evaluation.gating import Verdict
    from agent.evaluation.run import Mode, Run
    from agent.evaluation.running import Plan
    from agent.evaluation.suite import Suite
    from agent.llm.prompts import Prompt
    from agent.llm.roles import Role
    from agent.wiring import Workspace

ROLE_OF = {"calls": "rater", "hostile": "rater", "criteria": "drafter"}


def archive(space: Workspace) -> Archive:
    """The workspace's runs, baselines and gate verdicts."""
    from agent.evaluation.archive import Archive

    return Archive(space.settings.workspace / "evals")


def suite_folders(space: Workspace) -> dict[str, Path]:
    """All suites by name: the workspace's own, then the shipped ones."""
    from agent.settings import shipped

    found: dict[str, Path] = {}
    for root in (archive(space).suites, shipped("evals")):
        for path in sorted(root.glob("*/suite.yaml")):
            found.setdefault(path.parent.name, path.parent)
    return found


def find_suite(space: Workspace, name: str) -> Suite:
    """The suite in the folder `name`, else the workspace's or the shipped one of that name."""
    from agent.evaluation.loading import read_suite

    if (Path(name) / "suite.yaml").is_file():
        return read_suite(Path(name).resolve())
    folders = suite_folders(space)
    if name not in folders:
        raise NotFound(f"there is no suite {name!r}; there are {', '.join(folders)} (or give the suite's folder)")
    return read_suite(folders[name])


@dataclass(frozen=True)
class Wanted:
    """What `eval run` was asked for."""

    split: str = ""
    tag: str = ""
    cases: tuple[str, ...] = ()
    prompt: str = ""
    draws: int = 1
    per_criterion: bool = False

    @property
    def mode(self) -> Mode:
        """As runs name it."""
        return "one criterion" if self.per_criterion else "all criteria"

    def plan(self, suite: Suite, role: Role, prompt: Prompt | None) -> Plan:
        """The plan of a run."""
        from agent.evaluation.running import Plan

        if self.per_criterion and suite.file.kind not in ("calls", "hostile"):
            raise UsageError("--per-criterion is for suites of calls")
        if self.draws > 1 and suite.file.kind in ("quotes", "interviews"):
            raise UsageError(f"--draws is for suites that rate or check, not for kind {suite.file.kind}")
        cases = suite.chosen(self.split, self.tag, self.cases)
        return Plan(suite, cases, role, prompt, self.draws, self.mode, self.split)


def planned(space: Workspace, suite: Suite, wanted: Wanted) -> Plan:
    """The plan with roles that cannot ask."""
    from agent.evaluation.running import CODE

    kind = suite.file.kind
    if kind == "quotes":
        return wanted.plan(suite, CODE, None)
    role = space.planned_role(ROLE_OF.get(kind, "drafter"))
    prompt = None if kind == "interviews" else space.prompt(wanted.prompt or suite.file.prompt)
    return wanted.plan(suite, role, prompt)


def execute(space: Workspace, suite: Suite, wanted: Wanted, concurrency: int, budget: float | None) -> Stored:
    """Run the suite and keep the run. Says before what it will ask, and after what it took."""
    from agent.cli.plan import plan_line
    from agent.cli.plan import planned as cost_of
    from agent.evaluation.archive import Stored
    from agent.evaluation.report import report_of

    plan = planned(space, suite, wanted)
    if space.settings.replay is not None:
        say(f"{sum(1 for _ in plan.requests())} requests, answered from recordings in {space.settings.replay}")
    elif plan.asked:
        say(plan_line(cost_of(space, plan.requests())))
    done = run(lambda: _asked(space, suite, wanted, plan, concurrency, budget))
    if not done.answers and not done.refused:
        raise ModelError(f"no case was answered: {next(iter(done.unanswered.values()), 'there are none')}")
    stored = Stored(run=done, report=report_of(done, {c.id: c.text for c in plan.cases}))
    archive(space).keep(stored.run, stored.report)
    say(spent_line(done))
    return stored


async def _asked(
    space: Workspace, suite: Suite, wanted: Wanted, plan: Plan, concurrency: int, budget: float | None
) -> Run:
    from agent.cli.progress import phases
    from agent.evaluation.running import run_suite

    kind = suite.file.kind
    start = space.store.ledger.spent_usd()
    with phases(lambda: space.store.ledger.spent_usd() - start) as phase:
        if kind == "quotes":
            return await run_suite(plan, concurrency, lambda: None)
        if kind == "interviews":
            return await _extracted(space, wanted, plan, concurrency, budget, phase)
        step = phase(f"suite {suite.name}", len(plan.asked) * plan.draws)
        name = ROLE_OF[kind]
        async with space.roles(name, budget_usd=budget) as roles:
            prices = space.prices([space.binding(name)])
            return await run_suite(wanted.plan(suite, roles[name], plan.prompt), concurrency, step, prices)


async def _extracted(
    space: Workspace, wanted: Wanted, plan: Plan, concurrency: int, budget: float | None, phase: object
) -> Run:
    from agent.analysis.extraction import Readers
    from agent.cli.patterns import PROMPTS
    from agent.evaluation.interviews import Extracting, run_interviews

    prompts = {name: space.prompt(name) for name in PROMPTS}
    if wanted.prompt:
        changed = space.prompt(wanted.prompt)
        prompts[changed.meta.name] = changed
    names = ("analyst_a", "analyst_b", "drafter")
    async with space.roles(*names, budget_usd=budget) as roles:
        readers = Readers(*(roles[name] for name in names))
        given = Extracting(readers, prompts, space.moments, concurrency, phase)  # type: ignore[arg-type]
        return await run_interviews(plan, given, space.prices([space.binding(name) for name in names]))


def spent_line(done: Run) -> str:
    """What a run took, in a line."""
    spent = done.spending
    money = "price unknown" if spent.usd is None else f"list price ${spent.usd:.4f}"
    told = ", ".join(f"{count} from {source}" for source, count in spent.answered.items()) or "none"
    about = "about " if spent.estimated else ""
    seconds = "" if spent.seconds is None else f", {spent.seconds:.1f} s a request"
    return (
        f"{spent.requests} replies ({told}), {about}{spent.input_tokens:,} input and {spent.output_tokens:,} output "
        f"tokens, {money}, paid now ${spent.paid_usd:.4f}{seconds}"
    )


def gate(space: Workspace, name: str, run_id: str, against: str) -> Verdict:
    """The newest run of a suite (or `run_id`) against its baseline (or the run `against`); the verdict is kept."""
    from agent.evaluation.gating import judge

    suite, runs = find_suite(space, name), archive(space)
    candidate = runs.run(run_id) if run_id else runs.newest(suite.name)
    if candidate.run.suite != suite.name:
        raise UsageError(f"{candidate.run.id} is a run of {candidate.run.suite}, not of {suite.name}")
    accepted = runs.baseline(suite.name)
    if not against and accepted is None:
        raise GateClosed(
            f"suite {suite.name} has no baseline to hold {candidate.run.id} against; "
            f"accept a run that people have looked at: closeread eval accept RUN --by NAME --reason WHY"
        )
    baseline = runs.run(against or (accepted.now.run if accepted is not None else ""))
    if candidate.run.suite_id != suite.id:
        raise GateClosed(f"suite {suite.name} has changed since {candidate.run.id}; run it again")
    verdict = judge(candidate.run, baseline.run, suite.file.gates, [case.id for case in suite.cases])
    runs.keep_verdict(verdict)
    return verdict


def accept(space: Workspace, run_id: str, by: str, reason: str) -> Accepted:
    """Make a run the baseline of its suite."""
    from agent.evaluation.archive import Accepted

    runs = archive(space)
    chosen = runs.run(run_id).run
    if chosen.unanswered:
        raise GateClosed(f"{run_id} is incomplete: {len(chosen.unanswered)} cases were not answered; run it again")
    accepted = Accepted(
        run=chosen.id,
        suite=chosen.suite,
        suite_id=chosen.suite_id,
        model=chosen.model,
        prompt=chosen.prompt,
        by=by,
        reason=reason,
        at=datetime.now(UTC),
    )
    runs.accept(accepted)
    return accepted
