"""Starting the job that drafts criteria from patterns."""

from collections.abc import Sequence

from agent.app.queue.model import NORMAL, Job
from agent.app.queue.store import Jobs
from agent.app.verb import Who, verb
from agent.core.errors import Advice, Conflict, InputError
from agent.rubrics.drafting import NOTHING
from agent.rubrics.job import DraftParams
from agent.rubrics.proposal import Only, proposal
from agent.rubrics.store import Rubrics
from agent.workspace import Workspace


@verb("ops_lead", audit="drafting_started", subject=lambda job: job.id, facts=lambda job: _said(job))
def start_drafting(
    who: Who,
    label: str = "",
    *,
    only: Only = "",
    patterns: Sequence[str] = (),
    budget_usd: float | None = None,
    fresh: bool = False,
) -> Job:
    """Draft a criterion from each proposed pattern, or from each of `patterns` (ids), in the background."""
    return queue_drafting(
        who.space,
        by=who.signature,
        label=label,
        only=only,
        patterns=patterns,
        budget_usd=budget_usd,
        fresh=fresh,
    )


def _said(job: Job) -> dict[str, object]:
    return {name: job.params[name] for name in ("label", "only", "patterns")}


def queue_drafting(
    space: Workspace,
    *,
    by: str,
    label: str = "",
    only: Only = "",
    patterns: Sequence[str] = (),
    budget_usd: float | None = None,
    priority: int = NORMAL,
    fresh: bool = False,
) -> Job:
    """A job that drafts criteria from the patterns. InputError where there is no pattern to draft from, RoleUnbound
    without a drafter, Conflict where such a job is open already or the label is taken."""
    space.binding("drafter")
    if not proposal(space, only, patterns).patterns:
        raise InputError(NOTHING, advice=Advice("patterns list", "/patterns", "add interviews"))
    if label and any(stored.rubric.label == label for stored in space.store[Rubrics].all()):
        raise Conflict(f"the label {label!r} belongs to another rubric; choose another one")
    if space.store[Jobs].open("draft"):
        raise Conflict("criteria are being drafted already; wait for that job, or cancel it")
    params = DraftParams(label=label, only=only, patterns=tuple(patterns), budget_usd=budget_usd, fresh=fresh)
    return space.store[Jobs].create("draft", params.model_dump(mode="json"), by, priority=priority)
