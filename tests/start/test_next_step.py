"""What to do next: in each state and for each role, and that no two places say different things."""

from __future__ import annotations

import asyncio
import html
import re
import shlex
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
import typer

from agent.app.queue.store import Jobs
from agent.app.steps import OPS, RATERS, Area, Step, next_step, next_steps
from agent.calibration import verbs as calibration
from agent.calibration.store import Rounds
from agent.calls.model import Deal
from agent.calls.store import Calls
from agent.coaching.model import CoachingPlan
from agent.coaching.store import Coaching
from agent.core.people import ROLES
from agent.disputes.model import Dispute
from agent.disputes.steps import Waiting
from agent.disputes.store import Disputes
from agent.interviews.store import Interviews
from agent.main import app
from agent.outcomes.store import Deals
from agent.profiles.model import CoachingPeriod
from agent.profiles.season import season_of
from agent.profiles.store import CoachingPeriods
from agent.profiles.verbs import draw_baselines
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.overriding import Given
from agent.ratings.store import Ratings
from agent.ratings.store_reviews import ReviewCounts, Reviews
from agent.rubrics.drafts_model import WorkingCopy
from agent.rubrics.model import RubricState
from agent.rubrics.store import Rubrics, RubricStates
from agent.rubrics.verbs import save_draft
from agent.start.next_step import State, ordered
from agent.start.readiness import readiness_of
from agent.webhooks.store import Webhooks
from tests.api.conftest import OTHER_REP, REP, csrf, made_site
from tests.api.season import RUBRIC, fill_season
from tests.builders import ROOT, call, criterion, interview, owner, rubric, transcript
from tests.cli.conftest import Shell
from tests.patterns.made import extracted

# The rule alone: a state in, the first step out.

EMPTY = State()
FEW = replace(EMPTY, won=3, lost=2)
READ = replace(EMPTY, won=9, lost=9, model_bound=True, rater_bound=True)
FOUND = replace(READ, extracted=True, distinguishing=6, leaning=2)
OPEN = Step("Open a round.", "/calibration/open", "Open a round", "calibrate open", OPS)
DRAFT = replace(FOUND, rubric="v1", rubric_state="draft", calls=40, calibrating=lambda: OPEN)
MINE = Step("Rate the 5 calls.", "/calibration/1/rate", "Start rating", "calibrate rate 1 --as x", RATERS, urgent=True)
SETTLE = Step("Sit down together.", "/calibration/3#criterion-x", "Settle", "calibrate adjudicate 3", RATERS)
DISPUTED = Step("Reps were right too often about X.", "/calibration", "Calibrate", roles=RATERS)
WAIT = Step("Round 1 waits for ben.", "/calibration/1", "Open the round", "calibrate status 1", ())
DEPLOYED = replace(FOUND, rubric="v1", rubric_state="deployed", calls=40)
DRAW = Step("4 reps have no baseline.", "/profiles", "Draw", "baseline make", RATERS, draw="all")
SCORED = replace(DEPLOYED, scored=True, without_baseline=4, coaching=lambda: DRAW)
PLAN = Step("Make the team's plan.", "/coaching/team/plan", "Make it", "coach plan --team", RATERS)
DRAWN = replace(SCORED, without_baseline=0, baselines=4, deals=9, coaching=lambda: PLAN)
EXTRACTING = {"job": "job-1", "job_kind": "extract", "job_state": "running"}

