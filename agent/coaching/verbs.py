"""Coaching plans and sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.calls.store import Calls
from agent.coaching.store import Coaching
from agent.core.errors import InputError, UsageError
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.app.telling import Note
    from agent.coaching.model import CoachingPlan, Session
    from agent.rubrics.model import Rubric
    from agent.workspace import Workspace


def plan_for(
    space: Workspace, note: Note, rep: str = "", rubric: str = "", viewer: str = ""
) -> tuple[CoachingPlan, Rubric]:
    """The plan of a rep, or of the team where `rep` is empty, from stored ratings alone."""
    from datetime import UTC, datetime

    from agent.coaching.moments import MomentFinder
    from agent.coaching.proposals import rep_plan, team_plan
    from agent.profiles.heat_map import all_gaps
    from agent.profiles.season import rated_season, the_rep

    found = rated_season(space, note, rubric)
    report = all_gaps(found, found.current)
    finder = MomentFinder(space.store, found.rubric, found.frame, viewer)
    at = datetime.now(UTC)
    if not rep:
        return team_plan(report, found.rubric, finder, at), found.rubric
    return rep_plan(the_rep(found.reps, rep), report, found.rubric, finder, at), found.rubric


async def with_suggestions(space: Workspace, plan: CoachingPlan, rubric: Rubric, budget: float | None) -> CoachingPlan:
    """The plan with what could have been said and a task, by the model bound as drafter."""
    from agent.coaching.proposals import drafted

    async with space.roles("drafter", budget_usd=budget) as roles:
        return await drafted(plan, rubric, roles["drafter"], space.prompt("coach_moment"))


async def make_plan(
    space: Workspace,
    note: Note,
    rep: str = "",
    rubric: str = "",
    viewer: str = "",
    budget: float | None = None,
    *,
    ask: bool = True,
) -> CoachingPlan:
    """Make and store the plan of `rep` (empty: of the team), made by `viewer`. Without a drafter bound, or with `ask`
    false, it has no suggestions and says so."""
    from agent.coaching.proposals import without_model

    made, found = plan_for(space, note, rep, rubric, viewer)
    made = made.model_copy(update={"by": viewer})
    if not ask:
        made = without_model(made, "No suggestion was asked for.")
    elif space.settings.binding("drafter") is None:
        made = without_model(made)
    else:
        made = await with_suggestions(space, made, found, budget)
    space.store[Coaching].add_plan(made)
    return made


def log_session(
    space: Workspace, rep: str, agreed: str, criteria: Sequence[str] = (), day: str = "", coach: str = ""
) -> Session:
    """Record a coaching session: what was agreed, on which criteria (default: the plan's), on which day (default:
    today). InputError for an unknown rep; UsageError for an unknown criterion or a day nobody can read."""
    from datetime import UTC, datetime

    from agent.coaching.model import Session
    from agent.text.dates import read_day

    reps = space.store[Calls].reps()
    if rep not in reps:
        raise InputError(f"there is no rep {rep!r}; there are {', '.join(reps) or 'no calls yet'}")
    plan = space.store[Coaching].plan_of(rep)
    planned = tuple(c.criterion for c in plan.criteria) if plan else ()
    on = tuple(criteria) or planned
    _check_criteria(space, on)
    at = datetime.now(UTC)
    try:
        when = read_day(day) if day else at.date()
    except ValueError as error:
        raise UsageError(f"the day of the session: {error}") from error
    session = Session(rep=rep, date=when, criteria=on, coach=coach, note=agreed, plan=plan.id if plan else "", at=at)
    space.store[Coaching].log(session)
    return session


def _check_criteria(space: Workspace, wanted: Sequence[str]) -> None:
    known = {c.id for stored in space.store[Rubrics].all() for c in stored.rubric.criteria}
    strange = [c for c in wanted if c not in known]
    if strange:
        raise UsageError(f"no rubric here has a criterion {strange[0]!r}; there are {', '.join(sorted(known))}")
