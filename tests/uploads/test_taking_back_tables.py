"""Deals, cycles and ratings out of a table are taken back as they came: what they added goes, what they replaced is back."""

from __future__ import annotations

import pytest

from agent.calls.store import Calls
from agent.outcomes.store import Deals
from agent.profiles.store import CoachingPeriods
from agent.ratings.store import Ratings
from agent.settings import Settings
from agent.workspace import Workspace

DEALS = "deal_id,rep,opened,closed,outcome,furthest_stage\n"
CYCLES = "rep,cycle,start,end,criteria\n"
RATINGS = "call_id,date,rep,criterion,value\n"


@pytest.fixture
def bring(closeread, tmp_path):
    """Imports a table and gives back the upload's id."""

    def made(kind, name, text):
        (tmp_path / name).write_text(text)
        closeread(kind, "import", tmp_path / name, "--json")
        assert closeread.code == 0, closeread.err
        return closeread.json["upload"]["id"]

    return made


@pytest.fixture
def store(closeread):
    closeread("uploads", "list")
    space = Workspace(Settings.read(closeread.folder))
    yield space.store
    space.store.close()


def test_deals_that_were_added_go_and_those_replaced_are_back(closeread, bring, store):
    first = bring("deals", "a.csv", DEALS + "d1,Rae,2026-03-04,2026-04-04,lost,lead\nd2,Rae,2026-03-04,,open,lead\n")
    before = store[Deals].all()
    second = bring("deals", "b.csv", DEALS + "d2,Rae,2026-03-04,2026-05-01,won,\nd3,Bo,2026-03-04,,open,lead\n")
    preview = closeread("uploads", "undo", first, "--dry-run", "--json").json
    assert preview == {
        "removed": ["d1"],
        "restored": [],
        "kept": {"d2": f"{second} brought it again: take that back first"},
        "along": {},
    }
    assert len(store[Deals].all()) == 3
    assert closeread("uploads", "undo", second, "--json").json == {
        "removed": ["d3"],
        "restored": ["d2"],
        "kept": {},
        "along": {},
    }
    assert store[Deals].all() == before
    assert closeread("uploads", "undo", first, "--json").json["removed"] == ["d1", "d2"]
    assert store[Deals].all() == []
    assert closeread("uploads", "undo", first).code == 8
    assert "was taken back already" in closeread.err


def test_cycles_are_taken_back(closeread, bring, store):
    first = bring("coaching", "a.csv", CYCLES + "Rae,c1,2026-01-01,2026-02-01,asks_cost\n")
    before = store[CoachingPeriods].all()
    again = bring(
        "coaching", "b.csv", CYCLES + "Rae,c1,2026-01-01,2026-03-01,asks_cost\nBo,c1,2026-01-01,2026-02-01,x\n"
    )
    done = closeread("uploads", "undo", again, "--json").json
    assert (done["removed"], done["restored"]) == (["Bo / c1"], ["Rae / c1"])
    assert store[CoachingPeriods].all() == before
    closeread("uploads", "undo", first)
    assert store[CoachingPeriods].all() == []


def test_what_was_renamed_since_is_taken_back_under_the_name_it_has_now(closeread, bring, store):
    """Weeks later bo ray is Bo Ray: the cycle that an upload brought goes by that name, and an earlier row comes back with it."""
    deals = bring("deals", "a.csv", DEALS + "d1,bo ray,2026-03-04,2026-04-04,lost,lead\n")
    changed = bring("deals", "b.csv", DEALS + "d1,bo ray,2026-03-04,2026-04-05,won,\n")
    cycles = bring("coaching", "c.csv", CYCLES + "bo ray,c1,2026-01-01,2026-02-01,x\n")
    assert closeread("people", "rename", "bo ray", "Bo Ray").code == 0, closeread.err
    later = bring("coaching", "d.csv", CYCLES + "Bo Ray,c1,2026-01-01,2026-02-03,x\n")
    assert closeread("uploads", "undo", cycles, "--dry-run", "--json").json["kept"] == {
        "bo ray / c1": f"{later} brought it again: take that back first"
    }
    assert closeread("uploads", "undo", later, "--json").json["restored"] == ["Bo Ray / c1"]
    assert [(p.rep, p.end.day) for p in store[CoachingPeriods].all()] == [("Bo Ray", 1)]
    assert closeread("uploads", "undo", cycles, "--json").json["removed"] == ["bo ray / c1"]
    assert store[CoachingPeriods].all() == []
    closeread("uploads", "undo", changed)
    assert [(d.rep, d.outcome) for d in store[Deals].all()] == [("Bo Ray", "lost")]
    closeread("uploads", "undo", deals)
    assert store[Deals].all() == []


def test_ratings_are_taken_back_with_the_calls_that_nothing_else_is_known_of(closeread, with_sample, bring, store):
    heard = store[Calls].heard()[0]
    about = store[Calls].about(heard)
    rows = f"x-1,2026-01-02,Rae,consequence_question,1\n{heard},{about.date},{about.rep},consequence_question,0\n"
    first = bring("ratings", "scores.csv", RATINGS + rows)
    counted = store[Ratings].current(["x-1", heard])
    assert len(counted) == 2
    other = bring("ratings", "scores.csv", RATINGS + rows.replace("question,1", "question,0"))
    kept = closeread("uploads", "undo", first, "--dry-run", "--json").json["kept"]
    assert kept == {"x-1": "a rating of it was corrected since, or brought again"}
    assert closeread("uploads", "undo", other).code == 0
    assert {r.id for r in store[Ratings].current(["x-1", heard])} == {r.id for r in counted}
    done = closeread("uploads", "undo", first, "--json").json
    assert (done["removed"], done["restored"]) == (["x-1"], [heard])
    assert store[Ratings].current([heard]) == []
    assert store[Calls].facts(["x-1", heard]).keys() == {heard}
