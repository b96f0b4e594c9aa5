"""What is to be done next after the scores: of the team, and on the page of one rep or one plan."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from urllib.parse import quote

from agent.app.steps import RATERS, TEAM, Step, next_step, step_on_page, typed
from agent.app.verb import Who
from agent.app.web.wording import capital, plain, sentence
from agent.coaching.cycles import next_cycle
from agent.coaching.model import CoachingPlan
from agent.coaching.proposals import TEAM as TEAM_PLAN
from agent.coaching.store import Coaching, PlanHead
from agent.coaching.views import MovementOut
from agent.core.errors import NotFound
from agent.core.language import _, ngettext
from agent.core.wording import day
from agent.profiles.heat_map import RepProfile, team_heat_map
from agent.profiles.model import CoachingPeriod
from agent.profiles.season import Season, season_of

MOVED = "/coaching/movement"


def season_step(who: Who) -> Step | None:
    """What is to be done next with baselines, plans and cycles, of the whole team; None where nothing counts yet."""
    if who.scope.only_rep is not None:
        return None
    try:
        known = season_of(who)
    except NotFound:
        return None
    if not known.reps:
        return None
    if missing := len(known.without_baseline):
        text = ngettext("{n} rep has no baseline.", "{n} reps have no baseline.", missing, n=missing)
        text += " " + _(
            "It is drawn at random, within stages, from the calls before coaching began; "
            "coaching is measured against it."
        )
        return Step(text, "/profiles", _("Draw the missing baselines"), "baseline make", RATERS, draw="all")
    plans = who.space.store[Coaching].newest_plans([TEAM_PLAN, *known.reps])
    wanted = set(known.criteria)
    periods = [one for one in known.periods if wanted & set(one.criteria)]
    today = datetime.now(UTC).date()
    running = [one for one in periods if one.start <= today <= one.end]
    if running:
        last = max(running, key=_end)
        text = _(
            "{cycle} runs until {end}. Score calls as they come in: what moved is told from those.",
            cycle=capital(plain(last.cycle)),
            end=day(last.end),
        )
        return Step(text, MOVED, _("What moved so far"), "coach track", TEAM, waits=False)
    ended = max((one.end for one in periods if one.end < today), default=None)
    since = [plan for plan in plans.values() if ended is None or plan.at.date() > ended]
    if ended is not None and not since:
        return _moved(periods)
    return (
        _cycle_step(known, {plan.who: plan for plan in since}, periods) or _plan_step(known, plans) or _moved(periods)
    )


def _end(period: CoachingPeriod) -> tuple[date, str]:
    return period.end, period.cycle


def _cycle_step(known: Season, plans: dict[str, PlanHead], periods: list[CoachingPeriod]) -> Step | None:
    """A plan waits for its cycle: of its rep, or of anybody where it is the team's."""
    waiting = [
        who
        for who, plan in plans.items()
        if not any(who in (TEAM_PLAN, one.rep) and one.end >= plan.at.date() for one in periods)
    ]
    if not waiting:
        return None
    whose = _("The team's plan") if waiting[0] == TEAM_PLAN else _("The plan of {waiting}", waiting=waiting[0])
    rep = next((who for who in waiting if who != TEAM_PLAN), known.reps[0])
    text = _(
        "{whose} has no coaching cycle yet: enter from when to when which criteria are coached, "
        "so that movement can be told later.",
        whose=whose,
    )
    if known.periods and not periods:
        text += " " + _("The cycles that are entered are on criteria of another rubric.")
    page = f"/coaching/{quote(rep, safe='')}#cycles"
    plan = plans[rep if rep in plans else waiting[0]]
    name, start, end = next_cycle([one for one in known.periods if one.rep == rep], datetime.now(UTC).date())
    coached = ",".join(ident for ident, _moments in plan.criteria)
    command = f"coach cycle {typed(rep)} {name} --start {start} --end {end} --criteria {typed(coached)}"
    return Step(text, page, _("Enter a cycle for {rep}", rep=rep), command, RATERS)


