"""Entries of the ledger that wait for the transaction of the ratings they paid for."""

import asyncio
import sqlite3
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from agent.calls.store import Calls
from agent.core.errors import DiskFull
from agent.db.ledger import SqlLedger
from agent.db.store import Store
from agent.llm.spending import Entry, Usage
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.store import Ratings
from tests.builders import call

AT = datetime(2026, 11, 1, tzinfo=UTC)
MADE = Provenance(rubric="rb-1", prompt="rate_call@1#0", model="openai/stub-1", request="rq-1")


def entry(request="rq-1"):
    usage = Usage(input_tokens=100, output_tokens=10)
    return Entry(
        request=request,
        role="rater",
        prompt="rate_call@1#0",
        subject="call-1",
        model="openai/stub-1",
        source="provider",
        usage=usage,
        usd=0.01,
        seconds=1.0,
        attempts=1,
        at=AT,
    )


def rating():
    return Rating(
        call="call-1",
        criterion="cr-1",
        rater="model:openai/stub-1",
        judgement=Rated(value=0),
        provenance=MADE,
        at=AT,
    )


@pytest.fixture
def store(tmp_path):
    made = Store.open(f"sqlite:///{tmp_path}/closeread.db")
    made[Calls].add(call("call-1", "Rae", ("Rae", "What did that cost you?")))
    yield made
    made.close()


def booked(store):
    return [(row.job, row.requests, row.input_tokens, row.usd) for row in store[SqlLedger].booked()]


async def test_they_are_stored_with_the_ratings_and_once(store):
    paid = store[SqlLedger].within("job-1", "rb-1").waiting()
    paid.record(entry())
    assert booked(store) == []
    assert store[Ratings].add([rating()], paid) == 1
    assert booked(store) == [("job-1", 1, 100, 0.01)]
    store[Ratings].add([rating()], paid)
    paid.flush()
    assert booked(store) == [("job-1", 1, 100, 0.01)]


async def test_they_are_stored_soon_where_no_rating_comes(store):
    paid = store[SqlLedger].within("job-1", "rb-1").waiting()
    paid.record(entry("rq-1"))
    paid.record(entry("rq-2"))
    for _ in range(100):
        if booked(store):
            break
        await asyncio.sleep(0.05)
    assert booked(store) == [("job-1", 2, 200, 0.02)]


async def test_they_are_stored_also_where_the_ratings_are_another_workers(store):
    paid = store[SqlLedger].within("job-1", "rb-1").waiting()
    paid.record(entry())
    assert store[Ratings].add_if(lambda _: False, [rating()], paid) is False
    assert store[Ratings].current() == []
    assert booked(store) == [("job-1", 1, 100, 0.01)]


async def test_a_full_disk_is_told_to_whoever_stores_next_and_nothing_is_lost(store):
    full = True

    def refuse(connection, cursor, statement, *_):
        if full and "ledger" in statement:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

    event.listen(store.engine, "before_cursor_execute", refuse)
    paid = store[SqlLedger].within("job-1", "rb-1").waiting()
    paid.record(entry())
    await asyncio.sleep(2 * paid.LONGEST)  # its own attempt says nothing: nobody is there to be told
    with pytest.raises(DiskFull):
        store[Ratings].add([rating()], paid)
    assert store[Ratings].current() == []
    full = False
    store[Ratings].add([rating()], paid)
    assert booked(store) == [("job-1", 1, 100, 0.01)]
