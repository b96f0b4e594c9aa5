"""Disputes: from the rep's comment to a changed rating, counts that mark a criterion, eval cases."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import count

import pytest
from sqlalchemy import event

from agent.app.steps import next_step
from agent.calibration.model import CalibrationRound
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.errors import Conflict, InputError
from agent.db.audit import AuditLog
from agent.disputes.store import Disputes
from agent.disputes.verbs import answer_dispute, assign_dispute, counts_of, open_dispute
from agent.disputes.views import how_long
from agent.evals.settled_cases import add_cases, add_dispute_cases
from agent.ratings.model import Failed, Provenance, Rated, Rating
from agent.ratings.overriding import Given
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from agent.webhooks.store import Webhooks
from agent.weekly.reminders import waiting_on
from tests.api.conftest import csrf
from tests.builders import call, criterion, rubric
from tests.cli.conftest import Shell

AT = datetime(2026, 11, 1, tzinfo=UTC)
RUBRIC = rubric()
_numbers = count()
WORDS = "What does the late close cost you"


def rated(site, ident="call-1", judgement=None, of=RUBRIC, name="asks_cost"):
    made = Provenance(rubric=of.id, prompt="p", model="m", request=f"rq-{next(_numbers)}")
    new = Rating(
        call=ident, criterion=name, rater="model:m", judgement=judgement or Rated(value=0), provenance=made, at=AT
    )
    site.space.store[Ratings].add([new])
    return new.id


def disputed(site, **given):
    sent = {"rating": rated(site, **given), "comment": "I ask for it in the first turn.", "own": "1"}
    answer = site.program("rep").post("/api/v1/disputes", json=sent)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_rep_disputes_on_the_page_and_a_manager_upholds_it(site):
    ident = rated(site)
    rep, manager = site.browser("rep"), site.browser("manager")
    assert "Dispute this rating" in rep.get("/calls/call-1").text
    form = {"rating": ident, "criterion": "asks_cost", "rubric": RUBRIC.id, "comment": "I <i>do</i> ask.", "own": "1"}
    sent = rep.post("/calls/call-1/dispute", data=form | {"csrf": csrf(rep, "/calls/call-1")})
    assert sent.status_code == 303
    assert "Dispute this rating" not in rep.get("/calls/call-1").text
    listed = manager.get("/disputes").text
    assert "1 dispute waits for an answer" in listed
    assert "I &lt;i&gt;do&lt;/i&gt; ask." in listed
    made = site.space.store[Disputes].page().rows[0].dispute.id
    page = f"/disputes/{made}"
    answer = {"verdict": "upheld", "value": "1", "words": WORDS, "reason": "Turn 0 is just that."}
    done = manager.post(f"{page}/answer", data=answer | {"csrf": csrf(manager, page)})
    assert done.status_code == 303
    (now,) = site.space.store[Ratings].current(["call-1"])
    assert (now.rater, now.judgement.value, now.supersedes) == ("manager", 1, ident)
    assert made in now.reason
    assert [q.text for q in now.judgement.quotes] == [WORDS]
    assert "Your rating changed." in rep.get(page).text
    actions = [entry.action for entry in site.space.store[AuditLog].page()]
    assert actions[:2] == ["dispute_answered", "dispute_opened"]


def test_a_declined_dispute_leaves_the_rating_and_gives_the_reason(site):
    found = disputed(site)
    manager = site.program("manager")
    sent = {"verdict": "declined", "reason": "That question is about dates."}
    answer = manager.post(f"/api/v1/disputes/{found['id']}/answer", json=sent).json()
    assert (answer["state"], answer["answer"]["rating"]) == ("declined", "")
    assert [r.id for r in site.space.store[Ratings].current(["call-1"])] == [found["rating"]]
    assert "That question is about dates." in site.browser("rep").get("/disputes").text
    again = manager.post(f"/api/v1/disputes/{found['id']}/answer", json=sent)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_nobody_disputes_for_another_and_no_rating_twice(site):
    other, own = rated(site, "call-3"), rated(site)
    rep = site.program("rep")
    assert rep.post("/api/v1/disputes", json={"rating": other, "comment": "no"}).status_code == 404
    assert rep.post("/api/v1/disputes", json={"rating": own, "comment": "no"}).status_code == 201
    assert rep.post("/api/v1/disputes", json={"rating": own, "comment": "no"}).json()["code"] == "conflict"
    for role in ("manager", "ops_lead", "viewer"):
        answer = site.program(role).post("/api/v1/disputes", json={"rating": own, "comment": "no"})
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"comment": "  ", "own": ""}, "say in a sentence"),
        ({"comment": "no", "own": "7"}, "is not a level"),
        ({"comment": "no", "own": "0"}, "what the rating says already"),
    ],
)
def test_a_dispute_says_something(site, sent, said):
    answer = site.program("rep").post("/api/v1/disputes", json=sent | {"rating": rated(site)})
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_a_failed_rating_has_nothing_to_dispute(site):
    failed = rated(site, judgement=Failed(kind="reply", detail="x"))
    answer = site.program("rep").post("/api/v1/disputes", json={"rating": failed, "comment": "no"})
    assert "no result to dispute" in answer.json()["detail"]


def test_an_upheld_dispute_changes_the_level_and_corrects_what_stands_now(site):
    found = disputed(site)
    manager = site.program("manager")
    same = {"verdict": "upheld", "value": "0", "reason": "r"}
    assert "choose another level" in manager.post(f"/api/v1/disputes/{found['id']}/answer", json=same).json()["detail"]
    sent = {"value": "n/a", "reason": "A renewal."}
    between = site.program("ops_lead").post(f"/api/v1/ratings/{found['rating']}/override", json=sent).json()
    right = {"verdict": "upheld", "value": "1", "words": WORDS, "reason": "r"}
    done = manager.post(f"/api/v1/disputes/{found['id']}/answer", json=right).json()
    (now,) = site.space.store[Ratings].current(["call-1"])
    assert (now.supersedes, now.id) == (between["id"], done["answer"]["rating"])


def test_a_wrong_answer_keeps_what_was_typed(site):
    found = disputed(site)
    browser, page = site.browser("manager"), f"/disputes/{found['id']}"
    form = {"verdict": "upheld", "value": "1", "words": "nobody said this at all", "reason": "My long reason."}
    answer = browser.post(f"{page}/answer", data=form | {"csrf": csrf(browser, page)})
    assert answer.status_code == 422
    for typed in ("nobody said this at all", "My long reason.", "nowhere in the transcript"):
        assert typed in answer.text
    assert browser.get("/disputes").text.count(">open<") == 1


def test_disputes_of_a_blind_rounds_calls_are_withheld(site):
    found = disputed(site)
    site.space.store[Rounds].open(
        CalibrationRound(number=1, rubric=RUBRIC.id, raters=("manager", "ben"), calls=("call-1",), opened_at=AT), {}
    )
    for role in ("manager", "ops_lead", "viewer", "rep"):
        page = site.program(role).get("/api/v1/disputes").json()
        assert (page["items"], page["withheld"]) == ([], 1)
        assert site.program(role).get(f"/api/v1/disputes/{found['id']}").status_code == 404
        assert "1 dispute is hidden" in site.browser(role).get("/disputes").text
    sent = {"verdict": "declined", "reason": "r"}
    assert site.program("manager").post(f"/api/v1/disputes/{found['id']}/answer", json=sent).status_code == 404


def answered(site, upheld, declined, of=RUBRIC, name="asks_cost"):
    for number in range(upheld + declined):
        ident = f"more-{of.label}-{name}-{number}-{upheld}"
        site.space.store[Calls].add(call(ident, "Rae"))
        opened = open_dispute(site.who("rep"), rated(site, ident, of=of, name=name), "no", "1")
        given = Given("1", "r", words=WORDS)
        verdict = "upheld" if number < upheld else "declined"
        answer_dispute(site.who("manager"), opened.dispute.id, verdict, given)


def marked(site, of=""):
    return {count.criterion: count.mark for count in counts_of(site.who("viewer"), of).items if count.mark}


@pytest.mark.parametrize(
    ("upheld", "declined", "is_marked"), [(2, 0, False), (3, 0, True), (3, 1, False), (6, 4, True)]
)
def test_a_criterion_is_marked_when_many_are_certainly_upheld(site, upheld, declined, is_marked):
    answered(site, upheld, declined)
    found = marked(site)
    assert bool(found) == is_marked
    if is_marked:
        assert f"{upheld} of {upheld + declined} answered disputes" in found["asks_cost"]
        page = site.browser("viewer").get("/disputes").text
        assert "to calibrate" in page
    counted = site.program("viewer").get("/api/v1/dispute-counts").json()["items"]
    assert [(c["upheld"], c["declined"], bool(c["mark"])) for c in counted] == [(upheld, declined, is_marked)]


def test_only_disputes_about_the_criterion_as_it_is_worded_in_the_rubric_count(site):
    answered(site, 3, 0)
    same = rubric(criterion(weight=2.0), criterion("asks_when"), label="v2")
    site.space.store[Rubrics].add(same)
    assert set(marked(site, "v2")) == {"asks_cost"}
    sharper = rubric(criterion(description="The rep asks what it costs in money."), label="v3")
    site.space.store[Rubrics].add(sharper)
    assert marked(site, "v3") == {}
    assert set(marked(site, "v2")) == {"asks_cost"}
    answered(site, 1, 0, of=sharper)
    assert [(c.upheld, c.mark) for c in counts_of(site.who("viewer"), "v3").items] == [(1, "")]


def test_upheld_disputes_stay_counted_when_a_newer_draft_words_the_criterion_otherwise(site, capsys):
    answered(site, 6, 0)
    site.space.store[Rubrics].add(rubric(criterion(description="The rep asks what it costs in money."), label="next"))
    assert set(marked(site)) == {"asks_cost"}
    program = site.program("viewer")
    counted = program.get("/api/v1/dispute-counts").json()
    assert (counted["rubric"]["label"], counted["items"][0]["upheld"]) == ("v1", 6)
    assert program.get("/api/v1/dispute-counts?rubric=next").json()["items"] == []
    browser = site.browser("viewer")
    page = browser.get("/disputes").text
    assert "By criterion of v1" in page
    assert "next is newer and not in use" in page
    assert "6 of 6 answered disputes" in page
    other = browser.get("/disputes?rubric=next").text
    assert "None of the disputes is about a criterion as next words it." in other
    assert browser.get("/disputes?rubric=nowhere").status_code == 404
    shell = Shell(site.space.settings.workspace, capsys)
    assert "Disputes by criterion of v1" in shell("disputes", "counts").out
    assert shell("disputes", "counts", "--rubric", "next", "--json").json["items"] == []
    assert "Reps were right too often" in next_step(site.who("ops_lead"), "disputes").text


def test_answered_disputes_become_cases(site):
    with pytest.raises(InputError):
        add_dispute_cases(site.who("ops_lead"), "disputes", "dev")
    answered(site, 1, 1)
    made = site.program("ops_lead").post("/api/v1/dispute-cases", json={"suite": "disputes"})
    assert made.json() == {"suite": "disputes", "cases": 2, "ratings": 2}
    from agent.evals.lists import find_suite

    suite = find_suite(site.space, "disputes")
    expected = sorted(str(case.references[0].value) for case in suite.cases)
    assert expected == ["0", "1"]
    assert add_cases(site.who("ops_lead"), "again", disputes_only=True, split="dev")["cases"] == 2
    browser = site.browser("ops_lead")
    page = browser.get("/disputes").text
    assert "Keep what was settled as eval cases" in page
    assert "Keep what was settled" not in site.browser("manager").get("/disputes").text
    sent = browser.post("/disputes/cases", data={"suite": "No Name", "csrf": csrf(browser, "/disputes")})
    assert sent.status_code == 422
    assert "Name the suite with small letters" in sent.text
    wrong = site.program("ops_lead").post("/api/v1/dispute-cases", json={"suite": "../evil"})
    assert wrong.status_code == 422


def test_webhooks_hear_of_disputes_without_a_word_of_them(site):
    site.space.store[Webhooks].create("https://hooks.example.com/x", ("dispute.opened", "dispute.answered"), "ops_lead")
    found = disputed(site)
    sent = {"verdict": "declined", "reason": "A secret reason."}
    site.program("manager").post(f"/api/v1/disputes/{found['id']}/answer", json=sent)
    store = site.space.store[Webhooks]
    bodies = [json.loads(d.body) for d in store.deliveries(store.all()[0].id)]
    assert [(b["event"], b["subject"]) for b in bodies] == [
        ("dispute.answered", found["id"]),
        ("dispute.opened", found["id"]),
    ]
    assert "secret" not in json.dumps(bodies)
    assert "first turn" not in json.dumps(bodies)


def test_upholding_takes_few_statements_and_asks_for_blind_rounds_once_a_step(site):
    """Two rounds are running elsewhere, so that the rule of blindness has something to read."""
    for number, ident in ((1, "call-2"), (2, "call-3")):
        site.space.store[Rounds].open(
            CalibrationRound(number=number, rubric=RUBRIC.id, raters=("manager", "ben"), calls=(ident,), opened_at=AT),
            {},
        )
    ident = disputed(site)["id"]
    statements: list[str] = []
    event.listen(site.space.store.engine, "before_cursor_execute", lambda *sent: statements.append(sent[2]))
    answer_dispute(site.who("manager"), ident, "upheld", Given("1", "Turn 0 is just that.", words=WORDS))
    blind = [one for one in statements if "round_log" in one or "FROM round_calls" in one]
    assert len(blind) <= 9, blind  # three of them where the correction is counted
    assert len(statements) <= 26, statements


COUNTED = rubric(criterion(ident="depth", scale="1-5"), label="depth")


def asked_for(site, own="5", level=1):
    """A dispute of a rating on 1 to 5 of call-1, by the rep who asks for `own`."""
    site.space.store[Rubrics].add(COUNTED)
    ident = rated(site, judgement=Rated(value=level), of=COUNTED, name="depth")
    return open_dispute(site.who("rep"), ident, "It is deeper.", own).dispute.id


def test_another_level_than_the_one_asked_for_upholds_in_part(site):
    ident = asked_for(site)
    manager = site.who("manager")
    with pytest.raises(InputError, match="5 is what Rae asked for"):
        answer_dispute(manager, ident, "partly", Given("5", "Yes.", "0", ""))
    row = answer_dispute(manager, ident, "upheld", Given("3", "Half of it.", "0", ""))
    assert row.state == "partly"
    (now,) = site.space.store[Ratings].current(["call-1"])
    assert now.judgement.value == 3
    (counted,) = counts_of(site.who("viewer"), "depth").items
    assert (counted.upheld, counted.partly, counted.share.value) == (0, 1, 1.0)
    page = site.browser("rep").get(f"/disputes/{ident}").text
    assert "partly upheld" in page
    assert "Your rating changed." in page


def test_without_a_level_asked_for_there_is_no_part(site):
    with pytest.raises(InputError, match="asked for no level"):
        answer_dispute(site.who("manager"), asked_for(site, own=""), "partly", Given("3", "Half.", "0", ""))


def test_a_dispute_is_assigned_waits_there_and_is_counted_for_whoever_answers(site):
    ident = asked_for(site)
    with pytest.raises(InputError, match="has no account that may answer"):
        assign_dispute(site.who("manager"), ident, "rep")
    assert assign_dispute(site.who("manager"), ident, "ops_lead").assigned == "ops_lead"
    assert next_step(site.who("ops_lead")).text == "1 dispute waits for an answer, it is yours."
    assert "dispute" not in next_step(site.who("manager")).text
    told = site.program("viewer").get("/api/v1/disputes?assigned=ops_lead").json()["items"]
    assert [(one["id"], one["assigned"], one["hours"]) for one in told] == [(ident, "ops_lead", 0.0)]
    assert dict(waiting_on(site.who("manager"))) == {
        "ops_lead": "a dispute to answer, which has waited less than an hour"
    }
    page = site.browser("manager").get(f"/disputes/{ident}").text
    assert "<option selected>ops_lead</option>" in page
    answer_dispute(site.who("ops_lead"), ident, "declined", Given("", "No."))
    (reviewer,) = site.program("viewer").get("/api/v1/dispute-counts").json()["reviewers"]
    assert reviewer == {
        "name": "ops_lead",
        "open": 0,
        "upheld": 0,
        "partly": 0,
        "declined": 1,
        "hours": reviewer["hours"],
    }
    with pytest.raises(Conflict, match="answered by ops_lead"):
        assign_dispute(site.who("manager"), ident, "")


def test_how_long_it_took_is_said_in_the_unit_that_fits():
    assert [how_long(hours) for hours in (0.2, 1.1, 30, 49, 240)] == [
        "less than an hour", "1 hour", "30 hours", "2 days", "10 days",
    ]  # fmt: skip


def test_of_several_disputes_on_a_call_each_is_answered_by_itself(site):
    first = asked_for(site)
    second = disputed(site)["id"]
    answer_dispute(site.who("manager"), second, "declined", Given("", "No."))
    page = site.browser("manager").get(f"/disputes/{first}").text
    assert "Also disputed on this call" in page
    assert f'href="/disputes/{second}"' in page
