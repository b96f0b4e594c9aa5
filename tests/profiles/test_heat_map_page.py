"""The team's page: how reps do now beside what was, sorted, and as a file; verdicts explain themselves."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from agent.calls.store import CallFilters, Calls
from agent.core.direction import Direction
from agent.core.statistic import Estimate
from agent.profiles.coached import LastVerdict, coached_verdicts
from agent.profiles.comparison import Change, changes
from agent.profiles.heat_map import team_heat_map
from agent.profiles.population import ALL, BASELINE, Population, periods_of
from agent.profiles.season import season
from tests.api.conftest import made_site
from tests.api.season import fill_season


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("heat")) as site:
        fill_season(site)
        yield site


def reps_of(page):
    return re.findall(r'<th scope="row"><a href="/profiles/([^?"]+)', page)


def test_the_last_days_stand_first_and_the_newest_cycle_next():
    assert [name for name, _ in periods_of(("c1", "c2"))] == ["30d", "c2", "c1", "baseline", "all"]


def test_the_page_begins_with_how_reps_do_now(site):
    found = season(site.space)
    page = site.browser("viewer").get("/profiles").text
    assert f"Over: {found.title(found.current)}." in page


def test_sorting_keeps_everybody_and_goes_on_over_pages(site):
    browser = site.browser("viewer")
    found = team_heat_map(season(site.space), ALL)
    criterion = found.criteria[0].id
    value = {rep: found.of(rep)[0].score.value for rep in found.reps}
    seen, address = [], f"/profiles?period=all&sort={criterion}&down=true&limit=4"
    while address:
        page = browser.get(address).text
        seen += reps_of(page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = f"/profiles{following[1].replace('&amp;', '&')}" if following else ""
    names = [rep.replace("%20", " ") for rep in seen]
    assert sorted(names) == sorted(found.reps)
    assert [value[rep] for rep in names] == sorted(value.values(), reverse=True)


def test_a_change_takes_the_verdict_on_the_reps_coaching_and_says_no_other(site):
    known = season(site.space)
    now = team_heat_map(known, ALL)
    made = changes(known, now, BASELINE)
    before = {(row.rep, row.criterion): row.score for row in team_heat_map(known, BASELINE).rows()}
    after = {(row.rep, row.criterion): row.score for row in now.rows()}
    called = coached_verdicts(known)
    assert made.keys() == {
        key for key in after if isinstance(after[key], Estimate) and isinstance(before[key], Estimate)
    }
    for key, change in made.items():
        assert (change.before, change.verdict) == (before[key], called.get(key))
        assert not change.clear or called[key].verdict == "moved"


def test_a_change_is_said_with_both_figures(site):
    criterion = season(site.space).rubric.criteria[0]
    change = Change(Estimate(value=0.25, n=12, low=0.05, high=0.57), "up", None, False)
    assert change.sentence(criterion, "baseline") == "up from 3 of 12 calls in baseline"
    coached = replace(change, verdict=LastVerdict("moved", "cycle_2"), clear=True)
    assert (
        coached.sentence(criterion, "baseline") == "up from 3 of 12 calls in baseline; coached on it: moved, in cycle 2"
    )
    assert Direction.of(criterion).level(change.before) in change.sentence(criterion, "baseline")


def test_the_map_as_a_file_has_the_figures_of_the_page(site):
    browser = site.browser("viewer")
    text = browser.get("/profiles?period=all&file=csv").text
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    found = team_heat_map(season(site.space), Population.named("all"))
    assert {(row["rep"], row["criterion"]): int(row["score.n"]) for row in rows} == {
        (row.rep, row.criterion): row.score.n for row in found.rows()
    }
    sent = browser.get("/profiles?period=all&file=xlsx")
    assert sent.headers["content-disposition"] == 'attachment; filename="profiles.xlsx"'
    sheets = load_workbook(io.BytesIO(sent.content))
    assert sheets.worksheets[0].max_row == len(rows) + 1


def test_calls_as_a_file_are_those_of_the_filters(site):
    browser = site.browser("viewer")
    text = browser.get("/calls", params={"rep": "Sam", "file": "csv"}).text
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert {row["rep"] for row in rows} == {"Sam"}
    assert len(rows) == len(site.space.store[Calls].page(CallFilters(rep="Sam"), limit=10**6))
    own = browser_rows(site.browser("rep"))
    assert {row["rep"] for row in own} == {"Rae"}


def browser_rows(browser):
    return list(csv.DictReader(io.StringIO(browser.get("/calls?file=csv").text.lstrip("\ufeff"))))


def test_verdicts_explain_themselves_and_the_page_about_them_is_there(site):
    page = site.browser("viewer").get("/profiles/Sam").text
    assert re.search(r'data-why="[^"]* calls[^"]*"', page)
    told = site.browser("rep").get("/help").text
    assert "<h1>What the verdicts mean, for managers</h1>" in told
    assert "<table>" in told