OPS_LEAD = {
    "nothing": (EMPTY, "/begin", "Set up: a model or none"),
    "nothing but a model": (replace(EMPTY, model_bound=True), "/upload?kind=interview", "Upload your win-loss interviews"),
    "interviews without sides": (replace(FEW, open_interviews=5), "/sides/interviews", "5 interviews are left out until"),
    "calls without sides": (replace(DEPLOYED, unrated=40, open_calls=1), "/sides/calls", "1 call is left out until"),
    "a few interviews": (FEW, "/upload?kind=interview", "3 won and 2 lost"),
    "interviews, no model": (replace(READ, model_bound=False), "/admin/models", "none is set up"),
    "interviews": (READ, "/jobs/new/extract", "9 won from your 9 lost"),
    "files not stored": (replace(EMPTY, staged="st-1", staged_files=3), "/upload/st-1", "3 files"),
    "extracting": (replace(READ, **EXTRACTING), "/jobs/job-1", "The patterns are being worked on"),
    "paused": (replace(READ, **EXTRACTING | {"job_state": "paused", "job_reason": "the limit"}), "/jobs/job-1", "paused: the limit"),
    "failed": (replace(READ, **EXTRACTING | {"job_state": "failed", "job_reason": "no key"}), "/jobs/job-1", "failed: no key"),
    "patterns": (FOUND, "/jobs/new/draft", "6 patterns"),
    "patterns, no model": (replace(FOUND, model_bound=False), "/rubric/new/edit", "by hand"),
    "only leaning": (replace(FOUND, distinguishing=0), "/patterns", "2 patterns only lean"),
    "no pattern": (replace(FOUND, distinguishing=0, leaning=0), "/patterns", "No pattern"),
    "draft": (DRAFT, "/calibration/open", "Open a round"),
    "draft being edited": (replace(DRAFT, editing="ru-1"), "/rubric/ru-1/edit", "being edited"),
    "my ratings": (replace(DRAFT, calibrating=lambda: MINE), "/calibration/1/rate", "Rate the 5 calls"),
    "my ratings, and a job": (replace(DRAFT, calibrating=lambda: MINE, **EXTRACTING), "/calibration/1/rate", "Rate"),
    "others rate": (replace(DRAFT, calibrating=lambda: WAIT, scored=True), "/upload?kind=deals", "Import your deals"),
    "deployed without calls": (replace(DEPLOYED, calls=0), "/upload?kind=call", "Upload calls"),
    "deployed": (replace(DEPLOYED, unrated=40), "/jobs/new/score", "Score 40 calls"),
    "deployed, no model": (replace(DEPLOYED, unrated=40, rater_bound=False), "/admin/models", "40 calls have no ratings against v1: scoring them takes a model"),
    "deployed, being edited": (replace(DEPLOYED, unrated=1, editing="ru-1"), "/jobs/new/score", "Score 1 call that has"),
    "scored": (SCORED, "/profiles", "no baseline"),
    "disputes": (replace(DRAWN, disputes=Waiting(1)), "/disputes", "1 dispute waits"),
    "own disputes": (replace(DRAWN, disputes=Waiting(3, 1, "di-9", 6)), "/disputes/di-9", "1 of them is yours; the oldest has waited 6 days"),
    "deployed, my ratings": (replace(DRAWN, calibrating=lambda: MINE), "/calibration/1/rate", "Rate the 5"),
    "deployed, differences": (replace(DRAWN, calibrating=lambda: SETTLE), "/coaching/team/plan", "team's plan"),
    "deployed, differences alone": (replace(DEPLOYED, calibrating=lambda: SETTLE), "/calibration/3#criterion-x", "Sit"),
    "often disputed": (replace(DEPLOYED, disputed=lambda: DISPUTED), "/calibration", "right too often"),
    "no deals": (replace(DRAWN, deals=0), "/upload?kind=deals", "Import your deals"),
    "few calls": (replace(DRAWN, calls=5), "/upload?kind=call", "5 calls are few"),
    "all of it": (DRAWN, "/coaching/team/plan", "team's plan"),
}  # fmt: skip
OTHERS = {
    "manager, ratings": (replace(DRAFT, role="manager", calibrating=lambda: MINE), "/calibration/1/rate", "Rate the 5"),
    "manager, disputes": (replace(DRAWN, role="manager", disputes=Waiting(2)), "/disputes", "2 disputes wait"),
    "manager, baselines": (replace(SCORED, role="manager"), "/profiles", "no baseline"),
    "manager, coaching": (replace(DRAWN, role="manager"), "/coaching/team/plan", "team's plan"),
    "manager, draft": (replace(DRAFT, role="manager"), "/patterns", "buyers say"),
    "manager, nothing": (State(role="manager"), "/calls", "nothing to read"),
    "viewer, nothing": (State(role="viewer"), "/calls", "nothing to read"),
    "viewer, patterns": (replace(FOUND, role="viewer"), "/patterns", "buyers say"),
    "viewer, no patterns": (replace(DRAWN, role="viewer", extracted=False), "/profiles", "each rep"),
    "rep, nothing": (State(role="rep", rep="Rae Kim"), "/profiles", "None of your calls"),
    "rep, calls": (State(role="rep", rep="a/b", calls=1, scored=True), "/profiles", "your 1 call"),
    "rep, nothing rated": (State(role="rep", rep="Rae", calls=2), "/calls", "none is rated yet"),
    "rep, a plan": (State(role="rep", rep="Rae", calls=2, has_plan=True), "/coaching", "coaching plan"),
    "rep without a name": (State(role="rep"), "/profiles", "None of your calls"),
}  # fmt: skip


