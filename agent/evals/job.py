"""Jobs of the kind `evaluate`: a suite asked of a model, and the run kept with its report."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from pydantic import Field

from agent.app.queue.kinds import Tell, Whole
from agent.app.queue.model import NORMAL, Job
from agent.app.queue.phases import phases
from agent.app.queue.store import Jobs
from agent.core.base import Frozen
from agent.db.ledger import SqlLedger

if TYPE_CHECKING:
    from agent.evals.verbs import Wanted
    from agent.workspace import Workspace


class EvaluateParams(Frozen):
    """What to run. Cases and prompt are as they are when the work begins."""

    suite: str
    split: str = ""
    prompt: str = ""
    model: str = ""
    draws: int = Field(default=1, ge=1, le=20)
    per_criterion: bool = False
    budget_usd: float | None = None

    @property
    def wanted(self) -> Wanted:
        """As the service takes it."""
        from agent.evals.verbs import Wanted

        return Wanted(self.split, prompt=self.prompt, draws=self.draws, per_criterion=self.per_criterion)


def asking(space: Workspace, model: str) -> Workspace:
    """The same workspace with `model` in the place of every role's own, where one is named."""
    if not model:
        return space
    found = copy(space)
    found.model = model
    return found


def start_evaluation(space: Workspace, params: EvaluateParams, *, by: str, priority: int = NORMAL) -> Job:
    """A job that runs a suite. NotFound for an unknown suite or prompt, RoleUnbound without a model, UsageError where
    the options do not fit the suite, Conflict where the same is under way."""
    from agent.core.errors import Conflict
    from agent.evals.verbs import named_suite, planned
    from agent.jobs.starting import start

    planned(asking(space, params.model), named_suite(space, params.suite), params.wanted)
    same = params.model_dump(exclude={"budget_usd"}).items()
    if running := [job for job in space.store[Jobs].open("evaluate") if same <= job.params.items()]:
        raise Conflict(f"{running[0].id} runs the same and is {running[0].state}; wait for it, or cancel it")
    return start(space, "evaluate", params.model_dump(), by=by, priority=priority)


async def _work(space: Workspace, job: Job, tell: Tell) -> None:
    from agent.evals.verbs import execute, named_suite

    params = EvaluateParams.model_validate(job.params)
    budget = None
    if params.budget_usd is not None:
        budget = max(0.0, params.budget_usd - space.store[SqlLedger].spent_usd(job=job.id))
    asked, suite = asking(space, params.model), named_suite(space, params.suite)
    await execute(asked, suite, params.wanted, space.concurrency, budget, phases(tell), job.id)


EVALUATE = Whole(_work)
