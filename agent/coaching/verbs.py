"""What people do about coaching: make a plan, have words suggested, log a session, enter and remove cycles."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from urllib.parse import quote

from agent.app.documents.blocks import Document
from agent.app.verb import Who, verb
from agent.calls.store import Calls
from agent.coaching.brief import brief_document
from agent.coaching.cycles import checked_cycle, known_criteria
from agent.coaching.model import CoachingPlan, Session
from agent.coaching.plan_building import lacks_suggestions, new_plan
from agent.coaching.proposals import drafted
from agent.coaching.store import Coaching
from agent.core import wording
from agent.core.errors import Advice, Conflict, InputError, NotFound
from agent.core.people import ROLES
from agent.profiles.model import CoachingPeriod
from agent.profiles.store import CoachingPeriods
from agent.rubrics.store import Rubrics


@verb(
    "ops_lead",
    "manager",
    audit="coaching_planned",
    facts=lambda made: {"plan": made.id, "rubric": made.rubric, "criteria": [one.criterion for one in made.criteria]},
)
def make_plan(who: Who, rep: str, criteria: Sequence[str] = (), rubric: str = "") -> CoachingPlan:
    """Make the plan of a rep or of "team" on one or two criteria (default: those proposed), with moments and without
    suggestions. It is then the newest one.

    NotFound for a rep without ratings; InputError for criteria that do not fit; UsageError where none is proposed.
    """
    made = new_plan(who.space, rep, criteria, who.name, rubric)
    who.space.store[Coaching].add_plan(made)
    return made


@verb(
    "ops_lead",
    "manager",
    audit="coaching_suggested",
    subject=lambda made: made.who,
    facts=lambda made: {"plan": made.id},
)
async def draft_suggestions(who: Who, plan: CoachingPlan, budget: float | None = None) -> CoachingPlan:
    """Have the model bound as drafter say what could have been said at each missed moment. The plan with it becomes the
    newest. Replies that were given before cost nothing.

    RoleUnbound without a drafter; Conflict where there is nothing to suggest.
    """
    check_draftable(who, plan)
    space = who.space
    async with space.roles("drafter", budget_usd=budget) as roles:
        rubric = space.store[Rubrics].get(plan.rubric)
        made = await drafted(plan, rubric, roles["drafter"], space.prompt("coach_moment"))
    space.store[Coaching].add_plan(made)
    return made


def check_draftable(who: Who, plan: CoachingPlan) -> None:
    """RoleUnbound without a drafter, Conflict where there is nothing to suggest."""
    who.space.binding("drafter")
    if not lacks_suggestions(plan):
        raise Conflict("every missed moment of this plan that has its turns has a suggestion already")


def plan_of(who: Who, rep: str) -> CoachingPlan:
    """The newest plan of a rep or the team. NotFound without one."""
    plan = who.space.store[Coaching].plan_of(rep)
    if plan is None:
        advice = Advice(command=f'coach plan "{rep}"', page=f"/coaching/{quote(rep, safe='')}/plan")
        raise NotFound(f"there is no coaching plan for {rep!r} yet", advice=advice)
    return plan


@verb(*ROLES, audit="document_exported", subject=lambda made: made.logged, spoken=True)
def export_brief(who: Who, rep: str, coach: str = "") -> Document:
    """The newest plan of a rep or of "team" on one page. `coach` is who coaches, in place of who made the plan. A rep
    gets the own one. NotFound without a plan."""
    return brief_document(who.space, plan_of(who, rep), coach)


@verb(
    "ops_lead",
    "manager",
    audit="session_logged",
    facts=lambda made: {"date": made.date.isoformat(), "criteria": list(made.criteria)},
)
def log_session(who: Who, rep: str, agreed: str, criteria: Sequence[str] = (), day: date | None = None) -> Session:
    """Record a coaching session: what was agreed, on which criteria (default: the plan's), on which day
    (default: today). The log has no word of what was agreed. InputError for an unknown rep or criterion, a day
    to come, or where nothing was agreed."""
    store, at = who.space.store, datetime.now(UTC)
    _check_rep(who, rep)
    if not agreed.strip():
        raise InputError("write down what was agreed")
    if day is not None and day > at.date():
        raise InputError(f"{wording.day(day)} is still to come; a session is logged once it was held")
    plan = store[Coaching].plan_of(rep)
    on = tuple(criteria) or (tuple(one.criterion for one in plan.criteria) if plan else ())
    known = known_criteria(who.space)
    if strange := [one for one in on if one not in known]:
        raise InputError(f"no rubric here has a criterion {strange[0]!r}; there are {', '.join(known)}")
    made = Session(
        rep=rep, date=day or at.date(), criteria=on, coach=who.name, note=agreed, plan=plan.id if plan else "", at=at
    )
    store[Coaching].log(made)
    return made


@verb(
    "ops_lead",
    "manager",
    audit="cycle_set",
    facts=lambda made: {
        "cycle": made.cycle,
        "criteria": list(made.criteria),
        "start": made.start.isoformat(),
        "end": made.end.isoformat(),
    },
)
def set_cycle(who: Who, rep: str, cycle: str, start: date, end: date, criteria: Sequence[str]) -> CoachingPeriod:
    """Store a coaching cycle; one of the same rep and name is replaced. InputError for what does not fit."""
    _check_rep(who, rep)
    made = checked_cycle(who.space, rep, cycle, start, end, criteria)
    who.space.store[CoachingPeriods].add([made])
    return made


@verb("ops_lead", "manager", audit="cycle_removed", facts=lambda made: {"cycle": made.cycle})
def remove_cycle(who: Who, rep: str, cycle: str) -> CoachingPeriod:
    """Take a cycle out that was entered by mistake; its calls then count in no cycle. NotFound without one."""
    return who.space.store[CoachingPeriods].remove(rep, cycle)


def _check_rep(who: Who, rep: str) -> None:
    reps = who.space.store[Calls].reps()
    if rep not in reps:
        raise InputError(f"there is no rep {rep!r} with a call; there are {', '.join(reps) or 'no calls yet'}")