@pytest.mark.parametrize("name", {**OPS_LEAD, **OTHERS})
def test_the_first_step_of_a_state(name):
    state, page, said = {**OPS_LEAD, **OTHERS}[name]
    step = ordered(state)[0]
    assert step.page == page
    assert said in step.text
    assert step.button
    assert step.text.endswith(".")


def test_of_an_area_others_are_waited_for():
    """A manager is told on the list of rounds that an ops lead opens the next, and gets no button for it."""
    (step,) = ordered(replace(DRAFT, role="manager"), "rubric")
    assert step.text == "Open a round. Ops leads can do this."
    assert (step.page, step.button, step.command) == ("", "", "")
    assert ordered(replace(DRAFT, role="manager"), "calls")[0].text == ordered(replace(DRAFT, role="manager"))[0].text


# Whole workspaces: every place says the same, and what it advises works.


def _interviews(site, won, lost):
    for outcome, count in (("won", won), ("lost", lost)):
        for number in range(count):
            site.space.store[Interviews].add(interview(f"{outcome}-{number}", outcome))


def _without_sides(site):
    """Three interviews whose speakers have no names: none can be read before somebody says who is who."""
    said = transcript(("Speaker 1", "Why did you choose us?"), ("Speaker 2", "They asked what it costs us."))
    for number in range(3):
        one = interview(f"open-{number}").model_copy(update={"transcript": said})
        site.space.store[Interviews].add(one)


def _bound(site):
    site.space.settings.workspace.joinpath("config").mkdir(exist_ok=True)
    site.space.settings.workspace.joinpath("config", "models.yaml").write_text(
        "roles:\n"
        + "".join(
            f"  {role}: {{model: openai/gpt-4.1-mini}}\n" for role in ("analyst_a", "analyst_b", "drafter", "rater")
        )
    )


def _job(site, state):
    jobs = site.space.store[Jobs]
    ident = jobs.create("extract", {}, "ops_lead").id
    if state == "failed":
        jobs.fail(ident, "the key is wrong")
    if state == "paused":
        jobs.pause(ident, "the limit is reached")


def _round(site, *, submitted=(), same=True, closed=False, calls=2):
    """A round of manager and ops lead on the rubric v1; who has submitted rated every call."""
    for number in range(calls):
        site.space.store[Calls].add(call(f"new-{number}", "Sam"))
    ids = [f"new-{number}" for number in range(calls)]
    answer = site.program("ops_lead").post(
        "/api/v1/rounds", json={"rubric": "v1", "raters": ["manager", "ops_lead"], "calls": ids}
    )
    assert answer.status_code == 201, answer.text
    for role in submitted:
        program = site.program(role)
        for at, ident in enumerate(ids):
            value = str(at % 2) if same or role == "manager" else str(1 - at % 2)
            sent = {"call": ident, "criterion": "asks_cost", "value": value, "reason": "heard", "quotes": []}
            if value == "1":
                sent["quotes"] = [{"turn": 0, "words": "late close"}]
            assert program.post("/api/v1/rounds/1/drafts", json=sent).status_code == 200
        assert program.post("/api/v1/rounds/1/submit").status_code == 200
    if closed:
        calibration.close_round(site.who("ops_lead"), "1", "done")


