"""Jobs of the kind `extract`: patterns from all interviews."""

from typing import Literal

from agent.app.queue.kinds import Tell, Whole, register
from agent.app.queue.model import Job
from agent.app.queue.phases import phases
from agent.core.base import Frozen
from agent.db.ledger import SqlLedger
from agent.patterns.store import Extractions
from agent.patterns.updating import update_patterns
from agent.patterns.verbs import extract_patterns
from agent.workspace import Workspace


class ExtractParams(Frozen):
    """How to extract. The interviews are all that exist when the work starts."""

    adjudicated_by: Literal["model", "person"] = "model"
    budget_usd: float | None = None
    fresh: bool = False
    update: bool = False  # only what is new since the newest extraction, with its codebook


async def _work(space: Workspace, job: Job, tell: Tell) -> None:
    params = ExtractParams.model_validate(job.params)
    budget = None
    if params.budget_usd is not None:
        budget = max(0.0, params.budget_usd - space.store[SqlLedger].spent_usd(job=job.id))
    work = update_patterns if params.update else extract_patterns
    extraction = await work(
        space.asked_anew(params.fresh), params.adjudicated_by, space.concurrency, budget, phases(tell), job.id
    )
    space.store[Extractions].add(extraction)


register("extract", Whole(_work))
