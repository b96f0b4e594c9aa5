"""Whether coaching moved a rep on a criterion is said in one way: no page, command, document or API calls a pair moved where
another speaks of luck, and nobody proposes to coach what has moved."""

from __future__ import annotations

import html
import re
from contextlib import redirect_stdout
from io import StringIO

import pytest

from agent.coaching.plan_building import TEAM, proposal_of
from agent.coaching.tracking import figure_of, tracking_of
from agent.main import main
from agent.profiles.coached import coached_verdicts
from agent.profiles.comparison import changes
from agent.profiles.heat_map import all_gaps, rep_profile, team_heat_map
from agent.profiles.population import ALL, BASELINE, LAST_DAYS, Population
from agent.profiles.season import season
from agent.profiles.verbs import draw_baselines
from agent.weekly.views import week_of
from tests.api.conftest import made_site
from tests.api.season import fill_season

PERIODS = (BASELINE, LAST_DAYS, ALL, Population("cycle", cycle="cycle_1"))


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("verdict")) as site:
        fill_season(site)
        draw_baselines(site.who("ops_lead"))
        yield site


@pytest.fixture(name="moved", scope="module")
def _moved(site):
    """The pairs that What moved calls moved."""
    rows = figure_of(tracking_of(season(site.space))).rows
    found = {(row.movement.rep, row.movement.criterion) for row in rows if row.last and row.movement.verdict == "moved"}
    assert len(found) > 3
    return found


def test_the_arrow_of_every_period_has_the_verdict_of_what_moved(site, moved):
    known = season(site.space)
    assert {pair for pair, one in coached_verdicts(known).items() if one.verdict == "moved"} == moved
    filled = set()
    for now in PERIODS:
        for against in PERIODS:
            for pair, change in changes(known, team_heat_map(known, now), against).items():
                assert (change.verdict is not None and change.verdict.verdict == "moved") == (pair in moved)
                assert not change.clear or (pair in moved and change.way == "up")
                filled |= {pair} if change.clear else set()
    assert filled == moved


def test_no_page_speaks_of_luck_in_a_change(site, moved):
    browser = site.browser("manager")
    names = {one.id: one.name for one in season(site.space).rubric.criteria}
    for period in ("", "all", "cycle_1"):
        page = html.unescape(browser.get("/profiles", params={"period": period, "against": "baseline"}).text)
        titles = re.findall(r'<td class="cell[^"]*" title="([^"]*)"', page)
        assert titles
        assert not [one for one in titles if "luck" in one]
        said = [one for one in titles if "coached on it: moved, in cycle 1" in one]
        assert len(said) == len(moved), names


def test_nobody_proposes_what_has_moved(site, moved):
    """Over the baselines everybody misses `asks_cost`: without what has moved since, hardly anything is left to coach."""
    known = season(site.space)
    report = all_gaps(known, BASELINE)
    shown, names = {(gap.rep, gap.criterion) for gap in report.own}, known.criteria
    assert shown & moved
    first = {(gap.rep, gap.criterion) for rep in known.reps for gap in report.focus_of(rep)}
    assert first.isdisjoint(moved)
    assert (shown - moved) <= first
    for rep in known.reps:
        assert moved.isdisjoint({(rep, name) for name in rep_profile(known, rep, BASELINE).focus})
        proposed = {(rep, one.criterion.id) for one in proposal_of(site.space, rep).candidates if one.proposed}
        assert proposed.isdisjoint(moved)
        page = site.browser("manager").get(f"/profiles/{rep}", params={"period": "baseline"}).text
        assert ("coach first" in page) == any(pair[0] == rep for pair in first), rep
    told = site.program("manager").get("/api/v1/gaps", params={"period": "baseline"}).json()
    assert {(one["rep"], one["criterion"]) for one in told["own"] if one["first"]} == first
    assert set(told["focus"]) == {gap.criterion for gap in report.focus}
    proposed = {one.criterion.id for one in proposal_of(site.space, TEAM).candidates if one.proposed}
    assert proposed == {gap.criterion for gap in all_gaps(known).focus}
    assert report.model_copy(update={"moved": frozenset(names)}).focus == ()
    assert moved.isdisjoint({(one.rep, one.criterion) for one in week_of(site.who("manager")).coach})


def test_the_teams_gap_says_how_many_of_those_coached_have_moved(site, moved):
    reps = {rep for rep, name in moved if name == "asks_cost"}
    coached = [pair for pair in coached_verdicts(season(site.space)) if pair[1] == "asks_cost"]
    said = f"{len(reps)} of {len(coached)} reps moved"
    assert said in site.browser("viewer").get("/profiles", params={"period": "baseline"}).text
    out = StringIO()
    with redirect_stdout(out), pytest.raises(SystemExit):
        main(["--workspace", str(site.space.settings.workspace), "gaps", "--period", "baseline"])
    assert f"{len(reps)} of {len(coached)} moved" in " ".join(out.getvalue().split())
    (gap,) = [
        one
        for one in site.program("viewer").get("/api/v1/gaps", params={"period": "baseline"}).json()["team"]
        if one["criterion"] == "asks_cost"
    ]
    assert (gap["reps_moved"], gap["reps_coached"]) == (len(reps), len(coached))
