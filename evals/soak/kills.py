"""The kill test for as long as wanted: workers die at random, and in the end every call is scored once.

    .venv/bin/python evals/soak/kills.py --minutes 30 --calls 20000
    CLOSEREAD_TEST_POSTGRES=… .venv/bin/python evals/soak/kills.py --postgresql

Four workers with 8 requests in flight each, on a stub whose answers take 0.25 to 0.75 s; one of them is killed (SIGKILL)
every 0.5 to 8 s and replaced, at whatever it is doing, starting up included, until the calls are done or the time is up.
Prints kills, requests and repeated requests, and exits with 1 if a call was lost or scored twice, if one was asked again
although nobody was killed while it was in flight, or more were than the killed ones can have had in flight.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import secrets
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.durable.harness import POSTGRES, Books, Team, drop_database, on_server, with_team

WORKERS, IN_FLIGHT = 4, 8


async def soak(team: Team, minutes: float, calls: int, seed: int) -> None:
    """Kill one of the workers every few seconds until time is up, then let them finish."""
    draw, books, begun = random.Random(seed), team.books, time.monotonic()
    job = team.start_job(calls)
    for _ in range(WORKERS):
        await team.start_worker(IN_FLIGHT)
    end = begun + 60 * minutes
    while time.monotonic() < end and team.state(job) in ("queued", "running"):
        await asyncio.sleep(draw.uniform(0.5, 8))
        await team.kill(draw.choice([worker for worker in team.workers if worker.returncode is None]))
        await team.start_worker(IN_FLIGHT)
        print(f"{time.monotonic() - begun:.0f} s: {len(books.kills)} kills, {books.answered} answered", flush=True)
    await team.until(lambda: team.state(job) not in ("queued", "running"), 60 * minutes + 120)
    team.check(job, calls)
    repeated, took = len(books.seen) - calls, time.monotonic() - begun
    print(
        f"{calls} calls done in {took:.0f} s, none lost, none scored twice; {len(books.kills)} kills, "
        f"{len(books.seen)} requests, {repeated} repeated",
        flush=True,
    )
    assert books.repeated_without_a_kill() == []
    assert repeated <= len(books.kills) * IN_FLIGHT


def main() -> None:
    """Run it on SQLite, or on a database of its own on the server."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--calls", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true")
    given = parser.parse_args()
    books = Books(latency=0.5)
    with tempfile.TemporaryDirectory() as folder:
        database, name = f"sqlite:///{folder}/closeread.db", f"closeread_soak_{secrets.token_hex(4)}"
        if given.postgresql:
            on_server(f"CREATE DATABASE {name}")
            database = POSTGRES.url.rpartition("/")[0] + f"/{name}"
        try:
            work = with_team(
                Path(folder) / "work", database, books, lambda t: soak(t, given.minutes, given.calls, given.seed)
            )
            asyncio.run(work)
        finally:
            if given.postgresql:
                drop_database(name)


if __name__ == "__main__":
    main()
