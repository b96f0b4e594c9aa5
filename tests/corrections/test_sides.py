"""Who is on whose side is asked, never assumed: until it is said a call is stored, counted, and read by no model."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from agent.calls.store import Calls
from agent.core.errors import InputError, NotFound
from agent.corrections import verbs
from agent.corrections.views import SideProposals
from agent.patterns.verbs import open_interviews, placed_interviews
from agent.ratings.store import MadeWith, Ratings
from agent.rubrics.store import Rubrics
from agent.scoring.running import check_sides
from agent.settings import Settings
from agent.uploads.reading import Brought, check
from agent.uploads.verbs import bring_in
from agent.workspace import Workspace
from tests.builders import owner, rubric
from tests.llm.stub import Stub, says
from tests.uploads.bringing import Bringing

TALK = "Rae: What does it cost you?\nAnn: A lot.\nTom: I run the demo.\nRae: So.\n"
CALLS = "file,date,rep,customer\n{}.txt,2026-10-02,Rae,{}\n"
INTERVIEWS = "file,date,outcome,buyer,rep\n{}.txt,2026-10-02,won,Ann,Rae\n"


@pytest.fixture
def space(tmp_path):
    space = Workspace(Settings.read(tmp_path / "w"))
    yield space
    space.store.close()


def brought_in(space, folder, kind, table, name, customer=""):
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_text(TALK)
    (folder / "table.csv").write_text(table.format(name, customer))
    for other in folder.glob("*.txt"):
        if other.stem != name:
            other.unlink()
    return bring_in(owner(space), check(space, Brought(kind, "table.csv", folder / "table.csv", folder)))


def test_a_call_with_two_unknown_voices_is_stored_counted_and_not_read(space, tmp_path):
    done = brought_in(space, tmp_path / "f", "call", CALLS, "c1")
    assert done.counts["new"] == 1
    assert any("sides open: Ann, Tom; the call is left out of scoring" in note for note in done.stored[0][1].notes)
    calls = space.store[Calls]
    assert (calls.heard(), calls.placed(), calls.with_open_sides()) == (["c1"], [], ["c1"])
    space.store[Rubrics].add(rubric())
    made_with = MadeWith(rubric().id, "rate_call@1", "test/model", 0)
    assert space.store[Ratings].unrated_calls(made_with) == []
    with pytest.raises(InputError, match="c1: it is open who is on whose side"):
        check_sides(space.store, ["c1"])
    verbs.settle_sides(owner(space), "call", {"Ann": "customer", "Tom": "other"})
    assert (calls.placed(), calls.with_open_sides()) == (["c1"], [])
    assert space.store[Ratings].unrated_calls(made_with) == ["c1"]
    assert calls.get("c1").transcript.roles == {"Rae": "rep", "Ann": "customer", "Tom": "other"}


def test_the_manifests_customer_is_one_and_the_other_voice_stays_open(space, tmp_path):
    brought_in(space, tmp_path / "f", "call", CALLS, "c1", "Ann")
    assert space.store[Calls].get("c1").open_sides == ("Tom",)
    brought_in(space, tmp_path / "f", "call", CALLS, "c2", "Ann; Tom")
    assert space.store[Calls].get("c2").transcript.roles == {"Rae": "rep", "Ann": "customer", "Tom": "customer"}


def test_one_answer_holds_for_all_and_an_answer_for_one_goes_before_it(space, tmp_path):
    for name in ("c1", "c2", "c3"):
        brought_in(space, tmp_path / "f", "call", CALLS, name, "Ann")
    made = verbs.settle_sides(owner(space), "call", {"c2:Tom": "customer"})
    assert (made.ids, sorted(made.left)) == (["c2"], ["c1", "c3"])
    made = verbs.settle_sides(owner(space), "call", {"Tom": "other", "c3:Tom": "customer"})
    assert (sorted(made.ids), made.left) == (["c1", "c3"], ())
    roles = {one: space.store[Calls].get(one).transcript.roles["Tom"] for one in ("c1", "c2", "c3")}
    assert roles == {"c1": "other", "c2": "customer", "c3": "customer"}


def test_interviews_are_settled_the_same_way(space, tmp_path):
    brought_in(space, tmp_path / "f", "interview", INTERVIEWS, "i1")
    assert (open_interviews(space), placed_interviews(space)) == (["i1"], [])
    with pytest.raises(InputError, match="there is no part 'rep' in an interview"):
        verbs.settle_sides(owner(space), "interview", {"Rae": "rep"})
    with pytest.raises(NotFound, match="nobody called 'Ann' has an open side; open are"):
        verbs.settle_sides(owner(space), "interview", {"Ann": "buyer"})
    verbs.settle_sides(owner(space), "interview", {"Rae": "interviewer", "Tom": "buyer"})
    assert (open_interviews(space), [one.id for one in placed_interviews(space)]) == ([], ["i1"])


TWO = "Speaker 1: What does it cost you?\nSpeaker 2: A lot.\nSpeaker 1: So.\n"


def two_labels(space, folder, name="c1"):
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_text(TWO)
    (folder / "table.csv").write_text(f"file,date,rep\n{name}.txt,2026-10-02,Rae\n")
    return bring_in(owner(space), check(space, Brought("call", "table.csv", folder / "table.csv", folder)))


def test_a_call_in_which_nobody_has_the_reps_name_is_stored_and_one_answer_gives_it(space, tmp_path):
    done = two_labels(space, tmp_path / "f")
    assert done.notes == ["1 call has open sides: left out of what models read until it is said who is who"]
    calls = space.store[Calls]
    assert (calls.placed(), calls.with_open_sides()) == ([], ["c1"])
    with pytest.raises(InputError, match="nobody would be the rep of c1"):
        verbs.settle_sides(owner(space), "call", {"Speaker 1": "customer", "Speaker 2": "customer"})
    made = verbs.settle_sides(owner(space), "call", {"Speaker 1": "rep", "Speaker 2": "customer"})
    assert made.ids == ["c1"]
    assert calls.get("c1").transcript.roles == {"Rae": "rep", "Speaker 2": "customer"}
    assert calls.get("c1").transcript.speakers == ("Rae", "Speaker 2")
    assert (calls.placed(), [v.same_words for v in calls.versions("c1")]) == (["c1"], [True])


SAID = {
    "speakers": [
        {"label": "Speaker 1", "lines": [{"turn": 0, "quote": "What does it cost you?"}, {"turn": 2, "quote": "So."}],
         "reason": "asks", "part": "rep"},
        {"label": "Speaker 2", "lines": [{"turn": 1, "quote": "A lot."}, {"turn": 0, "quote": "What does it cost you?"}],
         "reason": "answers", "part": "customer"},
    ]
}  # fmt: skip


async def test_a_model_proposes_sides_of_stored_calls_and_a_person_confirms(site, closeread, tmp_path, monkeypatch):
    space = site.space
    two_labels(space, tmp_path / "f")
    async with Stub(*(says(json.dumps(SAID)) for _ in range(3))) as stub:
        space.settings.environment["CLOSEREAD_MODEL"] = "openai/stub-1"
        space.settings.environment["CLOSEREAD_API_BASE"] = f"{stub.base}/v1"
        made = await verbs.propose_sides(space, "call", lambda _: None)
        (view,) = SideProposals.all(made)
        assert [(p.label, p.part, p.option) for p in view.speakers] == [
            ("Speaker 1", "rep", "--side 'c1:Speaker 1=rep'"),
            ("Speaker 2", "customer", "--side 'c1:Speaker 2=customer'"),
        ]
        ops = Bringing(site)
        page = (await asyncio.to_thread(ops.post, "/sides/calls/propose")).text
    assert space.store[Calls].with_open_sides() == ["c1"], "nothing is decided by it"
    assert "The model proposes rep: asks" in page
    fields = dict(re.findall(r'name="(label-\d+)" value="([^"]*)"', page))
    chosen = re.findall(r'<select name="(side-\d+)"[^>]*>(.*?)</select>', page)
    sent = {name: m[1] for name, options in chosen if (m := re.search(r"<option selected value=\"(\w+)\"", options))}
    ops.post("/sides/calls", **fields, **sent)
    assert space.store[Calls].get("c1").transcript.roles == {"Rae": "rep", "Speaker 2": "customer"}
