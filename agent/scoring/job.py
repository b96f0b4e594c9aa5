"""Jobs of the kind `score` (one request a call, all criteria): starting them, and what they do with a call."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pydantic import Field

from agent.app.queue.kinds import Again, CallWork, Done, Held, Hopeless, Lost, PerCall, register
from agent.app.queue.model import NORMAL, Job
from agent.app.queue.starting import start
from agent.app.queue.store import Jobs
from agent.calls.model import Call
from agent.calls.store import Calls
from agent.core.base import Frozen
from agent.core.errors import InputError, ModelError, ModelRejected
from agent.core.people import is_model
from agent.db.ledger import SqlLedger
from agent.ratings.model import Rating
from agent.ratings.store import MadeWith, Ratings
from agent.rubrics.in_use import rubric_in_use
from agent.rubrics.store import Rubrics
from agent.scoring.running import Scorer, Scoring, StoredCalls, check_sides
from agent.workspace import Workspace

# Calls up to which asking for each is quicker than going through all.
_ONE_BY_ONE = 200
_SOON = 10  # before what waits from the night


class ScoreParams(Frozen):
    """What to score with, which together identifies the ratings, and what it may cost. `prompt` is name@version."""

    rubric: str
    prompt: str
    model: str
    draw: int = Field(default=0, ge=0)
    retry_failed: bool = False
    fresh: bool = False
    budget_usd: float | None = None


def scoring_for(space: Workspace, params: ScoreParams) -> Scoring:
    """The scoring that `params` describe, with the job's model even if another is bound on this machine."""
    if space.binding("rater").model != params.model:
        store = space.store
        space = Workspace(space.settings, params.model)
        space.store = store  # one pool of connections a process
    rubric, prompt = space.store[Rubrics].get(params.rubric), space.prompt(params.prompt)
    return Scoring(space, rubric, prompt, params.draw, params.fresh)


@asynccontextmanager
async def _opened(space: Workspace, job: Job) -> AsyncIterator[CallWork]:
    params = ScoreParams.model_validate(job.params)
    scoring = scoring_for(space, params)
    async with scoring.opened(job_budget_left(space, job, params), job.id) as scorer:
        yield ScoreWork(scorer, params)


def job_budget_left(space: Workspace, job: Job, params: ScoreParams) -> float | None:
    """US dollars that the job may still spend; None where only the settings limit it."""
    if params.budget_usd is None:
        return None
    return max(0.0, params.budget_usd - space.store[SqlLedger].spent_usd(job=job.id))


def queue_scoring(
    space: Workspace,
    *,
    by: str,
    rubric: str = "",
    prompt: str = "rate_call",
    draw: int = 0,
    calls: Sequence[str] = (),
    retry_failed: bool = False,
    fresh: bool = False,
    budget_usd: float | None = None,
    priority: int = NORMAL,
    batch: bool = False,
) -> Job | None:
    """A job that scores `calls` (all if empty) against a rubric; None if nothing is left to score.

    `fresh`: cached replies are not used. `batch`: through the provider's batch interface, within a day at half price.
    Calls that have such ratings already, or wait for them in another open job, are left out. NotFound, RoleUnbound and
    ConfigError as when scoring at once.
    """
    chosen = space.prompt(prompt)
    params = ScoreParams(
        rubric=rubric_in_use(space.store, rubric).id,
        prompt=chosen.id.partition("#")[0],
        model=space.binding("rater").model,
        draw=draw,
        retry_failed=retry_failed,
        fresh=fresh,
        budget_usd=budget_usd,
    )
    missing = _missing(space, params, calls)
    if not missing:
        return None
    return start(
        space, "score_batch" if batch else "score", params.model_dump(), by=by, calls=missing, priority=priority
    )


def _missing(space: Workspace, params: ScoreParams, calls: Sequence[str]) -> list[str]:
    scoring, store = scoring_for(space, params), space.store
    counting = scoring.counting
    if calls and len(calls) <= _ONE_BY_ONE:
        check_sides(store, calls)
        scoring.check_stages(calls)
    if scoring.rubric.staged:
        missing = list(scoring.missing(calls, params.retry_failed).ids)
    elif not calls or len(calls) > _ONE_BY_ONE:
        known = None if not calls else {place.id for place in store[Calls].places(calls)}
        unrated = store[Ratings].unrated_calls(*counting, with_failed=params.retry_failed)
        missing = unrated if known is None else [ident for ident in unrated if ident in known]
    else:
        places = store[Calls].places(calls)
        missing = [place.id for place in places if _is_missing(space, place.id, counting, params.retry_failed)]
    queued = _queued(space, params, missing)
    return [ident for ident in missing if ident not in queued]


