"""The start page: the next step in each state and for each role, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from agent.calibration.model import CalibrationRound
from agent.calibration.store import Rounds
from agent.calls.model import Deal
from agent.core.people import ROLES, Scope
from agent.outcomes.store import Deals
from agent.rubrics.model import RubricState
from agent.rubrics.store_states import RubricStates
from agent.start.next_step import RoundFacts, State, next_step, state_of
from agent.start.readiness import readiness_of
from tests.api.conftest import csrf
from tests.builders import rubric

EMPTY = State()
FEW = replace(EMPTY, won=3, lost=2)
READ = replace(EMPTY, won=9, lost=9, model_bound=True)
FOUND = replace(READ, extracted=True, distinguishing=6, leaning=2)
DRAFT = replace(FOUND, rubric="v1", standing="draft")
HEARD = replace(DRAFT, calls=40, people_who_rate=3)
OPEN = RoundFacts(1, "rating", ("ben", "cleo"), calls=5)
RATED = RoundFacts(1, "rated")
CALIBRATED = replace(HEARD, standing="calibrated", rounds=1, round=RoundFacts(1, "closed"))
DEPLOYED = replace(CALIBRATED, standing="deployed")
SCORED = replace(DEPLOYED, scored=True)
DRAWN = replace(SCORED, baselines=4)
EXTRACTING = {"job": "job-1", "job_kind": "extract", "job_state": "running"}

OPS_LEAD = {
    "nothing": (EMPTY, "/upload?kind=interview", "Upload your win-loss interviews"),
    "a few interviews": (FEW, "/upload?kind=interview", "3 won and 2 lost"),
    "interviews, no model": (replace(READ, model_bound=False), "/jobs/new/extract", "none is bound"),
    "interviews": (READ, "/jobs/new/extract", "9 won from your 9 lost"),
    "files not stored": (replace(EMPTY, staged="st-1", staged_files=3), "/upload/st-1", "3 files"),
    "extracting": (replace(READ, **EXTRACTING), "/jobs/job-1", "The patterns are being worked on"),
    "paused": (replace(READ, **EXTRACTING | {"job_state": "paused", "job_reason": "the limit"}), "/jobs/job-1", "paused: the limit"),
    "patterns": (FOUND, "/jobs/new/draft", "6 patterns"),
    "patterns, no model": (replace(FOUND, model_bound=False), "/jobs/new/draft", "by hand"),
    "only leaning": (replace(FOUND, distinguishing=0), "/patterns", "2 patterns only lean"),
    "no pattern": (replace(FOUND, distinguishing=0, leaning=0), "/patterns", "No pattern"),
    "draft": (DRAFT, "/upload?kind=call", "Upload calls"),
    "draft by hand": (replace(EMPTY, rubric="v1", standing="draft"), "/upload?kind=call", "Upload calls"),
    "draft and calls, alone": (replace(HEARD, people_who_rate=1), "/admin/people", "Two people"),
    "draft and calls": (HEARD, "/calibration", "Open a calibration round"),
    "a round before": (replace(HEARD, rounds=1, round=RoundFacts(1, "closed")), "/calibration", "another"),
    "round waits for others": (replace(HEARD, round=OPEN, rounds=1), "/calibration/1", "waits for ben, cleo"),
    "round waits for me": (replace(HEARD, round=replace(OPEN, mine=True)), "/calibration/1/rate", "Rate the 5 calls"),
    "round rated": (replace(HEARD, round=RATED), "/calibration/1", "see where they differ"),
    "calibrated": (CALIBRATED, "/rubric", "deploy it"),
    "deployed without calls": (replace(DEPLOYED, calls=0), "/upload?kind=call", "Upload calls"),
    "deployed": (DEPLOYED, "/jobs/new/score", "Score your 40 calls"),
    "scored": (SCORED, "/profiles", "baseline"),
    "disputes": (replace(DRAWN, open_disputes=1), "/disputes", "1 dispute waits"),
    "no deals": (DRAWN, "/upload?kind=deals", "Import your deals"),
    "few calls": (replace(DRAWN, deals=9, calls=5), "/upload?kind=call", "5 calls are few"),
    "all of it": (replace(DRAWN, deals=9), "/coaching", "who has moved"),
}  # fmt: skip
OTHERS = {
    "manager, a round": (replace(HEARD, role="manager", round=replace(OPEN, mine=True)), "/calibration/1/rate", "Nobody sees"),
    "manager, disputes": (replace(DRAWN, role="manager", open_disputes=2), "/disputes", "2 disputes wait"),
    "manager, rated": (replace(HEARD, role="manager", round=RATED), "/calibration/1", "where you differ"),
    "manager, coaching": (replace(DRAWN, role="manager"), "/coaching", "what to coach next"),
    "manager, others rate": (replace(HEARD, role="manager", round=OPEN), "/rubric", "Read the rubric"),
    "manager, nothing": (State(role="manager"), "/calls", "no rubric yet"),
    "viewer, nothing": (State(role="viewer"), "/calls", "nothing to read"),
    "viewer, patterns": (replace(FOUND, role="viewer"), "/patterns", "buyers say"),
    "viewer, baselines": (replace(DRAWN, role="viewer"), "/profiles", "each rep"),
    "rep, nothing": (State(role="rep", rep="Rae Kim"), "/profiles/Rae%20Kim", "None of your calls"),
    "rep, calls": (State(role="rep", rep="a/b", calls=1, scored=True), "/profiles/a%2Fb", "your 1 call"),
    "rep, nothing rated": (State(role="rep", rep="Rae", calls=2), "/calls", "none is rated yet"),
    "rep, a plan": (State(role="rep", rep="Rae", calls=2, has_plan=True), "/profiles/Rae", "coaching plan"),
    "rep without a name": (State(role="rep"), "/profiles", "None of your calls"),
}  # fmt: skip


@pytest.mark.parametrize("name", {**OPS_LEAD, **OTHERS})
def test_the_next_step_of_a_state(name):
    state, path, said = {**OPS_LEAD, **OTHERS}[name]
    step = next_step(state)
    assert step.path == path
    assert said in step.sentence
    assert step.button
    assert step.sentence.endswith(".")


@pytest.mark.parametrize("role", ROLES)
def test_the_page_shows_one_step_and_leads_where_it_says(site, role):
    browser = site.browser(role)
    page = browser.get("/").text
    assert page.count('<section class="next"') == 1
    step = site.program(role).get("/api/v1/next-step").json()
    assert f'href="{step["path"].replace("&", "&amp;")}"' in page
    assert ("What is missing" in page) == (role != "rep")


def test_a_rep_is_told_of_the_own_calls_alone(site):
    site.space.store[Deals].add([Deal(id="d", rep="Sam", opened=date(2026, 1, 1), outcome="open")])
    page = site.browser("rep").get("/").text
    assert "Your calls" in page
    assert '<a href="/calls">2</a>' in page
    assert "<dd>0</dd>" in page
    assert "Sam" not in page
    assert site.program("rep").get("/api/v1/readiness").status_code == 403


def test_facts_follow_what_is_stored(site):
    store = site.space.store
    before = state_of(site.space, "ops_lead", "ops_lead")
    assert (before.won, before.lost, before.calls, before.standing, before.round) == (1, 0, 3, "draft", None)
    ident, at = rubric().id, datetime(2026, 11, 1, tzinfo=UTC)
    store[RubricStates].set(RubricState(rubric=ident, state="deployed", at=at))
    found = CalibrationRound(number=1, rubric=ident, raters=("manager", "ben"), calls=("call-1",), opened_at=at)
    store[Rounds].open(found, {})
    own = state_of(site.space.seen_by(Scope(name="manager", role="manager")), "manager", "manager")
    assert own.standing == "deployed"
    assert own.round == RoundFacts(1, "rating", ("manager", "ben"), mine=True, calls=1)
    assert "/calibration/1/rate" in site.browser("manager").get("/").text
    others = state_of(site.space.seen_by(Scope(name="x", role="manager")), "manager", "x")
    assert others.round.mine is False


def test_files_that_are_not_stored_come_first_for_whoever_brought_them(site):
    browser = site.browser("ops_lead")
    files = [("files", ("a.txt", b"Rae: Hello?", "text/plain"))]
    sent = browser.post("/upload", data={"kind": "call", "csrf": csrf(browser, "/")}, files=files)
    place = sent.headers["location"]
    assert f'<a class="button" href="{place}">' in browser.get("/").text
    assert place not in site.browser("manager").get("/").text


def test_readiness_counts_what_is_there(site):
    found = readiness_of(site.space)
    assert [one.there for one in found][:2] == ["1 interviews", "1 won, 0 lost"]
    assert found[2].there == "3 of 3 calls within three months of the interviews"
    answer = site.program("viewer").get("/api/v1/readiness").json()
    assert answer["ready"] is False
    assert [one["what"] for one in answer["findings"]] == [one.what for one in found]


def test_no_command_of_a_terminal_stands_on_the_page(site):
    assert "closeread calls" not in site.browser("ops_lead").get("/").text
    assert "closeread deals" not in site.browser("ops_lead").get("/").text