def _settled(site):
    _round(site, submitted=("manager", "ops_lead"), same=False)
    for ident in ("new-0", "new-1"):
        calibration.settle_difference(site.who("manager"), "1", ident, "asks_cost", Given("0", "agreed"))


def _deployed(site, label="v1"):
    ident = site.space.store[Rubrics].get(label).id
    site.space.store[RubricStates].set(RubricState(rubric=ident, state="deployed", at=datetime.now(UTC)))


def _season(site, *, drawn=True):
    fill_season(site, cycles=False)
    _deployed(site, "season")
    if drawn:
        draw_baselines(site.who("ops_lead"), "season")


def _planned(site, *whos):
    at = datetime.now(UTC)
    for who in whos:
        site.space.store[Coaching].add_plan(CoachingPlan(who=who, rubric=RUBRIC.id, criteria=(), at=at))


def _cycle(site, first, last, criteria=("asks_cost",)):
    today = datetime.now(UTC).date()
    start, end = today + timedelta(days=first), today + timedelta(days=last)
    site.space.store[CoachingPeriods].add(
        [CoachingPeriod(rep=REP, cycle="cycle_1", start=start, end=end, criteria=criteria)]
    )


def _disputed(site):
    _season(site)
    rating = site.space.store[Ratings].current(["s-0-00"])[0]
    made = Dispute(
        id="di-1", rating=rating.id, call="s-0-00", criterion=rating.criterion, rep=REP, by=REP, comment="no",
        at=datetime.now(UTC),
    )  # fmt: skip
    site.space.store[Disputes].open(made)


def _two_readings(site, rubric, ident):
    """A call that the model has read twice, with different ratings of the rubric's first criterion."""
    made = Provenance(rubric=rubric.id, prompt="p", model="m", request="r")
    site.space.store[Ratings].add(
        [
            Rating(
                call=ident,
                criterion=rubric.criteria[0].id,
                rater="model:m",
                judgement=Rated(value=draw),
                provenance=made.model_copy(update={"draw": draw, "request": f"r{draw}"}),
                at=datetime(2026, 11, 1, tzinfo=UTC),
            )
            for draw in (0, 1)
        ]
    )
    site.space.store[Reviews].refresh()


def _edited(site):
    working = WorkingCopy.of(site.space.store[Rubrics].get("v1"))
    save_draft(site.who("ops_lead"), "v1", 0, working)


