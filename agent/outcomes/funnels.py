"""The team's funnel and the reps', where to coach first, and criteria against their own stage's conversion."""

from collections.abc import Sequence
from datetime import date

from agent.app.telling import Note
from agent.calls.model import Deal
from agent.core.base import Frozen
from agent.core.errors import Advice, InputError
from agent.core.language import _
from agent.core.wording import day, days, number
from agent.outcomes.store import Deals
from agent.profiles.season import Season, rated_season
from agent.profiles.season_frames import deal_frame
from agent.ratings.counted import Counting
from agent.stats.funnel import FirstStep, Funnel, RepScores, StageLink, coach_first, funnel, funnels_by_rep, stage_links
from agent.stats.rules import FunnelRules
from agent.workspace import Workspace


class RepFunnel(Frozen):
    """One rep's funnel, and where to coach this rep first."""

    funnel: Funnel
    first: FirstStep


class Funnels(Frozen):
    """All funnels of a workspace. `population` says which deals they count, `calls` which calls the scores of `links`
    are based on."""

    team: Funnel
    first: FirstStep
    reps: tuple[RepFunnel, ...]
    links: tuple[StageLink, ...]
    population: str
    calls: str

    def of(self, rep: str) -> RepFunnel | None:
        return next((own for own in self.reps if own.funnel.who == rep), None)


def funnels_of(space: Workspace, rubric: str, note: Note) -> Funnels:
    """Funnels of a workspace, with criteria beside them if `rubric` (its id, or empty) has ratings. InputError without
    deals that say how far they came."""
    deals, rules = the_deals(space), yardstick(space)
    if not any(deal.stage for deal in deals):
        raise InputError("no deal says how far it came; import deals with a column furthest_stage")
    frame = deal_frame(deals, space.stages.funnel_steps[0])
    team, reps = funnel(frame, rules), funnels_by_rep(frame, rules)
    season = rated_season(space, note, rubric) if rubric and rubric in space.store[Counting].rated_rubrics() else None
    first_day = min(deal.opened for deal in deals)
    return Funnels(
        team=team,
        first=coach_first(team),
        reps=tuple(RepFunnel(funnel=own, first=coach_first(own, team, len(reps))) for own in reps),
        links=stage_links_of(season, deals) if season else (),
        population=_("all {n} deals, opened {days}", n=number(len(deals)), days=days(*_opened(deals))),
        calls=_("calls since {day}", day=day(first_day)) if season else "",
    )


def opened_words(deals: Sequence[Deal]) -> str:
    """The days on which the first and the last of these deals were opened."""
    return _("opened {days}", days=days(*_opened(deals)))


def _opened(deals: Sequence[Deal]) -> tuple[date, date]:
    return min(deal.opened for deal in deals), max(deal.opened for deal in deals)


def counted_deals(space: Workspace) -> list[Deal]:
    """The deals that count, each with the outcome of its ending's side; deals on neither side are left out."""
    made = []
    for deal in space.store[Deals].all():
        side = space.stages.endings[deal.ending] if deal.ending else deal.outcome
        if side != "neither":
            made.append(deal if side == deal.outcome else deal.model_copy(update={"outcome": side}))
    return made


def the_deals(space: Workspace) -> list[Deal]:
    """All deals that count. InputError without any."""
    deals = counted_deals(space)
    if not deals:
        raise InputError("there are no deals", advice=Advice("deals import FILE", "/upload?kind=deals"))
    return list(deals)


def yardstick(space: Workspace) -> FunnelRules:
    """The rule of thumb applied to the workspace's own stages.

    The shipped 10-3-1 is about the first stage, `proposal` and the won deal: if a funnel has other names it goes by
    position, and without a `proposal` it only says that one of ten is won. A rule of the team's own is taken as
    written.
    """
    rules, stages = space.rules.funnel, space.stages.funnel_steps[0]
    shipped = FunnelRules().rule_of_thumb
    if rules.rule_of_thumb != shipped or set(shipped) <= set(stages):
        return rules
    middle = {stage: count for stage, count in shipped.items() if stage in stages[1:-1]}
    first, won = max(shipped.values()), min(shipped.values())
    return rules.model_copy(update={"rule_of_thumb": {stages[0]: first, **middle, stages[-1]: won}})


def stage_links_of(season: Season, deals: Sequence[Deal]) -> tuple[StageLink, ...]:
    """Criteria that belong to a stage, against conversion out of it; empty if no criterion names a stage."""
    stages, covered = season.space.stages.funnel_steps
    named = {c.id: covered.get(c.stage, c.stage) for c in season.rubric.criteria if c.stage}
    stage_of = {criterion: stage for criterion, stage in named.items() if stage in stages[:-1]}
    own = [deal for deal in deals if deal.rep in set(season.reps)]
    if not stage_of or not own:
        return ()
    value, known = season.tally_since(min(deal.opened for deal in own)).oriented().parts()
    scores = RepScores(season.measures, value[0], known[0])
    return stage_links(deal_frame(own, stages, season.reps), scores, stage_of, season.space.rules.outcomes)
