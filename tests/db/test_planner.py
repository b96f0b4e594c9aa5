"""SQLite is told how its tables are filled once they are large, and not again before they have grown."""

import pytest

from agent.calls.store import Calls
from agent.db.planner import tell_planner
from agent.db.store import Store
from agent.rubrics.store import Rubrics
from tests.builders import call, rubric

LOOK = "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'"
COLUMNS = "call, criterion, rater, status, rubric, prompt, model, draw, at, supersedes, body"


@pytest.fixture
def store(tmp_path):
    opened = Store.open(f"sqlite:///{tmp_path}/closeread.db")
    opened[Rubrics].add(rubric())
    opened[Calls].add(call())
    yield opened
    opened.close()


def fill(store, count):
    rows = [(f"ra-{number}", *["call-1", "c", "r", "rated", rubric().id, "", "", 0, "", "", "{}"]) for number in count]
    marks = ", ".join("?" * 12)
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO ratings (id, {COLUMNS}) VALUES ({marks})", rows)


def told(store):
    with store.engine.connect() as connection:
        return bool(connection.exec_driver_sql(LOOK).scalar())


def test_a_small_database_is_left_as_it_is(store):
    fill(store, range(9_999))
    assert not tell_planner(store.engine)
    assert not told(store)


def test_a_large_one_is_looked_through_once_and_again_when_it_has_grown(store):
    fill(store, range(10_000))
    assert tell_planner(store.engine)
    assert told(store)
    assert not tell_planner(store.engine)
    fill(store, range(10_000, 50_000))
    assert tell_planner(store.engine)


def test_it_is_left_for_another_time_where_nothing_can_be_written(store):
    fill(store, range(10_000))
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    assert not tell_planner(store.engine)
    assert not told(store)


def test_opening_a_large_database_tells_it(store):
    fill(store, range(10_000))
    again = Store.open(str(store.engine.url))
    assert told(again)
    again.close()
