"""Retention through the API, the page and the command line."""

import io
import json
import zipfile

import pytest
from typer.testing import CliRunner

from agent.calls.store import Calls
from agent.main import app
from tests.api.conftest import csrf

API = "/api/v1/retention"


def test_counts_first_then_a_typed_word_and_a_line_in_the_log(site):
    ops = site.program("ops_lead")
    counted = ops.get(API, params={"rep": "Rae"}).json()
    assert counted["calls"] == 2
    refused = ops.post(API, json={"rep": "Rae", "confirm": "yes"})
    assert refused.status_code == 422
    assert site.space.store[Calls].get("call-1").transcript.turns
    done = ops.post(API, json={"rep": "Rae", "confirm": "remove"})
    assert done.json() == counted
    assert [row.has_transcript for row in site.space.store[Calls].page()] == [True, False, False]
    line = ops.get("/api/v1/audit", params={"action": "removed"}).json()["items"][0]
    assert (line["person"], line["facts"]["calls"], line["facts"]["rep"]) == ("ops_lead", 2, "Rae")


def test_the_log_does_not_name_the_customer(site):
    ops = site.program("ops_lead")
    assert ops.post(API, json={"customer": "Bo", "confirm": "remove"}).status_code == 200
    line = ops.get("/api/v1/audit", params={"action": "removed"}).json()["items"][0]
    assert line["facts"]["by_customer"] is True
    assert '"Bo"' not in json.dumps(line)


def test_without_a_limit_nothing_goes(site):
    answer = site.program("ops_lead").post(API, json={"confirm": "remove"})
    assert (answer.status_code, answer.json()["code"]) == (400, "usage")


def test_the_page_counts_asks_for_the_word_and_removes(site):
    browser = site.browser("ops_lead")
    page = browser.get("/admin/retention", params={"rep": "Sam"}).text
    assert "1 lose transcript" in page
    form = {"rep": "Sam", "csrf": csrf(browser, "/admin/retention")}
    refused = browser.post("/admin/retention", data=form | {"confirm": "no"})
    assert refused.status_code == 422
    assert "type the word" in refused.text.lower()
    assert browser.post("/admin/retention", data=form | {"confirm": "remove"}).status_code == 303
    assert browser.get("/calls/call-3").status_code == 200


def test_everything_about_a_person_in_a_zip(site):
    ops = site.program("ops_lead")
    made = zipfile.ZipFile(io.BytesIO(ops.get(f"{API}/export", params={"name": "Rae"}).content))
    calls = json.loads(made.read("calls.json"))
    assert [call["id"] for call in calls] == ["call-1", "call-2"]
    assert calls[0]["transcript"]["turns"]
    assert [p["name"] for p in json.loads(made.read("account.json"))] == ["rep"]
    assert ops.get(f"{API}/export", params={"name": "Nobody"}).status_code == 404


@pytest.mark.parametrize("dry", [True, False])
def test_the_command_line(site, dry):
    folder = str(site.space.settings.workspace)
    options = ["--workspace", folder, "retention", "--rep", "Sam", "--json", "--dry-run" if dry else "--yes"]
    found = CliRunner().invoke(app, options)
    assert json.loads(found.stdout)["calls"] == 1
    assert site.space.store[Calls].about("call-3").has_transcript is dry
