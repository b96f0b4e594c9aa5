"""Coaching plans: what is proposed and why, and the plan on what a person chose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from agent.coaching.model import CoachingPlan
from agent.coaching.proposals import TEAM, chosen_plan, gap_reason, rep_plan, team_gap_reason, team_plan, without_model
from agent.coaching.tracking import movements_of
from agent.core.errors import NotFound, UsageError
from agent.core.language import N_, _
from agent.core.statistic import Statistic
from agent.core.wording import day
from agent.profiles.heat_map import HeatMap, RepProfile, all_gaps, rep_profile, team_heat_map
from agent.profiles.moments import MomentFinder
from agent.profiles.season import Season, rated_season, season
from agent.ratings.since import ratings_since
from agent.rubrics.model import Criterion, Rubric
from agent.rubrics.store import Rubrics
from agent.stats.gaps import GapReport
from agent.stats.profiles import State
from agent.workspace import Workspace

DRAFTED_LATER = "The suggestion is not drafted yet."


@dataclass(frozen=True)
class Coached:
    """What a rep or the team was coached on so far: by criterion since when, and how many of the reps coached have
    moved. `moved` are the criteria that are not proposed again."""

    since: Mapping[str, date] = field(default_factory=dict)
    reps: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    moved: frozenset[str] = frozenset()

    def says(self, criterion: str) -> str:
        """A sentence for the person who plans; empty if it was not coached."""
        if criterion not in self.since:
            return ""
        moved, reps = self.reps[criterion]
        since = day(self.since[criterion])
        if reps == 1:
            how = (
                N_("Coached since {since}: it has moved.")
                if moved
                else N_("Coached since {since}: not called moved so far.")
            )
            return _(how, since=since)
        said = _("Coached since {since}: {moved} of {reps} reps moved.", since=since, moved=moved, reps=reps)
        again = _("Not proposed again: it has moved.")
        return " ".join((said, again)) if criterion in self.moved else said


def coached_so_far(season: Season, who: str) -> Coached:
    """What the rep `who`, or the team, was coached on so far."""
    own = [
        one for one in season.periods if who in (TEAM, one.rep) and not set(season.criteria).isdisjoint(one.criteria)
    ]
    if not own:
        return Coached()
    since: dict[str, date] = {}
    for one in own:
        since |= {ident: min(one.start, since.get(ident, one.start)) for ident in one.criteria}
    table, over_all = movements_of(season)
    counts: dict[str, tuple[int, int]] = {}
    for at, criterion in enumerate(season.criteria):
        reps = [place for place, rep in enumerate(season.reps) if who in (TEAM, rep) and table.coached[place, at]]
        counts[criterion] = sum(table.latest(place, at) == "moved" for place in reps), len(reps)
    if who == TEAM:
        moved = frozenset(one.criterion for one in over_all if one.verdict == "moved")
    else:
        moved = frozenset(ident for ident, (how_many, _) in counts.items() if how_many)
    return Coached({ident: when for ident, when in since.items() if ident in counts}, counts, moved)


def changed_since(space: Workspace, plan: CoachingPlan) -> str:
    """What has changed about the plan's calls since it was made, in one sentence; empty if nothing has."""
    shown = list(dict.fromkeys(moment.call for one in plan.criteria for moment in one.moments))
    who = "" if plan.who == TEAM else plan.who
    since = ratings_since(space, plan.rubric, plan.at, shown, whose=who, rep=who)
    return since.in_words(N_("Since this plan was made: {said}."))


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
    """What to coach the rep `who` on, or the team, by how they do now. NotFound for a rep without ratings."""
    rated_season = season(space, rubric=rubric)
    if who == TEAM:
        return _for_team(team_heat_map(rated_season), coached_so_far(rated_season, TEAM))
    profile = rep_profile(rated_season, who, moved=False)
    return _for_rep(profile, all_gaps(rated_season), coached_so_far(rated_season, who))


