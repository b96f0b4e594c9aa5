"""Working on chunks, without a queue: what is settled, tried again, buried, given back."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
from sqlalchemy.exc import OperationalError

from agent.app.queue.chunks import Bench, work_chunk
from agent.app.queue.job_work import Chunk, JobWork
from agent.app.queue.kinds import KINDS, Done, PerCall
from agent.app.queue.starting import chunk_size
from agent.app.queue.store import Jobs
from agent.core.errors import BudgetExceeded, DiskFull, ModelRejected, ModelUnreachable, ReplyInvalid
from agent.ratings.store import MadeWith, Ratings
from agent.rubrics.store import Rubrics
from agent.scoring.job import queue_scoring
from agent.settings import JobRules
from tests.jobs.made import REPLY, fake_space

FAST = "first_wait_seconds: 0\n"


def bench(space, concurrency=4):
    return Bench(space, "worker-1", concurrency, space.settings.jobs())


async def work(made, job, ticket="t1"):
    for chunk in made.space.store[JobWork].idle_chunks(job.id, 100):
        made.space.store[JobWork].take(chunk, f"{ticket}-{chunk.number}")
        await work_chunk(made, job.id, chunk.number, f"{ticket}-{chunk.number}")


def counts(space, job):
    found = space.store[Jobs].progress(job.id)
    return found.waiting, found.done, found.failed


async def test_every_call_is_asked_once_stored_and_settled(tmp_path):
    space = fake_space(tmp_path, 12)
    job = queue_scoring(space, by="Ann")
    await work(bench(space), job)
    assert counts(space, job) == (0, 12, 0)
    assert sorted(space.asked) == [f"call-{i:04}" for i in range(12)]
    assert len(space.store[Ratings].current()) == 12
    assert space.store[Jobs].get(job.id).state == "running"
    space.store.close()


async def test_a_call_that_has_its_ratings_is_settled_without_a_request(tmp_path):
    space = fake_space(tmp_path, 6)
    first, second = queue_scoring(space, by="Ann"), queue_scoring(space, by="Bob")
    assert second is None
    twin = space.store[Jobs].create("score", first.params, "Bob", [f"call-{i:04}" for i in range(6)])
    await work(bench(space), first)
    await work(bench(space), twin, "t2")
    assert len(space.asked) == 6
    assert counts(space, twin) == (0, 6, 0)
    assert len(space.store[Ratings].current()) == 6
    space.store.close()


async def test_what_is_unreachable_is_tried_again_and_then_a_dead_letter(tmp_path):
    left = {"call-0001": 1, "call-0002": 99}

    def answer(request):
        if left.get(request.subject, 0) > 0:
            left[request.subject] -= 1
            raise ModelUnreachable("no answer after 6 attempts")
        return REPLY

    space = fake_space(tmp_path, 5, answer, FAST)
    job = queue_scoring(space, by="Ann")
    await work(bench(space), job)
    assert counts(space, job) == (0, 4, 1)
    (letter,) = space.store[Jobs].dead_letters(job.id)
    assert (letter.call, letter.attempts) == ("call-0002", 3)
    assert "no answer" in letter.reason
    left.clear()
    assert space.store[Jobs].retry(job.id) == 1
    await work(bench(space), job, "t2")
    assert counts(space, job) == (0, 5, 0)
    assert space.asked.count("call-0000") == 1
    space.store.close()


async def test_one_refused_call_is_a_dead_letter_and_many_stop_the_job(tmp_path):
    def answer(request):
        if request.subject == "call-0003":
            raise ModelRejected("400: content policy")
        return REPLY

    space = fake_space(tmp_path / "one", 20, answer)
    job = queue_scoring(space, by="Ann")
    await work(bench(space), job)
    assert counts(space, job) == (0, 19, 1)
    space.store.close()

    def refuse(request):
        raise ModelRejected("401: wrong key")

    space = fake_space(tmp_path / "all", 40, refuse)
    job = queue_scoring(space, by="Ann")
    await work(bench(space), job)
    assert space.store[Jobs].get(job.id).state == "paused"
    assert "wrong key" in space.store[Jobs].get(job.id).reason
    assert counts(space, job)[2] < 10
    assert len(space.asked) < 15
    space.store.close()


async def test_a_spent_budget_pauses_the_job_and_resuming_goes_on(tmp_path):
    broke = True

    def answer(request):
        if broke and request.subject > "call-0003":
            raise BudgetExceeded("the next request would pass the limit of $1.00")
        return REPLY

    space = fake_space(tmp_path, 10, answer)
    job = queue_scoring(space, by="Ann")
    await work(bench(space, 1), job)
    paused = space.store[Jobs].get(job.id)
    assert (paused.state, "$1.00" in paused.reason) == ("paused", True)
    assert counts(space, job) == (6, 4, 0)
    broke = False
    space.store[Jobs].resume(job.id)
    await work(bench(space), job, "t2")
    assert counts(space, job) == (0, 10, 0)
    space.store.close()


async def test_replies_that_never_fit_are_failed_ratings_and_dead_letters_to_be_tried_again(tmp_path):
    broken = True

    def answer(request):
        if broken and request.subject == "call-0000":
            raise ReplyInvalid("not the asked-for shape")
        return REPLY

    space = fake_space(tmp_path, 3, answer)
    job = queue_scoring(space, by="Ann")
    await work(bench(space), job)
    assert counts(space, job) == (0, 2, 1)
    broken = False
    space.store[Jobs].retry(job.id)
    await work(bench(space), job, "t2")
    assert counts(space, job) == (0, 3, 0)
    assert [r.judgement.status for r in space.store[Ratings].current()] == ["rated"] * 3
    space.store.close()


async def test_a_worker_that_stops_finishes_what_is_in_flight_and_gives_the_rest_back(tmp_path):
    space = fake_space(tmp_path, 30)
    job, working = queue_scoring(space, by="Ann"), bench(space, 2)

    def answer(request):
        if len(space.asked) == 5:
            working.stopping.set()
        return REPLY

    space.answer = answer
    await work(working, job)
    waiting, done, failed = counts(space, job)
    assert done == len(space.asked) < 10
    assert (waiting, failed) == (30 - done, 0)
    assert space.store[JobWork].tickets(job.id) == set()
    space.store.close()


async def test_a_cancelled_job_sends_nothing_more(tmp_path):
    space = fake_space(tmp_path, 30)
    job, working = queue_scoring(space, by="Ann"), bench(space, 2)

    def answer(request):
        if len(space.asked) == 4:
            space.store[Jobs].cancel(job.id, "Ann")
            working.live.discard(job.id)
        return REPLY

    space.answer = answer
    await work(working, job)
    assert len(space.asked) < 8
    assert counts(space, job)[1] == len(space.asked)
    space.store.close()


async def test_a_chunk_that_another_worker_took_over_is_put_down(tmp_path):
    space = fake_space(tmp_path, 5, rules="chunk_size: 5\n")
    job, working = queue_scoring(space, by="Ann"), bench(space, 1)
    space.store[JobWork].take(Chunk(job.id, 0), "t1")

    def answer(request):
        if len(space.asked) == 2:
            space.store[JobWork].claim(Chunk(job.id, 0), "t1", "t1@worker-2")
        return REPLY

    space.answer = answer
    await work_chunk(working, job.id, 0, "t1")
    assert len(space.asked) == 2
    assert len(space.store[Ratings].current()) == 1  # the other worker stores the second call
    assert space.store[JobWork].tickets(job.id) == {"t1@worker-2"}
    space.store.close()


async def test_a_fault_of_the_program_stops_the_job_with_its_name(tmp_path):
    def answer(request):
        raise ZeroDivisionError("division by zero")

    space = fake_space(tmp_path, 30, answer)
    job = queue_scoring(space, by="Ann")
    with pytest.raises(ExceptionGroup):
        await work(bench(space, 2), job)
    stopped = space.store[Jobs].get(job.id)
    assert (stopped.state, "ZeroDivisionError" in stopped.reason) == ("failed", True)
    assert len(space.asked) <= 5  # of the first chunk
    space.store.close()


@asynccontextmanager
async def worked_by(space, work, count, chunk_size=5):
    """A job over the space's calls whose every call is given to `work`; its id, and its chunks, each taken."""

    @asynccontextmanager
    async def opened(space, job):
        yield work

    KINDS["slow"] = PerCall(opened)
    try:
        job = space.store[Jobs].create("slow", {}, "Ann", [f"call-{i:04}" for i in range(count)], chunk_size=chunk_size)
        chunks = space.store[JobWork].idle_chunks(job.id, 100)
        for chunk in chunks:
            space.store[JobWork].take(chunk, f"t-{chunk.number}")
        yield job, chunks
    finally:
        del KINDS["slow"]
        space.store.close()


