"""Ratings stored a second by several processes at once, on SQLite or on PostgreSQL.

    .venv/bin/python evals/bench/writers.py
    CLOSEREAD_TEST_POSTGRES=… .venv/bin/python evals/bench/writers.py --postgresql

Two races, each on a new database: the ratings of one call in a transaction, as a worker stores them when the call is
finished, and of ten. Eight criteria a call, each rating with a reason and a quote; making the ratings is not counted,
turning them into rows is. Exits with 1 if one of them is below 10,000 ratings a second, if a rating is missing, or with
any error, "database is locked" among them. PostgreSQL's own processes share the machine with the writers; the processor
time does not contain theirs.
"""

from __future__ import annotations

import argparse
import multiprocessing
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.ratings.store import Ratings

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agent.core.transcript import Quote, Span
from agent.db.schema import calls
from agent.db.store import Store
from agent.ratings.model import Provenance, Rated, Rating
from tests.durable.harness import POSTGRES, drop_database, on_server

CRITERIA, PER_SECOND = 8, 10_000
SAID = "What does a late close cost you each month?"


def rating(call: str, at: int) -> Rating:
    """A model's rating of one criterion."""
    quote = Quote(span=Span(turn=3, start=0, end=len(SAID)), speaker="Rae", text=SAID)
    return Rating(
        call=call,
        criterion=f"criterion_{at}",
        rater="model:m",
        judgement=Rated(value=1, quotes=(quote,)),
        reason="The rep asks what the problem costs and waits for the answer.",
        provenance=Provenance(rubric="ru-1", prompt="rate_call@1#x", model="m", request=f"rq-{call}"),
        at=datetime.now(UTC),
    )


def call_id(number: int) -> str:
    """The call of that number."""
    return f"call-{number:07}"


def write(url: str, numbers: range, together: int, gate: Any, told: Any) -> None:
    """One process: store the ratings of these calls, `together` of them in a transaction, once `gate` opens."""
    from sqlalchemy.exc import DBAPIError

    store = Store.open(url)
    made = [
        [rating(call_id(number), at) for number in numbers[first : first + together] for at in range(CRITERIA)]
        for first in range(0, len(numbers), together)
    ]
    gate.wait()
    error, begun = "", time.process_time()
    try:
        for batch in made:
            store[Ratings].add(batch)
    except DBAPIError as met:
        error = str(met)
    told.put((error, time.process_time() - begun))
    store.close()


def fill(store: Store, count: int) -> None:
    """The calls that are rated."""
    facts = {"transcript": None, "date": "2026-01-01", "rep": "Ann", "stage": "", "deal": "", "body": "{}"}
    with store.engine.begin() as connection:
        connection.execute(calls.insert(), [{"id": call_id(number), **facts} for number in range(count)])


def race(url: str, processes: int, each: int, together: int) -> tuple[float, float, list[str]]:
    """Seconds from the opening of the gate to the last one's end, processor seconds of the writers, and errors.

    `each`: calls a process; `together`: calls a transaction.
    """
    start = multiprocessing.get_context("spawn")
    gate, told = start.Barrier(processes + 1), start.Queue()
    spans = [range(at * each, (at + 1) * each) for at in range(processes)]
    started = [start.Process(target=write, args=(url, span, together, gate, told)) for span in spans]
    for process in started:
        process.start()
    gate.wait()
    begun = time.perf_counter()
    ends = [told.get() for _ in started]
    seconds = time.perf_counter() - begun
    for process in started:
        process.join()
    return seconds, sum(cpu for _, cpu in ends), [error for error, _ in ends if error]


@contextmanager
def new_database(postgresql: bool) -> Iterator[str]:
    """The URL of one that is deleted at the end."""
    if not postgresql:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/writers.db"
        return
    name = f"closeread_bench_{secrets.token_hex(4)}"
    on_server(f"CREATE DATABASE {name}")
    try:
        yield POSTGRES.url.rpartition("/")[0] + f"/{name}"
    finally:
        drop_database(name)


def measure(url: str, processes: int, each: int, together: int) -> bool:
    """One race. Whether it was fast enough and whole."""
    store = Store.open(url)
    fill(store, processes * each)
    seconds, cpu, errors = race(url, processes, each, together)
    with store.engine.connect() as connection:
        stored: int = connection.exec_driver_sql("SELECT count(*) FROM ratings").scalar_one()
    kind = store.engine.dialect.name
    store.close()
    wanted, speed = processes * each * CRITERIA, stored / seconds
    print(
        f"{kind}, {processes} writers, {together} calls a transaction: {stored:,} of {wanted:,} ratings in "
        f"{seconds:.2f} s, {speed:,.0f} a second, {cpu / wanted * 1e6:.0f} µs of the writers' processor time each; "
        f"errors: {'; '.join(errors) or 'none'}",
        flush=True,
    )
    return not errors and stored == wanted and speed >= PER_SECOND


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgresql", action="store_true", help="on the server of CLOSEREAD_TEST_POSTGRES")
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--calls", type=int, default=2_000, help="of each writer")
    parser.add_argument("--calls-a-transaction", type=int, nargs="+", default=[1, 10])
    given = parser.parse_args()
    if given.postgresql and not POSTGRES.url:
        parser.error("set CLOSEREAD_TEST_POSTGRES, for example to the output of .ci/postgres")
    good = True
    for together in given.calls_a_transaction:
        with new_database(given.postgresql) as url:
            good &= measure(url, given.writers, given.calls, together)
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
