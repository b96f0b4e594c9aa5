"""Krippendorff's alpha with a bootstrap interval: this project against PyPI krippendorff, in one run.

    OPENBLAS_NUM_THREADS=1 python evals/bench/agreement.py

Prints times (medians of --repeats), their ratio, and the largest difference between the two: of the value, and of the
values in the very same resamples. The other side gets its fastest documented input, one row of level counts a unit.
PyPI krippendorff is GPL: it is a dependency of the tests, never of the program.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import TypeVar, get_args

import krippendorff
import numpy as np

from agent.core.statistic import Estimate
from agent.stats.agreement.alpha import krippendorff_alpha
from agent.stats.bootstrap import Resampling
from agent.stats.rating_table import MISSING, Metric, RatingTable

LEVELS = (1, 2, 3, 4, 5)
SAME = 1e-9
Result = TypeVar("Result")


def main() -> int:
    """Time both and compare their values. Exit code 1 if a value differs."""
    options = _parser().parse_args()
    table = _ratings(options.units, options.raters, options.missing, options.seed)
    print(f"{options.units} units x {options.raters} raters x 5 levels, {options.missing:.0%} missing,", end=" ")
    print(f"{options.resamples} resamples, numpy {np.__version__}")
    print("| metric | alpha | interval | ours, s | krippendorff, s | ratio | value differs by | resamples differ by |")
    print("|---|---|---|---|---|---|---|---|")
    worst = 0.0
    for metric in get_args(Metric):
        worst = max(worst, _row(table, metric, options.resamples, options.repeats))
    return 0 if worst < SAME else 1


def _row(table: RatingTable, metric: Metric, resamples: int, repeats: int) -> float:
    resampling = Resampling(resamples=resamples)
    ours_s, ours = _timed(lambda: krippendorff_alpha(table, resampling, metric), repeats)
    assert isinstance(ours, Estimate)
    units = table.counts[table.counts.sum(axis=1) >= 2]
    drawn = np.random.default_rng(0).integers(0, len(units), size=(resamples, len(units)))

    def alpha(counts: np.ndarray) -> float:
        return float(krippendorff.alpha(value_counts=counts, value_domain=LEVELS, level_of_measurement=metric))

    theirs_s, theirs = _timed(lambda: (alpha(units), [alpha(units[rows]) for rows in drawn]), 1)
    in_resamples = max(
        abs(_ours_of(units[rows], metric) - value) for rows, value in zip(drawn[:100], theirs[1][:100], strict=True)
    )
    by = abs(ours.value - theirs[0])
    interval = f"{ours.low:.4f} to {ours.high:.4f}"
    print(
        f"| {metric} | {ours.value:.4f} | {interval} | {ours_s:.3f} | {theirs_s:.2f} | {theirs_s / ours_s:.0f} "
        f"| {by:.0e} | {in_resamples:.0e} (100 of them) |",
        flush=True,
    )
    return max(by, in_resamples)


def _ours_of(counts: np.ndarray, metric: Metric) -> float:
    """Our value from level counts a unit: ratings laid out again, in any order of raters."""
    width = int(counts.sum(axis=1).max())
    codes = np.full((len(counts), width), MISSING)
    for unit, row in enumerate(counts.astype(int)):
        codes[unit, : row.sum()] = np.repeat(np.arange(len(row)), row)
    found = krippendorff_alpha(RatingTable(codes, LEVELS, metric), None)
    assert isinstance(found, Estimate)
    return found.value


def _timed(run: Callable[[], Result], repeats: int) -> tuple[float, Result]:
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - start)
    return median(seconds), result


def _ratings(units: int, raters: int, missing: float, seed: int) -> RatingTable:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 5, size=(units, 1))
    codes = np.where(rng.random((units, raters)) < 0.6, truth, rng.integers(0, 5, size=(units, raters)))
    return RatingTable(np.where(rng.random((units, raters)) < missing, MISSING, codes), LEVELS, "ordinal")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=2000)
    parser.add_argument("--raters", type=int, default=4)
    parser.add_argument("--missing", type=float, default=0.2)
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
