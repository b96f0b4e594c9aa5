"""What is to be done next on the pages after the scores, for whoever looks: one sentence and one button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from agent.calls.store import Calls
from agent.coaching.proposals import TEAM
from agent.coaching.store import Coaching
from agent.profiles.store_baselines import Baselines
from agent.ratings.counted import Counting
from agent.rubrics.in_use import in_use_id, rubric_in_use
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.app.web.auth import SignedIn
    from agent.coaching.model import CoachingPlan
    from agent.coaching.views import MovementOut, PlanLine
    from agent.outcomes.views import FunnelView, OutcomesView
    from agent.profiles.heat_map import HeatMap, RepProfile
    from agent.profiles.model import CoachingPeriod


@dataclass(frozen=True)
class Step:
    """The next step. Without a `button` there is nothing to press. With `draw` the button draws baselines: "all" of those
    missing, or a rep's name."""

    text: str
    path: str = ""
    button: str = ""
    draw: str = ""


def nothing_rated(who: SignedIn) -> Step:
    """There is no rubric, no call or no rating."""
    store = who.space.store
    if not store[Rubrics].all():
        return Step(
            "There is no rubric yet: profiles show how calls were rated against one.", "/rubric", "To the rubric"
        )
    if not store[Calls].count():
        if who.scope.may_run:
            return Step("There are no calls yet.", "/upload?kind=call", "Upload calls")
        return Step("There are no calls yet. An ops lead uploads them.")
    return Step("No call is rated yet. Rate some, or have the model score them.", "/calls", "To the calls")


def team_step(who: SignedIn, found: HeatMap) -> Step:
    """On the team's heat map."""
    missing = len(found.without_baseline)
    if missing and who.scope.may_rate:
        reps = "rep has" if missing == 1 else "reps have"
        return Step(
            f"{missing} {reps} no baseline. It is drawn at random, within stages, from the calls before coaching began.",
            button="Draw the missing baselines",
            draw="all",
        )
    if missing:
        return Step(f"{missing} of {len(found.reps)} reps have no baseline yet. A manager draws it.")
    names = {criterion.id: criterion.name for criterion in found.criteria}
    if found.focus:
        on = " and ".join(f"“{names[ident]}”" for ident in found.focus)
        return Step(
            f"The team shares gaps that luck does not explain: coach the team on {on} first.", *_plan(who, "team")
        )
    return Step("The team shares no gap beyond luck: coach each rep on their own.", "/coaching", "To the plans")


def rep_step(who: SignedIn, found: RepProfile, plan: CoachingPlan | None) -> Step:
    """On a rep's page."""
    here = f"/coaching/{quote(found.rep, safe='')}"
    if found.baseline is None:
        if who.scope.may_rate:
            return Step("There is no baseline yet, so no gap is known.", button="Draw the baseline", draw=found.rep)
        return Step("There is no baseline yet. A manager draws it.")
    if plan is not None:
        return Step(f"The plan of {plan.at:%-d %B %Y} is there.", here, "Open the plan")
    if not who.scope.may_rate:
        return Step("There is no coaching plan yet. A manager makes it.")
    if found.gaps:
        return Step("There are gaps and no plan yet: choose one or two criteria.", *_plan(who, found.rep))
    return Step("No criterion is clearly below target. A plan can still be made by hand.", *_plan(who, found.rep))


def coaching_step(who: SignedIn, lines: Sequence[PlanLine]) -> Step:
    """On the list of plans."""
    if not lines or all(line.who == TEAM for line in lines):
        return nothing_rated(who)
    team = next((line for line in lines if line.who == TEAM), None)
    if not who.scope.may_rate:
        return Step("Look at what is coached, and at what moved.", "/coaching/movement", "What moved")
    if team is not None and team.plan is None:
        return Step("Begin with what the team shares.", "/coaching/team/plan", "Make the team's plan")
    without = next((line.who for line in lines if line.plan is None), None)
    if without is not None:
        return Step(f"{without} has no plan yet.", *_plan(who, without))
    return Step("Every rep here has a plan. See what moved.", "/coaching/movement", "What moved")


