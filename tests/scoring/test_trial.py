"""A rubric tried on a few calls."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.calls.store import Calls
from agent.core.errors import InputError
from agent.core.transcript import Quote, Span
from agent.ratings.model import Failed, NotApplicable, Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from agent.scoring.trial import CALLS, choose_calls, trial_of, tried
from agent.scoring.views import TrialView
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import call, criterion, rubric

AT = datetime(2026, 11, 1, tzinfo=UTC)
QUOTE = Quote(span=Span(turn=0, start=0, end=4), speaker="Sam", text="What")
YES, NO = Rated(value=1, quotes=(QUOTE,)), Rated(value=0)
NA, FAILED = NotApplicable(), Failed(kind="evidence", detail="not found")


def rating(ident, name, judgement, draw=0, against="ru-1"):
    made = Provenance(rubric=against, prompt="p@1#x", model="m", request=f"rq-{ident}-{name}-{draw}", draw=draw)
    return Rating(call=ident, criterion=name, rater="model:m", judgement=judgement, provenance=made, at=AT)


def counted(first, second=None, stages=None, **fields):
    """One criterion; judgements by call, the second reading the same unless given."""
    second = first if second is None else second
    made = [rating(f"c{n}", "asks_cost", j) for n, j in enumerate(first)]
    made += [rating(f"c{n}", "asks_cost", j, 1) for n, j in enumerate(second)]
    of = {f"c{n}": stage for n, stage in enumerate(stages or [""] * len(first))}
    (result,) = tried([criterion(**fields)], made, of)
    return result


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ([YES, NO] * 5, None, ""),
        ([NA] * 10, None, "applies to none of 10 calls"),
        ([YES, NO] + [NA] * 8, None, "applies to 2 of 10 calls: narrow"),
        ([YES, NO, YES, NO] + [NA] * 6, None, ""),
        ([NO] * 10, None, "shown on none of 10 calls"),
        ([YES] * 10, None, "shown on all of 10 calls"),
        ([NO] * 5 + [NA] * 5, None, ""),  # five the same say nothing yet
        ([YES, NO] * 5, [NO, YES, NO] + [NO, YES] * 3 + [NO], "differ on 3 of 10"),
        ([YES, NO] * 5, [NO, YES] + [YES, NO] * 4, ""),
        ([YES, NA] * 5, [NA, NA] * 2 + [YES, NA] * 3, ""),  # two of ten
        ([YES, NO] * 5, [FAILED] * 3 + [NO, YES] * 3 + [NO], "no rating came out of 3 of 20 readings"),
    ],
)
def test_what_speaks_against_a_criterion_is_named(first, second, said):
    found = counted(first, second)
    assert found.problem.startswith(said) if not said else said in found.problem
    assert bool(found.problem) == bool(said)


def test_a_criterion_is_judged_on_the_calls_of_its_stage():
    stages = ["pricing"] * 3 + ["discovery"] * 7
    found = counted([YES, NO, YES] + [NA] * 7, stages=stages, stage="pricing")
    assert (found.calls, found.other_stages, found.applies, found.problem) == (3, 7, 3, "")
    elsewhere = counted([YES, NO, YES] + [NA] * 7, stages=["other"] * 10, stage="pricing")
    assert (elsewhere.calls, elsewhere.other_stages) == (10, 0)  # no call says this stage


def test_a_call_read_once_counts_for_how_often_it_applies_and_not_for_how_often_readings_differ():
    found = counted([YES, NO, NA, YES], [YES, NO])
    assert (found.calls, found.applies, found.shown, found.twice, found.differ) == (4, 3, 2, 2, 0)


@pytest.fixture(name="space")
def _space(tmp_path):
    space = Workspace(Settings.read(tmp_path / "space", {}))
    yield space
    space.store.close()


@pytest.fixture(name="there")
def _there(space):
    for number in range(24):
        stage = ("discovery", "demo", "pricing")[number % 3]
        made = call(f"call-{number:02}", ("Sam", "Rae", "Kim", "Lee")[number % 4])
        space.store[Calls].add(made.model_copy(update={"stage": stage}))
    space.store[Rubrics].add(rubric(label="v1"))
    return space


def test_calls_are_spread_over_stages_and_reps_and_the_same_each_time(there):
    chosen = choose_calls(there, rubric())
    assert len(set(chosen)) == CALLS
    assert chosen == choose_calls(there, rubric())
    places = there.store[Calls].places(chosen)
    for trait, count in (("stage", 3), ("rep", 4)):
        by = [sum(getattr(p, trait) == value for p in places) for value in {getattr(p, trait) for p in places}]
        assert len(by) == count
        assert max(by) - min(by) <= 1
    assert len(choose_calls(there, rubric(), 100)) == 24


def test_without_calls_there_is_nothing_to_try(space):
    with pytest.raises(InputError, match="no calls with a transcript"):
        choose_calls(space, rubric())


def test_the_trial_is_read_from_the_ratings_of_calls_read_twice(there):
    found = there.store[Rubrics].get("v1")
    assert trial_of(there, found) == []
    made = [
        rating(f"call-{n:02}", c.id, YES if n % 2 else NO, draw, found.id)
        for n in range(10)
        for c in found.criteria
        for draw in ((0, 1) if n < 8 else (0,))
    ]
    there.store[Ratings].add(made)
    view = TrialView.of(there, found)
    assert {c.calls for c in view.criteria} == {8}  # the two that were read once are no part of it
    assert view.fit == len(found.criteria)


def test_a_behavior_to_avoid_that_no_call_shows_is_nothing_to_avoid_yet():
    assert "nothing to avoid there yet" in counted([NO] * 10, weight=-1.0).problem
    assert "raise or lower" in counted([NO] * 10).problem
