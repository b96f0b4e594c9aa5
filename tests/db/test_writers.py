"""Several writers on one SQLite file: they queue, nobody is refused, and readers do not wait."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from agent.calls.store import Calls
from agent.db.store import Store
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.store import Ratings
from tests.builders import call

AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    opened = Store.open(f"sqlite:///{tmp_path}/closeread.db")
    opened[Calls].add(call())
    yield opened
    opened.close()


def rating(criterion):
    made = Provenance(rubric="ru-1", prompt="rate_call@1#x", model="m", request="rq-1")
    facts = {"call": "call-1", "criterion": criterion, "rater": "model:m", "provenance": made, "at": AT}
    return Rating(judgement=Rated(value=0), **facts)


def test_who_reads_before_writing_is_not_refused_when_another_writes_meanwhile(store):
    other = threading.Thread(target=store[Ratings].add, args=([rating("by_other")],))
    with store.engine.begin() as connection:
        known = connection.execute(text("SELECT count(*) FROM ratings")).scalar_one()
        other.start()
        other.join(timeout=0.3)
        assert other.is_alive(), "the other writer has to wait for this transaction"
        connection.execute(text("UPDATE calls SET stage = :stage"), {"stage": str(known)})
    other.join(timeout=10)
    assert {found.criterion for found in store[Ratings].current()} == {"by_other"}


def test_readers_do_not_wait_for_a_writer_and_do_not_see_half_of_it(store):
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE calls SET stage = 'half done'"))
        assert store[Calls].get("call-1").stage == ""
        assert store[Ratings].current() == []


def test_many_writers_of_the_same_and_of_other_ratings(store):
    failures = []

    def write(first):
        try:
            for at in range(first, first + 30):
                store[Ratings].add([rating(f"c{at}"), rating("shared")])
        except Exception as error:  # noqa: BLE001  whatever a writer met is the finding
            failures.append(error)

    writers = [threading.Thread(target=write, args=(at * 30,)) for at in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    assert failures == []
    assert len(store[Ratings].current()) == 121


def test_adding_counts_only_what_is_new_also_within_one_batch(store):
    assert store[Ratings].add([rating("a"), rating("a"), rating("b")]) == 2
    assert store[Ratings].add([rating("b"), rating("c")]) == 1
    assert store[Ratings].add([]) == 0


def test_an_error_tells_no_value_that_was_to_be_stored(store):
    with pytest.raises(IntegrityError) as met, store.engine.begin() as connection:
        connection.execute(text("INSERT INTO calls (id) VALUES (:id)"), {"id": "what the customer said"})
    assert "what the customer said" not in str(met.value)
