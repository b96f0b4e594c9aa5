"""Evals, prompts, models and spending through the API and the pages."""

from datetime import UTC, datetime

import pytest

from agent.app.queue.store import Jobs
from agent.db.ledger import SqlLedger
from agent.evals.lists import archive
from agent.llm.spending import Entry, Usage
from agent.rubrics.store import Rubrics
from tests.api.conftest import csrf, made_site
from tests.api.evals import SUITE, two_runs
from tests.evals.made import ASKED

API = "/api/v1"


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("evals")) as site:
        yield site


@pytest.fixture(name="runs", scope="module")
def _runs(site):
    return tuple(run.id for run in two_runs(site.space))


@pytest.fixture(name="ops", scope="module")
def _ops(site):
    return site.program("ops_lead")


@pytest.fixture(name="browser", scope="module")
def _browser(site):
    return site.ops_browser


def test_runs_are_listed_newest_first_and_page_by_page(ops, runs):
    first = ops.get(f"{API}/evals/runs", params={"limit": 1}).json()
    second = ops.get(f"{API}/evals/runs", params={"limit": 1, "cursor": first["next"]}).json()
    assert [first["items"][0]["id"], second["items"][0]["id"]] == [runs[1], runs[0]]
    assert second["next"] is None
    assert (first["items"][0]["failures"], second["items"][0]["failures"]) == (6, 0)


def test_a_report_has_intervals_and_the_three_yardsticks(ops, runs):
    report = ops.get(f"{API}/evals/runs/{runs[0]}").json()
    found = report["criteria"][0]
    assert found["exact"]["value"] == 1.0
    assert found["exact"]["low"] < 1.0
    assert found["constant"]["exact"]["value"] == 0.5
    assert "undefined" in found["human_ceiling"]["exact"]
    assert found["floor"]["exact"].keys() & {"value", "undefined"}


def test_the_page_of_a_run_says_where_it_is_no_better_than_guessing(browser, runs):
    page = browser.get(f"/evals/runs/{runs[1]}").text
    assert "no better than always guessing" in page
    assert "Human ceiling" in page
    assert "not defined: fewer than two cases were rated by two people" in page


def test_what_is_wrong_in_split_test_is_counted_and_not_shown(browser, runs):
    for path in (f"/evals/runs/{runs[1]}", f"/evals/compare?first={runs[0]}&second={runs[1]}"):
        page = browser.get(path).text
        assert "call-09" in page
        assert "1 more are of split test" in page
    assert "call-11" not in browser.get(f"/evals/runs/{runs[1]}").text


def test_a_comparison_shows_flips_in_both_directions_with_both_quotes(ops, browser, runs):
    worse = ops.get(f"{API}/evals/compare", params={"first": runs[0], "second": runs[1]}).json()
    better = ops.get(f"{API}/evals/compare", params={"first": runs[1], "second": runs[0]}).json()
    assert [c["verdict"] for c in worse["criteria"]] == ["worse"]
    assert [c["verdict"] for c in better["criteria"]] == ["better"]
    assert {f["change"] for f in worse["flips"]} == {"worse"}
    assert worse["flips"][0]["first_quotes"] == [{"turn": 0, "text": ASKED}]
    page = browser.get(f"/evals/compare?first={runs[0]}&second={runs[1]}").text
    assert "Got worse: 5" in page
    assert "Do not ship." in page
    assert "Got better: 5" in browser.get(f"/evals/compare?first={runs[1]}&second={runs[0]}").text


def test_one_run_is_not_compared_with_itself(browser, runs):
    answer = browser.get(f"/evals/compare?first={runs[0]}&second={runs[0]}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/evals")
    assert "Choose two different runs" in browser.get("/evals").text


def test_the_gate_is_closed_for_the_worse_run_and_its_answer_is_kept(site, ops, runs):
    looked = ops.get(f"{API}/evals/suites/{SUITE}/verdict", params={"run": runs[1], "against": runs[0]}).json()
    assert archive(site.space).verdicts() == []
    kept = ops.post(f"{API}/evals/suites/{SUITE}/gate", json={"run": runs[1], "against": runs[0]}).json()
    assert looked == kept
    assert kept["passed"] is False
    closed = [check for check in kept["checks"] if check["result"] == "closed"]
    assert closed[0]["look_at"]
    assert [v.candidate for v in archive(site.space).verdicts()] == [runs[1]]


def test_a_baseline_is_accepted_with_name_and_reason(site, ops, browser, runs):
    path = f"/evals/runs/{runs[0]}"
    refused = browser.post(f"{path}/accept", data={"reason": " ", "csrf": csrf(browser, path)})
    assert refused.status_code == 422
    assert "Say why" in refused.text
    sent = browser.post(f"{path}/accept", data={"reason": "read all", "csrf": csrf(browser, path)})
    assert sent.status_code == 303
    line = ops.get(f"{API}/evals/suites/{SUITE}").json()
    assert (line["baseline"]["run"], line["baseline"]["by"], line["baseline"]["reason"]) == (
        runs[0],
        "ops_lead",
        "read all",
    )
    assert ops.get(f"{API}/audit", params={"action": "baseline_accepted"}).json()["items"][0]["subject"] == runs[0]


def test_a_suite_is_found_by_name_and_never_by_folder(ops, tmp_path):
    (tmp_path / "suite.yaml").write_text("kind: quotes")
    answer = ops.get(f"{API}/evals/suites/{str(tmp_path).replace('/', '%2F')}/verdict")
    assert answer.status_code == 404


