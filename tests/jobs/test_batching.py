"""Scoring through a provider's batch interface, with a stub of it and the usual path around."""

import asyncio
import json

import pytest

from agent.app.queue.job_work import JobWork
from agent.app.queue.kinds import kind
from agent.app.queue.store import Jobs
from agent.app.queue.worker import Worker
from agent.db.ledger import SqlLedger
from agent.llm.batches import BatchTicket
from agent.ratings.store import Ratings
from agent.scoring.job import queue_scoring
from agent.settings import Settings
from agent.workspace import Workspace
from tests.jobs.made import GOOD, fill
from tests.llm.batch_stub import BatchStub, answered, refused


def made(folder, stub):
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "jobs.yaml").write_text("batch_poll_seconds: 0.05\n")
    environment = {"CLOSEREAD_MODEL": "openai/stub-1", "CLOSEREAD_API_BASE": stub.base}
    space = Workspace(Settings(folder, f"sqlite:///{folder}/closeread.db", environment))
    fill(space, 6)
    return space


async def work(space, job):
    await kind(job.kind).work(space, space.store[Jobs].get(job.id), lambda progress: None)


async def until(done, running):
    while not done():
        assert not running.done(), running.exception()
        await asyncio.sleep(0.02)


def counts(space, job):
    found = space.store[Jobs].progress(job.id)
    return found.waiting, found.done, found.failed


async def test_all_calls_go_in_one_batch_and_what_failed_in_the_next(tmp_path):
    bad = ["call-0003"]

    def answers(line):
        said = json.dumps(line["body"])
        return (
            refused(400, "content policy")
            if any(f"About {int(c[-4:])} thousand" in said for c in bad)
            else answered(GOOD)
        )

    async with BatchStub(answers) as stub:
        space = made(tmp_path, stub)
        job = queue_scoring(space, by="Ann", batch=True)
        assert queue_scoring(space, by="Bob") is None
        running = asyncio.create_task(work(space, job))
        await until(lambda: stub.created, running)
        stub.end()
        await running
        assert counts(space, job) == (0, 5, 1)
        (letter,) = space.store[Jobs].dead_letters(job.id)
        assert (letter.call, "content policy" in letter.reason) == ("call-0003", True)
        assert BatchTicket.model_validate_json(space.store[JobWork].batch(job.id)).done
        assert space.store[SqlLedger].totals()[0].requests >= 5

        bad.clear()
        space.store[Jobs].finish(job.id)
        space.store[Jobs].retry(job.id)
        again = asyncio.create_task(work(space, job))
        await until(lambda: len(stub.created) == 2, again)
        assert len(stub.lines(1)) == 1
        stub.end(batch=1)
        await again
        assert counts(space, job) == (0, 6, 0)
        assert len(space.store[Ratings].current()) == 6
        space.store.close()


async def test_what_fails_each_time_is_asked_again_each_time_and_booked_once(tmp_path):
    """The same calls, the same requests, so the same key but for the turn: each retry is a batch of its own."""
    wrong = answered('{"ratings": 7}')
    async with BatchStub(lambda line: wrong) as stub:
        space = made(tmp_path, stub)
        job = queue_scoring(space, by="Ann", batch=True)
        for turn in range(3):
            running = asyncio.create_task(work(space, job))
            await until(lambda turn=turn: len(stub.created) == turn + 1, running)
            assert len(stub.lines(turn)) == 6
            stub.end(batch=turn)
            await running
            assert counts(space, job) == (0, 0, 6)
            assert space.store[SqlLedger].totals()[0].requests == 6 * (turn + 1)
            space.store[Jobs].finish(job.id)
            space.store[Jobs].retry(job.id)
        space.store.close()


async def test_a_worker_that_dies_while_it_waits_hands_nothing_in_again(tmp_path):
    async with BatchStub(lambda line: answered(GOOD)) as stub:
        space = made(tmp_path, stub)
        job = queue_scoring(space, by="Ann", batch=True)
        first = asyncio.create_task(work(space, job))
        await until(lambda: space.store[JobWork].batch(job.id), first)
        first.cancel()
        await asyncio.wait([first])
        second = asyncio.create_task(work(space, job))
        await asyncio.sleep(0.2)
        stub.end()
        await second
        assert len(stub.created) == 1
        assert counts(space, job) == (0, 6, 0)
        space.store.close()


async def test_a_worker_that_dies_before_it_keeps_what_it_collected_books_it_once(tmp_path, monkeypatch):
    wrong = answered('{"ratings": 7}')
    async with BatchStub(lambda line: wrong if "About 3 thousand" in json.dumps(line) else answered(GOOD)) as stub:
        space = made(tmp_path, stub)
        job = queue_scoring(space, by="Ann", batch=True)
        running = asyncio.create_task(work(space, job))
        await until(lambda: stub.created, running)
        keep = JobWork.keep_batch

        def dies(self, ident, body, *also):
            raise ZeroDivisionError("as if it were killed here")

        monkeypatch.setattr(JobWork, "keep_batch", dies)
        stub.end()
        with pytest.raises(ZeroDivisionError):
            await running
        monkeypatch.setattr(JobWork, "keep_batch", keep)
        await work(space, job)
        assert counts(space, job) == (0, 5, 1)
        paid = [spent for spent in space.store[SqlLedger].booked() if spent.job == job.id]
        assert (sum(one.requests for one in paid), len(stub.created)) == (6, 1)
        space.store.close()


@pytest.mark.slow
async def test_a_worker_does_a_batch_from_its_queue(tmp_path):
    async with BatchStub(lambda line: answered(GOOD)) as stub:
        space = made(tmp_path, stub)
        job = queue_scoring(space, by="Ann", batch=True)
        for _ in range(2):  # the first is told to stop while it waits for the provider
            worker = Worker(space, 4)
            running = asyncio.create_task(worker.run(until_idle=True))
            await until(lambda: space.store[JobWork].batch(job.id), running)
            worker.stop()
            await running
        assert space.store[JobWork].own_ticket(job.id) == ""
        stub.end()
        await Worker(space, 4).run(until_idle=True)
        assert (space.store[Jobs].get(job.id).state, counts(space, job)) == ("done", (0, 6, 0))
        assert len(stub.created) == 1
        space.store.close()
