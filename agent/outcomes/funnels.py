"""The team's funnel and the reps'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.core.errors import InputError
from agent.ratings.counted import Counting

if TYPE_CHECKING:
    from agent.app.telling import Note
    from agent.profiles.season import Season
    from agent.stats.funnel import FirstStep, Funnel, StageLink
    from agent.stats.rules import FunnelRules
    from agent.workspace import Workspace


@dataclass(frozen=True)
class Funnels:
    """The team's funnel and the reps', where to coach first, and criteria against their own stage's conversion."""

    team: Funnel
    reps: tuple[Funnel, ...]
    first: FirstStep
    first_of: dict[str, FirstStep]
    links: tuple[StageLink, ...]
    unstaged: int
    only: str

    @property
    def shown(self) -> Funnel:
        """The one that was asked for."""
        return next((f for f in self.reps if f.who == self.only), self.team)


def funnels_of(space: Workspace, note: Note, rubric: str = "", rep: str = "") -> Funnels:
    """Funnels of a workspace. Criteria are set beside them where there are ratings."""
    from agent.outcomes.verbs import the_deals
    from agent.profiles.season import the_rep
    from agent.profiles.season_frames import deal_frame, staged
    from agent.stats.funnel import coach_first, funnel, funnels_by_rep

    deals, rules = the_deals(space), yardstick(space)
    known = staged(deals)
    if not known:
        raise InputError("no deal says how far it came; import deals with a column furthest_stage")
    frame = deal_frame(known, space.stages.funnel_steps[0])
    team, reps = funnel(frame, rules), funnels_by_rep(frame, rules)
    return Funnels(
        team=team,
        reps=reps,
        first=coach_first(team),
        first_of={own.who: coach_first(own, team, len(reps)) for own in reps},
        links=_links(space, note, rubric),
        unstaged=len(deals) - len(known),
        only=the_rep(frame.reps, rep) if rep else "",
    )


def team_funnel(space: Workspace) -> tuple[Funnel, FirstStep]:
    """The team's funnel, and where to coach first."""
    from agent.outcomes.verbs import counted_deals
    from agent.profiles.season_frames import deal_frame, staged
    from agent.stats.funnel import coach_first, funnel

    found = funnel(deal_frame(staged(counted_deals(space)), space.stages.funnel_steps[0]), yardstick(space))
    return found, coach_first(found)


def yardstick(space: Workspace) -> FunnelRules:
    """The rule of thumb on the workspace's own stages.

    The shipped 10-3-1 is about the first stage, `proposal` and the won deal: where a funnel has other names it goes by
    place, and without a `proposal` it only says that one of ten is won. A rule of the team's own is taken as written.
    """
    from agent.stats.rules import FunnelRules

    rules, stages = space.rules.funnel, space.stages.funnel_steps[0]
    shipped = FunnelRules().rule_of_thumb
    if rules.rule_of_thumb != shipped or set(shipped) <= set(stages):
        return rules
    middle = {stage: count for stage, count in shipped.items() if stage in stages[1:-1]}
    first, won = max(shipped.values()), min(shipped.values())
    return rules.model_copy(update={"rule_of_thumb": {stages[0]: first, **middle, stages[-1]: won}})


def _links(space: Workspace, note: Note, rubric: str) -> tuple[StageLink, ...]:
    from agent.profiles.season import rated_season

    if not space.store[Counting].rated_rubrics():
        return ()
    return stage_links_of(rated_season(space, note, rubric))


def stage_links_of(season: Season) -> tuple[StageLink, ...]:
    """Criteria that belong to a stage, against conversion out of it; none where no criterion names a stage."""
    from agent.profiles.season_frames import deal_frame, staged
    from agent.stats.funnel import RepScores, stage_links

    space = season.space
    stages, covered = space.stages.funnel_steps
    named = {c.id: covered.get(c.stage, c.stage) for c in season.rubric.criteria if c.stage}
    stage_of = {criterion: stage for criterion, stage in named.items() if stage in stages[:-1]}
    if not stage_of:
        return ()
    from agent.outcomes.verbs import counted_deals

    deals = [deal for deal in staged(counted_deals(space)) if deal.rep in set(season.reps)]
    frame = deal_frame(deals, stages, season.reps)
    first = min((deal.opened for deal in deals), default=None)
    value, known = season.tally_since(first).oriented().parts()
    return stage_links(frame, RepScores(season.measures, value[0], known[0]), stage_of, space.rules.outcomes)


def funnels_data(found: Funnels) -> dict[str, Any]:
    """As JSON data."""
    reps = [own for own in found.reps if found.only in ("", own.who)]
    return {
        "team": {**found.team.model_dump(mode="json"), "coach_first": found.first.model_dump(mode="json")},
        "reps": [
            {**own.model_dump(mode="json"), "coach_first": found.first_of[own.who].model_dump(mode="json")}
            for own in reps
        ],
        "stage_links": [link.model_dump(mode="json") for link in found.links],
        "deals_without_stage": found.unstaged,
    }
