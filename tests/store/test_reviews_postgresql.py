"""The review queue, disputes and deliveries on PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from agent.domain.disputes import Dispute, DisputeAnswer
from agent.domain.people import Scope
from agent.errors import Conflict
from agent.store.ratings import add_ratings
from agent.store.schema import ratings as rating_rows
from agent.store.workspace import Store
from tests.builders import call
from tests.durable.conftest import postgresql  # noqa: F401  a fixture
from tests.store.test_reviews import AT, RUBRIC, expected, queue, rating


@pytest.fixture(name="store")
def _store(postgresql):  # noqa: F811  the fixture imported above
    store = Store.open(postgresql)
    store.rubrics.add(RUBRIC)
    for number in range(3):
        store.calls.add(call(f"call-{number}", "Rae"))
    yield store
    store.close()


def test_the_queue_says_what_the_rule_says(store):
    pairs = [rating("call-1"), rating("call-1", said="2", draw=1), rating("call-1", "asks_date", said="failed")]
    steps = [pairs, [rating("call-2", said="failed"), rating("call-2", rater="Ann", said="2")], [rating("call-0")]]
    for step in steps:
        store.ratings.add(step)
        store.reviews.refresh(2)
    while store.reviews.refresh(2):
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
    store.reviews.refresh()
    assert queue(store) == expected(store) == {("call-1", "asks_date"): "failed"}


def test_no_rating_that_is_still_being_written_is_passed_over(store):
    with store.engine.begin() as connection:
        add_ratings(connection, [rating("call-1", said="failed")])  # takes the lower number
        store.ratings.add([rating("call-2", said="failed")])
        assert store.reviews.refresh() > 0
    store.reviews.refresh()
    assert queue(store) == expected(store)
    assert len(queue(store)) == 2


def test_a_dispute_is_answered_once_and_a_delivery_claimed_once(store):
    first = rating("call-1")
    store.ratings.add([first])
    own = Dispute(
        id="di-1", rating=first.id, call="call-1", criterion="asks_cost", rep="Rae", by="Rae", comment="no", at=AT
    )
    rep = store.seen_by(Scope(name="Rae", role="rep", rep="Rae"))
    rep.disputes.open(own)
    with pytest.raises(Conflict):
        rep.disputes.open(own.model_copy(update={"id": "di-2"}))
    right = rating("call-1", rater="Ann", said="2", supersedes=first.id)
    answer = DisputeAnswer(dispute="di-1", verdict="upheld", by="Ann", reason="r", rating=right.id, at=AT)
    store.disputes.answer(answer, right)
    with pytest.raises(Conflict):
        store.disputes.answer(answer, right)
    assert [row.state for row in rep.disputes.page().rows] == ["upheld"]
    assert [r.id for r in store.ratings.current(["call-1"])] == [right.id]
    store.webhooks.create("https://hooks.example.com/x", (), "ops")
    store.webhooks.publish("dispute.opened", "di-1", {})
    assert [len(store.webhooks.claim(5, 60)) for _ in range(2)] == [1, 0]
