"""Jobs of the kind `score`: one request a call, all criteria."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from pydantic import Field

from agent.app.queue.kinds import Again, CallWork, Done, Held, Hopeless, Lost, PerCall
from agent.app.queue.model import Job
from agent.calls.store import Calls
from agent.core.base import Frozen
from agent.core.errors import ModelError, ModelRejected
from agent.db.ledger import SqlLedger
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.ratings.model import Rating
    from agent.scoring.verbs import Scorer, Scoring
    from agent.workspace import Workspace


class ScoreParams(Frozen):
    """What to score with: the natural key of the ratings, and what it may cost. `prompt` as name@version."""

    rubric: str
    prompt: str
    model: str
    draw: int = Field(default=0, ge=0)
    retry_failed: bool = False
    budget_usd: float | None = None


def scoring_for(space: Workspace, params: ScoreParams) -> Scoring:
    """The scoring that `params` describe, with the job's model also where this machine has another one bound."""
    from agent.scoring.verbs import Scoring
    from agent.workspace import Workspace

    if space.binding("rater").model != params.model:
        store = space.store
        space = Workspace(space.settings, params.model)
        space.store = store  # one pool of connections a process
    return Scoring(space, space.store[Rubrics].get(params.rubric), space.prompt(params.prompt), params.draw)


@asynccontextmanager
async def _opened(space: Workspace, job: Job) -> AsyncIterator[CallWork]:
    params = ScoreParams.model_validate(job.params)
    scoring = scoring_for(space, params)
    async with scoring.opened(budget_left(space, job, params), job.id) as scorer:
        yield ScoreWork(scorer, params)


def budget_left(space: Workspace, job: Job, params: ScoreParams) -> float | None:
    """US dollars that the job may still spend; None where only the settings limit it."""
    if params.budget_usd is None:
        return None
    return max(0.0, params.budget_usd - space.store[SqlLedger].spent_usd(job=job.id))


class ScoreWork:
    """What the kind does with one call."""

    def __init__(self, scorer: Scorer, params: ScoreParams) -> None:
        self._scorer, self._params = scorer, params
        self._store, self._counting = scorer.scoring.space.store, scorer.scoring.counting

    async def __call__(self, held: Held) -> Done | Again | Hopeless | Lost:
        if self.is_rated(held.call):
            return Done()
        call = self._store[Calls].get(held.call)
        result: list[Rating] | ModelError
        try:
            result = await self._scorer.rate(call)
        except ModelError as error:
            result = error
        why = f"no usable reply: {result}" if isinstance(result, ModelError) else ""
        kept = self._scorer.keep(call, result, held.buried(why) if why else held.done)
        match kept:
            case None:
                return Lost()
            case ModelRejected():
                return Hopeless(str(kept), refused=True)
            case ModelError():
                return Again(str(kept))
            case _:
                return Hopeless(why, buried=True) if why else Done("call.scored", self._data(kept), settled=True)

    def is_rated(self, ident: str) -> bool:
        """Whether somebody has stored what this job is for. Failed ratings that are to be tried again do not count."""
        found = self._store[Ratings].standing(ident, *self._counting)
        failed = {(ident, criterion): rating for criterion, (status, rating) in found.items() if status == "failed"}
        self._scorer.superseded.update(failed)
        return bool(found) and (not failed if self._params.retry_failed else len(failed) < len(found))

    def _data(self, kept: list[Rating]) -> dict[str, Any]:
        # Ids and counts only: while a calibration round is blind nobody may be told what came out.
        return {"rubric": self._params.rubric, "criteria": len(kept)}


SCORE = PerCall(_opened)
