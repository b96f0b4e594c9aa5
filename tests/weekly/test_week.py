"""The week: its sentences, when it is due, and the same on page, API and command."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from typer.testing import CliRunner

from agent.main import app
from agent.settings import WeeklyRules
from agent.webhooks.store import Webhooks
from agent.weekly.listeners import due_day, publish
from agent.weekly.views import WeekCoach, WeekMoved, WeekView
from tests.api.conftest import Site
from tests.api.conftest import _site as _made  # noqa: F401  a fixture

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 23, 5, 59, tzinfo=UTC), None),  # 6:59 in Berlin
        (datetime(2026, 11, 23, 6, 0, tzinfo=UTC), MONDAY),
        (datetime(2026, 11, 24, 5, 59, tzinfo=UTC), MONDAY),
        (datetime(2026, 11, 24, 6, 1, tzinfo=UTC), None),  # too late: the program was off on Monday
        (datetime(2026, 11, 29, 12, 0, tzinfo=UTC), None),
        (datetime(2026, 10, 26, 5, 30, tzinfo=UTC), None),  # the clocks were set back the day before
        (datetime(2026, 10, 26, 6, 0, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_when_the_summary_is_due(now: datetime, day: date | None) -> None:
    assert due_day(WeeklyRules(day="monday", hour=7, zone="Europe/Berlin"), now) == day


def week(**given: object) -> WeekView:
    blank = {
        "rubric": None,
        "calls": 0,
        "unscored": 0,
        "to_review": 0,
        "disputes": 0,
        "waiting": [],
        "failed_jobs": [],
        "moved": [],
        "coach": [],
    }
    return WeekView.model_validate(
        blank | {"first": date(2026, 11, 16), "last": date(2026, 11, 22), "coach_over": ""} | given
    )


def test_of_many_own_gaps_two_are_named() -> None:
    many = [WeekCoach(rep=f"Rep {n}", criterion="b", name="Depth", calls=12) for n in range(5)]
    (said,) = [one for one in week(coach=many, coach_over="last 30 days").sentences if one.startswith("Coach")]
    assert said == (
        "Coach first Rep 0 on Depth (12 calls), Rep 1 on Depth (12 calls), and 3 more under Gaps; over: last 30 days."
    )


def test_a_week_in_sentences() -> None:
    full = week(
        coach_over="last 30 days",
        calls=1,
        unscored=2,
        to_review=1,
        disputes=3,
        waiting=["Ana: 2 disputes to answer, the oldest of which has waited 9 days"],
        failed_jobs=["job-1: no budget left"],
        moved=[WeekMoved(rep="Tom", criterion="c", name="Asks", cycle="cycle_2")],
        coach=[
            WeekCoach(rep="", criterion="a", name="Plays back", calls=80),
            WeekCoach(rep="Omar", criterion="b", name="Depth", calls=12),
        ],
    )
    assert full.sentences == [
        "Moved: Tom on Asks (cycle 2).",
        "Coach the team on Plays back (over: last 30 days).",
        "Coach first Omar on Depth (12 calls); over: last 30 days.",
        "1 call took place this week; not scored yet: 2.",
        "1 rating to look at: two readings differ, or the evidence failed.",
        "3 disputes without an answer.",
        "Ana: 2 disputes to answer, the oldest of which has waited 9 days.",
        "Stopped: job-1: no budget left.",
    ]
    assert week().sentences[0].startswith("Nobody was called moved anew. That is no bad news")


def test_page_api_and_command_tell_the_same_and_a_rep_none_of_it(site: Site) -> None:
    told = site.program("manager").get("/api/v1/week?until=2026-11-22").json()
    folder = str(site.space.settings.workspace)
    done = CliRunner().invoke(app, ["--workspace", folder, "week", "--until", "2026-11-22", "--json"])
    assert json.loads(done.stdout) == told
    page = site.browser("manager").get("/week?until=2026-11-22").text
    assert "No dispute is open." in page
    assert "This week" in page
    assert site.program("rep").get("/api/v1/week").status_code == 403
    assert site.browser("rep").get("/week").status_code == 403


def test_it_is_written_once_for_whoever_wants_it(site: Site) -> None:
    webhooks = site.space.store[Webhooks]
    assert publish(site.space, MONDAY) == 0
    webhook = webhooks.create("https://example.com/x", ["week.summary"], "Ann")
    assert [publish(site.space, MONDAY), publish(site.space, MONDAY)] == [1, 0]
    sent = json.loads(webhooks.deliveries(webhook.id)[0].body)
    assert (sent["subject"], sent["data"]["first"], sent["data"]["last"]) == ("2026-11-23", "2026-11-16", "2026-11-22")
    assert sent["data"]["sentences"]
