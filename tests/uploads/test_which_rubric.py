"""Ratings made elsewhere are read as ratings with the rubric in use: a newer draft of the same ids is taken only when it is
named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.ratings.store import Ratings
from agent.rubrics.model import RubricState
from agent.rubrics.store import Rubrics, RubricStates
from tests.builders import criterion, rubric
from tests.cli.conftest import Shell
from tests.uploads.bringing import Bringing

TABLE = b"call_id,date,rep,criterion,value\nold-1,2026-10-01,Rae,asks_cost,1\nold-2,2026-10-02,Rae,asks_cost,0\n"
SAID = "rubric v1, which is deployed; next is newer and not in use"


@pytest.fixture(name="draft")
def _draft(site):
    """The site with version 1 deployed, and a newer draft that words the same criterion otherwise."""
    store = site.space.store
    (deployed,) = store[Rubrics].all()
    store[RubricStates].set(RubricState(rubric=deployed.rubric.id, state="deployed", at=datetime.now(UTC)))
    return store[Rubrics].add(rubric(criterion(description="The rep asks what it costs in money."), label="next"))


def rated_with(site):
    """The labels of the rubrics of what was imported."""
    store = site.space.store
    label = {one.rubric.id: one.rubric.label for one in store[Rubrics].all()}
    return {label[one.provenance.rubric] for one in store[Ratings].look(["old-1", "old-2"], viewer="ops_lead").ratings}


@pytest.fixture(name="file")
def _file(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_bytes(TABLE)
    return str(path)


def test_the_command_takes_the_rubric_in_use_and_says_so(site, draft, file, capsys):
    shell = Shell(site.space.settings.workspace, capsys)
    done = shell("ratings", "import", file)
    assert "v1: 2 ratings on 2 calls: 2 new" in done.out
    assert SAID in " ".join(done.err.split())
    assert rated_with(site) == {"v1"}
    assert "next: 2 ratings on 2 calls" in shell("ratings", "import", file, "--rubric", "next").out
    assert "next" in rated_with(site)


def test_the_api_takes_the_rubric_in_use_and_says_so(site, draft):
    program, sent = site.program("ops_lead"), {"file": ("ratings.csv", TABLE, "text/csv")}
    done = program.post("/api/v1/imports/ratings", files=sent)
    assert done.status_code == 201
    assert any(SAID in note for note in done.json()["notes"])
    assert rated_with(site) == {"v1"}
    named = program.post("/api/v1/imports/ratings", files=sent, data={"rubric": "next"}).json()
    assert not any("not in use" in note for note in named["notes"])
    assert "next" in rated_with(site)


def test_the_page_takes_the_rubric_in_use_and_says_so(site, draft):
    ops = Bringing(site)
    place = ops.bring([("files", ("ratings.csv", TABLE, "text/csv"))], "ratings")
    page = ops.get(place).text
    assert "the rubric in use: v1" in page
    assert SAID in page
    ops.store(place)
    assert rated_with(site) == {"v1"}
