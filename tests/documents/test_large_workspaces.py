"""Services that take a part of much: estimates from some interviews, near misses from the newest ratings, sources of a
draft from the first calls, an export in parts."""

import io
import json
import zipfile
from datetime import UTC, date, datetime

import pytest

from agent.calls.store import Calls
from agent.db.audit import AuditLog
from agent.documents.verbs import export_scoring_guide
from agent.interviews.store import Interviews
from agent.jobs import plans as job_plans
from agent.ratings.model import NearestMiss, Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.retention.verbs import export_person
from agent.rubrics.drafting import sources
from agent.rubrics.store import Rubrics
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import call, criterion, interview, owner, rubric

AT = datetime(2026, 11, 1, tzinfo=UTC)
RUBRIC = rubric(criterion(), criterion("depth", scale="1-5"))


@pytest.fixture
def space(tmp_path):
    made = Workspace(Settings.read(tmp_path / "space", {"CLOSEREAD_MODEL": "openai/gpt-4.1-mini"}))
    made.store[Rubrics].add(RUBRIC)
    yield made
    made.store.close()


def test_the_estimate_counts_some_interviews_and_says_how_many_requests_all_take(space):
    for number in range(10):
        space.store[Interviews].add(interview(f"int-{number:02}"))
    few = job_plans.plan(space, "extract")
    assert (few.requests, few.counted) == (20, True)
    for number in range(10, 50):
        space.store[Interviews].add(interview(f"int-{number:02}"))
    many = job_plans.plan(space, "extract")
    assert (many.requests, many.counted) == (100, False)
    assert many.tokens == 5 * few.tokens  # they are all alike


def test_examples_of_a_draft_come_from_the_first_calls_of_each_rep(space):
    for number, rep in enumerate(["Sam", "Rae", "Rae", "Bea"]):
        one = call(f"call-{number}", rep).model_copy(update={"date": date(2026, 10, 9 - number)})
        space.store[Calls].add(one)
    found = sources(space, 100_000)
    assert [one.id for one in found.calls] == ["call-3", "call-2", "call-0", "call-1"]
    assert sources(space, 10).calls == ()


def missed(ident, on, why):
    near = NearestMiss(turn=0, speaker="Rae", text="What", why=why)
    value = RUBRIC.criterion(on).levels[0]
    made = Provenance(rubric=RUBRIC.id, prompt="rate_call@1", model="m")
    judgement = Rated(value=value, nearest=near)
    return Rating(call=ident, criterion=on, rater="model:m", judgement=judgement, provenance=made, at=AT)


def test_the_guide_shows_near_misses_of_two_reps_the_newest_first(space):
    for number in range(230):  # more ratings than on one page
        rep = ("Rae", "Sam", "Bea")[number % 3] if number < 3 else "Rae"
        space.store[Calls].add(call(f"call-{number:03}", rep))
        space.store[Ratings].add([missed(f"call-{number:03}", on, f"{rep} {number}") for on in ("asks_cost", "depth")])
    written = export_scoring_guide(owner(space), RUBRIC.id)
    text = repr(written)
    assert "Rae 229" in text
    assert "Bea 2" in text
    assert "Sam 1" not in text
    assert "Rae 0" not in text


def test_an_export_in_parts_holds_everything_once(space):
    store = space.store
    for number in range(110):
        store[Calls].add(call(f"call-{number:03}"))
        store[Ratings].add([missed(f"call-{number:03}", "depth", "why")])
    for number in range(3):
        store[AuditLog].append("call_rated", f"call-{number}", person="Rae")
    store[AuditLog].append("call_rated", "call-1", person="Sam")
    made = zipfile.ZipFile(io.BytesIO(export_person(owner(space), "rae ".strip().upper().capitalize())))
    parts = {name.removesuffix(".json"): json.loads(made.read(name)) for name in made.namelist()}
    assert [one["id"] for one in parts["calls"]] == [f"call-{number:03}" for number in range(110)]
    assert all(one["transcript"]["turns"] for one in parts["calls"])
    assert sorted(one["call"] for one in parts["ratings_of_calls"]) == [f"call-{number:03}" for number in range(110)]
    assert len(parts["audit"]) == 3
    assert parts["interviews"] == parts["plans"] == []