WORKSPACES = {
    "empty": (False, lambda site: None),
    "few interviews": (False, lambda site: _interviews(site, 2, 1)),
    "interviews, no model": (False, lambda site: _interviews(site, 6, 6)),
    "interviews": (False, lambda site: (_interviews(site, 6, 6), _bound(site))),
    "patterns": (False, lambda site: extracted(site.space)),
    "patterns and a model": (False, lambda site: (extracted(site.space), _bound(site))),
    "a draft without calls": (False, lambda site: site.space.store[Rubrics].add(rubric())),
    "a draft with calls": (True, lambda site: None),
    "a draft being edited": (True, _edited),
    "a round, nobody has submitted": (True, _round),
    "a round, one has submitted": (True, lambda site: _round(site, submitted=("manager",))),
    "a round, all have and differ": (True, lambda site: _round(site, submitted=("manager", "ops_lead"), same=False)),
    "a round, all have and agree": (True, lambda site: _round(site, submitted=("manager", "ops_lead"))),
    "a round, settled": (True, _settled),
    "a round, closed": (True, lambda site: _round(site, submitted=("manager", "ops_lead"), closed=True)),
    "a round, passed": (True, lambda site: _round(site, submitted=("manager", "ops_lead"), calls=30)),
    "passed and closed": (True, lambda site: _round(site, submitted=("manager", "ops_lead"), calls=30, closed=True)),
    "deployed": (True, _deployed),
    "deployed and a model": (True, lambda site: (_deployed(site), _bound(site))),
    "interviews without sides": (False, _without_sides),
    "baselines are missing": (True, lambda site: _season(site, drawn=False)),
    "gaps and no plan": (True, _season),
    "a plan": (True, lambda site: (_season(site), _planned(site, "team"))),
    "a cycle under way": (True, lambda site: (_season(site), _planned(site, REP), _cycle(site, -3, 9))),
    "a cycle is over": (True, lambda site: (_season(site), _cycle(site, -30, -3))),
    "a cycle on another rubric": (True, lambda site: (_season(site), _planned(site, REP), _cycle(site, -30, -3, ("x",)))),
    "a dispute": (True, _disputed),
    "ratings to look at": (True, lambda site: (_season(site), _two_readings(site, RUBRIC, "s-0-00"))),
    "a job runs": (False, lambda site: (_interviews(site, 6, 6), _job(site, "running"))),
    "a job is paused": (False, lambda site: (_interviews(site, 6, 6), _job(site, "paused"))),
    "a job has failed": (False, lambda site: (_interviews(site, 6, 6), _job(site, "failed"))),
}  # fmt: skip
AREAS: dict[str, Area] = {
    "/": "",
    "/patterns": "patterns",
    "/interviews": "patterns",
    "/rubric": "rubric",
    "/calibration": "rubric",
    "/calibration/open": "rubric",
    "/calls": "calls",
    "/profiles": "coaching",
    "/coaching": "coaching",
    "/coaching/movement": "coaching",
    "/disputes": "disputes",
    "/evals": "evals",
    "/admin/webhooks": "webhooks",
    "/outcomes": "outcomes",
    "/outcomes/weights": "outcomes",
    "/jobs": "",
    "/jobs/new/extract": "",
    "/jobs/new/score": "",
    "/upload": "",
    "/admin/models": "",
}
"""The area of each page: its next step is the first of that area."""
BEFORE_RUBRICS: dict[str, Area] = {
    "/rubric": "patterns",
    "/coaching/movement": "calls",
    "/outcomes/weights": "calls",
}
"""The areas of pages that are empty before there is a rubric."""


def pages_of(site):
    """Pages with their areas: the lists, and the pages of single things that this state has."""
    store = site.space.store
    rubrics = store[Rubrics].all()
    pages = dict(AREAS) if rubrics else AREAS | BEFORE_RUBRICS
    pages |= {f"/jobs/{job.id}": "jobs" for job in store[Jobs].list()}
    pages |= {f"/disputes/{row.dispute.id}": "disputes" for row in store[Disputes].page().rows}
    pages |= {f"/rubric/{one.rubric.id}": "rubric" for one in rubrics}
    for found in store[Rounds].all():
        here = f"/calibration/{found.number}"
        pages |= dict.fromkeys((here, f"{here}/log", f"{here}/rate", f"{here}/submit", f"{here}/sharpen"), "rubric")
    if not store[Webhooks].all():
        store[Webhooks].create("https://hooks.example.com/x", (), "ops_lead")
    pages |= {f"/admin/webhooks/{one.id}": "webhooks" for one in store[Webhooks].all()}
    season = season_of(site.who("ops_lead")) if rubrics else None
    if not season or not season.reps:
        pages["/profiles"] = "calls"  # empty before calls are scored
    for rep in (REP, OTHER_REP):
        scores: Area = "coaching" if season and rep in season.reps else "calls"
        pages |= {f"/profiles/{rep}": scores, f"/coaching/{rep}/plan": scores, f"/coaching/{rep}": "coaching"}
    return pages | {"/coaching/team": "coaching"}


@contextmanager
def workspace(folder, name):
    """A site in one of the states of WORKSPACES."""
    filled, make = WORKSPACES[name]
    with made_site(folder, filled) as site:
        make(site)
        yield site