def plan_step(who: SignedIn, rep: str, plan: CoachingPlan | None, periods: Sequence[CoachingPeriod]) -> Step:
    """On one rep's coaching page."""
    here = f"/coaching/{quote(rep, safe='')}"
    if plan is None:
        if who.scope.may_rate:
            return Step("There is no plan yet: choose one or two criteria.", f"{here}/plan", "Make a plan")
        return Step("There is no plan yet. A manager makes it.")
    if not who.scope.may_rate:
        return Step("Read the moments, then print the one-page brief.", f"{here}/brief", "The brief")
    if rep == TEAM:
        return Step("Bring the brief to the next team meeting.", f"{here}/brief", "The brief")
    if not any(period.end >= plan.at.date() for period in periods):
        return Step("Enter when this is coached, so that movement can be told later.", "#cycles", "Enter the cycle")
    return Step("Bring the brief to the session, and log what you agree.", f"{here}/brief", "The brief")


def outcomes_step(who: SignedIn, funnel: FunnelView, link: OutcomesView | None) -> Step:
    """On the page of outcomes."""
    if funnel.state == "computing":
        return Step("The funnel is being worked out.")
    if funnel.value is None:
        if who.scope.may_run:
            return Step("Import the deals of your CRM as a CSV file.", "/upload?kind=deals", "Import deals")
        return Step("There are no deals with stages yet. An ops lead imports them.")
    if link is None or (link.value is None and link.state == "none"):
        return Step("Set coaching beside the win rate: it takes ratings, baselines and coaching cycles.", *_COACHING)
    first = funnel.value.coach_first
    if first.step is not None:
        return Step(f"Coach first where deals are lost: {first.reason}.", *_COACHING)
    return Step(
        "No step of the funnel is clearly below its yardstick. Look at what moved.", "/coaching/movement", "What moved"
    )


def movement_step(who: SignedIn, found: MovementOut) -> Step:
    """On the page of movement: what is missing to tell any and who brings it, else where to go on."""
    store, rubric = who.space.store, in_use_id(who.space.store)
    if found.state == "computing":
        return Step("The figures are being worked out.")
    if rubric not in store[Counting].rated_rubrics():
        return nothing_rated(who)
    if not (drawn := store[Baselines].current(rubric)):
        if who.scope.may_rate:
            return Step(
                "No baseline is drawn yet, so there is nothing to set a cycle against.",
                button="Draw the baselines",
                draw="all",
            )
        return Step("No baseline is drawn yet. A manager draws it on the page Profiles.", *_PROFILES)
    if found.state == "none":
        return _cycle_step(who, [baseline.rep for baseline in drawn], found.problem)
    stuck = next((row for row in found.items if row.diagnosis is not None), None)
    if stuck is not None:
        return Step(f"{stuck.rep} has not moved after several cycles: see why, and what to do.", *_plans_of(stuck.rep))
    return Step("See whether what moved goes with winning more deals.", "/outcomes", "To the outcomes")


def _cycle_step(who: SignedIn, drawn: Sequence[str], problem: str) -> Step:
    """Where there is no movement although baselines are drawn: no cycle is entered, or none on this rubric."""
    store = who.space.store
    periods = [period for period in store[Coaching].periods() if period.rep in drawn]
    known = {criterion.id for criterion in rubric_in_use(store).criteria}
    if any(known & set(period.criteria) for period in periods):
        return Step(f"{problem[:1].upper()}{problem[1:]}.")
    text = "No coaching cycle is entered yet: it says from when to when which criteria are coached."
    if periods:
        text = "The cycles that are entered are on criteria of another rubric."
    if not who.scope.may_rate:
        return Step(f"{text} A manager enters one on the rep's page under Coaching.", *_COACHING)
    planned = store[Coaching].newest_plans(drawn)
    first = next((rep for rep in drawn if rep in planned), drawn[0])
    return Step(text, f"/coaching/{quote(first, safe='')}#cycles", f"Enter a cycle for {first}")


_COACHING = ("/coaching", "To the plans")
_PROFILES = ("/profiles", "To the profiles")


def _plans_of(rep: str) -> tuple[str, str]:
    return f"/coaching/{quote(rep, safe='')}", f"Coaching {rep}"


def _plan(who: SignedIn, name: str) -> tuple[str, str]:
    path = f"/coaching/{quote(name, safe='')}"
    return (f"{path}/plan", "Make a plan") if who.scope.may_rate else (path, "Open the plan")
