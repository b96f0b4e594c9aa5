"""Workers die at any moment: nothing is lost, nothing is scored twice, nothing is paid twice but what was in flight."""

import asyncio
import random
import signal

import pytest

from agent.app.queue.job_work import JobWork
from tests.durable.harness import Books, with_team

pytestmark = pytest.mark.durable

CALLS, KILLS = 500, 20


async def test_twenty_kills_in_five_hundred_calls(tmp_path, database):
    draw = random.Random(11)
    # The stub holds answers back so that the work lasts until the last kill, however slow the machine is.
    books = Books(latency=0.15)
    books.gate = lambda answered: len(books.kills) >= KILLS or answered < CALLS * (len(books.kills) + 1) // KILLS

    async def work(team):
        job = team.start_job(CALLS)
        for _ in range(3):
            await team.start_worker(8)
        await team.until(lambda: books.answered > 0, 60)
        for _ in range(KILLS):
            answered = books.answered
            await asyncio.sleep(draw.uniform(0, 0.4))
            await team.until(lambda before=answered: books.answered > before or books.answered >= CALLS, 60)
            alive = [worker for worker in team.workers if worker.returncode is None]
            await team.kill(draw.choice(alive))
            await team.start_worker(8)
        await team.until(lambda: team.state(job) != "running", 90)
        team.check(job, CALLS)
        assert books.repeated_without_a_kill() == []
        assert len(books.seen) - CALLS <= KILLS * 8

    await with_team(tmp_path / "work", database, books, work)


async def test_the_chunks_of_a_dead_worker_are_taken_over_by_the_other(tmp_path, database):
    books = Books(latency=0.2)

    async def work(team):
        job = team.start_job(60)
        first = await team.start_worker(4)
        await team.until(lambda: books.answered >= 4, 60)
        second = await team.start_worker(4)
        await team.kill(first)
        await team.until(lambda: team.state(job) == "done", 90)
        assert second.returncode is None
        team.check(job, 60)
        assert books.repeated_without_a_kill() == []

    await with_team(tmp_path / "work", database, books, work)


async def test_a_worker_that_is_told_to_stop_repeats_nothing(tmp_path, database):
    books = Books(latency=0.3)

    async def work(team):
        job = team.start_job(60)
        first = await team.start_worker(8)
        await team.until(lambda: books.answered >= 10, 60)
        first.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(first.wait(), 30) == 0
        assert all(one.left is not None for one in books.seen)
        assert [
            t for t in team.space.store[JobWork].tickets(job) if "@" in t
        ] == []  # what is held is held by the queue
        await team.start_worker(8, "--until-idle")
        await team.until(lambda: team.state(job) == "done", 90)
        team.check(job, 60)
        assert len(books.seen) == 60

    await with_team(tmp_path / "work", database, books, work)


async def test_a_worker_that_was_stopped_and_comes_back_settles_nothing_twice(tmp_path, database):
    """SIGSTOP is not death: its lock is still held, so nobody takes its work."""
    books = Books(latency=0.2)

    async def work(team):
        job = team.start_job(40)
        first = await team.start_worker(4)
        await team.until(lambda: books.answered >= 4, 60)
        first.send_signal(signal.SIGSTOP)
        await team.start_worker(4)
        await asyncio.sleep(8)
        first.send_signal(signal.SIGCONT)
        await team.until(lambda: team.state(job) == "done", 90)
        team.check(job, 40)
        assert len(books.seen) == 40

    await with_team(tmp_path / "work", database, books, work)
