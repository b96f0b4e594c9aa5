"""Coaching plans on the pages: what is proposed and why, and the plan on what a person chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.coaching.proposals import TEAM, chosen_plan, gap_reason, team_gap_reason, without_model
from agent.coaching.store import Coaching
from agent.core.errors import NotFound
from agent.core.statistic import Statistic
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.coaching.model import CoachingPlan
    from agent.profiles.heat_map import HeatMap, RepProfile
    from agent.rubrics.model import Criterion, Rubric
    from agent.stats.profiles import State
    from agent.workspace import Workspace

DRAFTED_LATER = "The suggestion is not drafted yet."


@dataclass(frozen=True)
class Candidate:
    """A criterion that could be coached. `reason` is empty where the figures show no gap; `score` and `state` are None
    for the team, which has one of each rep."""

    criterion: Criterion
    reason: str
    proposed: bool
    score: Statistic | None
    state: State | None


@dataclass(frozen=True)
class Proposal:
    """What to coach: candidates with the proposed ones first, then other gaps, then the rest. `population`
    says which calls the figures are about: how the rep does now. `note` says what is special about the choice."""

    who: str
    rubric: Rubric
    population: str
    candidates: tuple[Candidate, ...]
    note: str


def proposal_of(space: Workspace, who: str, rubric: str = "") -> Proposal:
    """What to coach the rep `who` on, or the team. NotFound for a rep without ratings."""
    from agent.profiles.heat_map import rep_profile, team_heat_map
    from agent.profiles.season import season

    found = season(space, rubric=rubric)
    if who == TEAM:
        return _for_team(team_heat_map(found, found.current))
    return _for_rep(rep_profile(found, who, found.current, moved=False))


def _for_rep(found: RepProfile) -> Proposal:
    proposed = found.focus
    reasons = {gap.criterion: gap_reason(gap) for gap in found.gaps}
    rows = {row.criterion: row for row in found.profile}
    made = [
        Candidate(c, reasons.get(c.id, ""), c.id in proposed, rows[c.id].score, rows[c.id].state)
        for c in _ranked(found.criteria, proposed, reasons)
    ]
    note = ""
    if not found.gaps:
        note = "No criterion is clearly below target at this number of calls."
    elif all(gap.shared for gap in found.gaps):
        note = "All gaps of this rep are the team's as well: the team's plan comes first."
    return Proposal(found.rep, found.rubric, found.title, tuple(made), note)


def _for_team(found: HeatMap) -> Proposal:
    proposed = found.focus
    reasons = {gap.criterion: team_gap_reason(gap) for gap in found.gaps.team}
    made = [
        Candidate(c, reasons.get(c.id, ""), c.id in proposed, None, None)
        for c in _ranked(found.criteria, proposed, reasons)
    ]
    note = "" if proposed else "No gap is shared by the team beyond luck: coach each rep on their own."
    return Proposal(TEAM, found.rubric, found.title, tuple(made), note)


def _ranked(criteria: Sequence[Criterion], proposed: Sequence[str], reasons: Mapping[str, str]) -> list[Criterion]:
    order = [*proposed, *(ident for ident in reasons if ident not in proposed)]
    last = len(order)
    return sorted(criteria, key=lambda c: order.index(c.id) if c.id in order else last)


def build_plan(space: Workspace, who: str, criteria: Sequence[str], by: str, rubric: str = "") -> CoachingPlan:
    """Make and store the plan of a rep or of "team" on one or two criteria, with moments and without suggestions.

    NotFound for a rep without ratings, InputError for criteria that do not fit, Forbidden for who may not coach.
    """
    from datetime import UTC, datetime

    from agent.coaching.moments import MomentFinder
    from agent.profiles.heat_map import all_gaps
    from agent.profiles.season import rated_season

    found = rated_season(space, rubric=rubric)
    if who != TEAM and who not in found.reps:
        raise NotFound(f"there is no rep {who!r} with ratings against {found.rubric.label}")
    finder = MomentFinder(space.store, found.rubric, found.frame_on(criteria), by)
    made = chosen_plan(who, criteria, by, all_gaps(found, found.current), found.rubric, finder, datetime.now(UTC))
    bound = space.settings.binding("drafter") is not None
    made = (without_model(made, DRAFTED_LATER) if bound else without_model(made)).model_copy(update={"by": by})
    space.store[Coaching].add_plan(made)
    return made


def lacks_suggestions(plan: CoachingPlan) -> bool:
    """Whether a missed moment that has its turns has no suggestion."""
    moments = [moment for chosen in plan.criteria for moment in chosen.moments]
    return any(m.kind == "missed" and m.passage is not None and not m.said for m in moments)


async def suggest(space: Workspace, plan: CoachingPlan) -> CoachingPlan:
    """The plan with what could have been said, by the model bound as drafter, stored as the newest one. Replies that were
    given before cost nothing. RoleUnbound without a drafter."""
    from agent.coaching.verbs import with_suggestions

    made = await with_suggestions(space, plan, space.store[Rubrics].get(plan.rubric), None)
    space.store[Coaching].add_plan(made)
    return made
