"""A round over HTTP, opened and submitted, for the tests of calibration."""

from __future__ import annotations

import pytest

from agent.calls.store import Calls
from agent.rubrics.store import Rubrics
from tests.api.conftest import csrf
from tests.builders import call, criterion, rubric

RUBRIC = rubric(
    criterion(),
    criterion("depth", name="Depth", description="How deep the rep asks.", scale="1-5", anchors={1: "not", 5: "deep"}),
    label="team",
)
ASKED, PROMISED = "What does the late close cost you each month?", "I will send you something."
CALLS = ["new-1", "new-2"]
HTMX = {"HX-Request": "true"}


@pytest.fixture(name="opened")
def _opened(site):
    """A round of two calls and two criteria, for the manager and the ops lead."""
    site.space.store[Rubrics].add(RUBRIC)
    for ident in CALLS:
        site.space.store[Calls].add(call(ident, "Sam"))
    new = {"rubric": "team", "raters": ["manager", "ops_lead"], "calls": CALLS}
    answer = site.program("ops_lead").post("/api/v1/rounds", json=new)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == "/api/v1/rounds/1"
    return answer.json()


def rate_all(program, binary, depth, reason="as heard"):
    for ident in CALLS:
        for name, value in (("asks_cost", binary), ("depth", depth)):
            sent = {"call": ident, "criterion": name, "value": value, "reason": reason}
            sent["quotes"] = [{"turn": 0, "words": "late close"}] if value in ("1", "4") else []
            answer = program.post("/api/v1/rounds/1/drafts", json=sent)
            assert answer.status_code == 200, answer.text


@pytest.fixture(name="compared")
def _compared(site, opened):
    """The same round, submitted by both, who differ on `asks_cost`."""
    for role, value in (("manager", "1"), ("ops_lead", "0")):
        program = site.program(role)
        rate_all(program, value, "4", f"reason of {role}")
        assert program.post("/api/v1/rounds/1/submit").status_code == 200
    return opened


def form(browser, path, **fields):
    return {"csrf": csrf(browser, path), **fields}
