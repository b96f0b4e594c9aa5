"""Server time of every page and API route that can be asked, on 100,000 calls and 800,000 ratings in SQLite.

    python evals/bench/web.py [--reps 100 --calls 1000] [--only /calls]

Each is asked as an ops lead and as a rep, once and then nine times; the median of the nine counts. Exits with 1 where
one takes more than 150 ms. Addresses with an id get one that is there; those nobody gave an id for are listed.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from store_scale import RUBRIC, fill, season

from agent.api import routes
from agent.api.app import create_app
from agent.domain.people import Role
from agent.settings import Settings
from agent.wiring import Workspace

LIMIT_MS, TIMES = 150.0, 9
REP = "rep 0003"
CALL = "call-00500-0003"
# What stands in braces in an address. A stream never ends, so it cannot be timed like a page.
IDS = {"call": CALL, "call_id": CALL, "rep": REP, "rubric": RUBRIC.id, "reference": "scale", "label": "scale"}
IDENT = {"calls": CALL, "rubrics": RUBRIC.id, "rubric": RUBRIC.id, "profiles": REP, "coaching": REP}
STREAMS = re.compile(r"/(events|stream|live)$|^/sso/|^/welcome/")


def main() -> int:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reps", type=int, default=100)
    parser.add_argument("--calls", type=int, default=1000, help="a rep")
    parser.add_argument("--only", default="", help="addresses that begin like this")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        space = Workspace(Settings.read(Path(folder), {}))
        fill(space.store, options.reps, options.calls)
        season(space.store, options.reps, options.calls)
        slowest = measure(space, options.only)
        space.store.close()
    print(f"{options.reps * options.calls:,} calls, {options.reps * options.calls * len(RUBRIC.criteria):,} ratings")
    return int(slowest > LIMIT_MS)


def measure(space: Workspace, only: str) -> float:
    """Ask everything; the slowest median in milliseconds."""
    clients, slowest, left = {role: client(space, role) for role in ("ops_lead", "rep")}, 0.0, []
    for route in routes.declared():
        if route.method != "GET" or STREAMS.search(route.path) or not route.path.startswith(only or "/"):
            continue
        address = filled(route.path)
        if address is None:
            left.append(route.path)
            continue
        for role, asker in clients.items():
            if route.roles is None or role in route.roles:
                slowest = max(slowest, one(asker, role, address))
    if left:
        print("not asked, no id known:", ", ".join(left))
    return slowest


def client(space: Workspace, role: Role) -> Any:
    """A program of that role."""
    from fastapi.testclient import TestClient

    _, secret = space.store.tokens.create(role, rep=REP if role == "rep" else "")
    made = TestClient(create_app(space), follow_redirects=False, raise_server_exceptions=False)
    made.headers["Authorization"] = f"Bearer {secret}"
    return made


def filled(path: str) -> str | None:
    """The address with ids in it; None where one is not known."""
    topic = path.removeprefix(routes.API).split("/")[1]
    given = IDS | ({"ident": IDENT[topic]} if topic in IDENT else {})
    names = re.findall(r"{(\w+)", path)
    if not set(names) <= given.keys():
        return None
    return re.sub(r"{(\w+)[^}]*}", lambda found: given[found[1]], path)


def one(asker: Any, role: str, address: str) -> float:
    """Ask one address; the median in milliseconds."""
    taken = []
    for _ in range(TIMES + 1):
        begun = time.perf_counter()
        status = asker.get(address).status_code
        taken.append((time.perf_counter() - begun) * 1000)
    median = sorted(taken[1:])[TIMES // 2]
    mark = "  <-- over the limit" if median > LIMIT_MS else ""
    print(f"{median:7.1f} ms (first {taken[0]:7.1f})  {status}  {role:8} {address}{mark}")
    return median


if __name__ == "__main__":
    sys.exit(main())
