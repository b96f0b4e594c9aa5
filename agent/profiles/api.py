"""Profiles, baselines and gaps."""

from functools import partial
from typing import Annotated

from fastapi import Path, Query, Response

from agent.app.view import Page
from agent.app.web.auth import Anybody, Raters
from agent.app.web.paging import Pages
from agent.app.web.routes import api_router
from agent.profiles.heat_map import rep_profile, team_heat_map
from agent.profiles.population import Population
from agent.profiles.season import season
from agent.profiles.store import Baselines
from agent.profiles.verbs import draw_baselines, gaps_of
from agent.profiles.views import BaselineView, GapsView, NewBaselines, ProfileRow, ProfilesView, RepView, TeamView
from agent.rubrics.in_use import rubric_in_use
from agent.rubrics.switcher import RubricRef

router = api_router("profiles")

Period = Annotated[
    str,
    Query(
        max_length=100,
        description="Which calls: baseline, all, a number of days (30d), or the name of a coaching cycle; empty: how "
        "reps do now (the last 30 days with calls, else the last cycle, else the baselines, else all), "
        "which the answer names.",
    ),
]
Rep = Annotated[str, Path(min_length=1, max_length=200, description="The rep's name in the calls.")]


@router.get("/profiles")
def list_profiles(
    who: Anybody, paging: Pages, response: Response, rubric: RubricRef = "", period: Period = ""
) -> ProfilesView:
    """Every rep on every criterion over one period, team gaps first. A rep gets the own row alone."""
    heat_map = team_heat_map(season(who.space, rubric=rubric), Population.named(period))
    left = [rep for rep in heat_map.reps if paging.after is None or rep > paging.after]
    page = paging.page(left[: paging.fetch], lambda rep: rep, lambda rep: ProfileRow.of(heat_map, rep))
    return ProfilesView(team=TeamView.of(heat_map), items=page.items, next=page.next)


@router.get("/profiles/{rep}")
def read_profile(who: Anybody, rep: Rep, rubric: RubricRef = "", period: Period = "") -> RepView:
    """One rep: baseline, gaps, and every coaching cycle against the baseline."""
    return RepView.of(who.space, rep_profile(season(who.space, rubric=rubric), rep, Population.named(period)))


@router.get("/gaps")
def read_gaps(
    who: Anybody,
    rubric: RubricRef = "",
    rep: Annotated[str, Query(max_length=200)] = "",
    period: Period = "",
    calls: Annotated[bool, Query(description="Also two typical calls of each own gap, with the nearest miss.")] = False,
) -> GapsView:
    """Gaps over one period. A rep gets the own ones; which of them the team shares is said, not with whom."""
    only = who.scope.only_rep if who.scope.only_rep is not None else rep
    rated_season = season(who.space, rubric=rubric)
    return gaps_of(rated_season, Population.named(period), only, calls=calls, viewer=who.name)


@router.get("/baselines")
def list_baselines(who: Anybody, paging: Pages, rubric: RubricRef = "") -> Page[BaselineView]:
    """The baselines that count, by rep: which calls were drawn, from which days, with which seed, by whom."""
    recorded = who.space.store[Baselines].current(rubric_in_use(who.space.store, rubric).id)
    left = [baseline for baseline in recorded if paging.after is None or baseline.rep > paging.after]
    return paging.page(left[: paging.fetch], lambda baseline: baseline.rep, partial(BaselineView.of, who.space))


@router.post("/baselines", status_code=201)
def make_baselines(who: Raters, new: NewBaselines) -> list[BaselineView]:
    """Draw and record baselines, at random within stages. Earlier draws stay to be seen; the newest counts."""
    return [BaselineView.of(who.space, made) for made in draw_baselines(who, **dict(new))]
