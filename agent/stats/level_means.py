"""Means of ratings on a few ordered levels, for whole tables: intervals, variances, p of a rise.

Intervals are by t over calls with half a call added at each end of the scale (`means.padded_ends`): cautious, also
where nearly all calls have one level.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from agent.stats.means import FloatArray, padded_ends

METHOD = "mean level; t over calls with half a call added at each end of the scale (cautious)"
DIFFERENCE = "difference of mean levels; square-and-add of both intervals"


@dataclass(frozen=True, eq=False)
class LevelMeans:
    """Mean levels of groups of calls. All arrays are (groups,); `n` is 0 for a group without calls."""

    n: NDArray[np.int64]
    mean: FloatArray
    variance: FloatArray
    low: FloatArray
    high: FloatArray


def level_means(counts: NDArray[np.int64], levels: FloatArray, confidence: float) -> LevelMeans:
    """Mean and interval of each group, from level counts (groups, levels). Neighboring levels are 1 apart."""
    n = counts.sum(axis=1)
    mean = np.divide(counts @ levels, n, out=np.full(len(n), float(levels[0])), where=n > 0)
    low, high = padded_ends(counts @ levels, counts @ levels**2, n.astype(float), levels[0], levels[-1], confidence)
    # Variance of one call's level, n - 1 in the denominator, and at least that of one call in n one level away:
    # the floor keeps a dozen equal ratings from passing for certainty.
    squares = np.maximum(counts @ levels**2 - n * mean**2, 0.0)
    floor = np.divide(1.0, n, out=np.ones(len(n)), where=n > 0)
    variance = np.asarray(np.maximum(squares / np.maximum(n - 1, 1), floor))
    return LevelMeans(n, mean, variance, np.minimum(low, mean), np.maximum(high, mean))


def rise_p(before: LevelMeans, now: LevelMeans) -> FloatArray:
    """One-sided p of a rise of the mean (Welch's t with Satterthwaite's degrees of
    freedom); 1 without two calls each."""
    able, spread, freedom = _welch(before, now)
    return np.where(able, scipy.special.stdtr(freedom, -(now.mean - before.mean) / spread), 1.0)


def least_rise(before: LevelMeans, now: LevelMeans, error: FloatArray) -> FloatArray:
    """The smallest rise that this test does not rule out: above 0 exactly if its p is at most `error`. Minus
    infinity without two calls in each period."""
    able, spread, freedom = _welch(before, now)
    return np.where(able, now.mean - before.mean + scipy.special.stdtrit(freedom, error) * spread, -np.inf)


def _welch(before: LevelMeans, now: LevelMeans) -> tuple[NDArray[np.bool_], FloatArray, FloatArray]:
    """Which groups have two calls in each period, the standard error of the difference, and its degrees of freedom."""
    n_1, n_2 = np.maximum(before.n, 2), np.maximum(now.n, 2)
    error_1, error_2 = before.variance / n_1, now.variance / n_2
    freedom = (error_1 + error_2) ** 2 / (error_1**2 / (n_1 - 1) + error_2**2 / (n_2 - 1))
    return (before.n > 1) & (now.n > 1), np.sqrt(error_1 + error_2), freedom
