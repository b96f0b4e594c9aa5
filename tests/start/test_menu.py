"""The menu: the method's steps, where the team stands, what waits for whom; and the search beside it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from agent.app.steps import next_steps
from agent.app.web.menu import menu_of
from agent.calls.store import Calls
from agent.disputes.steps import Waiting
from agent.start.next_step import ordered, way
from tests.api.conftest import OTHER_REP, REP
from tests.builders import call
from tests.start.test_next_step import DEPLOYED, DRAFT, DRAWN, EMPTY, FOUND, MINE, READ


@pytest.mark.parametrize(
    ("state", "done", "here"),
    [
        (EMPTY, set(), "ask"),
        (READ, {"ask"}, "find"),
        (FOUND, {"ask", "find"}, "define"),
        (DRAFT, {"ask", "find", "define"}, "calibrate"),
        (DEPLOYED, {"ask", "find", "define", "calibrate"}, "score"),
        (replace(DRAWN, coached=True), {"ask", "find", "define", "calibrate", "score", "coach", "prove"}, None),
        # A rubric from elsewhere: nobody is sent back to what it does not need.
        (replace(DRAFT, won=0, lost=0, extracted=False), {"define"}, "calibrate"),
    ],
)
def test_where_the_team_stands(state, done, here):
    found = way(state)
    assert (found.done, found.here) == (done, here)


def test_what_waits_is_what_the_next_steps_say_and_nothing_that_is_only_to_be_read():
    state = replace(DRAFT, role="manager", calibrating=lambda: MINE, disputes=Waiting(2))
    steps = ordered(state)
    waiting = way(state).waiting
    assert [step.page for step in waiting] == ["/calibration/1/rate", "/disputes"]
    assert set(waiting) < set(steps)


def test_the_menu_counts_what_waits_where_it_is_done(site):
    who = site.who("ops_lead")
    menu = menu_of(who, "/calls/review?x=1")
    waiting = [step.text for step in next_steps(who) if step.waits and "ops_lead" in step.roles]
    assert list(menu.start.waiting) == waiting
    of_parts = [text for part in menu.parts for text in part.waiting] + [t for line in menu.lines for t in line.waiting]
    assert sorted(of_parts) == sorted(waiting)
    score = menu.current
    assert score is not None
    assert [line.text for line in score.lines if line.current] == ["To look at"]


@pytest.mark.parametrize(
    ("address", "part", "page"),
    [
        ("/calls/call-1", "Score", "Calls"),
        ("/upload?kind=interview", "Ask", "Upload"),
        ("/coaching/movement", "Prove", "What moved"),
        ("/coaching/Rae", "Coach", "Plans"),
        ("/prompts", "Score", "Evals"),
        ("/rules", "Score", "Rules"),
        ("/jobs/new/extract", "Find", "Patterns"),
    ],
)
def test_each_page_belongs_to_a_step(address, part, page, site):
    menu = menu_of(site.who("ops_lead"), address)
    (found,) = [one for one in menu.parts if one.current]
    assert found.text == part
    assert [line.text for line in found.lines if line.current] == [page]


def test_every_entry_leads_somewhere_for_every_role(site):
    for role in ("ops_lead", "manager", "viewer", "rep"):
        browser = site.browser(role)
        menu = menu_of(site.who(role), "/")
        lines = [menu.start, *menu.lines, *(line for part in menu.parts for line in part.lines)]
        assert lines
        for line in lines:
            assert browser.get(line.path).status_code in (200, 303, 307), (role, line.path)


def test_a_rep_has_no_way_of_the_team(site):
    page = site.browser("rep").get("/").text
    assert "Calibrate" not in page
    assert menu_of(site.who("rep"), "/calls").parts == ()


def test_a_page_of_an_error_has_the_menu_without_counts(site):
    page = site.ops_browser.get("/calls/nowhere").text
    assert "Calibrate" in page
    assert "waits" not in page


def test_search_finds_what_one_may_see(site):
    extra = call("other-1", OTHER_REP).model_copy(update={"account": "Zebra & Söhne 100%", "customer": "Ute"})
    site.space.store[Calls].add(extra)
    found = site.program("manager").get("/api/v1/search", params={"q": "zebra 100%"}).json()
    assert [one["id"] for one in found["calls"]] == ["other-1"]
    assert site.program("manager").get("/api/v1/search", params={"q": "SÖHNE"}).json()["calls"]
    assert site.program("manager").get("/api/v1/search", params={"q": "sa"}).json()["reps"] == [OTHER_REP]
    own = site.program("rep").get("/api/v1/search", params={"q": "zebra"}).json()
    assert own == {"calls": [], "reps": [], "criteria": []}
    mine = site.program("rep").get("/api/v1/search", params={"q": REP}).json()
    assert {one["rep"] for one in mine["calls"]} == {REP}
    assert mine["reps"] == []


def test_names_of_fields_are_no_finds(site):
    assert site.program("manager").get("/api/v1/search", params={"q": "customer"}).json()["calls"] == []


def test_a_call_is_opened_by_its_id(site):
    answer = site.ops_browser.get("/search", params={"q": " call-1 "})
    assert answer.headers["location"] == "/calls/call-1"
    assert site.browser("rep").get("/search", params={"q": "call-3"}).status_code == 200


def test_the_page_says_what_can_be_found(site):
    page = site.ops_browser.get("/search", params={"q": "nothing-like-this"}).text
    assert "Nothing holds all of these words" in page
    assert re.search(r"<kbd>/</kbd>", page)


@pytest.mark.parametrize(
    ("role", "words", "pages"),
    [
        ("ops_lead", "budget", ["/admin/models"]),
        ("ops_lead", "coach plans", ["/coaching"]),
        ("manager", "budget", []),
        ("rep", "profile", ["/profiles"]),
    ],
)
def test_search_finds_pages_of_the_own_menu_by_their_names(site, role, words, pages):
    page = site.browser(role).get("/search", params={"q": words}).text.partition("<main")[2]
    assert re.findall(r'<li><a href="([^"]+)">', page.partition("<h2>Pages")[2].partition("</section>")[0]) == pages
