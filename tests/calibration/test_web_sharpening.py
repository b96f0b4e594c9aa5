"""Sharper wording over HTTP: by hand, drafted by a model, accepted as a new version."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from agent.calibration.sharpening import word_changes
from agent.rubrics.store import Rubrics
from tests.calibration.made import HTMX, PROMISED, RUBRIC, _compared, _opened, form  # noqa: F401


def test_a_wording_by_hand_becomes_a_new_version_and_the_next_round_is_filled_in(site, compared):
    browser, path = site.browser("ops_lead"), "/calibration/1/sharpen"
    unchanged = browser.post(path, data=form(browser, path))
    assert unchanged.status_code == 422
    assert "nothing is different yet" in unchanged.text.lower()
    option = "present:new-1:0:14:24"
    assert f'value="{option}"' in browser.get(path).text
    sent = form(browser, path, **{"description:asks_cost": "The rep asks what it costs in money.", "label": "team-2"})
    sent |= {"example:asks_cost": option, "why:asks_cost": "names the close"}
    stored = browser.post(path, data=sent)
    assert stored.status_code == 303
    new = site.space.store[Rubrics].get("team-2")
    assert new.criterion("asks_cost").description == "The rep asks what it costs in money."
    assert new.criterion("depth") == RUBRIC.criterion("depth")
    example = new.criterion("asks_cost").examples[-1]
    assert (example.text, example.source, example.why) == ("late close", "new-1", "names the close")
    shown = browser.get(stored.headers["location"]).text
    assert "<ins>" in shown
    assert "<del>" in shown
    onward = browser.get("/calibration/1/next").headers["location"]
    assert "rubric=team-2" in onward
    assert "rater=manager&rater=ops_lead" in onward


def test_the_wording_is_taken_over_the_api_and_an_empty_one_is_not(site, compared):
    program, path = site.program("ops_lead"), "/api/v1/rounds/1/sharpen/accept"
    wording = {
        "criterion": "depth",
        "description": "How deep the rep asks.",
        "anchors": {"5": "two follow-ups or more"},
    }
    made = program.post(path, json={"criteria": [wording]})
    assert made.status_code == 201
    assert made.json()["rubric"]["label"] == "team-2"
    assert any(line.startswith("+") and "two follow-ups" in line for line in made.json()["diff"])
    assert site.space.store[Rubrics].get("team-2").criterion("depth").anchors == {1: "not", 5: "two follow-ups or more"}
    for wrong in ({"description": " "}, {"anchors": {"7": "x"}}, {"criterion": "charm"}, {"anchors": None}):
        assert program.post(path, json={"criteria": [wording | wrong]}).status_code in (400, 422)


class Drafter(BaseHTTPRequestHandler):
    """An OpenAI-compatible endpoint that drafts one wording."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        near = {"source": "new-1", "turn": 2, "quote": PROMISED, "why": "a promise is no question"}
        reply = {"difference": "Promises.", "description": "The rep asks for a sum.", "anchors": [], "near_miss": near}
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": json.dumps(reply)}}
        usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
        made = {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage}
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(made).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def drafter(site) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Drafter) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        config = site.space.settings.workspace / "config"
        config.mkdir(exist_ok=True)
        base = f"http://127.0.0.1:{server.server_address[1]}/v1"
        (config / "models.yaml").write_text(f'roles:\n  drafter: {{model: openai/m, api_base: "{base}"}}\n')
        yield
        server.shutdown()


def test_the_model_drafts_into_the_fields_and_nothing_is_stored(site, compared, drafter):
    browser, path = site.browser("ops_lead"), "/calibration/1/sharpen"
    sent = form(browser, path, criterion="asks_cost", **{"description:depth": "typed meanwhile"})
    part = browser.post(f"{path}/draft", data=sent, headers=HTMX)
    assert part.status_code == 200, part.text
    assert 'id="wording-asks_cost"' in part.text
    assert "The rep asks for a sum." in part.text
    assert "<ins>" in part.text
    page = browser.post(f"{path}/draft", data=sent).text
    assert "typed meanwhile" in page, "without a script the rest of the form is kept"
    assert "The rep asks for a sum." in page
    assert [stored.rubric.label for stored in site.space.store[Rubrics].all()] == ["v1", "team"]
    taken = {"description:asks_cost": "The rep asks for a sum.", "example:asks_cost": "drafted", "label": "team-2"}
    taken |= {"drafted-call:asks_cost": "new-1", "drafted-turn:asks_cost": "2", "drafted-words:asks_cost": PROMISED}
    assert browser.post(path, data=form(browser, path, **taken)).status_code == 303
    example = site.space.store[Rubrics].get("team-2").criterion("asks_cost").examples[-1]
    assert (example.kind, example.text, example.source) == ("absent", PROMISED, "new-1")


def test_drafts_over_the_api_can_be_accepted_as_they_are(site, compared, drafter):
    program = site.program("ops_lead")
    drafts = program.post("/api/v1/rounds/1/sharpen/drafts", json={"criteria": ["asks_cost"]}).json()["items"]
    found = drafts[0]
    assert (found["description"], found["example"]["words"]) == ("The rep asks for a sum.", PROMISED)
    wording = {key: found[key] for key in ("criterion", "description")} | {"examples": [found["example"]]}
    assert program.post("/api/v1/rounds/1/sharpen/accept", json={"criteria": [wording]}).status_code == 201


def test_without_a_model_the_page_says_so_and_the_draft_is_a_clear_refusal(site, compared):
    browser, path = site.browser("ops_lead"), "/calibration/1/sharpen"
    assert "No model is set up for drafting" in browser.get(path).text
    part = browser.post(f"{path}/draft", data=form(browser, path, criterion="asks_cost"), headers=HTMX)
    assert (part.status_code, part.headers["hx-retarget"]) == (409, "#wording-asks_cost")
    assert "no model is bound to the role" in part.text.lower()


@pytest.mark.parametrize(
    ("old", "new", "runs"),
    [
        ("a b c d", "a b x d", [("same", "a b "), ("gone", "c "), ("new", "x "), ("same", "d")]),
        ("a b", "a b", [("same", "a b")]),
        ("", "new words", [("new", "new words")]),
        ("all of it", "quite another text", [("gone", "all of it"), ("new", "quite another text")]),
    ],
)
def test_changes_are_shown_word_by_word_unless_nothing_is_left(old, new, runs):
    assert word_changes(old, new) == runs
