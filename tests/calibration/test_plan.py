"""A round's last day and its reference: told, reminded of, and what raters are measured against."""

from datetime import UTC, date, datetime, timedelta

import pytest

from agent.calibration import verbs
from agent.calibration.rounds import report_of
from agent.calibration.steps import round_step
from agent.calibration.store import Rounds
from agent.core.errors import Conflict, InputError, UsageError
from agent.core.wording import day
from agent.ratings.overriding import Given
from agent.weekly import reminders
from agent.weekly.reminders import remind, waiting_on
from tests.api.conftest import _site  # noqa: F401  a fixture
from tests.calibration.walk import opened

TODAY = datetime.now(UTC).date()
SOON = TODAY + timedelta(days=2)


def test_raters_are_told_the_last_day(site):
    found = opened(site)
    verbs.plan_round(site.who("ops_lead"), str(found.number), SOON)
    step = round_step(site.who("manager"), site.space.store[Rounds].get(str(found.number)))
    assert f"1 rating, by {day(SOON)}." in step.text
    assert f"by {day(SOON)}" in site.browser("viewer").get(f"/calibration/{found.number}").text
    assert dict(waiting_on(site.who("viewer")))["manager"].endswith(f"waits for ratings, by {day(SOON)}")
    assert (
        f"the last day for ratings is {day(SOON)}"
        in site.browser("viewer").get(f"/calibration/{found.number}/log").text
    )


def test_what_cannot_be_planned_is_refused(site):
    number, lead = str(opened(site).number), site.who("ops_lead")
    with pytest.raises(InputError, match="30 Nov 2020 is over"):
        verbs.plan_round(lead, number, date(2020, 11, 30))
    with pytest.raises(UsageError, match="'somebody' is no rater of this round"):
        verbs.plan_round(lead, number, None, "somebody")
    verbs.close_round(lead, number, "given up", give_up=True)
    with pytest.raises(Conflict, match="is closed"):
        verbs.plan_round(lead, number, SOON)


def test_the_others_are_measured_against_a_person_or_what_was_settled(site):
    """The manager says 1, the ops lead 0; it is settled on 1."""
    number, lead = str(opened(site, given={"manager": 1, "ops_lead": 0}).number), site.who("ops_lead")

    def measured(reference):
        verbs.plan_round(lead, number, None, reference)
        return {one.rater: (one.met, one.compared) for one in report_of(site.space, number).raters}

    assert measured("") == {"manager": (0, 0), "ops_lead": (0, 0)}
    assert measured("manager") == {"manager": (0, 0), "ops_lead": (0, 1)}
    assert measured("settled") == {"manager": (0, 0), "ops_lead": (0, 0)}, "nobody has settled it yet"
    verbs.settle_difference(site.who("manager"), number, f"cal-{number}", "asks_cost", Given("1", "Agreed.", "0"))
    assert measured("settled") == {"manager": (1, 1), "ops_lead": (0, 1)}
    told = site.program("viewer").get(f"/api/v1/rounds/{number}/report").json()
    assert [(one["met"], one["compared"]) for one in told["raters"]] == [(1, 1), (0, 1)]
    page = site.browser("manager").get(f"/calibration/{number}").text
    assert "what the raters agreed on" in page
    assert "1 of 1 ratings, 100" in page


def test_each_is_reminded_by_e_mail_once_a_day(site, monkeypatch):
    config = site.space.settings.workspace / "config"
    config.mkdir(exist_ok=True)
    (config / "mail.yaml").write_text("host: mail.example.com\nsender: no-reply@example.com\n")
    (config / "weekly.yaml").write_text("day: monday\nhour: 7\nzone: UTC\n")
    sent = []
    monkeypatch.setattr(reminders, "hand_over", lambda space, message: sent.append(message) or "")
    number = str(opened(site, given={"ops_lead": 0}).number)
    monday = datetime(2026, 11, 23, 8, tzinfo=UTC)
    tuesday = monday + timedelta(days=1)
    assert remind(site.space, monday.replace(hour=6)) == []
    assert remind(site.space, monday) == ["manager"]
    assert remind(site.space, monday) == []
    assert (sent[0]["To"], sent[0].get_content()) == (
        "manager@example.com", f"- Calibration round {number} waits for ratings.\n",
    )  # fmt: skip
    assert remind(site.space, tuesday) == [], "without a last day once a week is enough"
    found = site.space.store[Rounds].get(number)
    site.space.store[Rounds].plan(found, date(2026, 11, 26), "")
    days = [remind(site.space, monday + timedelta(days=days)) for days in (1, 2, 3, 4)]
    assert days == [["manager"], [], ["manager"], []], "two days before, and on the day"
