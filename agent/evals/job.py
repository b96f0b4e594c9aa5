"""Jobs of the kind `evaluate`: they put a suite to a model and store the run with its report."""

from agent.app.queue.kinds import Tell, Whole, register
from agent.app.queue.model import Job
from agent.app.queue.phases import phases
from agent.db.ledger import SqlLedger
from agent.evals import verbs
from agent.evals.lists import named_suite
from agent.workspace import Workspace


async def _work(space: Workspace, job: Job, tell: Tell) -> None:
    params = verbs.EvaluateParams.model_validate(job.params)
    budget = None
    if params.budget_usd is not None:
        budget = max(0.0, params.budget_usd - space.store[SqlLedger].spent_usd(job=job.id))
    asked, suite = verbs.asking(space, params.model), named_suite(space, params.suite)
    await verbs.execute(asked, suite, verbs.Wanted.of(params), space.concurrency, budget, phases(tell), job.id)


register("evaluate", Whole(_work))
