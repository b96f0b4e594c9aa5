"""Server time of every page, every API route and what people change most, on 100,000 calls and 800,000 ratings in SQLite.

    python evals/bench/web.py [--reps 100 --calls 1000] [--only /calls,/api] [--folder FOLDER]

Each address is asked as an ops lead and as a rep, once and then three times; the median of the three counts. Changes are
sent five times, each to another call. What counts is the processor's time of the server and of SQLite in it: other work on
the machine makes it longer, but by far less than the clock's time, which stands beside it. Exits with 1 where one takes
more than 150 ms, where the server breaks (500), and where a change is refused. The data is made in a process of its own: the server here has just started, and its first
answers stand beside the medians. What may take longer stands with its reason in web_addresses.py and web_changes.py.

With `--folder` the data is made there once and kept, so that a slow machine gets through in pieces: `--only` names the
addresses of one, by how they begin, and `--without` those that are left out.
"""

from __future__ import annotations

import argparse
import logging
import os
import pickle
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import quote

from agent.people.store import Tokens

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agent.app.web import later, routes
from agent.core.people import Person
from agent.server import create_app
from agent.settings import Settings
from agent.start.listeners import make_ready
from agent.workspace import Workspace
from evals.bench.filling import MODEL, RUBRIC
from evals.bench.one_of_each import Made, filled
from evals.bench.web_addresses import LIMIT_MS, QUERIES, limit_of, values_of
from evals.bench.web_changes import CHANGES, Change

TIMES, SHOWN = 3, 25
ONCE_MS = 2000.0  # a first answer from which one more is enough
LATE_MS = 1000.0  # a first answer that is worth a line of its own
# A stream never ends, so it cannot be timed like a page; signing in through another server needs that server.
STREAMS = re.compile(r"/(events|stream|live)$|^/sso/")


@dataclass(frozen=True, order=True)
class Row:
    """One address as one person asked it; milliseconds."""

    processor: float
    median: float
    first: float
    status: int
    role: str
    address: str
    limit: float

    def __str__(self) -> str:
        mark = f"  <-- over {self.limit:.0f} ms" if self.over else ""
        own = "" if self.limit == LIMIT_MS or self.over else f"  (may take {self.limit:.0f})"
        measured = f"{self.processor:7.1f} ms ({self.median:6.0f} by the clock; first {self.first:6.0f})"
        return f"{measured}  {self.status}  {self.role:8} {self.address}{mark}{own}"

    @property
    def over(self) -> bool:
        """Whether it took too long."""
        return self.processor > self.limit


@dataclass
class Table:
    """What was measured, and what broke."""

    rows: list[Row] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Keep and print a row."""
        self.rows.append(row)
        print(row, flush=True)

    def show(self) -> None:
        """The slowest, and what came late at first."""
        print(f"\nslowest {SHOWN} of those that may take {LIMIT_MS:.0f} ms:")
        print(*sorted((row for row in self.rows if row.limit == LIMIT_MS), reverse=True)[:SHOWN], sep="\n")
        print("\nslowest of those that may take longer:")
        print(*sorted((row for row in self.rows if row.limit > LIMIT_MS), reverse=True)[:SHOWN], sep="\n")
        late = sorted((row for row in self.rows if row.first > LATE_MS), key=lambda row: -row.first)
        print(f"\nfirst answers over {LATE_MS:.0f} ms:" if late else f"\nno first answer took over {LATE_MS:.0f} ms")
        for row in late:
            print(f"  {row.first:8.0f} ms  {row.role:8} {row.address}")


@dataclass
class Times:
    """Milliseconds of each time an address was asked: of the processor, and of the clock."""

    taken: list[tuple[float, float]] = field(default_factory=list)

    def time(self, ask: Callable[[], Any]) -> Any:
        """What `ask` gives."""
        begun = time.perf_counter(), time.process_time()
        answer = ask()
        wall, processor = time.perf_counter() - begun[0], time.process_time() - begun[1]
        self.taken.append((processor * 1000, wall * 1000))
        return answer

    @property
    def first(self) -> float:
        """The processor at the first."""
        return self.taken[0][0]

    @property
    def medians(self) -> tuple[float, float]:
        """Of all but the first, where there are others."""
        counted = self.taken[1:] or self.taken
        processor, wall = (sorted(column)[len(counted) // 2] for column in zip(*counted, strict=True))
        return processor, wall


class Server:
    """The application on the filled workspace, and programs of people."""

    def __init__(self, folder: Path) -> None:
        environment = {"CLOSEREAD_MODEL": MODEL}
        self.space = Workspace(Settings(folder, f"sqlite:///{folder}/closeread.db", environment))
        self.app = create_app(self.space)
        make_ready()  # as a server does beside its first answers
        self.faults = Faults()
        logging.getLogger("closeread").addHandler(self.faults)
        logging.getLogger("closeread").propagate = False

    def program(self, person: Person) -> Any:
        """A program with a token of that person."""
        from fastapi.testclient import TestClient

        secret = self.space.store[Tokens].create(person.role, rep=person.rep, person=person.id).secret
        made = TestClient(self.app, follow_redirects=False, raise_server_exceptions=False)
        made.headers["Authorization"] = f"Bearer {secret}"
        return made

    def settled(self) -> float:
        """Seconds until what requests started beside the server has ended."""
        begun = time.perf_counter()
        if hasattr(self.app.state, "later"):
            work: later.Later = self.app.state.later
            work.wait(600)
        return time.perf_counter() - begun


class Faults(logging.Handler):
    """The last fault that the server logged, in one line."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        if record.exc_info and record.exc_info[1] is not None:
            self.last = " ".join(f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}".split())[:200]


