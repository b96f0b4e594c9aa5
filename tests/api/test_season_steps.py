"""What the season's pages say is to be done next, and by whom; what to coach first; who the coach of a brief is."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

import pytest

from agent.app.telling import unsaid
from agent.app.verb import Who
from agent.calls.store import Calls
from agent.coaching.store import Coaching
from agent.coaching.verbs import make_plan
from agent.core.people import Scope
from agent.profiles.gaps import coach_first
from agent.profiles.heat_map import all_gaps
from agent.profiles.model import CoachingPeriod
from agent.profiles.population import BASELINE
from agent.profiles.season import rated_season
from agent.profiles.store import CoachingPeriods
from agent.profiles.verbs import draw_baselines, with_baselines
from agent.profiles.views import GapsView
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from tests.api.conftest import made_site
from tests.api.season import RUBRIC, fill_season
from tests.builders import criterion, rubric

ROLES = ("ops_lead", "manager", "viewer")


@pytest.fixture(name="site")
def _site(tmp_path):
    """A season without coaching cycles and baselines."""
    with made_site(tmp_path) as site:
        fill_season(site, cycles=False)
        yield site
        if hasattr(site.app.state, "later"):
            site.app.state.later.wait(120)


def movement(site, role):
    """The page once its figures are worked out, as text of what it says is to be done and as a whole."""
    browser = site.browser(role)
    browser.get("/coaching/movement")
    site.app.state.later.wait(120)
    page = browser.get("/coaching/movement")
    assert page.status_code == 200
    assert not re.search(r"closeread [a-z]| --[a-z]", page.text)
    step = re.search(r'aria-label="(?:Next step|On this page)">(.*?)</section>', page.text, re.DOTALL)[1]
    return " ".join(re.sub(r"<[^>]+>", " ", step).split()), page.text


def test_without_a_baseline_who_may_draw_it_gets_the_button(site):
    for role in ROLES:
        step, page = movement(site, role)
        assert "9 reps have no baseline" in step
        assert ("Draw the missing baselines" in step) == (role != "viewer")
        assert ('action="/profiles/baselines"' in page) == (role != "viewer")
    assert step.endswith("Ops leads and managers can do this.")


def test_without_a_cycle_the_button_leads_to_a_rep_with_a_plan(site):
    draw_baselines(site.who("ops_lead"))
    step, page = movement(site, "manager")
    assert step.endswith("Make a plan")
    manager = site.program("manager")
    assert manager.post("/api/v1/plans", json={"who": "Rep 4", "criteria": ["asks_cost"]}).status_code == 201
    step, page = movement(site, "manager")
    assert "The plan of Rep 4 has no coaching cycle yet" in step
    assert 'href="/coaching/Rep%204#cycles">Enter a cycle for Rep 4' in page
    step, page = movement(site, "viewer")
    assert step.endswith("Ops leads and managers can do this.")


def test_cycles_on_another_rubric_are_said_to_be(site):
    draw_baselines(site.who("ops_lead"))
    day = date(2026, 3, 25)
    site.space.store[CoachingPeriods].add(
        [CoachingPeriod(rep="Rae", cycle="c", start=day, end=day, criteria=("other",))]
    )
    plan = {"who": "Rep 4", "criteria": ["asks_cost"]}
    assert site.program("manager").post("/api/v1/plans", json=plan).status_code == 201
    step, _ = movement(site, "manager")
    assert "criteria of another rubric" in step
    assert "Enter a cycle for" in step


def test_without_a_rating_the_page_says_what_is_missing(tmp_path):
    with made_site(tmp_path) as site:
        step, page = movement(site, "ops_lead")
        assert "Open a calibration round" in step
        assert 'href="/calibration/open?rubric=v1"' in page


def test_with_movement_the_page_leads_on(tmp_path):
    with made_site(tmp_path) as site:
        fill_season(site)
        draw_baselines(site.who("ops_lead"))
        step, page = movement(site, "manager")
        assert "To the outcomes" in step
        assert "Movement against the baseline" in page


# What to coach first.


@pytest.fixture(name="many")
def _many(tmp_path):
    """A site on which the whole team misses all five criteria of the rubric "many"."""
    many = rubric(*(criterion(f"c{n}", name=f"Criterion {n}") for n in range(5)), label="many")
    with made_site(tmp_path / "many") as site:
        fill_season(site)
        store = site.space.store
        store[Rubrics].add(many)
        held = store[Ratings].current([call.id for call in store[Calls].all()])
        asked = [rating for rating in held if rating.criterion == "asks_cost"]
        assert asked
        for one in many.criteria:
            made = [r.provenance.model_copy(update={"rubric": many.id}) for r in asked]
            store[Ratings].add(
                [r.model_copy(update={"criterion": one.id, "provenance": p}) for r, p in zip(asked, made, strict=True)]
            )
        yield site


def test_pages_api_and_command_line_coach_the_same_first(many):
    site = many
    counted = with_baselines(site.who("ops_lead"), rated_season(site.space, rubric="many"), unsaid)
    report = all_gaps(counted, BASELINE)
    first = coach_first(report)
    assert len(report.team) == 5
    assert len(first) == 2
    assert GapsView.of(report, counted.rubric, "", "", {}, {}, {}).focus == list(first)
    own = coach_first(report, "Sam")
    assert own == first  # all of Sam's gaps are the team's
    assert GapsView.of(report, counted.rubric, "", "Sam", {}, {}, {}).focus == list(own)
    api = site.program("viewer")
    assert api.get("/api/v1/gaps", params={"rubric": "many", "period": "baseline"}).json()["focus"] == list(first)
    assert api.get("/api/v1/gaps", params={"rubric": "many", "period": "baseline", "rep": "Sam"}).json()[
        "focus"
    ] == list(own)
    assert api.get("/api/v1/profiles", params={"rubric": "many", "period": "baseline"}).json()["team"]["focus"] == list(
        first
    )
    page = site.browser("viewer").get("/profiles", params={"rubric": "many", "period": "baseline"}).text
    assert page.count("coach first") == 2
    assert re.search(r"would show one in (less than )?\d+\.\d", page)
    mine = site.browser("viewer").get("/profiles/Sam", params={"rubric": "many", "period": "baseline"}).text
    assert mine.count("coach first") == 2


# Whose brief it is.


def coach_on(site, role, rep):
    """What the brief says of the coach, on the page and in the DOCX."""
    browser = site.browser(role)
    page = browser.get(f"/coaching/{rep}/brief").text
    docx = browser.get(f"/coaching/{rep}/brief", params={"format": "docx"}).content
    body = zipfile.ZipFile(io.BytesIO(docx)).read("word/document.xml").decode()
    found = re.search(r"Coach</dt>\s*<dd>(.*?)</dd>|Coach</th>\s*<td>(.*?)</td>", page)
    shown = next(filter(None, found.groups()))
    assert shown in re.sub(r"<[^>]+>", "", body)
    return shown


def test_the_brief_names_who_made_the_plan_and_nobody_who_opens_it(site):
    make_plan(Who(site.space, Scope(local=True), as_name="somebody"), "Rae", ["asks_cost"])
    assert {coach_on(site, role, "Rae") for role in (*ROLES, "rep")} == {"none is set"}
    assert (
        site.program("manager").post("/api/v1/plans", json={"who": "Rae", "criteria": ["asks_cost"]}).status_code == 201
    )
    assert {coach_on(site, role, "Rae") for role in (*ROLES, "rep")} == {"manager"}
    assert "by manager." in site.browser("viewer").get("/coaching/Rae").text
    plan = site.space.store[Coaching].plan_of("Rae")
    assert plan.rubric == RUBRIC.id
    assert plan.model_copy(update={"by": "ops_lead"}).id == plan.id
    site.space.store[Coaching].add_plan(plan.model_copy(update={"by": ""}))
    assert site.space.store[Coaching].plan_of("Rae").by == "manager"  # nobody's name does not take another's place
    site.space.store[Coaching].add_plan(plan.model_copy(update={"by": "ops_lead"}))
    assert coach_on(site, "manager", "Rae") == "ops_lead"