def test_without_a_model_the_suite_says_how_to_bind_one(ops, browser, runs):
    page = browser.get(f"/evals/suites/{SUITE}").text
    assert "No model is bound to the role" in page
    answer = ops.post(f"{API}/evals/suites/{SUITE}/runs", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "role_unbound")
    assert "no model is bound" in browser.get(f"/evals/suites/{SUITE}/estimate").text.lower()


def test_what_a_run_costs_is_said_before_it_is_started(ops, browser, runs):
    model = {"model": "openai/gpt-4.1-mini"}
    plan = ops.get(f"{API}/evals/suites/{SUITE}/plan", params=model).json()
    assert (plan["requests"], plan["cached"], plan["to_send"]) == (12, 0, 12)
    assert plan["usd"] > 0
    assert "12 requests to send" in browser.get(f"/evals/suites/{SUITE}/estimate", params=model).text
    twice = ops.get(f"{API}/evals/suites/{SUITE}/plan", params=model | {"draws": 2}).json()
    assert twice["requests"] == 24


def test_a_run_is_started_once(ops, browser, runs):
    body = {"model": "test/model", "prompt": "rate_call@1", "budget_usd": 1, "fresh": True}
    job = ops.post(f"{API}/evals/suites/{SUITE}/runs", json=body)
    assert job.status_code == 201
    assert (job.json()["params"]["suite"], job.json()["params"]["fresh"]) == (SUITE, True)
    assert ops.post(f"{API}/evals/suites/{SUITE}/runs", json=body).status_code == 409
    page = browser.get(f"/jobs/{job.json()['id']}")
    assert "Running a suite" in page.text
    ops.post(f"{API}/jobs/{job.json()['id']}/cancel")


def test_what_is_typed_is_kept_where_it_does_not_fit(browser, runs):
    path = f"/evals/suites/{SUITE}"
    form = {"budget": "much", "model": "test/kept", "fresh": "true", "csrf": csrf(browser, path)}
    answer = browser.post(f"{path}/runs", data=form)
    assert answer.status_code == 422
    assert 'value="test/kept"' in answer.text
    assert 'value="much"' in answer.text
    assert 'name="fresh" value="true" checked' in answer.text


def test_prompts_with_versions_and_what_changed(ops, browser):
    items = ops.get(f"{API}/prompts").json()["items"]
    mine = {p["version"]: p for p in items if p["name"] == "rate_call"}
    assert mine[1]["status"] == "released"
    assert mine[2]["changed"]
    lines = ops.get(f"{API}/prompts/diff", params={"first": "rate_call@1", "second": "rate_call@2"}).json()["lines"]
    assert any(line.startswith("+version: 2") for line in lines)
    assert "+version: 2" in browser.get("/prompts/diff?first=rate_call@1&second=rate_call@2").text


def test_a_draft_is_not_released_without_a_passed_gate(site, ops, browser):
    items = ops.get(f"{API}/prompts").json()["items"]
    released = {p["name"] for p in items if p["status"] == "released"}
    drafts = [p for p in items if p["status"] == "draft" and p["name"] in released]
    for draft in drafts:
        path = f"/prompts/{draft['name']}/{draft['version']}/release"
        assert ops.get(API + path).json()["allowed"] is False
        assert ops.post(API + path).json()["code"] == "gate"
        page = browser.post(path, data={"csrf": csrf(browser, "/prompts")})
        assert page.status_code == 409
        assert "has no passed gate" in page.text
    assert drafts


@pytest.mark.parametrize("version", ["../evals@1", "rate_call@x", "rate_call"])
def test_a_version_is_a_name_and_a_number(ops, version):
    assert ops.get(f"{API}/prompts/diff", params={"first": version, "second": "rate_call@1"}).status_code == 422


def test_spending_adds_up_by_model_rubric_and_job(site, ops, browser):
    ledger, store = site.space.store[SqlLedger], site.space.store
    job = store[Jobs].create("score", {}, "ops_lead")
    rubric = store[Rubrics].all()[0].rubric
    common = {"request": "rq", "role": "rater", "prompt": "p", "subject": "call-1", "seconds": 1.0, "attempts": 1}
    used = Usage(input_tokens=100, output_tokens=10)
    now = datetime.now(UTC)
    for book, usd, source, at in (
        (ledger.within(job.id, rubric.id), 0.75, "provider", now),
        (ledger, 0.5, "batch", now),
        (ledger, None, "provider", now),
        (ledger, 0.0, "cache", now),
        (ledger, 9.0, "provider", datetime(2020, 1, 1, tzinfo=UTC)),
    ):
        book.record(Entry(**common, model="a/b", source=source, usage=used, usd=usd, at=at))
    found = ops.get(f"{API}/spending").json()
    assert (found["usd"], found["unpriced"], found["budget_usd"]) == (1.25, 1, None)
    assert [(s["id"], s["requests"], s["usd"]) for s in found["by_model"]] == [("a/b", 3, 1.25)]
    assert [(s["name"], s["usd"]) for s in found["by_rubric"]] == [(rubric.label, 0.75), ("", 0.5)]
    assert found["by_job"][0]["name"].startswith("score, ")
    assert "1 requests at an unknown price" in browser.get("/admin/models").text
