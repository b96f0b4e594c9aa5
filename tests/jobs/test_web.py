"""Jobs through the pages and the API: starting, following, stopping; what is said where none can be started."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace

import pytest

from agent.app.queue.job_work import JobWork
from agent.app.queue.model import Progress
from agent.app.queue.store import Jobs
from agent.app.web.live import changes
from agent.core.errors import Conflict, InputError, ReplyTruncated
from agent.core.people import Scope
from agent.db.audit import AuditLog
from agent.interviews.store import Interviews
from agent.jobs.plans import can_begin, patterns_to_draft, plan
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from agent.scoring.rating import Made, failed_with
from agent.scoring.running import Scoring
from agent.workspace import Workspace
from tests.api.conftest import csrf
from tests.builders import interview


@pytest.fixture(name="bound")
def _bound(site):
    """The site with a model for every role."""
    settings = replace(site.space.settings, environment={"CLOSEREAD_MODEL": "openai/gpt-4.1-mini"})
    space = site.app.state.context.space
    object.__setattr__(site.app.state.context, "space", Workspace(settings))
    site.app.state.context.space.store = space.store
    return site


def events(answer):
    """Names and data of server-sent events."""
    found = []
    for block in answer.text.replace("\r\n", "\n").strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and not line.startswith(":"))
        if "event" in lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def test_extraction_is_planned_started_and_followed(bound):
    store, api = bound.space.store, bound.program("ops_lead")
    store[Interviews].add(interview("int-2", "lost", "He never asked."))
    found = api.get("/api/v1/job-plans/extract").json()
    assert (found["requests"], found["cached"], found["models"]) == (4, 0, ["openai/gpt-4.1-mini"])
    assert found["tokens_in_all"] > found["tokens"] > 0
    assert found["usd"] > 0
    made = api.post("/api/v1/jobs", json={"kind": "extract", "budget_usd": 2.5}).json()
    assert (made["state"], made["by"], made["params"]["budget_usd"]) == ("queued", "ops_lead", 2.5)
    assert api.post("/api/v1/jobs", json={"kind": "extract"}).status_code == 409
    page = bound.browser("manager").get(f"/jobs/{made['id']}").text
    assert f'sse-connect="/api/v1/jobs/{made["id"]}/events"' in page
    assert "No worker is running" in page
    assert "/cancel" not in page  # a manager looks on
    (line,) = store[AuditLog].page(action="job_started")
    assert line.subject == made["id"]


def test_events_tell_each_change_and_the_end(site):
    store = site.space.store
    job = store[Jobs].create("extract", {}, "ops_lead")
    store[Jobs].start(job.id)
    store[Jobs].tell(job.id, Progress(phase="reading interviews", total=4, done=1))
    store[Jobs].fail(job.id, "the model went away")
    told = events(site.program("viewer").get(f"/api/v1/jobs/{job.id}/events"))
    assert [name for name, _ in told] == ["progress", "end"]
    assert told[1][1]["reason"] == "the model went away"
    assert told[1][1]["progress"]["done"] == 1


async def test_a_stream_ends_with_the_account(monkeypatch):
    monkeypatch.setattr("agent.app.web.live.LOOK_SECONDS", 0.01)
    seen, signed_in = iter([Progress(total=2, done=0), Progress(total=2, done=1)]), iter([True, True, False])
    found = [e.event async for e in changes(lambda: next(seen), lambda p: False, lambda: next(signed_in))]
    assert found == ["progress", "progress"]


async def test_events_come_when_something_changes(site, monkeypatch):
    import agent.app.web.live as live

    monkeypatch.setattr(live, "LOOK_SECONDS", 0.01)
    seen = [Progress(total=2, done=d) for d in (0, 0, 1, 1, 2)]
    looks = iter(seen)
    found = [e.data async for e in changes(lambda: next(looks), lambda p: p.done == p.total, lambda: True)]
    assert [json.loads(data)["done"] for data in found] == [0, 1, 2, 2]
    monkeypatch.setattr(live, "LONGEST_SECONDS", 0.05)
    still = [e.event async for e in changes(lambda: seen[0], lambda p: False, lambda: True)]
    assert still == ["progress"]
    await asyncio.sleep(0)


def test_a_page_starts_a_job_or_says_why_not_and_keeps_what_was_typed(bound):
    browser = bound.browser("ops_lead")
    secret = csrf(browser, "/jobs/new/extract")
    refused = browser.post("/jobs/new/extract", data={"csrf": secret, "budget": "1.5"})
    assert refused.status_code == 422
    assert "all 1 interviews are won" in refused.text
    bound.space.store[Interviews].add(interview("int-2", "lost"))
    wrong = browser.post("/jobs/new/extract", data={"csrf": secret, "budget": "much", "adjudicated_by": "person"})
    assert wrong.status_code == 422
    assert 'value="much"' in wrong.text
    assert 'value="person" checked' in wrong.text
    started = browser.post("/jobs/new/extract", data={"csrf": secret, "budget": "$1.5", "adjudicated_by": "person"})
    (job,) = bound.space.store[Jobs].list()
    assert started.headers["location"] == f"/jobs/{job.id}"
    assert job.params == {"adjudicated_by": "person", "budget_usd": 1.5, "fresh": False, "update": False}
    assert "This is under way already" in browser.get("/jobs/new/extract").text
    assert "Finding patterns" in browser.get("/").text


def test_the_estimate_comes_after_the_page(bound):
    bound.space.store[Interviews].add(interview("int-2", "lost"))
    browser = bound.browser("ops_lead")
    assert 'hx-get="/jobs/new/extract/estimate"' in browser.get("/jobs/new/extract").text
    part = browser.get("/jobs/new/extract/estimate", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert re.search(r"about <strong>\D*[0-9.]+</strong>", part)
    assert "<html" in browser.get("/jobs/new/extract/estimate").text


def test_without_a_model_the_page_says_how_to_bind_one_and_what_works_without(site):
    site.space.store[Interviews].add(interview("int-2", "lost"))
    page = site.browser("ops_lead").get("/jobs/new/extract").text
    assert "CLOSEREAD_MODEL=" in page
    assert "analyst_a: {model:" in page
    assert "What works without a model" in page
    assert '<form method="post" class="stack">' not in page
    assert site.program("ops_lead").get("/api/v1/job-plans/extract").status_code == 409


def test_drafting_waits_for_patterns(bound):
    assert can_begin(bound.space, "draft").missing == "no patterns have been found yet"
    assert patterns_to_draft(bound.space) is None
    assert patterns_to_draft(bound.space.seen_by(Scope(role="rep", rep="Rae"))) is None
    assert "Back to the start" in bound.browser("ops_lead").get("/jobs/new/draft").text
    assert bound.program("ops_lead").post("/api/v1/jobs", json={"kind": "draft"}).status_code == 404


def test_scoring_is_started_for_what_has_no_ratings(bound):
    api = bound.program("ops_lead")
    made = api.post("/api/v1/jobs", json={"kind": "score", "calls": ["call-1", "call-2"]}).json()
    assert (made["kind"], made["calls"], made["progress"]["waiting"]) == ("score", 2, 2)
    again = api.post("/api/v1/jobs", json={"kind": "score", "calls": ["call-1"]})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_a_page_asks_again_what_failed_and_asks_anew(bound):
    browser, store = bound.browser("ops_lead"), bound.space.store
    space = bound.app.state.context.space
    scoring = Scoring(space, store[Rubrics].newest(), space.prompt("rate_call"), 0)
    role = space.planned_role("rater")
    for one in scoring.missing((), False):
        store[Ratings].add(
            failed_with(
                ReplyTruncated("cut"), "", one, scoring.rubric.criteria, Made(scoring.rubric, scoring.prompt, 0), role
            )
        )
    page = browser.get("/jobs/new/score").text
    assert re.search(r"3\D*have failed ratings", page)
    assert 'name="retry_failed" value="true" checked' in page
    form = {"csrf": csrf(browser, "/"), "retry_failed": "true", "fresh": "true"}
    assert browser.post("/jobs/new/score", data={"csrf": form["csrf"]}).status_code == 409
    assert browser.post("/jobs/new/score", data=form).headers["location"].startswith("/jobs/job-")
    (job,) = store[Jobs].list()
    assert (job.calls, job.params["retry_failed"], job.params["fresh"]) == (3, True, True)


def test_a_job_is_stopped_resumed_and_tried_again(site):
    store, browser = site.space.store, site.browser("ops_lead")
    secret = csrf(browser, "/")
    job = store[Jobs].create("score", {"budget_usd": 1.0}, "ops_lead", ["call-1", "call-2"])
    store[JobWork].take(store[JobWork].idle_chunks(job.id, 1)[0], "t")
    store[JobWork].bury(job.id, "call-1", "t", "the words are too many")
    page = browser.get(f"/jobs/{job.id}").text
    assert "the words are too many" in page
    assert "1 given up" in page
    (letter,) = site.program("viewer").get(f"/api/v1/jobs/{job.id}/dead-letters").json()["items"]
    assert (letter["call"], letter["attempts"]) == ("call-1", 1)
    browser.post(f"/jobs/{job.id}/cancel", data={"csrf": secret})
    assert store[Jobs].get(job.id).reason == "cancelled by ops_lead"
    assert "Go on" in browser.get(f"/jobs/{job.id}").text
    browser.post(f"/jobs/{job.id}/resume", data={"csrf": secret})
    assert store[Jobs].get(job.id).state == "queued"
    browser.post(f"/jobs/{job.id}/retry", data={"csrf": secret})
    assert store[Jobs].progress(job.id).failed == 0
    assert [e.action for e in store[AuditLog].page(subject=job.id)] == ["job_retried", "job_resumed", "job_cancelled"]


def test_the_list_comes_in_pages(site):
    for number in range(5):
        site.space.store[Jobs].create("extract", {"n": number}, "ops_lead")
    api, found, cursor = site.program("manager"), [], ""
    while cursor is not None:
        page = api.get("/api/v1/jobs", params={"limit": 2, "cursor": cursor}).json()
        found += [job["params"]["n"] for job in page["items"]]
        cursor = page["next"]
    assert sorted(found) == [0, 1, 2, 3, 4]
    assert api.get("/api/v1/jobs", params={"state": "done"}).json()["items"] == []


def test_two_jobs_of_a_kind_are_one_too_many(bound):
    from agent.app.web.auth import SignedIn
    from agent.jobs.verbs import start_job

    store = bound.space.store
    who = SignedIn(Scope(name="ops_lead"), None, "to-1", bound.app.state.context.space)
    with pytest.raises(InputError, match="all 1 interviews"):
        start_job(who, "extract")
    first = store[Jobs].create("extract", {}, "ops_lead")
    store[Jobs].pause(first.id, "the limit")
    with pytest.raises(Conflict, match=f"{first.id} does this already and is paused"):
        start_job(who, "extract")


def test_a_plan_counts_what_the_cache_holds(bound):
    found = plan(bound.app.state.context.space, "extract")
    assert (found.requests, found.cached) == (2, 0)
    assert found.spent_this_month_usd == 0.0
