"""Patterns over the API and on the pages: figures follow decisions and edits, reps see nothing, history is kept."""

import re

import pytest

from agent.app.highlights import pieces
from agent.app.queue.store import Jobs
from agent.core.errors import Conflict
from agent.core.transcript import Span
from agent.db.audit import AuditLog
from agent.interviews.store import Interviews
from agent.patterns import verbs
from agent.patterns.edits import to_settle
from agent.patterns.model import Renamed
from agent.rubrics.proposal import proposal
from tests.api.conftest import csrf
from tests.builders import owner
from tests.patterns.made import LOST, WON, extracted

DECISION = {"interview": "won-1", "present": True, "reason": "She says so in as many words."}


@pytest.fixture(name="there")
def _there(site):
    extracted(site.space)
    return site


def figures(client):
    found = client.get("/api/v1/patterns").json()
    return {
        p["id"]: (p["won"]["count"], p["won"]["of"], p["lost"]["count"], p["lost"]["of"]) for p in found["patterns"]
    }


def edit(client, **facts):
    return client.post("/api/v1/pattern-edits", json=facts)


def test_an_undecided_interview_is_in_no_count_until_somebody_decides(there):
    client = there.program("ops_lead")
    assert figures(client)["asked_cost"] == (5, 5, 1, 6)
    shown = client.get("/api/v1/patterns/asked_cost").json()
    assert shown["undecided"] == 1
    first = shown["codings"][0]
    assert (first["interview"], first["present"], first["differ"]) == ("won-1", None, True)
    assert first["readings"]["analyst_a"]["quotes"][0]["turn"] == 1
    decided = client.post("/api/v1/patterns/asked_cost/decisions", json=DECISION)
    assert decided.status_code == 200, decided.text
    assert decided.json()["won"]["count"] == 6
    assert figures(client)["asked_cost"] == (6, 6, 1, 6)
    assert there.space.store[AuditLog].page(action="coding_decided")[0].facts == {"interview": "won-1"}


def test_a_presence_that_nobody_quoted_is_refused(there):
    answer = there.program("ops_lead").post(
        "/api/v1/patterns/asked_cost/decisions", json={"interview": "lost-4", "present": True, "reason": "I think so."}
    )
    assert answer.status_code == 422
    assert "quoted" in answer.json()["detail"]


def test_a_merge_counts_either_part_and_can_be_taken_back(there):
    client = there.program("ops_lead")
    before = figures(client)
    made = edit(
        client, kind="merge", patterns=["asked_cost", "sent_brochure"], name="Both", behavior="The rep does either."
    ).json()
    assert made["pattern"] == "both"
    assert figures(client) == {"both": (6, 6, 6, 6)}  # won-1 has the brochure, so its open cell no longer matters
    assert client.get("/api/v1/patterns/asked_cost").status_code == 404
    assert client.get("/api/v1/patterns/both").json()["comes_from"] == ["asked_cost", "sent_brochure"]
    renamed = edit(client, kind="rename", pattern="both", name="One of both").json()
    stuck = client.post(f"/api/v1/pattern-edits/{made['number']}/undo")
    assert stuck.status_code == 409
    assert "take that back first" in stuck.json()["detail"]
    for number in (renamed["number"], made["number"]):
        assert client.post(f"/api/v1/pattern-edits/{number}/undo").status_code == 200
    assert figures(client) == before
    history = client.get("/api/v1/pattern-edits").json()["items"]
    assert [(e["kind"], e["undone"]) for e in history] == [
        ("undone", False),
        ("undone", False),
        ("renamed", True),
        ("merged", True),
    ]
    assert {e["by"] for e in history} == {"ops_lead"}


def test_edits_outlive_a_decision(there):
    client = there.program("ops_lead")
    edit(client, kind="rename", pattern="asked_cost", name="Asks what it costs")
    client.post("/api/v1/patterns/asked_cost/decisions", json=DECISION)
    assert client.get("/api/v1/patterns/asked_cost").json()["name"] == "Asks what it costs"