@pytest.fixture(name="made", scope="module")
def _made(tmp_path_factory):
    """Sites are made once for each state and asked by all roles."""
    with ExitStack() as sites:
        yield cache(lambda name: sites.enter_context(workspace(tmp_path_factory.mktemp("state"), name)))


def boxes(page, label="Next step"):
    """Text and link of each box with that label on a page."""
    shown = re.findall(rf'<section class="next"[^>]*aria-label="{label}">(.*?)</section>', page, re.DOTALL)
    texts = [re.search(rf"<strong>{label}.</strong> (.*?)</p>", one, re.DOTALL)[1] for one in shown]
    links = [re.search(r'<a class="button" href="([^"]+)"', one) for one in shown]
    return [
        (html.unescape(text), html.unescape(link[1]) if link else "") for text, link in zip(texts, links, strict=True)
    ]


# Each state as an ops lead, who is told the most, and as one of the others in turn.
STATES = [
    *(pytest.param(name, "ops_lead", marks=pytest.mark.slow if at % 5 else ()) for at, name in enumerate(WORKSPACES)),
    *(pytest.param(name, ROLES[1 + at % 3], marks=pytest.mark.slow) for at, name in enumerate(WORKSPACES)),
]


@pytest.mark.parametrize(("name", "role"), STATES)
def test_no_two_places_disagree_and_what_they_advise_works(made, name, role):
    """A page says "Next step" only of what comes first in the list of its area, and in the list's words. What holds for
    the one thing that it shows is headed otherwise."""
    site = made(name)
    pages, who, browser = pages_of(site), site.who(role), site.browser(role)
    told = site.program(role).get("/api/v1/next").json()
    assert told["text"] == next_step(who).text
    for path, area in pages.items():
        page = browser.get(path)
        if page.status_code != 200:
            assert page.status_code in (303, 403, 404, 409), (path, page.text)
            assert page.status_code != 403 or path not in AREAS or role != "ops_lead"
            continue
        step = next_step(who, area)
        pressed = step.button and not step.draw and not step.post and step.page != path
        found = boxes(page.text)
        assert found in ([], [(step.text, step.page if pressed else "")]), (path, area)
        if not found and path in AREAS:
            assert (path, role) in NONE_THERE or boxes(page.text, "On this page"), path
    for step in (told, *told["others"]):
        if step["page"]:
            assert browser.get(step["page"].partition("#")[0]).status_code in (200, 303), step
        if step["command"]:
            parsed(step["command"])


NONE_THERE = (("/rubric", "rep"),)
"""A rep reads the rubric, and is told nothing about it."""


def parsed(command):
    """The command as typed; it is one, and its options are."""
    words = shlex.split(command)
    group = typer.main.get_group(app)
    context = group.make_context("closeread", words, resilient_parsing=True)
    while hasattr(group, "get_command"):
        name = words.pop(0)
        group = group.get_command(context, name)
        assert group is not None, command
    context = group.make_context(group.name, list(words))
    assert context.params is not None


@pytest.mark.parametrize(
    ("name", "said", "also"),
    [
        ("few interviews", "2 won and 1 lost", "Finding patterns takes a model"),
        ("a round, all have and differ", "2 differences are not settled", ""),
        ("passed and closed", "deploy it", ""),
        ("a round, passed", "Close round 1, then deploy", ""),
        ("deployed", "3 calls have no ratings against v1: scoring them takes a model", ""),
        ("deployed and a model", "Score 3 calls", ""),
        ("empty", "Set up: a model or none", "Upload your win-loss"),
        (
            "interviews without sides",
            "3 interviews are left out until it is said who in them is the buyer",
            "3 won and 0 lost",
        ),
        ("a plan", "Import", "has no coaching cycle yet"),
        ("a cycle under way", "Import", "runs until"),
        ("a cycle is over", "Import", "is over: see who has moved"),
        ("a cycle on another rubric", "Import", "criteria of another rubric"),
        ("a dispute", "1 dispute waits", ""),
        ("ratings to look at", "1 rating should be looked at by a person", ""),
    ],
)
def test_what_an_ops_lead_is_told_first_and_further_down(made, name, said, also):
    site = made(name)
    texts = [step.text for step in next_steps(site.who("ops_lead"))]
    assert said in texts[0] or (said == "Import" and also)
    assert any(also in text for text in texts)


