"""Making jobs. Whoever starts one writes rows into the store and needs neither a queue nor a worker at hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.app.queue.kinds import kind
from agent.app.queue.model import NORMAL, Job
from agent.app.queue.store import Jobs
from agent.calls.store import Calls
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.ratings.store import MadeWith
    from agent.scoring.job import ScoreParams
    from agent.settings import JobRules
    from agent.workspace import Workspace

# Chunks that a short job is cut into at least, so that several workers can share it.
_SHARES = 16
_LEAST = 5
_ONE_BY_ONE = 200  # calls up to which asking for each is quicker than going through all


def start(
    space: Workspace, name: str, params: dict[str, Any], *, by: str, calls: Sequence[str] = (), priority: int = NORMAL
) -> Job:
    """A queued job of the kind `name`. `params` are what that kind reads (ids and settings, never texts)."""
    kind(name)
    size = chunk_size(len(calls), space.settings.jobs())
    return space.store[Jobs].create(name, params, by, calls, priority=priority, chunk_size=size)


def chunk_size(calls: int, rules: JobRules) -> int:
    """Calls a chunk: at most what the rules say, fewer where the job is short."""
    return min(rules.chunk_size, max(_LEAST, math.ceil(calls / _SHARES)))


def start_scoring(
    space: Workspace,
    *,
    by: str,
    rubric: str = "",
    prompt: str = "rate_call",
    draw: int = 0,
    calls: Sequence[str] = (),
    retry_failed: bool = False,
    budget_usd: float | None = None,
    priority: int = NORMAL,
    batch: bool = False,
) -> Job | None:
    """A job that scores `calls` (all if empty) against a rubric; None if nothing is left to score.

    `batch`: through the provider's batch interface, within a day at half price.
    Calls that have such ratings already, or wait for them in another open job, are left out. NotFound, RoleUnbound and
    ConfigError as when scoring at once.
    """
    from agent.scoring.job import ScoreParams

    chosen = space.prompt(prompt)
    params = ScoreParams(
        rubric=space.store[Rubrics].get(rubric).id,
        prompt=chosen.id.partition("#")[0],
        model=space.binding("rater").model,
        draw=draw,
        retry_failed=retry_failed,
        budget_usd=budget_usd,
    )
    missing = _missing(space, params, calls)
    if not missing:
        return None
    return start(
        space, "score_batch" if batch else "score", params.model_dump(), by=by, calls=missing, priority=priority
    )


def _missing(space: Workspace, params: ScoreParams, calls: Sequence[str]) -> list[str]:
    from agent.scoring.job import scoring_for

    counting, store = scoring_for(space, params).counting, space.store
    if not calls or len(calls) > _ONE_BY_ONE:
        known = None if not calls else {place.id for place in store[Calls].places(calls)}
        unrated = store[Ratings].unrated_calls(*counting, with_failed=params.retry_failed)
        missing = unrated if known is None else [ident for ident in unrated if ident in known]
    else:
        places = store[Calls].places(calls)
        missing = [place.id for place in places if _is_missing(space, place.id, counting, params.retry_failed)]
    queued = _queued(space, params, missing)
    return [ident for ident in missing if ident not in queued]


def _is_missing(space: Workspace, call: str, counting: Sequence[MadeWith], with_failed: bool) -> bool:
    """As `Ratings.unrated_calls` has it, for one call: that one goes through all calls there are."""
    ratings = space.store[Ratings]
    if standing := ratings.standing(call, *counting):
        return with_failed and any(status == "failed" for status, _ in standing.values())
    # None stands: the call was not rated so, or each of its ratings was corrected by somebody.
    looks = (
        ratings.look([call], made_with=one, viewer=space.store.scope.name, with_superseded=True) for one in counting
    )
    return not any(look.ratings or look.withheld for look in looks)


def _queued(space: Workspace, params: ScoreParams, calls: Sequence[str]) -> set[str]:
    """Those of `calls` that wait in other jobs for ratings made with the same."""
    key = params.model_dump(include={"rubric", "prompt", "model", "draw"})
    among = calls if len(calls) <= _ONE_BY_ONE else ()
    found: set[str] = set()
    for job in [*space.store[Jobs].open("score"), *space.store[Jobs].open("score_batch")] if calls else ():
        if key.items() <= job.params.items():
            found.update(space.store[Jobs].calls(job.id, "waiting", limit=10**9, among=among))
    return found


def start_extraction(
    space: Workspace,
    *,
    by: str,
    adjudicated_by: str = "model",
    budget_usd: float | None = None,
    priority: int = NORMAL,
) -> Job:
    """A job that extracts patterns from all interviews."""
    from agent.patterns.job import ExtractParams

    params = ExtractParams.model_validate({"adjudicated_by": adjudicated_by, "budget_usd": budget_usd})
    for role in ("analyst_a", "analyst_b", "drafter"):
        space.binding(role)
    return start(space, "extract", params.model_dump(), by=by, priority=priority)
