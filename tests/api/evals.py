"""A suite of calls in a site's workspace, with a run that is right and one that finds nothing."""

from __future__ import annotations

import asyncio

from agent.evals.lists import archive
from agent.evals.report import report_of
from agent.evals.run import Run
from agent.evals.running import Plan, run_suite
from agent.evals.suite_files import CallCase, Expected, SuiteFile
from agent.evals.writing import write_suite
from agent.workspace import Workspace
from tests.builders import PROMPTS, role, rubric
from tests.evals.made import ASKED, answering

SUITE = "small"


def cases() -> list[CallCase]:
    """Twelve calls: in every other one the rep asks for the cost."""
    said = "Rae: {ask}\nCus: About {n} thousand dollars.\nRae: Noted, {n}."
    return [
        CallCase(
            id=f"call-{n:02}",
            split="test" if n == 11 else "dev",
            transcript=said.format(ask=ASKED if n % 2 else "Shall we begin?", n=n),
            rep="Rae",
            expect={"asks_cost": Expected(value=n % 2, turns=[0] if n % 2 else [])},
        )
        for n in range(12)
    ]


def two_runs(space: Workspace) -> tuple[Run, Run]:
    """The suite `small`, and two kept runs of it: the first right on all, the second blind to the behavior."""
    file = SuiteFile(
        kind="calls", about="Twelve made calls. For tests.", rubric="rubric.yaml", prompt="rate_call", cases="cases"
    )
    suite = write_suite(archive(space).suites / SUITE, file, rubric(), cases())
    runs = []
    for levels in (lambda case, *_: int(case[-2:]) % 2, lambda *_: 0):
        plan = Plan(suite, suite.cases, role(answering(levels)), PROMPTS.get("rate_call"), 1)
        done = asyncio.run(run_suite(plan, 4, lambda: None))
        archive(space).keep(done, report_of(done, {case.id: case.text for case in suite.cases}))
        runs.append(done)
    return runs[0], runs[1]
