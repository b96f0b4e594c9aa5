"""Of which stage a call is, is proposed with a reason and said by a person; never assumed."""

from __future__ import annotations

from datetime import date

import pytest

from agent.calls.store import Calls
from agent.core.errors import InputError, NotFound
from agent.corrections.stages import open_stages, say_stages
from agent.db.audit import AuditLog
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import call, owner


@pytest.fixture
def space(tmp_path):
    space = Workspace(Settings.read(tmp_path / "w"))
    yield space
    space.store.close()


def stored(space, ident, stage="", deal="", day=1):
    made = call(ident).model_copy(update={"stage": stage, "deal": deal, "date": date(2026, 10, day)})
    space.store[Calls].add(made)


@pytest.mark.parametrize(
    ("ident", "stage", "proposed", "why"),
    [
        ("c1", "Discovery call 2", "discovery", "its table says \u201cDiscovery call 2\u201d"),
        ("acme-demo-3", "", "demo", "it is called \u201cacme-demo-3\u201d"),
        ("acme-demo-3", "first talk", "demo", "it is called"),
        ("c1", "demo and negotiation", "", ""),  # two of them
        ("c1", "democracy", "", ""),
        ("c1", "", "", ""),
    ],
)
def test_a_stage_is_proposed_from_words_that_name_one(space, ident, stage, proposed, why):
    stored(space, ident, stage)
    (found,) = open_stages(space)
    assert found.proposed == proposed
    assert why in found.why
    assert bool(found.why) == bool(proposed)
    assert space.store[Calls].get(ident).stage == stage  # nothing is stored by proposing


@pytest.mark.parametrize(("later", "proposed"), [("demo", "demo"), ("proposal", ""), ("", "")])
def test_a_call_between_two_of_one_stage_is_likely_of_it(space, later, proposed):
    stored(space, "c1", "Demo", "d1", 1)
    stored(space, "c2", "", "d1", 2)
    stored(space, "c3", later, "d1", 3)
    stored(space, "other", "evaluation", "d2", 2)
    assert {one.call.id: one.proposed for one in open_stages(space)}["c2"] == proposed


def test_what_is_said_is_stored_and_noted(space):
    stored(space, "c1", "first talk")
    stored(space, "c2", "first talk")
    stored(space, "c3")
    stored(space, "c4", "demo")
    made = say_stages(owner(space), {"first talk": "Discovery", "c2": "demo"})
    assert (made.stages, made.left) == ({"c1": "discovery", "c2": "demo"}, 1)
    assert [one.call.id for one in open_stages(space)] == ["c3"]
    assert space.store[AuditLog].page()[0].action == "stages_said"


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ({}, InputError, "at least one call"),
        ({"c1": "closing talk"}, InputError, "there is no stage 'closing talk'; there are discovery"),
        ({"c4": "demo"}, NotFound, "the stage of 'c4' is not open; open are c1"),
        ({"": "demo"}, NotFound, "the stage of '' is not open"),
    ],
)
def test_what_cannot_be_said_is_refused_and_changes_nothing(space, said, error, words):
    stored(space, "c1")
    stored(space, "c4", "demo")
    with pytest.raises(error, match=words):
        say_stages(owner(space), said)
    assert [one.call.id for one in open_stages(space)] == ["c1"]
