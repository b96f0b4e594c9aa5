"""Profiles: the team's heat map, and one rep's page. A rep sees the own page."""

from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.panels import panels
from agent.app.steps import next_step
from agent.app.web.auth import Anybody, Raters, SignedIn
from agent.app.web.drawing import on_scale
from agent.app.web.paging import Pages
from agent.app.web.routes import page_router
from agent.app.web.sheets import Sheet, sheet
from agent.app.web.templates import done, render
from agent.calls.store import CallFilters, Calls
from agent.core.errors import NotFound
from agent.core.language import _
from agent.core.statistic import Estimate
from agent.disputes.model import DisputeFilters
from agent.disputes.store import Disputes
from agent.patterns.store import Extractions
from agent.profiles.api import Period, Rep
from agent.profiles.comparison import changes
from agent.profiles.heat_map import HeatMap, RepProfile, rep_profile, team_heat_map
from agent.profiles.population import Population, periods_of
from agent.profiles.season import Season, season
from agent.profiles.verbs import draw_baselines
from agent.profiles.views import ProfileRow, RepView, TeamView
from agent.rubrics.switcher import RubricRef, switcher

router = page_router()

Short = Annotated[str, Form(max_length=200)]
_RECENT = 5
_NAMED = 5  # people whom a message names


@router.get("/profiles")
def profiles(
    request: Request,
    who: Anybody,
    paging: Pages,
    rubric: RubricRef = "",
    period: Period = "",
    against: Annotated[str, Query(max_length=100)] = "baseline",
    sort: Annotated[str, Query(max_length=100)] = "",
    down: Annotated[bool, Query()] = False,
    intervals: Annotated[bool, Query()] = False,
    file: Literal["", "csv", "xlsx"] = "",
) -> Response:
    """The team's heat map and its gaps, over how reps do now where nothing else is asked
    for; for a rep the own page."""
    if who.scope.only_rep is not None:
        return _own_page(request, who, rubric, period)
    known = _known_season(who, rubric)
    if known is None:
        return render(request, "profiles/empty.html", who, {"step": next_step(who, "calls"), "title": _("Profiles")})
    found = team_heat_map(known, Population.named(period))
    reps = _sorted(found, sort, down)
    if file:
        rows = [
            cell.data() | {"rep": rep, "mark": found.marks.get(cell.criterion, "")}
            for rep in reps
            for cell in ProfileRow.of(found, rep).cells
        ]
        return sheet(file, Sheet("profiles", f"Profiles: {found.title}", rows, found.rubric.label))
    before = Population.named(against) if against else found.population
    left = reps[reps.index(paging.after) + 1 :] if paging.after in reps else reps
    page = paging.page(left[: paging.fetch], lambda rep: rep, lambda rep: ProfileRow.of(found, rep))
    values = {
        "against": against,
        "than": before.words or before.name,
        "changes": changes(known, found, before) if before != found.population else {},
        "sort": sort,
        "down": down,
        "least": who.space.rules.profiles.min_calls,
        "again": lambda **other: urlencode(_asked(request) | other),
        "found": TeamView.of(found),
        "page": page,
        "names": {criterion.id: criterion.name for criterion in found.criteria},
        "criteria": {criterion.id: criterion for criterion in found.criteria},
        "step": next_step(who, "coaching"),
        "some_score": any(isinstance(cell.score, Estimate) for rep in found.reps for cell in found.of(rep)),
        "patterns": who.space.store[Extractions].exist(),
        "intervals": intervals,
        "rubric": rubric,
        **_choices(request, who, found, rubric),
    }
    return render(request, "profiles/team.html", who, values)


def _choices(request: Request, who: SignedIn, found: HeatMap | RepProfile, rubric: str) -> dict[str, Any]:
    """Which rubric is shown and why, and the other rubrics and periods there are."""
    return {
        "which": switcher(request, who, rubric),
        "periods": periods_of(found.cycles),
        "asked": urlencode({"rubric": rubric, "period": found.population.name}),
    }


def _asked(request: Request) -> dict[str, str]:
    """What the address asks for, without the place in the list."""
    return {name: value for name, value in request.query_params.items() if name != "cursor"}


