"""What is different on PostgreSQL: numbers are given out before they are committed, in any order."""

import pytest

from agent.calls.store import Calls
from agent.db.store import Store
from agent.ratings.store import Ratings, add_ratings
from agent.ratings.tallies import Tallies
from agent.ratings.tally_rows import marked, settled
from agent.rubrics.store import Rubrics
from tests.builders import call
from tests.durable.conftest import postgresql  # noqa: F401  a fixture
from tests.store.test_tallies import CALLS, REPS, RUBRIC, from_scratch, packed, rating, take

STEPS = (
    ("rate", "call-1", "asks_cost", "model:m", "high", 0),
    ("rate", "call-1", "goes_deep", "ann", "low", 0),
    ("rate", "call-2", "asks_cost", "import:crm", "failed", 0),
    ("refresh",),
    ("supersede", 0, "low"),
    ("move", "call-1", "Sam", 120),
    ("open", {"call-2"}),
    ("refresh",),
    ("delete", 3),
    ("close",),
    ("rate", "call-2", "asks_cost", "ann", "not_applicable", 0),
    ("refresh",),
    ("delete", 4),
)


@pytest.fixture
def store(postgresql):  # noqa: F811  the fixture imported above
    opened = Store.open(postgresql)
    opened[Rubrics].add(RUBRIC)
    for at, ident in enumerate(CALLS):
        opened[Calls].add(call(ident, rep=REPS[at % 2]))
    yield opened
    opened.close()


def test_packed_counts_are_those_of_counting_all_again(store):
    for step in STEPS:
        take(store, step)
        assert packed(store) == from_scratch(store)


def test_no_mark_is_set_past_a_rating_that_is_still_being_written(store):
    with store.engine.begin() as connection:
        add_ratings(connection, [rating("call-1", "asks_cost", "ann", "high", 0)])  # takes the lower number
        store[Ratings].add([rating("call-2", "asks_cost", "ann", "high", 0)])
        assert settled(store.engine) is None
        store[Tallies].refresh(RUBRIC)
        with store.engine.connect() as other:
            assert marked(other, RUBRIC.id) is None
        assert packed(store) == from_scratch(store)
    store[Tallies].refresh(RUBRIC)
    assert packed(store) == from_scratch(store)
    assert len(packed(store)[0]) == 2
