"""The table of what counts on PostgreSQL, with two writers on one call at once."""

from __future__ import annotations

from threading import Thread

import pytest

from agent.calls.store import Calls
from agent.db.store import Store
from agent.ratings.counted import Counting
from agent.ratings.recount import recount, recount_all
from agent.ratings.store import Ratings, add_ratings
from agent.rubrics.store import Rubrics
from tests.builders import call
from tests.durable.conftest import postgresql  # noqa: F401  a fixture
from tests.ratings.test_counting import CALLS, REPS, RUBRIC, check_windows, from_scratch, kept, rating, table, take

STEPS = (
    ("rate", "call-1", "asks_cost", "model:m", "low", 0),
    ("rate", "call-2", "asks_cost", "model:m", "high", 0),
    ("supersede", 0, "ann", "high"),
    ("import", "call-2", "goes_deep", 1),
    ("open", {"call-1", "call-3"}),
    ("rate", "call-3", "asks_cost", "model:n", "failed", 0),
    ("submit", "ann", 0),
    ("move", "call-2", "Sam", 3),
    ("submit", "bea", 1),
    ("settle", 2, "not_applicable"),
    ("correct", 1, "ann", "high"),
    ("close",),
)


@pytest.fixture(name="store")
def _store(postgresql):  # noqa: F811  the fixture imported above
    store = Store.open(postgresql)
    store[Rubrics].add(RUBRIC)
    for at, ident in enumerate(CALLS):
        store[Calls].add(call(ident, rep=REPS[at % 2]))
    yield store
    store.close()


def test_the_table_holds_what_counting_all_again_gives(store):
    for step in STEPS:
        take(store, step)
        assert kept(store) == from_scratch(store), step
    before = table(store)
    assert len(before) == 3
    with store.engine.begin() as connection:
        recount_all(connection)
    assert table(store) == before
    days, calls = store[Counting].days(RUBRIC), store[Counting].calls(RUBRIC)
    assert sorted(map(bytes, days.cells)) == sorted(map(bytes, calls.cells))


def test_calls_in_windows_of_their_reps(store):
    check_windows(store)


def test_of_two_writers_on_one_call_the_second_counts_what_the_first_wrote(store):
    first, second = (rating("call-1", name, "ann", "high", 0) for name in ("asks_cost", "goes_deep"))
    later = Thread(target=lambda: store[Ratings].add([second]))
    with store.engine.begin() as connection:
        add_ratings(connection, [first])
        recount(connection, ["call-1"])
        later.start()
        later.join(0.5)
        assert later.is_alive()  # it waits for the call
    later.join(30)
    assert not later.is_alive()
    assert kept(store) == from_scratch(store)
    assert len(kept(store)) == 2