def _sorted(found: HeatMap, by: str, down: bool) -> list[str]:
    """The reps by name, by their total or by one criterion; those without a figure last."""
    if by not in ("total", *(criterion.id for criterion in found.criteria)):
        return sorted(found.reps, reverse=down)
    at = {criterion.id: place for place, criterion in enumerate(found.criteria)}
    scores = {rep: found.totals.of(rep) if by == "total" else found.of(rep)[at[by]].score for rep in found.reps}
    known = {rep: score.value for rep, score in scores.items() if isinstance(score, Estimate)}
    return sorted(known, key=lambda rep: (-known[rep] if down else known[rep], rep)) + [
        rep for rep in found.reps if rep not in known
    ]


def _known_season(who: SignedIn, rubric: str) -> Season | None:
    """None where there is no rubric or no rating; a rubric that was named must be there."""
    try:
        found = season(who.space, rubric=rubric)
    except NotFound:
        if rubric:
            raise
        return None
    return found if found.reps else None


@router.post("/profiles/baselines")
def draw(
    request: Request,
    who: Raters,
    rep: Short = "",
    rubric: Short = "",
    seed: Annotated[int, Form(ge=0, le=2**31 - 1)] = 0,
    only_missing: Annotated[bool, Form()] = False,
    back: Annotated[bool, Form(description="On to the rep's page.")] = False,
) -> Response:
    """Draw baselines and record the draw."""
    made = draw_baselines(who, rubric, rep=rep, seed=seed, only_missing=only_missing)
    few = [found.rep for found in made if found.provisional]
    drawn = (
        _("the baseline of {rep}", rep=made[0].rep)
        if len(made) == 1
        else _("the baselines of {made} reps", made=len(made))
    )
    said = _("Drawn at random and recorded (seed {seed}): {drawn}.", seed=seed, drawn=drawn)
    if few:
        said += _(
            " Provisional for want of calls: {named}.",
            named=", ".join(few) if len(few) <= _NAMED else f"{len(few)} of them",
        )
    place = f"/profiles/{quote(rep, safe='')}" if back and rep else "/profiles"
    return done(request, f"{place}?{urlencode({'rubric': rubric, 'period': 'baseline'})}", said)


@router.get("/profiles/{rep}")
def profile(request: Request, who: Anybody, rep: Rep, rubric: RubricRef = "", period: Period = "") -> HTMLResponse:
    """One rep; of one without ratings what comes first."""
    try:
        return _rep_page(request, who, rep, rubric, period)
    except NotFound:
        if rubric or not who.space.store[Calls].page(CallFilters(rep=rep), None, 1):
            raise
    purpose = _("None of the calls of {rep} is rated yet.", rep=rep)
    return render(
        request, "profiles/empty.html", who, {"step": next_step(who, "calls"), "title": rep, "purpose": purpose}
    )


def _own_page(request: Request, who: SignedIn, rubric: str, period: str) -> HTMLResponse:
    try:
        return _rep_page(request, who, who.scope.rep, rubric, period)
    except NotFound:
        if rubric:
            raise
        return render(request, "profiles/empty.html", who, {"step": next_step(who), "title": _("My profile")})


def _rep_page(request: Request, who: SignedIn, rep: str, rubric: str, period: str) -> HTMLResponse:
    known = season(who.space, rubric=rubric)
    found = rep_profile(known, rep, Population.named(period))
    store = who.space.store
    parts = panels("profile", who, found)
    values: dict[str, Any] = {
        "found": RepView.of(who.space, found),
        "own": who.scope.only_rep is not None,
        "names": {criterion.id: criterion.name for criterion in found.criteria},
        "criteria": {criterion.id: criterion for criterion in found.criteria},
        "on_scale": on_scale,
        "target": who.space.rules.gaps.target,
        "parts": parts,
        "calls": store[Calls].page(CallFilters(rep=rep), None, _RECENT),
        "disputes": store[Disputes].page(DisputeFilters(rep=rep), None, _RECENT),
        "step": next((part.values["step"] for part in parts if "step" in part.values), None),
        "rubric": rubric,
        "against": None,
        **_choices(request, who, found, rubric),
    }
    return render(request, "profiles/rep.html", who, values)
