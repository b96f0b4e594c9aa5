"""Jobs of the kind `draft`: criteria out of the patterns, stored as a rubric."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.app.queue.kinds import Tell, Whole, register
from agent.app.queue.model import Job
from agent.app.queue.phases import phases
from agent.core.base import Frozen
from agent.db.ledger import SqlLedger

if TYPE_CHECKING:
    from agent.workspace import Workspace


class DraftParams(Frozen):
    """What to draft. Which patterns: those there are when the work begins, as people edited them."""

    label: str = ""
    leaning: bool = False
    budget_usd: float | None = None


async def _work(space: Workspace, job: Job, tell: Tell) -> None:
    from agent.rubrics.drafting import draft_criteria

    params = DraftParams.model_validate(job.params)
    budget = None
    if params.budget_usd is not None:
        budget = max(0.0, params.budget_usd - space.store[SqlLedger].spent_usd(job=job.id))
    await draft_criteria(space, params.label, params.leaning, space.concurrency, budget, phases(tell), job.id)


register("draft", Whole(_work))
