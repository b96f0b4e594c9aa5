"""The kill test for as long as wanted: workers die at random, and in the end every call is scored once.

    python evals/soak/kills.py --minutes 30 --calls 20000
    CLOSEREAD_TEST_POSTGRES=… python evals/soak/kills.py --postgresql

Prints kills, requests, repeated requests, and exits 1 if a call was lost, scored twice, or asked again although nobody
was killed while it was in flight.
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

from tests.durable.harness import POSTGRES, Books, Team, on_server, with_team


async def soak(team: Team, minutes: float, calls: int, seed: int) -> None:
    """Kill one of four workers every few seconds until time is up, then let them finish."""
    draw, books = random.Random(seed), team.books
    job = team.start_job(calls)
    for _ in range(4):
        await team.start_worker(8)
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end and team.state(job) in ("queued", "running"):
        await asyncio.sleep(draw.uniform(0.5, 8))
        await team.kill(draw.choice([worker for worker in team.workers if worker.returncode is None]))
        await team.start_worker(8)
        print(f"{len(books.kills)} kills, {books.answered} answered", flush=True)
    await team.until(lambda: team.state(job) not in ("queued", "running"), 60 * minutes + 120)
    team.check(job, calls)
    repeated = len(books.seen) - calls
    print(f"{len(books.kills)} kills, {len(books.seen)} requests for {calls} calls, {repeated} repeated", flush=True)
    assert books.repeated_without_a_kill() == []


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
                on_server(f"DROP DATABASE {name} WITH (FORCE)")


if __name__ == "__main__":
    main()
