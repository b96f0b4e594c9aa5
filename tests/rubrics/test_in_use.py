"""Which rubric is in use: deployed before calibrated before rated before newest; a newer draft never takes over."""

from datetime import UTC, date, datetime

import pytest

from agent.calls.store import Calls
from agent.core.errors import NotFound
from agent.db.store import Store
from agent.profiles.model import CoachingPeriod
from agent.profiles.store import CoachingPeriods
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.in_use import in_use, in_use_id
from agent.rubrics.model import RubricState
from agent.rubrics.store import Rubrics, RubricStates
from tests.builders import call, criterion, rubric

AT = datetime(2026, 11, 1, tzinfo=UTC)
VERSIONS = {
    label: rubric(criterion("asks_cost", name=f"Asks, {label}"), *more, label=label)
    for label, more in {"v1": (criterion("names_next"),), "v2": (), "v3": ()}.items()
}


@pytest.fixture
def store(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path}/closeread.db")
    store[Calls].add(call())
    for one in VERSIONS.values():
        store[Rubrics].add(one)
    yield store
    store.close()


def rate(store, label):
    made = Provenance(rubric=VERSIONS[label].id)
    rating = Rating(call="call-1", criterion="asks_cost", rater="ann", judgement=Rated(value=0), provenance=made, at=AT)
    store[Ratings].add([rating])


def state(store, label, name, **more):
    store[RubricStates].set(RubricState(rubric=VERSIONS[label].id, state=name, at=AT, **more))


def test_the_newest_as_long_as_nothing_is_rated(store):
    assert (in_use(store).rubric.label, in_use(store).why, in_use(store).newer) == ("v3", "newest", None)


def test_a_newer_draft_never_takes_over(store):
    rate(store, "v1")
    assert (in_use(store).rubric.label, in_use(store).why) == ("v1", "rated")
    rate(store, "v2")
    assert in_use(store).rubric.label == "v2"
    assert in_use(store).newer.label == "v3"
    assert "v3 is newer and not in use" in in_use(store).newer_words


def test_of_those_with_ratings_one_that_has_what_people_are_coached_on(store):
    rate(store, "v1")
    rate(store, "v2")
    day = date(2026, 11, 1)
    store[CoachingPeriods].add([CoachingPeriod(rep="Rae", cycle="one", start=day, end=day, criteria=("names_next",))])
    assert in_use(store).rubric.label == "v1"


def test_calibrated_goes_before_rated_and_deployed_before_both(store):
    rate(store, "v3")
    state(store, "v2", "calibrated")
    assert (in_use(store).rubric.label, in_use(store).why) == ("v2", "calibrated")
    state(store, "v1", "deployed", short=("asks_cost: too few calls",), reason="pilot")
    assert (in_use(store).rubric.label, in_use(store).why) == ("v1", "deployed")


def test_at_most_one_is_deployed(store):
    state(store, "v1", "deployed", short=("asks_cost: too few calls",), reason="pilot")
    state(store, "v2", "deployed")
    state(store, "v3", "deployed")
    states = [store[RubricStates].of(one.id).state for one in VERSIONS.values()]
    assert states == ["draft", "calibrated", "deployed"]
    assert in_use(store).rubric.label == "v3"


def test_the_one_that_is_named_is_taken(store):
    state(store, "v1", "deployed")
    assert (in_use(store, "v2").rubric.label, in_use(store, "v2").why) == ("v2", "named")
    with pytest.raises(NotFound):
        in_use(store, "v9")
    with pytest.raises(NotFound):
        in_use_id(store, "v9")


def test_without_any_rubric_nothing_is_in_use(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path}/empty.db")
    assert in_use_id(store) == ""
    with pytest.raises(NotFound, match="no rubric yet"):
        in_use(store)
    store.close()