def main() -> int:
    """Fill, ask, change, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reps", type=int, default=100)
    parser.add_argument("--calls", type=int, default=1000, help="a rep; 600 at least")
    parser.add_argument("--only", default="/", help="addresses that begin like one of these, with commas between")
    parser.add_argument("--without", default="-", help="addresses to leave out, likewise")
    parser.add_argument("--folder", type=Path, help="where the data is kept, and found if it is there")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    table, some = Table(), Some(tuple(options.only.split(",")), tuple(options.without.split(",")))
    with tempfile.TemporaryDirectory() as passing:
        folder = options.folder or Path(passing)
        made = kept_or_made(folder, options.reps, options.calls)
        print(f"filled in {made.seconds:.0f} s", flush=True)
        server = Server(folder)
        ask_all(server, made, some, table)
        change_all(server, made, some, table)
        server.space.store.close()
    table.show()
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    calls = options.reps * options.calls
    print(f"{calls:,} calls, {calls * len(RUBRIC.criteria):,} ratings; {len(table.rows)} measured; load {load}")
    for line in table.broken:
        print(f"broken: {line}")
    return int(bool(table.broken or any(row.over for row in table.rows)))


def kept_or_made(folder: Path, reps: int, calls: int) -> Made:
    """The workspace of that size in the folder, filled if there is none."""
    note = folder / f"made-{reps}-{calls}.pickle"
    if not note.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # The child is over before anything is timed: what it kept in its memory is not there for the server.
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            note.write_bytes(pickle.dumps(apart.submit(filled, folder, reps, calls).result()))
    made: Made = pickle.loads(note.read_bytes())
    return made


@dataclass(frozen=True)
class Some:
    """Which addresses: those that begin like one of `only` and like none of `without`."""

    only: tuple[str, ...]
    without: tuple[str, ...]

    def __contains__(self, path: str) -> bool:
        return path.startswith(self.only) and not path.startswith(self.without)


def ask_all(server: Server, made: Made, some: Some, table: Table) -> None:
    """Ask every GET route."""
    askers = {person.role: server.program(person) for person in (made.lead, made.rep)}
    left, refused = [], []
    for route in routes.declared():
        if route.method != "GET" or route.path not in some:
            continue
        addresses = list(addresses_of(route.path, made)) if not STREAMS.search(route.path) else []
        if not addresses:
            left.append(route.path)
        for address, (role, asker) in product(addresses, askers.items()):
            if route.roles is None or role in route.roles:
                asked = Asked(role, address, limit_of(address), TIMES)
                status = one(server, asked, lambda c=asker, a=address: c.get(a), table)
                if status >= 400 and role == "ops_lead":
                    refused.append(f"{address} {status}")
    print("not asked (streams, sign-in elsewhere):", ", ".join(left) or "none")
    print("asked, but answered without content:", ", ".join(refused) or "none")


def addresses_of(path: str, made: Made) -> Iterator[str]:
    """The addresses of a route: each way to fill its braces, alone and with each query. None where an id is not known."""
    found = re.findall(r"(?:([\w-]+)/)?{(\w+)[^}]*}", path)
    ways = [values_of(made, path, before, name) for before, name in found]
    for chosen in product(*ways):
        filling = iter(chosen)
        address = re.sub(r"{(\w+)[^}]*}", lambda _: quote(next(filling), safe=""), path)  # noqa: B023
        for query in QUERIES.get(path, ("",)):
            yield address + query.format_map(made.names)


@dataclass(frozen=True)
class Asked:
    """What is asked so often after a first time, by whom; broken from the status `broken` on."""

    role: str
    address: str
    limit: float
    times: int
    broken: int = 500


def one(server: Server, asked: Asked, ask: Callable[[], Any], table: Table) -> int:
    """Ask one address; the last status."""
    found = Times()
    for number in range(asked.times + 1):
        answer = found.time(ask)
        if answer.status_code >= asked.broken:
            why = server.faults.last if answer.status_code == 500 else answer.text[:200]
            table.broken.append(f"{answer.status_code} {asked.role} {asked.address}: {why}")
            break
        if number == 0 and (seconds := server.settled()) > 0.05:
            print(f"        figures worked out beside the server after {asked.address}: {seconds:.1f} s")
        if number and found.first > ONCE_MS:
            break
    table.add(Row(*found.medians, found.first, answer.status_code, asked.role, asked.address, asked.limit))
    return int(answer.status_code)


def change_all(server: Server, made: Made, some: Some, table: Table) -> None:
    """Send every change of web_changes.py."""
    people = {person.role: server.program(person) for person in (made.lead, made.manager, made.rep)}
    for change in CHANGES:
        if change.path in some:
            sent = sending(change, people[change.role], server, made)
            asked = Asked(change.role, f"POST {change.path}", change.limit, change.times, broken=400)
            one(server, asked, sent, table)


def sending(change: Change, asker: Any, server: Server, made: Made) -> Callable[[], Any]:
    """Sends the change to another call each time. What there is to send is made before anything is timed."""
    ready = iter([change.make(server.space, made, number) for number in range(change.times + 1)])

    def send() -> Any:
        path, body = next(ready)
        return asker.post(path, **body)

    return send


if __name__ == "__main__":
    sys.exit(main())
