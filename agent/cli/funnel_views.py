"""The funnel on the terminal and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.cli.context import console, table
from agent.errors import InputError

if TYPE_CHECKING:
    from agent.stats.funnel import FirstStep, Funnel, StageLink
    from agent.wiring import Workspace

CHANCE_A_STEP = 0.025  # of a 95 % interval lying wholly below the truth


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


def funnels_of(space: Workspace, rubric: str = "", rep: str = "", viewer: str = "") -> Funnels:
    """Funnels of a workspace. Criteria are set beside them where there are ratings."""
    from agent.analysis.season import deal_frame, staged
    from agent.cli.outcomes import the_deals
    from agent.cli.sales_import import funnel_stages
    from agent.cli.season import the_rep
    from agent.stats.funnel import coach_first, funnel, funnels_by_rep

    deals, rules = the_deals(space), space.rules.funnel
    known = staged(deals)
    if not known:
        raise InputError("no deal says how far it came; import deals with a column furthest_stage")
    frame = deal_frame(known, funnel_stages(space)[0])
    team, reps = funnel(frame, rules), funnels_by_rep(frame, rules)
    return Funnels(
        team=team,
        reps=reps,
        first=coach_first(team),
        first_of={own.who: coach_first(own, team) for own in reps},
        links=_links(space, rubric, viewer),
        unstaged=len(deals) - len(known),
        only=the_rep(frame.reps, rep) if rep else "",
    )


def team_funnel(space: Workspace) -> tuple[Funnel, FirstStep]:
    """The team's funnel, and where to coach first."""
    from agent.analysis.season import deal_frame, staged
    from agent.cli.sales_import import funnel_stages
    from agent.stats.funnel import coach_first, funnel

    found = funnel(deal_frame(staged(space.store.deals.all()), funnel_stages(space)[0]), space.rules.funnel)
    return found, coach_first(found)


def _links(space: Workspace, rubric: str, viewer: str) -> tuple[StageLink, ...]:
    """Criteria that belong to a stage; none where there are no ratings, or no criterion names a stage."""
    from agent.analysis.season import deal_frame, staged
    from agent.cli.sales_import import funnel_stages
    from agent.cli.season import load
    from agent.stats.frame import ordinals
    from agent.stats.funnel import RepScores, stage_links
    from agent.stats.tally import tally_calls

    if not space.store.rating_columns.rated_rubrics():
        return ()
    import numpy as np

    loaded = load(space, rubric, viewer=viewer)
    stages, covered = funnel_stages(space)
    named = {c.id: covered.get(c.stage, c.stage) for c in loaded.rubric.criteria if c.stage}
    stage_of = {criterion: stage for criterion, stage in named.items() if stage in stages[:-1]}
    if not stage_of:
        return ()
    deals = [deal for deal in staged(space.store.deals.all()) if deal.rep in set(loaded.frame.reps)]
    frame = deal_frame(deals, stages, loaded.frame.reps)
    first = min(ordinals([deal.opened for deal in deals]), default=0)
    chosen = np.zeros(len(loaded.frame.calls), dtype=bool)
    chosen[loaded.frame.call[loaded.frame.day >= first]] = True
    value, known = tally_calls(loaded.frame, chosen).oriented().parts()
    return stage_links(frame, RepScores(loaded.frame.measures, value[0], known[0]), stage_of, space.rules.outcomes)


def funnels_data(found: Funnels) -> dict[str, Any]:
    """For --json."""
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


def show_funnels(found: Funnels) -> None:
    """The team's (or one rep's) funnel, then who is clearly behind it."""
    from agent.report.words import share

    shown = found.shown
    rows = [
        [f"{s.start} to {s.end}", share(s.conversion), "" if s.yardstick is None else f"{s.yardstick:.0%}", s.against]
        for s in (*shown.steps, *shown.rule_steps)
    ]
    reached = ", ".join(f"{stage} {count}" for stage, count in shown.reached)
    table(f"{shown.who or 'Team'}: {reached}; {shown.open} open", ["step", "went on", "10-3-1", "against it"], rows)
    first = found.first_of[shown.who] if shown.who else found.first
    console().print(f"Coach first: {first.reason}", markup=False)
    behind = [(who, own) for who, own in found.first_of.items() if own.step is not None and not shown.who]
    if behind:
        looks = sum(len(own.steps) for own in found.reps)
        console().print(
            f"Reps clearly below the team at a step ({looks} steps looked at; were all reps alike, up to "
            f"{looks * CHANCE_A_STEP:.1f} would look so by chance):"
        )
    for who, own in behind:
        console().print(f"  {who}, against the team: {own.reason}", markup=False)
    if found.links:
        rows = [[k.stage, k.criterion, k.verdict.replace("_", " "), f"{k.p_holm:.3f}"] for k in found.links]
        table("\nCriteria against conversion at their own stage", ["stage", "criterion", "verdict", "p, Holm"], rows)
    elif not shown.who:
        console().print("No criterion names a stage that deals go on from, so none is set against a conversion.")
    if found.unstaged:
        console().print(f"{found.unstaged} deals do not say how far they came and are left out.")
