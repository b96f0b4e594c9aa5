"""Storing what came of a call and settling it are one transaction: of two workers who both have an answer, one stores."""

import threading
from datetime import UTC, datetime

import pytest

from agent.app.queue.job_work import Chunk, JobWork
from agent.app.queue.store import Jobs
from agent.calls.store import Calls
from agent.db.store import Store
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.store import Ratings
from tests.builders import call

CALLS = 60
AT = datetime(2026, 11, 1, tzinfo=UTC)


def ratings(ident, value):
    made = Provenance(rubric="rb-1", prompt="rate_call@1#0", model="openai/stub-1", request=f"rq-{value}")
    return [
        Rating(
            call=ident, criterion=c, rater="model:openai/stub-1", judgement=Rated(value=value), provenance=made, at=AT
        )
        for c in ("cr-1", "cr-2")
    ]


def begun(store):
    """A job with one call a chunk, all of them held by the first worker."""
    for n in range(CALLS):
        store[Calls].add(call(f"call-{n:02}", "Rae", ("Rae", f"What did month {n} cost you?")))
    job = store[Jobs].create("score", {}, "Ann", [f"call-{n:02}" for n in range(CALLS)], chunk_size=1)
    store[Jobs].start(job.id)
    for number in range(CALLS):
        store[JobWork].take(Chunk(job.id, number), f"t{number}")
        store[JobWork].claim(Chunk(job.id, number), f"t{number}", f"t{number}@first")
    return job.id


def test_two_workers_with_an_answer_each_store_one_of_them(database):
    store, other = Store.open(database), Store.open(database)
    job = begun(store)
    won = {"first": [], "second": []}
    together = threading.Barrier(2)

    def first():
        for number in range(CALLS):
            together.wait()
            guard = store[JobWork].settling(job, f"call-{number:02}", f"t{number}@first")
            if store[Ratings].add_if(guard, ratings(f"call-{number:02}", 1)):
                won["first"].append(number)

    def second():
        for number in range(CALLS):
            together.wait()
            other[JobWork].claim(Chunk(job, number), f"t{number}", f"t{number}@second")
            guard = other[JobWork].settling(job, f"call-{number:02}", f"t{number}@second")
            if other[Ratings].add_if(guard, ratings(f"call-{number:02}", 0)):
                won["second"].append(number)

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won["first"] + won["second"]) == list(range(CALLS))
    stored = store[Ratings].current()
    assert len(stored) == 2 * CALLS
    by_first = {rating.call for rating in stored if rating.judgement.value == 1}
    assert by_first == {f"call-{n:02}" for n in won["first"]}
    assert store[Jobs].progress(job).done == CALLS
    store.close()
    other.close()


def test_what_breaks_before_the_end_leaves_the_call_waiting(database):
    store = Store.open(database)
    job = begun(store)
    settling = store[JobWork].settling(job, "call-00", "t0@first")

    def broken(connection):
        assert settling(connection)
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        store[Ratings].add_if(broken, ratings("call-00", 1))
    assert (store[Ratings].current(), store[Jobs].progress(job).waiting) == ([], CALLS)
    assert store[Ratings].add_if(settling, ratings("call-00", 1))
    assert store[Jobs].progress(job).waiting == CALLS - 1
    store.close()