def _for_rep(profile: RepProfile, report: GapReport, coached: Coached) -> Proposal:
    rows = {row.criterion: row for row in profile.profile}
    by_id = {criterion.id: criterion for criterion in profile.criteria}
    proposed = [gap.criterion for gap in report.focus_of(profile.rep)]
    reasons = {gap.criterion: gap_reason(gap, by_id[gap.criterion], rows[gap.criterion].score) for gap in profile.gaps}
    made = [
        Candidate(
            c, _joined(reasons.get(c.id, ""), coached.says(c.id)), c.id in proposed, rows[c.id].score, rows[c.id].state
        )
        for c in _ranked(profile.criteria, proposed, reasons)
    ]
    note = ""
    if not profile.gaps:
        note = _("No criterion is clearly off target at this number of calls.")
    elif all(gap.shared for gap in profile.gaps):
        note = _("All gaps of this rep are the team's as well: the team's plan comes first.")
    return Proposal(profile.rep, profile.rubric, profile.title, tuple(made), note)


def _for_team(heat_map: HeatMap, coached: Coached) -> Proposal:
    by_id = {criterion.id: criterion for criterion in heat_map.criteria}
    proposed = [gap.criterion for gap in heat_map.gaps.focus]
    reasons = {gap.criterion: team_gap_reason(gap, by_id[gap.criterion]) for gap in heat_map.gaps.team}
    made = [
        Candidate(c, _joined(reasons.get(c.id, ""), coached.says(c.id)), c.id in proposed, None, None)
        for c in _ranked(heat_map.criteria, proposed, reasons)
    ]
    note = "" if proposed else _("No gap is shared by the team beyond luck: coach each rep on their own.")
    return Proposal(TEAM, heat_map.rubric, heat_map.title, tuple(made), note)


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _ranked(criteria: Sequence[Criterion], proposed: Sequence[str], reasons: Mapping[str, str]) -> list[Criterion]:
    order = [*proposed, *(ident for ident in reasons if ident not in proposed)]
    last = len(order)
    return sorted(criteria, key=lambda c: order.index(c.id) if c.id in order else last)


def new_plan(space: Workspace, who: str, criteria: Sequence[str], by: str, rubric: str = "") -> CoachingPlan:
    """The plan of a rep or of "team" on one or two criteria, or on those proposed where none is named: with moments,
    without suggestions, not stored yet.

    NotFound for a rep without ratings, InputError for criteria that do not fit, UsageError where nothing is proposed.
    """
    season = rated_season(space, rubric=rubric)
    if who != TEAM and who not in season.reps:
        raise NotFound(
            _("there is no rep {who} with ratings against {label}", who=repr(who), label=season.rubric.label)
        )
    report, at = all_gaps(season), datetime.now(UTC)
    scores = {} if who == TEAM else _scores(rep_profile(season, who, moved=False))
    frame = season.frame_on(criteria or season.criteria)
    finder = MomentFinder(space.store, season.rubric, frame, by, space.rules.profiles)
    if criteria:
        made = chosen_plan(who, criteria, by, report, season.rubric, finder, at, scores)
    else:
        left = report.still_open
        if who == TEAM:
            made = team_plan(left, season.rubric, finder, at)
        else:
            made = rep_plan(who, left, season.rubric, finder, at, scores)
        if not made.criteria:
            raise UsageError(
                _(
                    "the figures propose nothing to coach; choose one or two criteria ({notes})",
                    notes=" ".join(made.notes),
                )
            )
    # How the rep does is said with its calls; which these are is said once.
    made = made.model_copy(
        update={"notes": (_("These are figures over: {current}.", current=season.title(season.current)), *made.notes)}
    )
    bound = space.settings.binding("drafter") is not None
    return (without_model(made, DRAFTED_LATER) if bound else without_model(made)).model_copy(update={"by": by})


def _scores(profile: RepProfile) -> dict[str, Statistic]:
    return {row.criterion: row.score for row in profile.profile}


def lacks_suggestions(plan: CoachingPlan) -> bool:
    """Whether a missed moment with a known turn has no suggestion."""
    moments = [moment for chosen in plan.criteria for moment in chosen.moments]
    return any(m.kind == "missed" and m.passage is not None and not m.said for m in moments)


def avoided(space: Workspace, plan: CoachingPlan) -> frozenset[str]:
    """The criteria of the plan's rubric that are to be avoided."""
    return frozenset(one.id for one in space.store[Rubrics].get(plan.rubric).criteria if one.weight < 0)
