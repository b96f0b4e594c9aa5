"""A provider that fails a third of the time, a database that restarts, a disk that fills up, a clock that jumps."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from agent.app.queue.store import Jobs
from tests.durable.harness import Books, with_team
from tests.durable.server import Server, needs_server
from tests.jobs.made import GOOD
from tests.llm.stub import half_a_body, hangs, resets, says, status

pytestmark = pytest.mark.durable

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)

BAD = (
    status(429, "slow down"),
    status(429, "slow down", headers={"Retry-After": "1"}),
    status(500),
    resets(),
    hangs(30),
    half_a_body(GOOD),
    says('{"ratings": "none"}'),
    says(None),
)


async def test_with_a_third_of_all_answers_bad_every_call_is_scored(tmp_path, database):
    calls = 80
    books = Books(latency=0.05, faults=0.3, bad=BAD)

    async def work(team):
        (team.folder / "config" / "models.yaml").write_text(
            f"roles:\n  rater: {{model: openai/stub-1, api_base: {team.stub.base}/v1, timeout_seconds: 2}}\n"
        )
        job = team.start_job(calls)
        for _ in range(2):
            await team.start_worker(8)
        await team.until(lambda: team.state(job) == "done", 110)
        failed = team.space.store[Jobs].dead_letters(job)
        if failed:  # a call may draw bad answers up to the bound; it is then tried again on demand
            assert len(failed) <= 2
            team.space.store[Jobs].retry(job)
            await team.until(lambda: team.state(job) == "done", 60)
        team.check(job, calls)
        # 0.3 bad answers a request make 1.43 requests a call. A storm would be a multiple of that.
        assert len(books.seen) < 2.2 * calls

    await with_team(tmp_path / "work", database, books, work)


@needs_server
async def test_a_database_that_restarts_under_load_loses_nothing(tmp_path):
    calls = 150
    books = Books(latency=0.15)

    async def work(team):
        job = team.start_job(calls)
        for _ in range(2):
            await team.start_worker(8)
        for share in (0.2, 0.5, 0.8):
            await team.until(lambda so_far=share * calls: books.answered >= so_far, 60)
            await asyncio.to_thread(server.restart)
        await team.until(lambda: team.state(job) == "done", 60)
        team.check(job, calls)
        assert [worker.returncode for worker in team.workers] == [None, None]
        assert books.repeated_without_a_kill() == []

    with Server(tmp_path / "server") as server:
        await with_team(tmp_path / "work", server.url, books, work)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 12 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill(path):
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


async def test_a_full_disk_is_one_clear_line_and_the_work_goes_on_when_there_is_room(tmp_path, small_disk):
    calls = 60
    books = Books(latency=0.1)

    async def work(team):
        job = team.start_job(calls)
        first = await team.start_worker(8)
        await team.until(lambda: books.answered >= 10, 60)
        filler = small_disk / "filler"
        _fill(filler)
        assert await asyncio.wait_for(first.wait(), 40) == 5
        last = (tmp_path / "worker-0.log").read_text().strip().splitlines()[-1]
        assert last.startswith("error: there is no room left on the disk")
        filler.unlink()
        await team.start_worker(8, "--until-idle")
        await team.until(lambda: team.state(job) == "done", 60)
        team.check(job, calls)
        assert len(books.seen) <= calls + 8
        for file in ("closeread.db", "closeread-jobs.db", "cache/cache.db"):
            with closing(sqlite3.connect(small_disk / file)) as kept:
                assert kept.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    database = f"sqlite:///{small_disk}/closeread.db"
    await with_team(small_disk, database, books, work, logs=tmp_path)


# libfaketime makes a negative interval of a deadline that has just passed, which the system refuses (EINVAL): on a busy
# machine a thread of dbos ended so in time.sleep, and its worker with it. select waits for an interval.
_SLEEPING = "import select, time; time.sleep = lambda seconds: select.select([], [], [], max(0, seconds))"


@pytest.mark.skipif(FAKETIME is None and not os.environ.get("CI"), reason="libfaketime is not installed")
async def test_a_clock_that_jumps_changes_nothing(tmp_path, database):
    calls = 80
    books = Books(latency=0.3)

    async def work(team):
        clock = tmp_path / "clock"
        clock.write_text("+0")
        team.environment |= {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        job = team.start_job(calls)
        for _ in range(2):
            await team.start_worker(4)
        for share, jump in ((0.15, "+2h"), (0.4, "-26h"), (0.7, "+40d")):
            await team.until(lambda so_far=share * calls: books.answered >= so_far, 120)
            clock.write_text(jump)
        await team.until(lambda: team.state(job) == "done", 90)
        team.check(job, calls)
        assert len(books.seen) == calls

    await with_team(tmp_path / "work", database, books, work, before=_SLEEPING)


async def test_an_upgrade_takes_up_what_waits(tmp_path, database):
    """The same tables and queue, then another program: what the old one left queued or half done is done by the new."""
    from tests.durable.harness import ROOT

    calls = 60
    books = Books(latency=0.2)

    async def work(team):
        job = team.start_job(calls)
        old = await team.start_worker(4)
        await team.until(lambda: books.answered >= 8, 60)
        await team.kill(old)
        newer = tmp_path / "newer"
        newer.mkdir()
        for name in ("agent", "prompts", "config"):
            subprocess.run(["cp", "-r", str(ROOT / name), str(newer / name)], check=True)
        for changed in (newer / "agent" / "jobs").glob("*.py"):
            changed.write_text(changed.read_text() + f"\nCHANGED = {time.time()}\n")
        team.environment["PYTHONPATH"] = str(newer)
        new = await team.start_worker(4)
        await team.until(lambda: team.state(job) == "done", 90)
        new.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(new.wait(), 20) == 0
        team.check(job, calls)
        assert books.repeated_without_a_kill() == []

    await with_team(tmp_path / "work", database, books, work)
