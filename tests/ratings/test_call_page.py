"""Calls: lists, quotes in their place, overrides beside the model's number, the review queue, blind rounds."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from agent.app.highlights import pieces
from agent.app.queue.store import Jobs
from agent.calibration.model import CalibrationRound
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.transcript import Quote, Span
from agent.db.audit import AuditLog
from agent.ratings.call_page import call_page
from agent.ratings.model import Failed, NearestMiss, Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.ratings.store_import import ImportedRatings
from agent.rubrics.store import Rubrics
from tests.api.conftest import csrf
from tests.builders import call, criterion, rubric

AT = datetime(2026, 11, 1, tzinfo=UTC)
V2 = rubric(
    criterion("asks_cost", scale="1-5", name="Asks for the cost", anchors={5: "in money, by month"}),
    criterion("asks_when", name="Asks when"),
    criterion("sends_note", name="Sends a <b>note</b>"),
    label="v2",
)
COST = Quote(span=Span(turn=0, start=0, end=43), speaker="Rae", text="What does the late close cost you each mont")
LATE = Quote(span=Span(turn=0, start=14, end=24), speaker="Rae", text="late close")


def rating(ident, name, judgement, rater="model:m", draw=0, reason="so it is"):
    made = Provenance(rubric=V2.id, prompt="rate_call@2#x", model="m-1", request="rq-1", draw=draw)
    return Rating(call=ident, criterion=name, rater=rater, judgement=judgement, reason=reason, provenance=made, at=AT)


@pytest.fixture(name="rated")
def _rated(site):
    """The site with ratings of call-1 against v2: shown with overlapping quotes, absent with a nearest miss, failed."""
    store = site.space.store
    store[Rubrics].add(V2)
    near = NearestMiss(turn=2, speaker="Rae", text="I will send you something.", why="It names no day.")
    store[Ratings].add(
        [
            rating("call-1", "asks_cost", Rated(value=4, quotes=(COST, LATE))),
            rating("call-1", "asks_when", Rated(value=0, nearest=near)),
            rating("call-1", "sends_note", Failed(kind="evidence", detail="The quote is nowhere.", claimed=1)),
            rating("call-3", "asks_cost", Rated(value=2, quotes=(COST,))),
        ]
    )
    return site


def test_the_list_is_filtered_and_paged(rated):
    program = rated.program("viewer")
    first = program.get("/api/v1/calls", params={"limit": 2}).json()
    second = program.get("/api/v1/calls", params={"limit": 2, "cursor": first["next"]}).json()
    assert [c["id"] for c in first["items"] + second["items"]] == ["call-3", "call-2", "call-1"]
    assert second["next"] is None

    def shown(**query):
        return [c["id"] for c in program.get("/api/v1/calls", params=query).json()["items"]]

    assert shown(rep="Sam") == ["call-3"]
    assert shown(rated="false") == ["call-2"]
    assert shown(last="2026-10-01") == []
    assert shown(first="2026-10-02", rated="true", rep="Rae") == ["call-1"]


def test_the_page_of_the_list_keeps_what_was_typed_and_says_what_is_wrong(rated):
    browser = rated.browser("viewer")
    answer = browser.get("/calls", params={"first": "yesterday", "stage": "demo", "show": "rated"})
    assert answer.status_code == 422
    assert "is no day" in answer.text
    assert 'value="yesterday"' in answer.text
    empty = browser.get("/calls", params={"first": "", "last": "", "rep": "", "show": "unrated"})
    assert re.findall(r'scope="row" class="name"><a href="/calls/(call-\d)"', empty.text) == ["call-2"]


def test_a_rep_lists_and_opens_the_own_calls_only(rated):
    browser = rated.browser("rep")
    page = browser.get("/calls").text
    assert "call-1" in page
    assert "call-3" not in page
    assert browser.get("/calls/call-3").status_code == 404
    assert browser.get("/calls/review").status_code == 403
    assert {r["call"] for r in rated.program("rep").get("/api/v1/ratings").json()["items"]} == {"call-1"}


def test_quotes_are_marked_in_place_and_linked_both_ways(rated):
    page = rated.browser("viewer").get("/calls/call-1").text
    said = re.search(r'<p class="said" data-turn="0">(.*?)</p>', page, re.S).group(1)
    assert re.sub(r"<[^>]*>", "", said) == "What does the late close cost you each month?"
    assert re.findall(r'<mark data-quote="([^"]*)"', said) == ["1-1", "1-1 1-2", "1-1"]
    for label in ("1-1", "1-2"):
        assert said.count(f'id="quote-{label}"') == 1
        assert f'href="#quote-{label}"' in page
    assert said.count('class="ref" href="#c-asks_cost"') == 2
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert {target for target in re.findall(r'href="#([^"]+)"', page)} <= set(ids)


def test_pieces_with_quotes_of_several_criteria_join_to_the_text():
    text = "What does the late close cost you each month?"
    cut = pieces(text, 0, [(COST.span, "1-1"), (LATE.span, "2-1"), (Span(turn=0, start=19, end=45), "3-1")])
    assert "".join(piece.text for piece in cut) == text
    assert [piece.labels for piece in cut if piece.text == "close"] == [("1-1", "2-1", "3-1")]


def test_absent_failed_and_provenance_are_shown(rated):
    page = rated.browser("viewer").get("/calls/call-1").text
    assert "It names no day." in page
    assert 'href="#turn-2"' in page
    assert "counts as no result, never as a low level" in page
    assert "The quote is nowhere." in page
    assert "The model had claimed 1." in page
    assert "rate_call@2#x" in page
    assert "Sends a &lt;b&gt;note&lt;/b&gt;" in page
    assert '<dt class="given">5 of 5</dt>' not in page


def override(site, role="manager", **form):
    browser = site.browser(role)
    first = next(r for r in site.space.store[Ratings].look(["call-1"], V2.id).ratings if r.criterion == "asks_cost")
    token = csrf(browser, "/calls/call-1")
    filled = {"criterion": "asks_cost", "rubric": V2.id, "rating": first.id, "csrf": token} | form
    return browser, browser.post("/calls/call-1/override", data=filled)


def test_an_override_counts_and_the_models_number_stays_beside_it(rated):
    browser, answer = override(rated, value="2", reason="She asks, but not in money.")
    assert answer.status_code == 303
    page = browser.get(answer.headers["location"].partition("#")[0]).text
    card = re.search(r'<article[^>]*id="c-asks_cost".*?</article>', page, re.S).group(0)
    assert "2 of 5" in card
    assert re.search(r"Before: <span class=\"tag\">model</span> said 4 of 5", card)
    assert 'href="#quote-1-1"' in card  # the model's quotes are kept
    current = [r for r in rated.space.store[Ratings].current(["call-1"]) if r.criterion == "asks_cost"]
    assert [(r.rater, r.judgement.value) for r in current] == [("manager", 2)]
    entry = rated.space.store[AuditLog].page()[0]
    assert (entry.action, entry.person) == ("rating_overridden", "manager")
    assert "value" not in entry.facts


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"value": "9", "reason": "r"}, "is not a level of asks_cost"),
        ({"value": "2", "reason": " "}, "Say why in a sentence"),
        ({"value": "2", "reason": "r", "words": "words nobody said here"}, "nowhere in the transcript"),
        ({"value": "2", "reason": "r", "turn": "1"}, "rates the rep"),
    ],
)
def test_what_does_not_fit_is_said_beside_what_was_typed(rated, form, said):
    _, answer = override(rated, **form)
    assert answer.status_code == 422
    card = re.search(r'<article[^>]*id="c-asks_cost".*?</article>', answer.text, re.S).group(0)
    assert said in card
    assert "<details open" in card
    if form.get("words"):
        assert form["words"] in card
    assert len(rated.space.store[Ratings].current(["call-1"])) == 3


def test_a_level_that_says_it_was_there_needs_words(rated):
    program = rated.program("manager")
    there = {"criterion": "asks_when", "rubric": "v2", "value": "1", "reason": "She does."}
    answer = program.post("/api/v1/calls/call-2/ratings", json=there)
    assert answer.status_code == 422
    assert "select them in the transcript" in answer.json()["detail"]
    made = program.post("/api/v1/calls/call-2/ratings", json=there | {"turn": 0, "words": "what does the late close"})
    assert made.status_code == 201
    assert made.json()["quotes"] == [
        {"turn": 0, "speaker": "Rae", "start": 0, "end": 24, "text": "What does the late close"}
    ]
    assert program.get(f"/api/v1/ratings/{made.json()['id']}").json()["rater"] == "manager"


def test_of_two_overrides_the_second_meets_a_conflict(rated):
    program = rated.program("manager")
    ident = next(r["id"] for r in program.get("/api/v1/ratings", params={"call": "call-1"}).json()["items"])
    sent = {"value": "n/a", "reason": "It does not apply."}
    assert program.post(f"/api/v1/ratings/{ident}/override", json=sent).status_code == 201
    again = rated.program("ops_lead").post(f"/api/v1/ratings/{ident}/override", json=sent)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_the_review_queue_leads_with_readings_that_differ_and_forgets_what_a_person_rated(rated):
    store = rated.space.store
    store[Ratings].add([rating("call-1", "asks_cost", Rated(value=1), draw=1)])
    items = rated.program("viewer").get("/api/v1/review").json()["items"]
    assert [(i["why"], i["criterion"]) for i in items] == [("readings differ", "asks_cost"), ("failed", "sends_note")]
    assert [r["value"] for r in items[0]["readings"]] == [4, 1]
    page = rated.browser("manager").get("/calls/review").text
    assert "1 with readings that differ, 1 failed" in page
    assert f"/calls/call-1?rubric={V2.id}#c-asks_cost" in page
    assert "readings differ" in rated.browser("manager").get("/calls/call-1").text
    override(rated, value="4", reason="The first reading is right.")
    items = rated.program("viewer").get("/api/v1/review").json()["items"]
    assert [i["criterion"] for i in items] == ["sends_note"]


def test_a_blind_round_keeps_the_ratings_and_the_page_says_how_many(rated):
    store = rated.space.store
    store[Rounds].open(
        CalibrationRound(number=1, rubric=V2.id, raters=("manager", "ben"), calls=("call-1",), opened_at=AT), {}
    )
    for role in ("manager", "ops_lead", "viewer", "rep"):
        page = rated.browser(role).get("/calls/call-1")
        assert page.status_code == 200
        assert "3 ratings are hidden until" in page.text
        assert "It names no day." not in page.text
        assert "<mark" not in page.text
        assert ("ben" in page.text) == (role != "rep")
        found = rated.program(role).get("/api/v1/calls/call-1").json()
        assert (found["withheld"], [c["stands"] for c in found["criteria"]]) == (3, [None, None, None])
        listed = rated.program(role).get("/api/v1/ratings", params={"call": "call-1"}).json()
        assert (listed["items"], listed["withheld"]) == ([], 3)
    hidden = rating("call-1", "asks_when", Rated(value=0)).id
    answer = rated.program("manager").post(f"/api/v1/ratings/{hidden}/override", json={"value": "1", "reason": "r"})
    assert answer.status_code == 404
    first = {"criterion": "asks_when", "rubric": "v2", "value": "0", "reason": "no"}
    outside = rated.program("manager").post("/api/v1/calls/call-1/ratings", json=first)
    assert (outside.status_code, outside.json()["code"]) == (409, "gate")


def test_a_call_known_from_imported_ratings_alone_has_a_page(rated):
    from agent.ratings.store_import import ImportedCall

    imported = ImportedCall("call-9", "2026-11-01", "Rae", "", "", "")
    rated.space.store[ImportedRatings].add([imported], [], "import:x", V2.id)
    page = rated.browser("manager").get("/calls/call-9")
    assert page.status_code == 200
    assert "there is no transcript" in page.text
    sent = {"criterion": "asks_cost", "rubric": "v2", "value": "3", "reason": "I was there."}
    made = rated.program("manager").post("/api/v1/calls/call-9/ratings", json=sent)
    assert made.status_code == 201
    told = rated.program("manager").post("/api/v1/calls/call-9/ratings", json=sent | {"words": "some words of it"})
    assert "no transcript to quote from" in told.json()["detail"]


def test_scoring_a_call_queues_a_job_and_a_second_reading_takes_the_next_draw(rated):
    program = rated.program("ops_lead")
    unbound = program.post("/api/v1/calls/call-1/score", json={})
    assert (unbound.status_code, unbound.json()["code"]) == (409, "role_unbound")
    config = rated.space.settings.workspace / "config"
    config.mkdir(exist_ok=True)
    (config / "models.yaml").write_text("roles: {rater: {model: m-1}}\n")
    job = program.post("/api/v1/calls/call-2/score", json={"rubric": "v2"}).json()["job"]
    assert rated.space.store[Jobs].get(job).params["draw"] == 0
    assert program.post("/api/v1/calls/call-2/score", json={"rubric": "v2"}).json() == {"job": None}
    second = program.post("/api/v1/calls/call-1/score", json={"rubric": "v2", "reading": "second"}).json()["job"]
    assert rated.space.store[Jobs].get(second).params["draw"] == 1
    assert rated.space.store[Jobs].calls(second) == ["call-1"]


def test_the_page_of_a_call_without_a_rubric_says_so(site, tmp_path):
    from agent.settings import Settings
    from agent.workspace import Workspace

    empty = Workspace(Settings.read(tmp_path / "empty", {}))
    empty.store[Calls].add(call("call-1"))
    found = call_page(empty, "call-1", "")
    assert (found.rubric, found.cards, len(found.turns)) == (None, (), 3)
    empty.store.close()


def test_what_the_other_side_said_stands_beside_the_evidence_and_is_none(site):
    store = site.space.store
    store[Rubrics].add(V2)
    answer = Quote(span=Span(turn=1, start=0, end=19), speaker="Cus", text="About nine thousand")
    store[Ratings].add([rating("call-1", "asks_cost", Rated(value=4, quotes=(COST,), context=(answer,)))])
    page = site.browser("viewer").get("/calls/call-1", params={"rubric": V2.id}).text
    card = page[page.index('id="c-asks_cost"') : page.index('id="c-asks_when"')]
    assert "Context: what somebody else said to it, no evidence" in card
    assert card.index("What does the late close") < card.index("About nine thousand")
    assert "quote-" not in card[card.index("Context:") : card.index("About nine thousand")]
    found = call_page(site.space, "call-1", "", V2.id)
    assert [quote.speaker for _, quote in found.cards[0].quotes] == ["Rae"]