def apart_from_jobs(scoring: Scoring, missing: StoredCalls) -> StoredCalls:
    """Those of `missing` that no open job will score in the same way; scoring them now as well would cost twice."""
    key = scoring.made_with
    params = ScoreParams(
        rubric=key.rubric, prompt=scoring.prompt.id.partition("#")[0], model=key.model, draw=scoring.draw
    )
    queued = _queued(scoring.space, params, missing.ids)
    return StoredCalls(scoring.space.store, [ident for ident in missing.ids if ident not in queued])


def _is_missing(space: Workspace, call: str, counting: Sequence[MadeWith], with_failed: bool) -> bool:
    """Whether one call lacks ratings, by the same rule as `Ratings.unrated_calls`, which goes through all calls and
    would be slow for one."""
    ratings = space.store[Ratings]
    if current := ratings.current_status(call, *counting):
        return with_failed and any(status == "failed" for status, _ in current.values())
    # No current rating with these settings: the call was never rated so, or all its ratings were corrected.
    looks = (
        ratings.look([call], made_with=one, viewer=space.store.scope.name, with_superseded=True) for one in counting
    )
    return not any(look.ratings or look.withheld for look in looks)


def _queued(space: Workspace, params: ScoreParams, calls: Sequence[str]) -> set[str]:
    """Those of `calls` that wait in other jobs for the same ratings."""
    key = params.model_dump(include={"rubric", "prompt", "model", "draw"})
    among = calls if len(calls) <= _ONE_BY_ONE else ()
    waiting: set[str] = set()
    for job in [*space.store[Jobs].open("score"), *space.store[Jobs].open("score_batch")] if calls else ():
        if key.items() <= job.params.items():
            waiting.update(space.store[Jobs].calls(job.id, "waiting", limit=10**9, among=among))
    return waiting


def queue_reading(space: Workspace, *, by: str, call: str, rubric: str = "", second: bool = False) -> Job | None:
    """Queue one reading of `call` by the model; None if there is nothing to read (it is queued or rated already).

    `second`: a further draw, so that two readings can be compared. Otherwise the first draw, including what failed in
    it. InputError for a call without a transcript, RoleUnbound if no model is bound.
    """
    if not space.store[Calls].about(call).has_transcript:
        raise InputError(f"{call} has no transcript, so a model cannot read it")
    chosen = rubric_in_use(space.store, rubric)
    draw = _next_draw(space, call, chosen.id) if second else 0
    return queue_scoring(
        space, by=by, rubric=chosen.id, draw=draw, calls=[call], retry_failed=not second, priority=_SOON
    )


def _next_draw(space: Workspace, call: str, rubric: str) -> int:
    ratings = space.store[Ratings].look([call], rubric, viewer=space.store.scope.name).ratings
    draws = [rating.provenance.draw for rating in ratings if is_model(rating.rater)]
    return max(draws, default=-1) + 1 or 1


class ScoreWork:
    """The work of this kind of job on one call."""

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
        why = f"no usable reply: {result.explained}" if isinstance(result, ModelError) else ""
        kept = self._scorer.keep(call, result, held.buried(why) if why else held.done)
        match kept:
            case None:
                return Lost()
            case ModelRejected():
                return Hopeless(kept.explained, refused=True)
            case ModelError():
                return Again(kept.explained)
            case _:
                return Hopeless(why, buried=True) if why else Done("call.scored", self._data(call, kept), settled=True)

    def is_rated(self, ident: str) -> bool:
        """Whether somebody has stored the ratings that this job is for. Failed ratings that are to be tried again do
        not count."""
        rated = self._store[Ratings].current_status(ident, *self._counting)
        if self._scorer.scoring.lacks(ident, rated):
            return False
        failed = {(ident, criterion): rating for criterion, (status, rating) in rated.items() if status == "failed"}
        self._scorer.superseded.update(failed)
        return bool(rated) and (not failed if self._params.retry_failed else len(failed) < len(rated))

    def _data(self, call: Call, kept: list[Rating]) -> dict[str, Any]:
        # Ids and counts only: while a calibration round is blind nobody may be told what came out.
        named = {"deal": call.deal, "external_id": call.alias or call.id}
        return {"rubric": self._params.rubric, "criteria": len(kept), **named, "scored": [r.criterion for r in kept]}


register("score", PerCall(_opened))
