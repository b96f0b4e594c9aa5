"""Criteria made to fit calls: asked in the stages where they apply, reworded, or left out."""

from __future__ import annotations

import asyncio

import pytest

from agent.calls.store import Calls
from agent.core.errors import Conflict, InputError
from agent.ratings.model import NotApplicable, Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics import drafts
from agent.rubrics.store import Rubrics
from agent.scoring import fitting
from agent.scoring.fitting import Occasion, by_stage, occasions_of, to_reword
from agent.scoring.running import Scoring
from agent.scoring.verbs import fit_rubric
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import PROMPTS, call, criterion, owner, rubric
from tests.llm.fakes import FakeModel
from tests.scoring.test_trial import AT

EVERYWHERE, STAGED, NOWHERE = criterion("everywhere"), criterion("staged"), criterion("nowhere")
ASKED = rubric(EVERYWHERE, STAGED, NOWHERE)
REWORDED = {
    "observable": True,
    "why": "A late answer is not in the call; the promise is.",
    "stages": ["proposal"],
    "description": "The rep promises an answer with a day and a name.",
    "not_applicable_when": "No question stays open.",
    "anchors": [{"level": 0, "text": "no day"}, {"level": 1, "text": "day and name"}],
}


@pytest.mark.parametrize(
    ("occasions", "change", "only_in"),
    [
        ([("discovery", 3, 9), ("demo", 9, 9)], "kept", ()),
        ([("discovery", 2, 9), ("demo", 9, 9)], "asked by stage", ("demo",)),
        ([("discovery", 2, 9), ("demo", 0, 9)], None, None),
        ([("", 2, 9)], None, None),
        ([("", 4, 9)], "kept", ()),
        ([], "kept", ()),
    ],
)
def test_a_criterion_is_asked_where_it_applied_to_a_third_of_the_calls(occasions, change, only_in):
    found = by_stage(EVERYWHERE, [Occasion(*one) for one in occasions])
    assert (found and found.change) == change
    assert (found and found.after.only_in) == only_in


@pytest.fixture(name="space")
def _space(tmp_path):
    space = Workspace(Settings.read(tmp_path / "space", {}))
    store = space.store
    store[Rubrics].add(ASKED)
    for number in range(8):
        stage = "discovery" if number < 4 else "demo"
        store[Calls].add(call(f"call-{number}").model_copy(update={"stage": stage}))
        for one in ASKED.criteria:
            applies = one is EVERYWHERE or (one is STAGED and stage == "demo")
            source = Provenance(rubric=ASKED.id, prompt="p@1#x", model="m", request=f"rq-{number}-{one.id}")
            judged = Rated(value=0) if applies else NotApplicable()
            made = Rating(
                call=f"call-{number}", criterion=one.id, rater="model:m", judgement=judged, provenance=source, at=AT
            )
            store[Ratings].add([made])
    yield space
    store.close()


def answering(space, monkeypatch, reply):
    """A drafter that gives `reply`, asked with the prompt that is not released yet or is."""
    model = FakeModel(lambda _: reply)

    class Roles:
        async def __aenter__(self):
            return {"drafter": space.planned_role("drafter").__class__("drafter", "test/m", model)}

        async def __aexit__(self, *_):
            return None

    config = space.settings.workspace / "config"
    config.mkdir(exist_ok=True)
    (config / "models.yaml").write_text("roles:\n  drafter: {model: openai/gpt-4.1-mini}\n")
    monkeypatch.setattr(Workspace, "roles", lambda *_, **__: Roles())
    monkeypatch.setattr(Workspace, "prompt", lambda _, name: PROMPTS.get(f"{name}@1"))
    return model


def fit(space, found=ASKED):
    return asyncio.run(fit_rubric(owner(space), found, 4, None))


def test_occasions_are_counted_by_stage(space):
    counted = {
        ident: [(o.stage, o.applies, o.calls) for o in found] for ident, found in occasions_of(space, ASKED).items()
    }
    assert counted == {
        "everywhere": [("discovery", 4, 4), ("demo", 4, 4)],
        "staged": [("discovery", 0, 4), ("demo", 4, 4)],
        "nowhere": [("discovery", 0, 4), ("demo", 0, 4)],
    }
    assert to_reword(ASKED, occasions_of(space, ASKED)) == [NOWHERE]


