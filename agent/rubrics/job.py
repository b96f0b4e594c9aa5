"""Jobs of the kind `draft`: criteria out of the patterns, stored as a rubric."""

from typing import Annotated

from pydantic import Field, model_validator

from agent.app.queue.kinds import Tell, Whole, register
from agent.app.queue.model import Job
from agent.app.queue.phases import phases
from agent.core.base import Frozen
from agent.db.ledger import SqlLedger
from agent.rubrics.drafting import draft_criteria
from agent.rubrics.proposal import Only
from agent.workspace import Workspace


class DraftParams(Frozen):
    """What to draft: `patterns` (ids), or those proposed when the work begins, as people edited them."""

    label: str = ""
    only: Only = ""
    patterns: Annotated[tuple[str, ...], Field(strict=False)] = ()  # a list in the stored job
    budget_usd: float | None = None
    fresh: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_before(cls, given: object) -> object:
        """Jobs that waited while the program was replaced may still say `leaning`."""
        if isinstance(given, dict) and "leaning" in given:
            given = dict(given)
            given["only"] = "" if given.pop("leaning") else "distinguishing"
        return given


async def _work(space: Workspace, job: Job, tell: Tell) -> None:
    params = DraftParams.model_validate(job.params)
    budget = None
    if params.budget_usd is not None:
        budget = max(0.0, params.budget_usd - space.store[SqlLedger].spent_usd(job=job.id))
    await draft_criteria(
        space.asked_anew(params.fresh),
        params.label,
        space.concurrency,
        budget,
        phases(tell),
        job.id,
        only=params.only,
        named=params.patterns,
    )


register("draft", Whole(_work))
