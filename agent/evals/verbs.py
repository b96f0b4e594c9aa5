"""Evaluation suites: find one, run it, keep the run, hold it against the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.app.telling import Note, Phase, unseen
from agent.core.errors import GateClosed, ImportProblem, ModelError, NotFound, UsageError

if TYPE_CHECKING:
    from agent.evals.archive import Accepted, Archive, Stored
    from agent.evals.comparing import Comparison
    from agent.evals.gating import Verdict
    from agent.evals.run import Mode, Run
    from agent.evals.running import Plan
    from agent.evals.suite import Suite
    from agent.llm.prompts import Prompt
    from agent.llm.roles import Role
    from agent.workspace import Workspace


ROLE_OF = {"calls": "rater", "hostile": "rater", "criteria": "drafter"}


def archive(space: Workspace) -> Archive:
    """The workspace's runs, baselines and gate verdicts."""
    from agent.evals.archive import Archive

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
    from agent.evals.loading import read_suite

    if (Path(name) / "suite.yaml").is_file():
        return read_suite(Path(name).resolve())
    folders = suite_folders(space)
    if name not in folders:
        raise NotFound(f"there is no suite {name!r}; there are {', '.join(folders)} (or give the suite's folder)")
    return read_suite(folders[name])


def named_suite(space: Workspace, name: str) -> Suite:
    """The suite of that name, and never a folder: for names that come over the network."""
    from agent.evals.lines import read_kept

    folders = suite_folders(space)
    if name not in folders:
        raise NotFound(f"there is no suite {name!r}; there are {', '.join(folders)}")
    return read_kept(folders[name])


def readable_suites(space: Workspace, note: Note) -> list[Suite]:
    """All suites that can be read; `note` is told about each that cannot."""
    from agent.evals.loading import read_suite

    found = []
    for folder in suite_folders(space).values():
        try:
            found.append(read_suite(folder))
        except ImportProblem as problem:
            note(f"problem: {problem}")
    return found


def accepted_runs(space: Workspace, suites: Sequence[Suite]) -> set[str]:
    """Ids of the runs that are the baseline of one of `suites`."""
    runs = archive(space)
    return {baseline.now.run for suite in suites if (baseline := runs.baseline(suite.name)) is not None}


def evaluation_data(suites: Sequence[Suite], runs: Sequence[Stored], accepted: set[str]) -> dict[str, Any]:
    """Suites and runs as JSON data."""
    return {
        "suites": [
            {"suite": s.name, "kind": s.file.kind, "n_cases": len(s.cases), "about": s.file.about} for s in suites
        ],
        "runs": [{"run": s.run.id, "suite": s.run.suite, "baseline": s.run.id in accepted} for s in runs],
    }


def comparison(space: Workspace, first: str, second: str) -> Comparison:
    """The second run against the first on the cases they share. NotFound for an unknown run."""
    return _compared(archive(space).folder, first, second)


@lru_cache(maxsize=64)
def _compared(folder: Path, first: str, second: str) -> Comparison:
    """Kept, since a run's id is made from its answers: the same two ids compare alike."""
    from agent.evals.archive import Archive
    from agent.evals.comparing import compare

    runs = Archive(folder)
    return compare(runs.run(first).run, runs.run(second).run)


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
        from agent.evals.running import Plan

        if self.per_criterion and suite.file.kind not in ("calls", "hostile"):
            raise UsageError("--per-criterion is for suites of calls")
        if self.draws > 1 and suite.file.kind in ("quotes", "interviews"):
            raise UsageError(f"--draws is for suites that rate or check, not for kind {suite.file.kind}")
        cases = suite.chosen(self.split, self.tag, self.cases)
        return Plan(suite, cases, role, prompt, self.draws, self.mode, self.split)


def planned(space: Workspace, suite: Suite, wanted: Wanted) -> Plan:
    """The plan with roles that cannot ask."""
    from agent.evals.running import CODE

    kind = suite.file.kind
    if kind == "quotes":
        return wanted.plan(suite, CODE, None)
    role = space.planned_role(ROLE_OF.get(kind, "drafter"))
    prompt = None if kind == "interviews" else space.prompt(wanted.prompt or suite.file.prompt)
    return wanted.plan(suite, role, prompt)


async def execute(
    space: Workspace,
    suite: Suite,
    wanted: Wanted,
    concurrency: int,
    budget: float | None,
    phase: Phase = unseen,
    job: str = "",
) -> Stored:
    """Run the suite and keep the run with its report; costs are booked on `job`.

    ModelError where no case was answered.
    """
    from agent.evals.archive import Stored
    from agent.evals.report import report_of

    plan = planned(space, suite, wanted)
    done = await _asked(space, suite, wanted, plan, concurrency, budget, phase, job)
    if not done.answers and not done.refused:
        raise ModelError(f"no case was answered: {next(iter(done.unanswered.values()), 'there are none')}")
    stored = Stored(run=done, report=report_of(done, {c.id: c.text for c in plan.cases}))
    archive(space).keep(stored.run, stored.report)
    return stored


async def _asked(
    space: Workspace,
    suite: Suite,
    wanted: Wanted,
    plan: Plan,
    concurrency: int,
    budget: float | None,
    phase: Phase,
    job: str,
) -> Run:
    from agent.evals.running import run_suite

    kind = suite.file.kind
    if kind == "quotes":
        return await run_suite(plan, concurrency, lambda: None)
    if kind == "interviews":
        return await _extracted(space, wanted, plan, concurrency, budget, phase, job)
    step = phase(f"suite {suite.name}", len(plan.asked) * plan.draws)
    name = ROLE_OF[kind]
    async with space.roles(name, budget_usd=budget, job=job, fallback=False) as roles:
        prices = space.prices([space.binding(name)])
        return await run_suite(wanted.plan(suite, roles[name], plan.prompt), concurrency, step, prices)


async def _extracted(
    space: Workspace, wanted: Wanted, plan: Plan, concurrency: int, budget: float | None, phase: Phase, job: str
) -> Run:
    from agent.evals.interviews import Extracting, run_interviews
    from agent.patterns.extraction import Readers
    from agent.patterns.verbs import PROMPTS

    prompts = {name: space.prompt(name) for name in PROMPTS}
    if wanted.prompt:
        changed = space.prompt(wanted.prompt)
        prompts[changed.meta.name] = changed
    names = ("analyst_a", "analyst_b", "drafter")
    async with space.roles(*names, budget_usd=budget, job=job, fallback=False) as roles:
        readers = Readers(*(roles[name] for name in names))
        given = Extracting(readers, prompts, space.moments, concurrency, phase)
        return await run_interviews(plan, given, space.prices([space.binding(name) for name in names]))


def gate(space: Workspace, name: str, run_id: str, against: str) -> Verdict:
    """The newest run of a suite (or `run_id`) against its baseline (or the run `against`); the verdict is kept."""
    verdict = judged(space, find_suite(space, name), run_id, against)
    archive(space).keep_verdict(verdict)
    return verdict


def judged(space: Workspace, suite: Suite, run_id: str, against: str) -> Verdict:
    """What the gate says, without keeping it. GateClosed where there is no baseline, or the suite changed since."""
    from agent.evals.gating import judge

    runs = archive(space)
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
    return judge(candidate.run, baseline.run, suite.file.gates, [case.id for case in suite.cases])


def accept(space: Workspace, run_id: str, by: str, reason: str) -> Accepted:
    """Make a run the baseline of its suite."""
    from agent.evals.archive import Accepted

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