def test_many_calls_are_counted_on_some(space, monkeypatch):
    monkeypatch.setattr(fitting, "_MOST_CALLS", 3)
    assert sum(one.calls for one in occasions_of(space, ASKED)["nowhere"]) == 3


def test_what_changes_is_the_working_copy_and_nothing_is_published(space, monkeypatch):
    model = answering(space, monkeypatch, REWORDED)
    made = fit(space)
    assert [one.change for one in made.criteria] == ["kept", "asked by stage", "reworded"]
    assert len(model.requests) == 1  # only what never had its occasion goes to a model
    shown = model.requests[0].messages[-1].content
    assert "What does the late close cost you each month?" in shown
    copy = drafts.opened(space, ASKED)
    kept, staged, reworded = copy.working.criteria
    assert (kept.only_in, staged.only_in, reworded.only_in) == ((), ("demo",), ("proposal",))
    assert reworded.description == REWORDED["description"]
    assert [one.rubric.id for one in space.store[Rubrics].all()] == [ASKED.id]
    with pytest.raises(Conflict, match="is being edited"):
        fit(space)


def test_what_no_call_can_show_is_left_out_with_the_reason(space, monkeypatch):
    answering(space, monkeypatch, REWORDED | {"observable": False, "why": "It happens after the call.", "anchors": []})
    made = fit(space)
    assert (made.criteria[-1].change, made.criteria[-1].why) == ("left out", "It happens after the call.")
    assert [c.id for c in drafts.opened(space, ASKED).working.criteria] == ["everywhere", "staged"]


def test_a_wording_for_a_stage_that_there_is_not_is_asked_for_again_and_then_not_taken(space, monkeypatch):
    model = answering(space, monkeypatch, REWORDED | {"stages": ["pricing talk"]})
    made = fit(space)
    assert made.criteria[-1].change == "kept"
    assert "there is no stage 'pricing talk'" in made.criteria[-1].why
    assert "there is no stage 'pricing talk'" in model.requests[1].messages[-1].content


def test_without_readings_there_is_nothing_to_fit(space):
    with pytest.raises(InputError, match="no model has read a call"):
        fit(space, space.store[Rubrics].add(rubric(criterion("other"), label="v2")))


# Which calls are asked what, once criteria are of some stages only.

ONLY_DEMO = rubric(criterion("everywhere"), criterion("staged", only_in=("demo",)), label="v3")


def scoring(space):
    config = space.settings.workspace / "config"
    config.mkdir(exist_ok=True)
    (config / "models.yaml").write_text("roles:\n  rater: {model: openai/gpt-4.1-mini}\n")
    space.store[Rubrics].add(ONLY_DEMO)
    return Scoring(space, ONLY_DEMO, space.prompt("rate_call"), 0)


def test_a_call_is_asked_what_is_rated_in_its_stage(space):
    asked = scoring(space)
    found = {n: [c.id for c in asked.reading(space.store[Calls].get(f"call-{n}")).criteria] for n in (0, 7)}
    assert found == {0: ["everywhere"], 7: ["everywhere", "staged"]}


def test_a_call_of_no_stage_waits_until_it_is_said(space):
    asked = scoring(space)
    space.store[Calls].add(call("call-9"))
    assert asked.without_stage() == ["call-9"]
    assert list(asked.missing([], False).ids) == [f"call-{n}" for n in range(8)]
    with pytest.raises(InputError, match="call-9: it is open of which stage"):
        asked.missing(["call-9"], False)
    space.store[Calls].add(call("call-9").model_copy(update={"stage": "Demo"}))  # by its name
    assert "call-9" in asked.missing([], False).ids


def test_where_no_criterion_is_of_a_stage_a_call_needs_none(space):
    scoring(space)
    space.store[Calls].add(call("call-9"))
    plain = Scoring(space, ASKED, space.prompt("rate_call"), 0)
    assert "call-9" in plain.missing([], False).ids
