"""The seeded percentile bootstrap, resampling units (calls, interviews, deals) and never single ratings.

Ratings of one call hang together, so a resampled cell would make an interval too narrow. All statistics here are
functions of sums over units; a batch of resamples is then one matrix product of "how often was each unit drawn"
with "what each unit adds".

A resample in which the statistic is undefined (all drawn ratings are one level, say) could have had any value. It is
kept, as the lowest possible value for the low end and as the highest for the high end. Once such resamples reach the
share that is cut off at one end (2.5 % for a 95 % interval) that end has no bound, and the interval is withheld with
the reason in `method`. It is also withheld if all resamples agree: they then say nothing about uncertainty.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.core.statistic import ROUGH, Estimate, Statistic, Undefined, percent

FloatArray = NDArray[np.float64]
Fraction = Callable[[FloatArray], tuple[FloatArray, FloatArray]]

ZERO = 1e-12  # a denominator at or below this is rounding noise of an exact zero
ENOUGH_UNITS = 200  # fewer, and the interval is called a rough range wherever it is shown (docs/method/coverage.md)
_CELLS_IN_BATCH = 250_000  # draws counted at a time: 2 MB, which stays in the processor's cache


@dataclass(frozen=True)
class Resampling:
    """How often to resample, from which seed, and how much of the resamples the interval holds."""

    resamples: int = 1000
    seed: int = 0
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if self.resamples < 100 or not 0 < self.confidence < 1 or self.seed < 0:
            raise ValueError("resamples >= 100, 0 < confidence < 1 and seed >= 0")


@dataclass(frozen=True, eq=False)
class UnitSums:
    """A statistic that is a fraction of two functions of sums over units.

    `per_unit` (units, k) is what each unit adds; units that add nothing are left out, so that they change neither
    value nor interval. `fraction` maps totals (batch, k) to numerators and denominators, each (batch,). The statistic
    is undefined where the denominator is not above zero, and `undefined` says what that means. `n` counts the units
    that the value rests on.
    """

    per_unit: FloatArray
    fraction: Fraction
    n: int
    method: str
    undefined: str


def estimate(sums: UnitSums, resampling: Resampling | None) -> Statistic:
    """The statistic over all units, with a percentile bootstrap interval unless `resampling` is None."""
    # Rows that add something, sorted: value and interval depend on the data, not on the order of the file.
    kept = sums.per_unit[np.any(sums.per_unit != 0, axis=1)]
    rows = kept[np.lexsort(kept.T[::-1])] if len(kept) else kept
    numerator, denominator = sums.fraction(rows.sum(axis=0, keepdims=True))
    if denominator[0] <= ZERO:
        return Undefined(undefined=sums.undefined, n=sums.n)
    value = float(numerator[0] / denominator[0])
    if resampling is None:
        return Estimate(value=value, n=sums.n, method=sums.method)
    draws = resampled(rows, sums.fraction, resampling)
    ends, how = _percentile_ends(draws, len(rows), resampling)
    low, high = ends if ends else (None, None)
    return Estimate(
        value=value,
        n=sums.n,
        low=low,
        high=high,
        confidence=resampling.confidence,
        method=f"{sums.method}; {how}",
        seed=resampling.seed,
    )


def resampled(rows: FloatArray, fraction: Fraction, resampling: Resampling) -> FloatArray:
    """The statistic in every resample of the units in `rows`, (resamples,). NaN in a resample in which it is
    undefined."""
    parts = [fraction(counts @ rows) for counts in _draw_counts(len(rows), resampling)]
    numerator, denominator = (np.concatenate(side) for side in zip(*parts, strict=True))
    values = np.full(resampling.resamples, np.nan)
    np.divide(numerator, denominator, out=values, where=denominator > ZERO)
    return values


def _draw_counts(units: int, resampling: Resampling) -> Iterator[FloatArray]:
    """How often each unit was drawn in each resample, in batches (resamples, units)."""
    rng = np.random.default_rng(resampling.seed)
    batch = max(1, _CELLS_IN_BATCH // units)
    for start in range(0, resampling.resamples, batch):
        size = min(batch, resampling.resamples - start)
        drawn = rng.integers(0, units, size=(size, units), dtype=np.int64)
        # Shifted by resample, so that one bincount counts the draws of all of them.
        drawn += units * np.arange(size)[:, None]
        yield np.bincount(drawn.reshape(-1), minlength=size * units).reshape(size, units).astype(float)


def _percentile_ends(draws: FloatArray, units: int, resampling: Resampling) -> tuple[tuple[float, float] | None, str]:
    """Both ends of the interval and the name of the method, or None and why the interval is withheld."""
    defined = np.sort(draws[~np.isnan(draws)])
    undefined = len(draws) - len(defined)
    if units < 2:
        return None, "interval withheld: one unit cannot be resampled"
    if defined.size and defined[0] == defined[-1] and not undefined:
        return None, "interval withheld: all resamples are equal, so they do not show the uncertainty"
    cut = (1 - resampling.confidence) / 2
    rank = math.floor(cut * (len(draws) - 1))
    if undefined > rank:
        share = undefined / len(draws)
        return None, f"interval withheld: undefined in {percent(share)} of {len(draws)} resamples"
    # undefined resamples stand below all others for the low end and above all others for the high end
    rough = (
        f" ({ROUGH}: below {ENOUGH_UNITS} units it covers 87 to 100 % instead of 95 %)" if units < ENOUGH_UNITS else ""
    )
    how = f"percentile bootstrap over {units} units{rough}, {len(draws)} resamples"
    return (float(defined[rank - undefined]), float(defined[len(draws) - 1 - rank])), (
        how + (f", undefined in {undefined}" if undefined else "")
    )
