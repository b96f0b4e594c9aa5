"""Profiles, gaps, movement and outcomes of a large company: time and memory, and whether both grow with the ratings.

    OPENBLAS_NUM_THREADS=1 python evals/bench/profiles.py

500 reps x 12 months x 200 calls x 8 criteria (9.6 million ratings), and a quarter of it: of the calls, and of the reps.
Seconds are of processor time, one thread. Each size runs in a process of its own; making the ratings is not timed but is
in the memory. Exit code 1 if the whole takes more than 20 s or 4 GB, or grows faster than the ratings.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import date

import numpy as np

from agent.core.scale import BINARY, SCALES
from agent.stats.deals import LOST, WON, DealFrame, wins_before_and_after
from agent.stats.frame import CallFrame, Measure, RatingFrame

START = date(2025, 1, 1)
MONTHS, DAYS = 12, 30
MEASURES = tuple(Measure(f"yes_no_{i}", BINARY) for i in range(6)) + tuple(
    Measure(f"five_{i}", SCALES["1-5"]) for i in range(2)
)
SECONDS, GIGABYTES = 20.0, 4.0


def main() -> int:
    """Run all sizes, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reps", type=int, default=500)
    parser.add_argument("--calls", type=int, default=200, help="a rep and month")
    parser.add_argument("--one", action="store_true", help="one size in this process, as JSON")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.reps, options.calls)))
        return 0
    sizes = ((options.reps, options.calls), (options.reps, options.calls // 4), (options.reps // 4, options.calls))
    full, fewer_calls, fewer_reps = (in_own_process(reps, calls) for reps, calls in sizes)
    print("| part | all | a quarter of the calls | ratio | a quarter of the reps | ratio |")
    print("|---|---|---|---|---|---|")
    for part, value in full.items():
        others = " | ".join(f"{run[part]:,.2f} | {value / run[part]:.2f}" for run in (fewer_calls, fewer_reps))
        print(f"| {part} | {value:,.2f} | {others} |")
    slower = any(
        full["total, s"] / run["total, s"] > full["ratings"] / run["ratings"] for run in (fewer_calls, fewer_reps)
    )
    return int(full["total, s"] > SECONDS or full["peak memory, GB"] > GIGABYTES or slower)


def in_own_process(reps: int, calls: int) -> dict[str, float]:
    """The figures of one size; peak memory is a process's own."""
    command = [sys.executable, __file__, "--one", "--reps", str(reps), "--calls", str(calls)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return {name: float(value) for name, value in json.loads(done.stdout).items()}


def measure(reps: int, calls: int) -> dict[str, float]:
    """Seconds of each step, in the order a user meets them."""
    from agent.stats.baseline import draw_baseline
    from agent.stats.gaps import find_gaps
    from agent.stats.outcomes import ScorePair, outcome_links
    from agent.stats.profiles import profile
    from agent.stats.rules import GapRules, MovementRules, OutcomeRules, ProfileRules
    from agent.stats.tally import Tally, stack
    from agent.stats.totals import WeightSet, rep_totals
    from agent.stats.trends import movement
    from tests.stats.tallies import tally_calls, tally_days

    rng = np.random.default_rng(0)
    columns, coached, deals = make(rng, reps, calls)
    clock = Clock()
    frame = RatingFrame(**columns)  # type: ignore[arg-type]
    clock.lap("frame: codes and values checked, s")
    days = tally_days(frame)
    first, month = START.toordinal(), np.arange(MONTHS)
    windows = np.stack([first + DAYS * month, first + DAYS * (month + 1)], axis=-1)
    tally = days.over(np.repeat(windows[:, None], reps, axis=1))
    clock.lap("counts by day and month, s")
    draws = draw_baseline(CallFrame.of_ratings(frame), date.fromordinal(first + DAYS), ProfileRules(), seed=0)
    chosen = frame.chosen([call for draw in draws for call in draw.calls])
    table = profile(tally_calls(frame, chosen), ProfileRules())
    clock.lap("baseline drawn, profiles, s")
    rep_totals(frame, chosen, WeightSet(weights={m.id: 1.0 for m in MEASURES}, source="equal"))
    find_gaps(table, GapRules())
    clock.lap("totals, gaps, s")
    later = Tally(tally.reps, tally.measures, tally.levels[1:], tally.not_applicable[1:], tally.failed[1:])
    moved = movement(tally.period(0), later, [f"month {at}" for at in month[1:]], coached, MovementRules())
    clock.lap("movement of 11 months, s")
    moved.rows()
    clock.lap("movement as rows, s")
    ends = ScorePair.of(stack([tally.period(0), tally.period(tally.levels.shape[0] - 1)]))
    wins = wins_before_and_after(deals, np.tile([first + DAYS, first + 11 * DAYS], (reps, 1)), 90)
    outcome_links(MEASURES, ends, wins, OutcomeRules())
    clock.lap("outcomes, s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"ratings": float(len(frame)), **clock.laps, "total, s": sum(clock.laps.values()), "peak memory, GB": peak}


class Clock:
    """Processor seconds between laps: on a shared machine the only time that is the program's own."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.process_time()

    def lap(self, name: str) -> None:
        """Close a lap."""
        now = time.process_time()
        self.laps[name], self._last = now - self._last, now


def make(rng: np.random.Generator, reps: int, calls: int) -> tuple[dict[str, object], np.ndarray, DealFrame]:
    """Ratings of every criterion on every call, 2 % not applicable and 1 % failed; two criteria coached and rising."""
    coached = np.argsort(rng.random((reps, len(MEASURES))), axis=1) < 2
    rate = rng.beta(2, 3, (reps, len(MEASURES)))
    total = reps * MONTHS * calls
    rep_of = np.repeat(np.arange(reps, dtype=np.int32), MONTHS * calls)
    month_of = np.tile(np.repeat(np.arange(MONTHS, dtype=np.int32), calls), reps)
    day_of = START.toordinal() + DAYS * month_of + rng.integers(0, DAYS, total, dtype=np.int32)
    values = np.empty((total, len(MEASURES)), dtype=np.float32)
    for at, measure_ in enumerate(MEASURES):
        chance = np.clip(rate[rep_of, at] + coached[rep_of, at] * month_of * 0.03, 0, 1)
        steps = measure_.span
        values[:, at] = measure_.levels[0] + (rng.random((total, steps)) < chance[:, None]).sum(axis=1)
    width = len(MEASURES)
    columns: dict[str, object] = {
        "reps": [f"rep {at:04}" for at in range(reps)],
        "measures": MEASURES,
        "calls": np.char.add("call-", np.arange(total).astype(str)),
        "rep": np.repeat(rep_of, width),
        "criterion": np.tile(np.arange(width, dtype=np.int16), total),
        "call": np.repeat(np.arange(total, dtype=np.int32), width),
        "day": np.repeat(day_of, width),
        "value": values.reshape(-1),
        "status": rng.choice(np.arange(3, dtype=np.int8), total * width, p=[0.97, 0.02, 0.01]),
    }
    return columns, coached, deals_of(rng, reps)


def deals_of(rng: np.random.Generator, reps: int) -> DealFrame:
    """100 decided deals a rep over fifteen months, each open for ten to forty days."""
    rep = np.repeat(np.arange(reps), 100)
    opened = START.toordinal() - 60 + rng.integers(0, 15 * DAYS, len(rep))
    won = rng.random(len(rep)) < 0.2
    closed = opened + rng.integers(10, 40, len(rep))
    stage, outcome = np.where(won, 1, 0), np.where(won, WON, LOST)
    return DealFrame([f"rep {at:04}" for at in range(reps)], ("lead", "won"), rep, opened, closed, stage, outcome)


if __name__ == "__main__":
    sys.exit(main())
