"""The review queue, disputes and deliveries on PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from agent.calls.store import Calls
from agent.core.errors import Conflict
from agent.core.people import Scope
from agent.db.schema import ratings as rating_rows
from agent.db.store import Store
from agent.disputes.model import Dispute, DisputeAnswer
from agent.disputes.store import Disputes
from agent.ratings.store import Ratings, add_ratings
from agent.ratings.store_reviews import Reviews
from agent.rubrics.store import Rubrics
from agent.webhooks.store import Webhooks
from tests.builders import call
from tests.db.test_reviews import AT, RUBRIC, expected, queue, rating
from tests.durable.conftest import postgresql  # noqa: F401  a fixture


@pytest.fixture(name="store")
def _store(postgresql):  # noqa: F811  the fixture imported above
    store = Store.open(postgresql)
    store[Rubrics].add(RUBRIC)
    for number in range(3):
        store[Calls].add(call(f"call-{number}", "Rae"))
    yield store
    store.close()


def test_the_queue_says_what_the_rule_says(store):
    pairs = [rating("call-1"), rating("call-1", said="2", draw=1), rating("call-1", "asks_date", said="failed")]
    steps = [pairs, [rating("call-2", said="failed"), rating("call-2", rater="Ann", said="2")], [rating("call-0")]]
    for step in steps:
        store[Ratings].add(step)
        store[Reviews].refresh(2)
    while store[Reviews].refresh(2):
        pass
    assert (
        queue(store)
        == expected(store)
        == {
            ("call-1", "asks_cost"): "readings differ",
            ("call-1", "asks_date"): "failed",
        }
    )
    with store.engine.begin() as connection:
        connection.execute(delete(rating_rows).where(rating_rows.c.id == pairs[1].id))
    store[Reviews].refresh()
    assert queue(store) == expected(store) == {("call-1", "asks_date"): "failed"}


def test_no_rating_that_is_still_being_written_is_passed_over(store):
    with store.engine.begin() as connection:
        add_ratings(connection, [rating("call-1", said="failed")])  # takes the lower number
        store[Ratings].add([rating("call-2", said="failed")])
        assert store[Reviews].refresh() > 0
    store[Reviews].refresh()
    assert queue(store) == expected(store)
    assert len(queue(store)) == 2


def test_a_dispute_is_answered_once_and_a_delivery_claimed_once(store):
    first = rating("call-1")
    store[Ratings].add([first])
    own = Dispute(
        id="di-1", rating=first.id, call="call-1", criterion="asks_cost", rep="Rae", by="Rae", comment="no", at=AT
    )
    rep = store.seen_by(Scope(name="Rae", role="rep", rep="Rae"))
    rep[Disputes].open(own)
    with pytest.raises(Conflict):
        rep[Disputes].open(own.model_copy(update={"id": "di-2"}))
    right = rating("call-1", rater="Ann", said="2", supersedes=first.id)
    answer = DisputeAnswer(dispute="di-1", verdict="upheld", by="Ann", reason="r", rating=right.id, at=AT)
    store[Disputes].answer(answer, right)
    with pytest.raises(Conflict):
        store[Disputes].answer(answer, right)
    assert [row.state for row in rep[Disputes].page().rows] == ["upheld"]
    assert [r.id for r in store[Ratings].current(["call-1"])] == [right.id]
    store[Webhooks].create("https://hooks.example.com/x", (), "ops")
    store[Webhooks].publish("dispute.opened", "di-1", {})
    assert [len(store[Webhooks].claim(5, 60)) for _ in range(2)] == [1, 0]