def test_drafting_goes_by_the_edits(there):
    client = there.program("ops_lead")
    assert {p.pattern.id for p in proposal(there.space).patterns} == {"asked_cost", "sent_brochure"}
    edit(client, kind="reject", pattern="sent_brochure", reason="Nobody can coach it.")
    edit(client, kind="rename", pattern="asked_cost", name="Asks what it costs")
    assert [p.pattern.name for p in proposal(there.space).patterns] == ["Asks what it costs"]
    page = client.get("/api/v1/patterns").json()
    assert [p["rejected"]["reason"] for p in page["rejected"]] == ["Nobody can coach it."]
    assert "sent_brochure" in verbs.by_any_id(there.space)  # criteria of earlier drafts still find it


def test_a_split_is_settled_by_the_person(there):
    client = there.program("ops_lead")
    noted = [o["id"] for o in client.get("/api/v1/patterns/asked_cost").json()["observations"]]
    facts = {
        "kind": "split",
        "pattern": "asked_cost",
        "name": "Asked twice",
        "behavior": "The rep asks for the cost a second time.",
        "observations": noted[:2],
    }
    settled = [{"interview": i, "stays": i != "won-2", "goes": i == "won-2"} for i in (*WON[1:], "lost-1")]
    assert "won-6" in edit(client, **facts, settled=settled[:4]).json()["detail"]
    assert edit(client, **facts, settled=settled).status_code == 201
    assert figures(client) == {
        "asked_cost": (4, 5, 1, 6),
        "asked_twice": (1, 5, 0, 6),
        "sent_brochure": (1, 6, 6, 6),
    }
    assert "undefined" in client.get("/api/v1/patterns/asked_twice").json()["agreement"]


def test_two_edits_of_the_same_state_do_not_both_go_through(there):
    space = there.space
    found = verbs.current(space)
    verbs.rename(owner(space), "asked_cost", "First")
    with pytest.raises(Conflict):
        verbs._add(owner(space), found, Renamed(pattern="sent_brochure", name="Second"))


def test_a_rep_learns_nothing_of_patterns_and_interviews(there):
    client = there.program("rep")
    for path in ("patterns", "patterns/asked_cost", "pattern-edits", "interviews", "interviews/won-1"):
        assert client.get(f"/api/v1/{path}").status_code == 403
    browser = there.browser("rep")
    for path in ("/patterns", "/patterns/asked_cost", "/interviews/won-1"):
        assert browser.get(path).status_code == 403


