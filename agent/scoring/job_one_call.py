"""A job for one call: score it now, or read it a second time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.calls.store import Calls
from agent.core.errors import InputError
from agent.core.people import is_model
from agent.jobs.starting import start_scoring
from agent.ratings.store import Ratings
from agent.rubrics.in_use import rubric_in_use

if TYPE_CHECKING:
    from agent.app.queue.model import Job
    from agent.workspace import Workspace

_SOON = 10  # before what waits from the night


def start_reading(space: Workspace, *, by: str, call: str, rubric: str = "", second: bool = False) -> Job | None:
    """Queue one reading of `call` by the model; None where there is nothing to read (it is queued or rated already).

    `second`: another draw, behind those there are, so that two readings can be compared. Otherwise the first draw, with
    what failed in it. InputError for a call without a transcript, RoleUnbound where no model is bound.
    """
    if not space.store[Calls].about(call).has_transcript:
        raise InputError(f"{call} has no transcript, so a model cannot read it")
    chosen = rubric_in_use(space.store, rubric)
    draw = _next_draw(space, call, chosen.id) if second else 0
    return start_scoring(
        space, by=by, rubric=chosen.id, draw=draw, calls=[call], retry_failed=not second, priority=_SOON
    )


def _next_draw(space: Workspace, call: str, rubric: str) -> int:
    found = space.store[Ratings].look([call], rubric, viewer=space.store.scope.name).ratings
    draws = [rating.provenance.draw for rating in found if is_model(rating.rater)]
    return max(draws, default=-1) + 1 or 1
