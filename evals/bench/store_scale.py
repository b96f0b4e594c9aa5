"""The store at scale: reading, statistics, one more day, and pages.

    OPENBLAS_NUM_THREADS=1 python evals/bench/store_scale.py statistics --reps 500 --calls 2400
    python evals/bench/store_scale.py pages --reps 100 --calls 1000

`--url` names an empty database; without it a SQLite file is made in a temporary folder and deleted at the end.
`statistics` runs at a quarter, a half and all of the calls, each size in a process of its own, and exits with 1 if
profiles, gaps, movement and outcomes take more than 20 s, or anything more than 4 GB. Counting all ratings anew, as a
migration does, is a row of its own and not part of that limit. `pages`
exits with 1 above 150 ms. Eight criteria; 2 % of ratings not applicable, 1 % failed, 1 % corrected. Seconds are of the
wall clock; processor seconds stand beside them, as the machine may be shared.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.outcomes.store import Deals

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agent.db.store import Store
from agent.profiles.heat_map import rep_profile, team_heat_map
from agent.profiles.population import BASELINE
from agent.profiles.season import season as counted_season
from agent.profiles.season_frames import cycles_of, score_pair, win_counts
from agent.ratings.recount import recount_all
from agent.settings import Settings
from agent.stats.outcomes import outcome_links
from agent.stats.rules import MovementRules, OutcomeRules
from agent.stats.trends import movement
from agent.workspace import Workspace
from evals.bench.filling import DAYS, SCALES, fill, fill_calls, fill_ratings, season

SECONDS, GIGABYTES, PAGE_MS = 20.0, 4.0, 150.0


def main() -> int:
    """One of the two measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("statistics", "pages"))
    parser.add_argument("--reps", type=int, default=100)
    parser.add_argument("--calls", type=int, default=1000, help="a rep")
    parser.add_argument("--url", default="")
    parser.add_argument("--one", action="store_true", help="one size in this process, as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or f"sqlite:///{folder}/scale.db"
        if options.what == "pages":
            return pages(url, Path(folder), options.reps, options.calls)
        if options.one:
            print(json.dumps(statistics(url, options.reps, options.calls)))
            return 0
    return sizes(options)


class Clock:
    """Wall and processor seconds of laps."""

    def __init__(self) -> None:
        self.laps: dict[str, list[float]] = {}

    def time(self, name: str, work: Callable[[], Any]) -> Any:
        """Do `work` as one lap."""
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        self.laps[name] = [time.perf_counter() - wall, time.process_time() - cpu]
        return result


def statistics(url: str, reps: int, calls_each: int) -> dict[str, Any]:
    """From an empty database to the four statistics: from the table of what counts."""
    clock, store = Clock(), Store.open(url)
    clock.time("filling", lambda: fill(store, reps, calls_each))
    season(store, reps, calls_each)
    clock.time("counting all anew", lambda: recounted(store))
    space = Workspace(Settings(workspace=Path(tempfile.mkdtemp()), database_url=url, environment={}))
    total = time.perf_counter(), time.process_time()
    four_statistics(clock, space)
    clock.laps["all four from the store"] = [time.perf_counter() - total[0], time.process_time() - total[1]]
    day = max(calls_each // DAYS, 1)
    extra = range(calls_each, calls_each + day)
    fill_calls(store, reps, extra, calls_each)
    first = 2 * reps * calls_each * len(SCALES)
    clock.time("one more day: stored", lambda: fill_ratings(store, reps, extra, 0, first))
    store.close()
    count = reps * calls_each * len(SCALES)
    return {"ratings": count, "laps": clock.laps, "peak GB": _peak()}


def recounted(store: Store) -> None:
    """The whole table of what counts, written anew."""
    with store.engine.begin() as connection:
        recount_all(connection)


def four_statistics(clock: Clock, space: Workspace) -> None:
    """Profiles, gaps, movement and outcomes, from the table of what counts."""
    found = counted_season(space, rubric="scale")
    clock.time("heat map: profiles, gaps, totals", lambda: team_heat_map(found))
    cycles = cycles_of(found, found.periods)
    before = clock.time("baseline counted", lambda: found.tally(BASELINE))
    now = clock.time("three cycles counted", lambda: found.tally_in(cycles.windows))
    moved = clock.time(
        "movement of three cycles", lambda: movement(before, now, cycles.names, cycles.coached, MovementRules())
    )
    clock.time("movement as rows", moved.rows)
    pair = score_pair(before, found.tally_in(cycles.last[None]))
    deals = clock.time("deals read", space.store[Deals].all)
    wins = win_counts(found.reps, deals, ("lead", "won"), cycles, 90)
    clock.time("outcomes", lambda: outcome_links(found.measures, pair, wins, OutcomeRules()))


def sizes(options: argparse.Namespace) -> int:
    """A quarter, a half, all."""
    runs = []
    for part in (4, 2, 1):
        command = [sys.executable, __file__, "statistics", "--one", "--reps", str(options.reps)]
        command += ["--calls", str(options.calls // part)] + (["--url", options.url] if options.url else [])
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        runs.append(json.loads(done.stdout))
    print("| " + " | ".join(["wall (processor) s", *(f"{run['ratings']:,} ratings" for run in runs)]) + " |")
    print("|---" * (len(runs) + 1) + "|")
    for name in runs[0]["laps"]:
        cells = [f"{wall:.2f} ({cpu:.2f})" for wall, cpu in (run["laps"][name] for run in runs)]
        print(f"| {name} | {' | '.join(cells)} |")
    for name in ("peak GB",):
        print(f"| {name} | {' | '.join(f'{run[name]:.2f}' for run in runs)} |")
    largest = runs[-1]
    return int(largest["laps"]["all four from the store"][0] > SECONDS or largest["peak GB"] > GIGABYTES)


def pages(url: str, folder: Path, reps: int, calls_each: int) -> int:
    """Server time of the team's heat map and of a rep's page: first, again, and after one more rating."""
    store = Store.open(url)
    fill(store, reps, calls_each)
    season(store, reps, calls_each)
    store.close()
    space = Workspace(Settings(workspace=folder, database_url=url, environment={}))
    slowest = 0.0
    for name, work in (
        ("heat map", lambda: team_heat_map(counted_season(space, rubric="scale"))),
        ("rep page", lambda: rep_profile(counted_season(space, rubric="scale"), "rep 0003")),
    ):
        first, _ = _milliseconds(work)
        wall, processor = (sorted(column) for column in zip(*(_milliseconds(work) for _ in range(9)), strict=True))
        slowest = max(slowest, wall[4])
        print(f"{name}: first {first:.0f} ms, then of 9 median {wall[4]:.0f} ms (processor {processor[4]:.0f} ms)")
    print(f"{reps} reps, {reps * calls_each:,} calls, {reps * calls_each * len(SCALES):,} ratings")
    return int(slowest > PAGE_MS)


def _milliseconds(work: Callable[[], Any]) -> tuple[float, float]:
    """Of the wall clock, and of the processor."""
    begun = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - begun[0]) * 1000, (time.process_time() - begun[1]) * 1000


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    sys.exit(main())
