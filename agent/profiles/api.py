"""Profiles, baselines and gaps."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Response

from agent.app.web.auth import Anybody, Raters, SignedIn
from agent.app.web.paging import Page, Pages
from agent.app.web.routes import api_router
from agent.core.errors import InputError
from agent.profiles.gaps import coach_first
from agent.profiles.heat_map import all_gaps, rep_profile, team_heat_map
from agent.profiles.model import Baseline
from agent.profiles.population import Population
from agent.profiles.season import rated_season, season
from agent.profiles.store_baselines import Baselines
from agent.profiles.views import BaselineOut, GapsOut, NewBaselines, ProfileRow, ProfilesOut, RepOut, TeamOut
from agent.rubrics.in_use import rubric_in_use

router = api_router("profiles")

RubricRef = Annotated[str, Query(max_length=200, description="Id or label of the rubric; empty: the one in use.")]
Period = Annotated[
    str,
    Query(
        max_length=100,
        description="Which calls: baseline, all, a number of days (30d), or the name of a coaching cycle; empty: the "
        "baselines where any are drawn, else all.",
    ),
]
Rep = Annotated[str, Path(min_length=1, max_length=200, description="The rep's name in the calls.")]


@router.get("/profiles")
def list_profiles(
    who: Anybody, paging: Pages, response: Response, rubric: RubricRef = "", period: Period = ""
) -> ProfilesOut:
    """Every rep on every criterion over one period, team gaps first. A rep gets the own row alone."""
    found = team_heat_map(season(who.space, rubric=rubric), Population.named(period))
    left = [rep for rep in found.reps if paging.after is None or rep > paging.after]
    page = paging.page(left[: paging.fetch], lambda rep: rep, lambda rep: ProfileRow.of(found, rep))
    return ProfilesOut(team=TeamOut.of(found), items=page.items, next=page.next)


@router.get("/profiles/{rep}")
def read_profile(who: Anybody, rep: Rep, rubric: RubricRef = "", period: Period = "") -> RepOut:
    """One rep: baseline, gaps, and every coaching cycle against the baseline."""
    return RepOut.of(rep_profile(season(who.space, rubric=rubric), rep, Population.named(period)))


@router.get("/gaps")
def read_gaps(
    who: Anybody,
    rubric: RubricRef = "",
    rep: Annotated[str, Query(max_length=200)] = "",
    period: Period = "",
) -> GapsOut:
    """Gaps over one period. A rep gets the own ones; which of them the team shares is said, not with whom."""
    only = who.scope.only_rep if who.scope.only_rep is not None else rep
    counted, population = season(who.space, rubric=rubric), Population.named(period)
    title = counted.title(population)
    if only:
        found = rep_profile(counted, only, population, moved=False)
        own = list(found.gaps)
        return GapsOut(
            team=[], focus=list(found.focus), own=own, any_by_luck=0.0, note="gaps of one rep", population=title
        )
    gaps = all_gaps(counted, population)
    return GapsOut(
        team=list(gaps.team),
        focus=list(coach_first(gaps)),
        own=list(gaps.own),
        any_by_luck=gaps.any_by_luck,
        note=gaps.note,
        population=title,
    )


@router.get("/baselines")
def list_baselines(who: Anybody, paging: Pages, rubric: RubricRef = "") -> Page[BaselineOut]:
    """The baselines that count, by rep: which calls were drawn, from which days, with which seed, by whom."""
    recorded = who.space.store[Baselines].current(rubric_in_use(who.space.store, rubric).id)
    left = [found for found in recorded if paging.after is None or found.rep > paging.after]
    return paging.page(left[: paging.fetch], lambda found: found.rep, BaselineOut.of)


@router.post("/baselines", status_code=201)
def make_baselines(who: Raters, new: NewBaselines) -> list[BaselineOut]:
    """Draw and record baselines, at random within stages. Earlier draws stay to be seen; the newest counts."""
    return [BaselineOut.of(found) for found in drawn(who, new)]


def drawn(who: SignedIn, new: NewBaselines) -> list[Baseline]:
    """New baselines, noted in the audit log. For the page as well."""
    from agent.profiles import baselines

    found = rated_season(who.space, rubric=new.rubric)
    until = "" if new.until is None else new.until.isoformat()
    if new.calls:
        made = baselines.pick_baseline(found, new.rep, new.calls, until, who.name, manual=new.manual)
    elif new.only_missing and not new.rep:
        made = baselines.make_missing(found, new.seed, until, who.name)
    else:
        made = baselines.make_baselines(found, new.rep, new.seed, until, who.name)
    if not made:
        raise InputError("every rep has a baseline already; nothing was drawn")
    reps = [one.rep for one in made]
    who.audit("baseline_drawn", found.rubric.id, reps=reps, seed=new.seed, manual=bool(new.calls))
    return made