def test_a_rep_is_told_of_the_own_calls_alone(site):
    site.space.store[Deals].add([Deal(id="d", rep="Sam", opened=date(2026, 1, 1), outcome="open")])
    page = site.browser("rep").get("/").text
    assert "Your calls" in page
    assert '<a href="/calls">2</a>' in page
    assert "<dd>0</dd>" in page
    assert "Sam" not in page
    assert site.program("rep").get("/api/v1/readiness").status_code == 403


def test_files_that_are_not_stored_come_first_for_whoever_brought_them(site):
    browser = site.browser("ops_lead")
    files = [("files", ("a.txt", b"Rae: Hello?", "text/plain"))]
    sent = browser.post("/upload", data={"kind": "call", "csrf": csrf(browser, "/")}, files=files)
    place = sent.headers["location"]
    assert f'<a class="button" href="{place}">' in browser.get("/").text
    assert place not in site.browser("manager").get("/").text


def test_readiness_counts_what_is_there(site):
    found = readiness_of(site.space)
    assert [one.there for one in found][:2] == ["1 interview", "1 won, 0 lost"]
    assert found[2].there == "3 of 3 calls within three months of the interviews"
    answer = site.program("viewer").get("/api/v1/readiness").json()
    assert answer["ready"] is False
    assert [one["what"] for one in answer["findings"]] == [one.what for one in found]


def test_the_command_says_it_for_a_role_a_rater_and_a_rep(site, capsys):
    asyncio.run(calibration.open_round(owner(site.space), "v1", ["Ana", "Ben"], ["call-1", "call-2"]))
    shell = Shell(site.space.settings.workspace, capsys)
    assert "waits for Ana, Ben" in shell("next").out
    assert shell.out.splitlines()[1] == "  closeread calibrate status 1"
    assert shell("next", "--as", "Ana", "--json").json["button"] == "Start rating"
    assert "calibrate rate 1 --as Ana" in shell("next", "--as", "Ana").out
    assert "Upload" not in shell("next", "--as", "viewer", "--all").out
    assert "Your 1 call is" in shell("next", "--as", "Sam").out
    assert shell("next", "--as", "nobody").code == 3
    assert "is no role" in shell.err


def test_no_template_has_a_next_step_of_its_own():
    """Every "Next step" comes out of this list, by the one template that shows it."""
    templates = [path for path in (ROOT / "agent").rglob("*.html") if "Next step" in path.read_text()]
    assert [path.name for path in templates] == ["next_step.html"]


def test_ratings_to_look_at_are_a_step_for_those_who_rate():
    waiting = State(rubric_state="deployed", scored=True, calls=40, to_review=lambda: ReviewCounts(2, 1, 0, 0))
    said = "3 ratings should be looked at by a person: 2 with two readings that differ, 1 failed."
    for role in ROLES:
        told = [step.text for step in ordered(replace(waiting, role=role))]
        assert (said in told) == (role in ("ops_lead", "manager")), role
    assert said not in [step.text for step in ordered(replace(waiting, scored=False))]


def test_ratings_against_another_rubric_are_not_counted_among_those_to_look_at(tmp_path):
    with made_site(tmp_path) as site:
        store, used, draft = site.space.store, rubric(label="used"), rubric(criterion("other"), label="draft")
        store[Rubrics].add(used)
        store[Rubrics].add(draft)
        _two_readings(site, draft, "call-1")
        counts = {one.label: store[Reviews].counts(rubric=one.id).differ for one in (used, draft)}
        assert counts == {"used": 0, "draft": 1}
        assert store[Reviews].counts().differ == 1