def _plan_step(known: Season, plans: dict[str, PlanHead]) -> Step | None:
    """The team's plan where it shares gaps beyond luck, then those of reps with gaps of their own: as plans are
    proposed, by how reps do now. None where every gap has a plan."""
    heat_map = team_heat_map(known)
    if TEAM_PLAN not in plans and heat_map.focus:
        names = {criterion.id: criterion.name for criterion in heat_map.criteria}
        on = _(" and ").join(f"“{names[ident]}”" for ident in heat_map.focus)
        text = _("The team shares gaps that luck does not explain: coach the team on {on} first.", on=on)
        return Step(text, "/coaching/team/plan", _("Make the team's plan"), "coach plan --team", RATERS)
    own = {gap.rep for gap in heat_map.gaps.own}
    rep = next((rep for rep in known.reps if rep not in plans and (rep in own or not plans)), "")
    if not rep:
        return None
    text = _("{rep} has gaps and no coaching plan yet: choose one or two criteria.", rep=rep)
    if rep not in own:
        text = _("No criterion is clearly below target. A plan can still be made by hand, for {rep} first.", rep=rep)
    return Step(text, f"/coaching/{quote(rep, safe='')}/plan", _("Make a plan"), f"coach plan {typed(rep)}", RATERS)


def _moved(periods: list[CoachingPeriod]) -> Step:
    last = max(periods, key=_end, default=None)
    text = _("Every gap has a plan: see who has moved, then plan what to coach next.")
    if last:
        cycle = capital(plain(last.cycle))
        text = _("{cycle} is over: see who has moved, then plan what to coach next.", cycle=cycle)
    return Step(text, MOVED, _("What moved"), "coach track", TEAM)


def rep_step(who: Who, profile: RepProfile, plan: CoachingPlan | None) -> Step:
    """On a rep's page; a rep is told the one step there is for a rep."""
    if who.scope.only_rep is not None:
        return next_step(who)
    return step_on_page(who, "coaching", _about_rep(who, profile, plan))


def _about_rep(who: Who, profile: RepProfile, plan: CoachingPlan | None) -> Step:
    here = f"/coaching/{quote(profile.rep, safe='')}"
    if profile.baseline is None:
        if who.scope.may_rate:
            return Step(
                _("There is no baseline yet, so no gap is known."),
                "/profiles",
                _("Draw the baseline"),
                draw=profile.rep,
            )
        return Step(_("There is no baseline yet. A manager draws it."))
    if plan is not None:
        return Step(_("The plan of {at} is there.", at=day(plan.at)), here, _("Open the plan"))
    if not who.scope.may_rate:
        return Step(_("There is no coaching plan yet. A manager makes it."))
    text = _("There are gaps and no plan yet: choose one or two criteria.")
    if not profile.gaps:
        text = _("No criterion is clearly below target. A plan can still be made by hand.")
    return Step(text, f"{here}/plan", _("Make a plan"))


def plan_step(who: Who, rep: str, plan: CoachingPlan | None, periods: Sequence[CoachingPeriod]) -> Step:
    """On one rep's coaching page."""
    return step_on_page(who, "coaching", _about_plan(who, rep, plan, periods))


def _about_plan(who: Who, rep: str, plan: CoachingPlan | None, periods: Sequence[CoachingPeriod]) -> Step:
    here = f"/coaching/{quote(rep, safe='')}"
    if plan is None:
        if who.scope.may_rate:
            return Step(_("There is no plan yet: choose one or two criteria."), f"{here}/plan", _("Make a plan"))
        return Step(_("There is no plan yet. A manager makes it."))
    if not who.scope.may_rate:
        return Step(_("Read the moments, then print the one-page brief."), f"{here}/brief", _("The brief"))
    if rep == TEAM_PLAN:
        return Step(_("Bring the brief to the next team meeting."), f"{here}/brief", _("The brief"))
    if not any(period.end >= plan.at.date() for period in periods):
        return Step(
            _("Enter when this is coached, so that movement can be told later."), "#cycles", _("Enter the cycle")
        )
    return Step(_("Bring the brief to the session, and log what you agree."), f"{here}/brief", _("The brief"))


def movement_step(who: Who, movement: MovementOut) -> Step:
    """On the page of movement: what is next, and where that is to look here, what is to be seen."""
    if movement.state == "computing":
        return Step(_("The figures are being worked out."), on_page=True)
    step = next_step(who, "coaching")
    if step.page != MOVED:
        return step
    if movement.state == "none":
        return Step(sentence(movement.problem), on_page=True)
    stuck = next((row for row in movement.items if row.diagnosis is not None), None)
    if stuck is not None:
        text = _("{rep} has not moved after several cycles: see why, and what to do.", rep=stuck.rep)
        return Step(text, f"/coaching/{quote(stuck.rep, safe='')}", f"Coaching {stuck.rep}", on_page=True)
    text = _("See whether what moved goes with winning more deals.")
    return Step(text, "/outcomes", _("To the outcomes"), on_page=True)
