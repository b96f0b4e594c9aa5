"""`/metrics` of the web application: who may ask, and that no address gets out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from agent.app.queue.store import Jobs
from agent.calls.store import Calls
from agent.core.observing.metrics import exposition
from agent.people.store import Tokens
from agent.server import create_app
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import call
from tests.core.seen import watched

ROOT = Path(__file__).parents[2]
HERE, ELSEWHERE = ("127.0.0.1", 50000), ("203.0.113.7", 50000)


@pytest.fixture
def space(tmp_path):
    space = Workspace(Settings(tmp_path, f"sqlite:///{tmp_path}/closeread.db", {}))
    yield space
    space.store.close()


def client(space, address):
    return TestClient(create_app(space), "http://closeread.test", client=address, follow_redirects=False)


def test_metrics_from_this_machine_and_from_nowhere_else_without_a_token(space):
    assert client(space, HERE).get("/metrics").status_code == 200
    assert client(space, ("::1", 1)).get("/metrics").status_code == 200
    assert client(space, ELSEWHERE).get("/metrics").status_code == 401
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert client(space, HERE).get("/metrics", headers={header: "203.0.113.7"}).status_code == 401


@pytest.mark.parametrize(("role", "status"), [("viewer", 200), ("ops_lead", 200), ("rep", 403)])
def test_metrics_from_elsewhere_with_a_token_of_the_team(space, role, status):
    secret = space.store[Tokens].create(role, rep="Rae" if role == "rep" else "").secret
    asked = client(space, ELSEWHERE).get("/metrics", headers={"Authorization": f"Bearer {secret}"})
    assert asked.status_code == status


def test_calls_that_wait_are_counted_when_asked(space):
    space.store[Calls].add(call())
    space.store[Jobs].create("score", {}, "Ann", ["call-1"])
    page = client(space, HERE).get("/metrics").text
    assert 'closeread_job_calls{kind="score",state="waiting"} 1.0' in page
    assert "closeread_queue_depth 1.0" in page


def test_the_other_figures_remain_while_the_database_is_away():
    page = exposition(lambda: None).decode()
    assert "closeread_database_up 0.0" in page
    assert "queue_depth" not in page
    assert "closeread_http_requests_total" in page


def test_requests_are_told_by_route_and_never_by_address(space):
    site = client(space, ELSEWHERE)
    with watched() as seen:
        site.get("/quuxindustries/wilhelmina?q=Zebra")
        site.get("/api/v1/quuxindustries", headers={"User-Agent": "Zebra"})
        site.request("ZEBRA", "/healthz")
        site.get("/api/v1/me")
        site.get("/healthz")
    requests = {
        (span.attributes["closeread.route"], span.attributes["closeread.status"])
        for span in seen.spans.get_finished_spans()
    }
    assert {("(none)", 404), ("/api/v1/me", 401), ("/healthz", 200)} <= requests
    assert seen.value("http_requests_total", method="GET", route="(none)", status="404") == 2
    assert seen.value("http_requests_total", method="other", route="/healthz", status="405") == 1
    assert seen.value("http_request_seconds_count", method="GET", route="/api/v1/me") == 1
    assert re.search("zebra|quux|wilhelmina", seen.whole(), re.IGNORECASE) is None


def test_a_crash_is_logged_with_its_place_and_without_its_words(space):
    app = create_app(space)

    def broken() -> None:
        raise ValueError("Zebra")

    app.router.add_route("/broken", lambda request: broken())
    with watched() as seen:
        answer = TestClient(app, "http://closeread.test", raise_server_exceptions=False).get("/broken")
    assert answer.status_code == 500
    assert "Zebra" not in seen.whole()
    (line,) = [line for line in seen.logged() if "error" in line]
    assert line["error"] == ["ValueError"]
    assert any("test_observing_web.py" in place for place in line["places"])


def test_processes_that_answer_one_port_count_together(tmp_path):
    program = """
import sys
from pathlib import Path
from agent.core.observing import metrics, tell
if sys.argv[2] == "first":
    metrics.share(Path(sys.argv[1]))
metrics.process_metrics()
tell("ratings", status="rated", kind="", count=2)
if sys.argv[2] == "second":
    print(metrics.exposition(lambda: {("score", "waiting"): 3}).decode())
"""
    shared = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "shared")}
    told = [sys.executable, "-c", program, str(tmp_path / "shared")]
    subprocess.run([*told, "first"], check=True, cwd=ROOT)
    done = subprocess.run([*told, "second"], check=True, cwd=ROOT, env=shared, capture_output=True, text=True)
    assert 'closeread_ratings_stored_total{status="rated"} 4.0' in done.stdout
    assert "closeread_queue_depth 3.0" in done.stdout
