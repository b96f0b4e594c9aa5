"""An evaluation run at the terminal: what it will ask, its progress bar, what it took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.app.cli.context import run, say
from agent.db.ledger import SqlLedger

if TYPE_CHECKING:
    from agent.evals.archive import Stored
    from agent.evals.run import Run
    from agent.evals.suite import Suite
    from agent.evals.verbs import Wanted
    from agent.workspace import Workspace


def run_suite(space: Workspace, suite: Suite, wanted: Wanted, concurrency: int, budget: float | None) -> Stored:
    """Run the suite and keep the run. Says before what it will ask, and after what it took."""
    from agent.app.cli.plan import plan_line
    from agent.app.planning import planned as cost_of
    from agent.evals.verbs import planned

    plan = planned(space, suite, wanted)
    if space.settings.replay is not None:
        say(f"{sum(1 for _ in plan.requests())} requests, answered from recordings in {space.settings.replay}")
    elif plan.asked:
        say(plan_line(cost_of(space, plan.requests())))
    stored = run(lambda: _executed(space, suite, wanted, concurrency, budget))
    say(spent_line(stored.run))
    return stored


async def _executed(space: Workspace, suite: Suite, wanted: Wanted, concurrency: int, budget: float | None) -> Stored:
    from agent.app.cli.progress import phases
    from agent.evals.verbs import execute

    start = space.store[SqlLedger].spent_usd()
    with phases(lambda: space.store[SqlLedger].spent_usd() - start) as phase:
        return await execute(space, suite, wanted, concurrency, budget, phase)


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
