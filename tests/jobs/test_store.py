"""The jobs' tables: states, tickets, dead letters."""

import pytest

from agent.app.queue.job_work import Chunk, JobWork
from agent.app.queue.model import Progress
from agent.app.queue.store import Jobs
from agent.calls.store import Calls
from agent.core.errors import Conflict, NotFound
from agent.db.store import Store
from tests.builders import call


@pytest.fixture
def store(tmp_path):
    opened = Store.open(f"sqlite:///{tmp_path}/closeread.db")
    for number in range(7):
        opened[Calls].add(call(f"call-{number}"))
    yield opened
    opened.close()


def made(store, calls=7, **given):
    return store[Jobs].create(
        "score", {"rubric": "ru-1"}, "Ann", [f"call-{i}" for i in range(calls)], chunk_size=3, **given
    )


def test_a_job_comes_back_as_it_was_made(store):
    job = made(store, priority=5)
    assert store[Jobs].get(job.id) == job
    assert (job.state, job.priority, job.by, job.calls, job.params) == ("queued", 5, "Ann", 7, {"rubric": "ru-1"})
    assert store[Jobs].progress(job.id) == Progress(total=7, waiting=7)
    assert store[Jobs].calls(job.id) == [f"call-{i}" for i in range(7)]
    with pytest.raises(NotFound, match="there is no job"):
        store[Jobs].get("job-none")


def test_the_most_urgent_job_goes_first_and_then_the_oldest(store):
    late, urgent, old = made(store, priority=500), made(store, priority=1), made(store, priority=500)
    assert [job.id for job in store[Jobs].live()] == [urgent.id, late.id, old.id]
    assert {job.id for job in store[Jobs].list()} == {late.id, urgent.id, old.id}
    assert store[Jobs].list(["done"]) == []


def test_a_chunk_is_taken_once_and_settled_by_its_holder_only(store):
    job = made(store)
    assert [c.number for c in store[JobWork].idle_chunks(job.id, 10)] == [0, 1, 2]
    first = Chunk(job.id, 0)
    assert store[JobWork].take(first, "t1") == 3
    assert store[JobWork].take(first, "t2") == 0
    assert [c.number for c in store[JobWork].idle_chunks(job.id, 10)] == [1, 2]
    assert [c for c, _ in store[JobWork].claim(first, "t1", "t1@ann")] == ["call-0", "call-1", "call-2"]
    assert store[JobWork].settle(job.id, "call-0", "t1@ann")
    assert [c for c, _ in store[JobWork].claim(first, "t1", "t1@bob")] == ["call-1", "call-2"]
    assert not store[JobWork].settle(job.id, "call-1", "t1@ann")
    assert not store[JobWork].bury(job.id, "call-1", "t1@ann", "no")
    assert not store[JobWork].missed(job.id, "call-1", "t1@ann", "no")
    assert store[JobWork].settle(job.id, "call-1", "t1@bob")
    assert store[JobWork].give_back(job.id, "t1@bob") == 1
    assert store[Jobs].progress(job.id) == Progress(total=7, waiting=5, done=2)


def test_a_ticket_is_not_mistaken_for_one_that_begins_like_it(store):
    job = made(store)
    store[JobWork].take(Chunk(job.id, 0), "t1")
    assert store[JobWork].claim(Chunk(job.id, 0), "t", "t@ann") == []


def test_settling_again_after_a_lost_answer_counts_as_settled(store):
    job = made(store)
    store[JobWork].take(Chunk(job.id, 0), "t1")
    store[JobWork].claim(Chunk(job.id, 0), "t1", "t1@ann")
    assert store[JobWork].settle(job.id, "call-0", "t1@ann")
    assert store[JobWork].settle(job.id, "call-0", "t1@ann")
    assert not store[JobWork].bury(job.id, "call-0", "t1@ann", "no")


def test_dead_letters_have_reasons_and_are_tried_again_on_demand(store):
    job = made(store, calls=2)
    store[JobWork].take(Chunk(job.id, 0), "t1")
    store[JobWork].claim(Chunk(job.id, 0), "t1", "t1@ann")
    store[Jobs].start(job.id)
    assert store[JobWork].missed(job.id, "call-0", "t1@ann", "no answer")
    assert store[JobWork].bury(job.id, "call-0", "t1@ann", "still no answer")
    assert store[JobWork].settle(job.id, "call-1", "t1@ann")
    (letter,) = store[Jobs].dead_letters(job.id)
    assert (letter.call, letter.attempts, letter.reason) == ("call-0", 2, "still no answer")
    assert store[Jobs].finish(job.id)
    assert not store[Jobs].finish(job.id)
    assert store[Jobs].retry(job.id) == 1
    assert store[Jobs].get(job.id).state == "queued"
    assert store[Jobs].dead_letters() == []
    assert store[Jobs].retry(job.id) == 0


def test_states_change_only_as_they_may(store):
    job = made(store)
    store[Jobs].start(job.id)
    began = store[Jobs].get(job.id).started
    assert store[Jobs].pause(job.id, "budget")
    assert not store[Jobs].pause(job.id, "again")
    assert store[Jobs].get(job.id).reason == "budget"
    assert store[Jobs].resume(job.id).state == "queued"
    with pytest.raises(Conflict, match="only a paused"):
        store[Jobs].resume(job.id)
    store[Jobs].start(job.id)
    assert store[Jobs].get(job.id).started == began
    assert store[Jobs].cancel(job.id, "Ann").reason == "cancelled by Ann"
    with pytest.raises(Conflict, match="cannot be cancelled"):
        store[Jobs].cancel(job.id, "Ann")
    assert store[Jobs].resume(job.id).state == "queued"


def test_nothing_is_claimed_for_a_job_that_is_not_live(store):
    job = made(store)
    store[JobWork].take(Chunk(job.id, 0), "t1")
    store[Jobs].pause(job.id, "budget")
    assert store[JobWork].claim(Chunk(job.id, 0), "t1", "t1@ann") == []
    store[Jobs].resume(job.id)
    assert len(store[JobWork].claim(Chunk(job.id, 0), "t1", "t1@ann")) == 3


def test_a_job_without_calls_tells_its_phases(store):
    job = store[Jobs].create("extract", {}, "Ann")
    assert store[JobWork].take_job(job.id, "t1")
    assert not store[JobWork].take_job(job.id, "t2")
    assert store[JobWork].own_ticket(job.id) == "t1"
    store[Jobs].tell(job.id, Progress(total=4, done=1, waiting=3, phase="reading"))
    assert store[Jobs].progress(job.id).share == 0.25
    assert store[JobWork].give_back_all(job.id, "t1") == 0
    assert store[JobWork].take_job(job.id, "t2")