async def test_no_more_than_the_limit_are_in_flight_over_all_chunks(tmp_path):
    flying = highest = 0

    async def slow(held):
        nonlocal flying, highest
        flying += 1
        highest = max(highest, flying)
        await asyncio.sleep(0)
        flying -= 1
        return Done()

    space = fake_space(tmp_path, 40)
    async with worked_by(space, slow, 40) as (job, chunks):
        working = bench(space, 3)
        await asyncio.gather(*(work_chunk(working, job.id, c.number, f"t-{c.number}") for c in chunks))
        assert highest == 3
        assert counts(space, job) == (0, 40, 0)


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT 1", {}, Exception("the server is away")),
        BudgetExceeded("nothing is left"),
        DiskFull(""),
    ],
)
async def test_an_error_that_stops_the_chunk_waits_for_what_is_in_flight_since_it_is_paid_for(tmp_path, error):
    begun = []

    async def slow(held):
        begun.append(held.call)
        await asyncio.sleep(0.01)
        if held.call == "call-0000":
            raise error
        await asyncio.sleep(0.05)
        return Done()

    space = fake_space(tmp_path, 5)
    async with worked_by(space, slow, 5) as (job, (chunk,)):
        with suppress(OperationalError):  # raised to whoever tries again when the database is back
            await work_chunk(bench(space, 3), job.id, chunk.number, "t-0")
        assert begun == ["call-0000", "call-0001", "call-0002"]
        assert counts(space, job) == (3, 2, 0)


def test_only_what_is_missing_and_not_queued_is_started(tmp_path):
    space = fake_space(tmp_path, 8)
    some = queue_scoring(space, by="Ann", calls=["call-0001", "call-0002"])
    assert some.calls == 2
    rest = queue_scoring(space, by="Ann")
    assert rest.calls == 6
    assert queue_scoring(space, by="Ann") is None
    assert queue_scoring(space, by="Ann", draw=1).calls == 8
    space.store.close()


def test_failed_ratings_are_started_again_on_demand(tmp_path):
    space = fake_space(tmp_path, 3)
    made = MadeWith(space.store[Rubrics].newest().id, space.prompt("rate_call").id, "openai/stub-1", 0)
    assert len(space.store[Ratings].unrated_calls(made)) == 3
    job = queue_scoring(space, by="Ann", retry_failed=True)
    assert job.params["retry_failed"]
    space.store.close()


def test_short_jobs_are_cut_finer():
    rules = JobRules()
    assert [chunk_size(n, rules) for n in (1, 20, 160, 800, 100_000)] == [5, 5, 10, 50, 50]
