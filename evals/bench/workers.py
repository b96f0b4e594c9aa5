"""Calls a second with one, two and four worker processes on one database, against a stub with enough latency.

    CLOSEREAD_TEST_POSTGRES=… python evals/bench/workers.py --calls 240

Each worker has 8 requests in flight at 1 s (log-normal, sigma 0.4), so one can do 8 calls a second at most. Timed at the
stub, from the moment all workers have asked to the last answer but the last tenth, where workers run out of calls. Ratios to one worker in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import secrets
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.durable.harness import POSTGRES, Books, Team, drop_database, on_server, with_team
from tests.llm.stub import lognormal

CONCURRENCY = 8


async def measured(team: Team, workers: int, calls: int) -> float:
    """Run one job; calls a second."""
    books = team.books
    job = team.start_job(calls)
    for _ in range(workers):
        await team.start_worker(CONCURRENCY, "--until-idle")
    await team.until(lambda: len(books.seen) >= workers * CONCURRENCY, 120)
    await team.until(lambda: team.state(job) == "done", 600)
    team.check(job, calls)
    left = sorted(one.left for one in books.seen if one.left is not None)
    start = max(one.came for one in books.seen[: workers * CONCURRENCY])
    inside = [moment for moment in left if moment >= start][: -calls // 10 or None]
    for worker in team.workers:
        await worker.wait()
    return len(inside) / (inside[-1] - start)


def run(workers: int, calls: int) -> tuple[float, float]:
    """Calls a second, and seconds of CPU a call over all workers (their start included)."""
    database, name = "", f"closeread_bench_{secrets.token_hex(4)}"
    rates: list[float] = []

    async def work(team: Team) -> None:
        rates.append(await measured(team, workers, calls))

    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/closeread.db"
        if POSTGRES.url:
            on_server(f"CREATE DATABASE {name}")
            database = POSTGRES.url.rpartition("/")[0] + f"/{name}"
        books = Books(latency=1.0, draw=lognormal(1.0, 0.4, 7))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        asyncio.run(with_team(Path(folder) / "work", database, books, work))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if POSTGRES.url:
            drop_database(name)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return rates[0], spent / calls


def main() -> None:
    """Print a line a number of workers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=240, help="a worker")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4])
    given = parser.parse_args()
    one = None
    for workers in given.workers:
        rate, cpu = run(workers, given.calls * workers)
        one = one or rate
        print(f"{workers} workers: {rate:.1f} calls/s, {rate / one:.2f} x, {1000 * cpu:.1f} ms CPU a call", flush=True)


if __name__ == "__main__":
    main()
