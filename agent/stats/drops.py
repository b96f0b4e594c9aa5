"""Is a new prompt, model or rubric worse than the old one? Cases are paired, and ratings that change by themselves are
allowed for.

Read the same calls twice with equally good prompts, and some ratings change: as many for the better as for the worse.
So the difference "worse minus better" scatters around 0, and its distribution is known once the share of such changes
is known. A criterion is called worse if its difference would occur too seldom under that distribution (Holm's
correction over all criteria and over all of them taken together), and the drop is larger than the tolerance. Unlike a
sign test this also fails a small suite when most of its ratings get worse; unlike the tolerance alone it lets an
equally good prompt pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy
from numpy.typing import NDArray

from agent.stats.multiplicity import holm

FloatArray = NDArray[np.float64]

CHANGED = 0.10  # of ratings between two readings with equally good prompts: what suites with several draws show at most
ERROR = 0.05  # an equally good prompt is refused in at most this share of times, over all criteria
POWER = 0.80
WORTH_SEEING = 0.10  # the drop by which the number of cases needed is judged


@dataclass(frozen=True)
class Changes:
    """One criterion on the cases of both runs: how many ratings got worse, how many got better, and the mean drop."""

    worse: int
    better: int
    cases: int
    drop: float


@dataclass(frozen=True)
class Drop:
    """`worse`: the drop is beyond the tolerance and beyond what equally good prompts do. `p` allows for all
    criteria. `seen` is the probability of detecting a true drop of `WORTH_SEEING` on one criterion with that many
    cases; with `cases_needed` cases it is 80 %."""

    worse: bool
    p: float
    seen: float
    cases_needed: int


def judge_drops(
    criteria: Sequence[Changes], tolerances: Sequence[float], changed: float = CHANGED, error: float = ERROR
) -> tuple[list[Drop], Drop]:
    """The verdict on each criterion, and on all of them together.

    Together they are worse if the sum is beyond chance and the mean drop is beyond the mean tolerance: small drops on
    many criteria add up to something certain.
    """
    cases = sum(one.cases for one in criteria)
    mean_drop = sum(one.drop * one.cases for one in criteria) / cases if cases else 0.0
    everything = Changes(sum(c.worse for c in criteria), sum(c.better for c in criteria), cases, mean_drop)
    tests = [*criteria, everything]
    limits = [*tolerances, float(np.mean(tolerances)) if len(tolerances) else 0.0]
    adjusted = holm([chance_of_drop(t.worse - t.better, t.cases, changed) for t in tests]).tolist()
    needed = cases_needed(len(tests), changed, error)
    drops = [
        Drop(p <= error and test.drop > limit + 1e-9, p, power_of(test.cases, len(tests), changed, error), needed)
        for test, limit, p in zip(tests, limits, adjusted, strict=True)
    ]
    return drops[:-1], drops[-1]


def chance_of_drop(count: int, cases: int, changed: float = CHANGED) -> float:
    """P(at least `count` more ratings worse than better | equally good prompts), exact: each rating changes for the
    worse with probability `changed` / 2, and for the better with the same probability."""
    if count <= -cases or not cases:
        return 1.0
    return float(min(_law(cases, changed)[count + cases :].sum(), 1.0))


def power_of(cases: int, tests: int, changed: float = CHANGED, error: float = ERROR) -> float:
    """The probability of detecting a true drop of `WORTH_SEEING` on one criterion, on top of ratings that change
    anyway."""
    if not cases:
        return 0.0
    tail = np.cumsum(_law(cases, changed)[::-1])[::-1]
    least = int(np.argmax(tail <= error / tests)) if tail[-1] <= error / tests else len(tail)
    return float(_law(cases, changed, WORTH_SEEING)[least:].sum())


@cache
def cases_needed(tests: int, changed: float = CHANGED, error: float = ERROR, power: float = POWER) -> int:
    """The fewest cases from which on `power_of` stays at `power` or above. It rises in small steps with the number
    of cases, so a single number that reaches it is not enough."""
    cases = 64
    while power_of(cases, tests, changed, error) < power:
        cases *= 2
    while cases > 1 and power_of(cases - 1, tests, changed, error) >= power:
        cases -= 1
    return cases


@cache
def _law(cases: int, changed: float, drop: float = 0.0) -> FloatArray:
    """The distribution of "worse minus better", for differences from -cases to cases: (2 * cases + 1,)."""
    worse = changed / 2 + drop
    one = np.array([changed / 2, 1 - changed / 2 - worse, worse])
    size = 2 * cases + 1
    length = scipy.fft.next_fast_len(size, real=True)
    law = np.maximum(scipy.fft.irfft(scipy.fft.rfft(one, length) ** cases, length)[:size], 0.0)
    return np.asarray(np.where(law < 1e-15, 0.0, law))
