"""Scoring calls: at once, in the background, or a single call before all others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from agent.app.queue.model import Job
from agent.app.verb import Who, verb
from agent.calls.model import Call
from agent.core.errors import Advice, Conflict, InputError
from agent.rubrics import drafts
from agent.rubrics.drafts_model import WorkingCopy, WorkingCriterion
from agent.rubrics.model import Rubric
from agent.scoring.fitting import Fitted, fitted
from agent.scoring.job import queue_reading, queue_scoring
from agent.scoring.running import Outcome, Scoring
from agent.scoring.trial import CALLS, choose_calls


def _started(job: Job | None) -> dict[str, Any] | None:
    return None if job is None else {"kind": job.kind, "calls": job.calls}


@verb("ops_lead", audit="job_started", subject=lambda job: job.id, facts=_started)
def start_scoring(who: Who, /, **what: Any) -> Job | None:
    """Score in the background; `what` are the arguments of `queue_scoring`. None if nothing is left to score."""
    return queue_scoring(who.space, by=who.signature, **what)


def _reading(job: Job | None) -> dict[str, Any] | None:
    return None if job is None else {"job": job.id, "reading": "second" if job.params["draw"] else "first"}


@verb("ops_lead", audit="scoring_started", facts=_reading)
def start_reading(who: Who, call: str, rubric: str = "", *, second: bool = False) -> Job | None:
    """Let the model read one call before everything else in the queue; None if it is read or queued already."""
    return queue_reading(who.space, by=who.signature, call=call, rubric=rubric, second=second)


@verb("ops_lead", audit="trial_started", subject=lambda rubric: rubric.id)
def start_trial(who: Who, rubric: Rubric, calls: int = CALLS) -> Rubric:
    """Let a model read `calls` calls twice against `rubric`, in the background. Readings that exist are not repeated.

    Conflict if those calls were read twice, or are waiting for it. RoleUnbound without a rater.
    """
    chosen, by = choose_calls(who.space, rubric, calls), who.signature
    jobs = [queue_scoring(who.space, by=by, rubric=rubric.id, draw=draw, calls=chosen) for draw in (0, 1)]
    if not any(jobs):
        raise Conflict(
            f"{rubric.label} was tried on these {len(chosen)} calls already, or waits for it; ask for more calls"
        )
    return rubric


@dataclass(frozen=True)
class Fit:
    """What was done with a rubric's criteria. Changes stand in the rubric's working copy."""

    rubric: Rubric
    criteria: tuple[Fitted, ...]

    @property
    def changed(self) -> list[Fitted]:
        """The criteria that were changed."""
        return [one for one in self.criteria if one.change != "kept"]


@verb(
    "ops_lead",
    audit="rubric_fitted",
    subject=lambda made: made.rubric.id,
    facts=lambda made: {"changed": {one.before.id: one.change for one in made.changed}},
)
async def fit_rubric(who: Who, rubric: Rubric, concurrency: int, budget: float | None) -> Fit:
    """Make the criteria fit the calls they were tried on. What changes is saved as the rubric's working copy,
    for a person to read and publish.

    Conflict where somebody is editing it; InputError where no call was read or no criterion would be left.
    """
    copy = drafts.opened(who.space, rubric)
    if copy.open:
        raise Conflict(
            f"{rubric.label} is being edited by {copy.by or 'somebody'}",
            advice=Advice("rubric show", f"/rubric/{rubric.id}/edit", "publish or discard the working copy first"),
        )
    made = Fit(rubric, tuple(await fitted(who.space, rubric, concurrency, budget)))
    left = tuple(WorkingCriterion.of(one.after) for one in made.criteria if one.after is not None)
    if not left:
        raise InputError("no criterion could be made to fit these calls; draft others from the patterns")
    if made.changed:
        drafts.save(who.space, rubric, copy.version, WorkingCopy(criteria=left), who.name)
    return made


@verb(
    "ops_lead",
    audit="calls_scored",
    subject=lambda outcome: outcome.rubric,
    facts=lambda outcome: {"calls": outcome.calls + outcome.blind, "unanswered": len(outcome.unanswered)},
)
async def score_now(
    who: Who,
    scoring: Scoring,
    calls: Sequence[Call],
    concurrency: int,
    budget: float | None,
    on_done: Callable[[Call], None],
) -> Outcome:
    """Score `calls` while somebody waits. If it is stopped, finished ratings stay."""
    return await scoring.run(calls, concurrency, budget, on_done)