def test_interviews_come_in_pages_and_by_outcome(there):
    client, seen, cursor = there.program("viewer"), [], ""
    while True:
        page = client.get("/api/v1/interviews", params={"limit": 5, "outcome": "lost", "cursor": cursor}).json()
        seen += [i["id"] for i in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert seen == LOST


def test_drafting_needs_a_model_and_starts_one_job(there):
    client = there.program("ops_lead")
    assert client.post("/api/v1/patterns/draft", json={}).json()["code"] == "role_unbound"
    config = there.space.settings.workspace / "config"
    config.mkdir(exist_ok=True)
    (config / "models.yaml").write_text("roles: {drafter: {model: openai/test}}\n")
    started = client.post("/api/v1/patterns/draft", json={"label": "spring"})
    assert started.status_code == 202
    assert there.space.store[Jobs].get(started.json()["job"]).params["label"] == "spring"
    assert client.post("/api/v1/patterns/draft", json={}).status_code == 409
    page = there.ops_browser.get("/patterns").text
    assert f"/patterns/drafting/{started.json()['job']}/events" in page
    there.space.store[Jobs].cancel(started.json()["job"], "ops_lead")
    events = there.ops_browser.get(f"/patterns/drafting/{started.json()['job']}/events").text
    assert "event: progress" in events
    assert "cancelled by ops_lead" in events
    assert events.rstrip().split("event: ")[-1].startswith("end")


def test_the_page_shows_both_sides_and_leads_on(there):
    page = there.ops_browser.get("/patterns").text
    assert (
        page.index("More in won deals")
        < page.index('<a href="/patterns/asked_cost">Asked')
        < page.index("More in lost deals")
    )
    assert 'aria-label="won: 5 of 5, range 57 to 100\N{NO-BREAK SPACE}%"' in page
    assert "Once the two analysts differ" in page
    empty = there.browser("viewer").get("/patterns").text
    assert "<form" not in empty.split("<main", 1)[1]


def test_a_decision_without_a_reason_keeps_what_was_chosen(there):
    browser = there.ops_browser
    facts = {"source": "asked_cost", "interview": "won-1", "present": "yes"}
    facts["csrf"] = csrf(browser, "/patterns/asked_cost")
    answer = browser.post("/patterns/asked_cost/decide", data=facts)
    assert answer.status_code == 422
    assert "Say why" in answer.text
    assert re.search(r'name="present" value="yes" checked', answer.text)
    done = browser.post("/patterns/asked_cost/decide", data=facts | {"reason": "She does."})
    assert (done.status_code, done.headers["location"]) == (303, "/patterns/asked_cost#codings")


def test_a_split_that_is_refused_keeps_what_was_typed(there):
    browser = there.ops_browser
    open_ones = to_settle(verbs.current(there.space), "asked_cost")
    noted = verbs.current(there.space).entry("asked_cost").observations
    facts = {"name": "Asked twice", "behavior": "", "observation": [noted[0]]}
    facts["csrf"] = csrf(browser, "/patterns/asked_cost/split")
    facts |= {f"in:{i}": "both" for i in open_ones}
    answer = browser.post("/patterns/asked_cost/split", data=facts)
    assert answer.status_code == 422
    assert 'value="Asked twice"' in answer.text
    assert len(re.findall(r'value="both"[^>]* checked', answer.text)) == len(open_ones)
    done = browser.post("/patterns/asked_cost/split", data=facts | {"behavior": "The rep asks again."})
    assert done.headers["location"] == "/patterns/asked_twice"
    assert figures(there.program("viewer"))["asked_twice"] == (6, 6, 1, 6)


def test_a_quote_opens_in_its_interview(there):
    shown = there.ops_browser.get("/patterns/asked_cost").text
    link = re.search(r'href="(/interviews/won-2\?mark=[^"]+)#turn-1"', shown).group(1)
    page = there.ops_browser.get(link.replace("&amp;", "&")).text
    assert '<mark class="here">She asked what a late close costs us.</mark>' in page
    assert "<mark>" not in there.ops_browser.get("/interviews/lost-2?pattern=asked_cost").text


def test_an_interview_can_be_read_before_anything_is_extracted(site):
    assert "She asked what a late close costs us." in site.ops_browser.get("/interviews/int-1").text
    assert "Upload interviews" not in site.ops_browser.get("/patterns").text  # there is one interview already


def test_pieces_give_the_text_back_with_overlapping_marks():
    text = "She asked what it costs."
    marks = [
        (Span(turn=2, start=0, end=9), "a"),
        (Span(turn=2, start=4, end=14), "b"),
        (Span(turn=3, start=0, end=5), "c"),
    ]
    found = pieces(text, 2, marks)
    assert "".join(p.text for p in found) == text
    assert [(p.text, p.labels) for p in found] == [
        ("She ", ("a",)),
        ("asked", ("a", "b")),
        (" what", ("b",)),
        (" it costs.", ()),
    ]
    assert pieces("short", 2, [(Span(turn=2, start=2, end=99), "a")])[-1].labels == ("a",)


async def test_the_job_asks_for_each_pattern_in_use_and_tells_how_far_it_is(there, tmp_path):
    from dataclasses import replace

    from agent.app.queue.kinds import kind
    from agent.core.errors import RecordingMissing
    from agent.workspace import Workspace

    verbs.reject(owner(there.space), "sent_brochure", "Nobody can coach it.")
    (tmp_path / "empty").mkdir()
    settings = replace(there.space.settings, replay=tmp_path / "empty", environment={"CLOSEREAD_MODEL": "openai/relay"})
    told, space = [], Workspace(settings)
    job = space.store[Jobs].create("draft", {"label": "spring"}, "ops_lead")
    with pytest.raises(RecordingMissing, match="draft_criteria"):
        await kind("draft").work(space, job, told.append)
    assert {(p.phase, p.total) for p in told} == {("drafting criteria", 1)}
    space.store.close()


def test_an_interview_whose_sides_are_open_is_left_out_and_said(there):
    store = there.space.store[Interviews]
    one = store.get("won-2")
    extra = one.transcript.model_copy(update={"roles": dict(list(one.transcript.roles.items())[:1])})
    store.add(one.model_copy(update={"transcript": extra}))
    assert verbs.open_interviews(there.space) == ["won-2"]
    assert "won-2" not in {interview.id for interview in verbs.placed_interviews(there.space)}
    assert "Left out until it is said who is on whose side" in there.browser("ops_lead").get("/patterns").text
