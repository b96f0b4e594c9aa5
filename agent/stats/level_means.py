"""Means of ratings on a few ordered levels, for whole tables: intervals by bootstrap over calls, differences, p.

A call has one rating of a criterion, so the sum of n calls drawn again has the n-fold convolution of the shares of
levels as its distribution. It is computed (by Fourier transform), not drawn: no seed, no noise of resampling.

The plain percentile interval is too narrow for a dozen calls (its draws vary by (n-1)/n too little, and have no t).
The tails are therefore cut further out, at Phi(-sqrt(n/(n-1)) t_{n-1}), as in Hesterberg 2015, The American
Statistician 69:371-386 ("expanded percentile").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.stats.shares import Ends, FloatArray, exact_ends

METHOD = "mean level; expanded percentile bootstrap over calls"
DIFFERENCE = "difference of mean levels; bootstrap over calls, square-and-add"

_CELLS_AT_ONCE = 2_000_000
_ROUNDING = 1e-13


@dataclass(frozen=True, eq=False)
class LevelMeans:
    """Means of groups of calls, in levels. All arrays are (groups,); `n` is 0 where there is no call."""

    n: NDArray[np.int64]
    mean: FloatArray
    variance: FloatArray
    low: FloatArray
    high: FloatArray


def level_means(counts: NDArray[np.int64], levels: FloatArray, confidence: float) -> LevelMeans:
    """Mean and interval per group from level counts (groups, levels). Levels follow one another in steps of 1.

    Groups whose calls all have one level cannot be resampled: their interval runs to where the mean would be if as
    large a share as the exact bound allows had the scale's lowest or highest level.
    """
    n = counts.sum(axis=1)
    mean = np.divide(counts @ levels, n, out=np.full(len(n), float(levels[0])), where=n > 0)
    low, high = _percentiles(counts, n, levels, confidence)
    same = (counts.max(axis=1, initial=0) == n) | (n < 2)
    other = exact_ends(np.zeros_like(n), n, confidence)[1]
    low = np.where(same, mean - other * (mean - levels[0]), low)
    high = np.where(same, mean + other * (levels[-1] - mean), high)
    return LevelMeans(n, mean, _variance(counts, n, levels, mean), np.minimum(low, mean), np.maximum(high, mean))


def rise_p(before: LevelMeans, now: LevelMeans) -> FloatArray:
    """One-sided p of a rise of the mean (Welch's t with Satterthwaite's degrees of freedom); 1 without two calls each."""
    from scipy.special import stdtr

    able = (before.n > 1) & (now.n > 1)
    n_1, n_2 = np.maximum(before.n, 2), np.maximum(now.n, 2)
    error_1, error_2 = before.variance / n_1, now.variance / n_2
    freedom = (error_1 + error_2) ** 2 / (error_1**2 / (n_1 - 1) + error_2**2 / (n_2 - 1))
    return np.where(able, stdtr(freedom, -(now.mean - before.mean) / np.sqrt(error_1 + error_2)), 1.0)


def _variance(counts: NDArray[np.int64], n: NDArray[np.int64], levels: FloatArray, mean: FloatArray) -> FloatArray:
    """Variance of one call's level, (n-1) in the denominator, and at least that of one call in n one level away.

    The floor keeps a dozen equal ratings from passing for certainty.
    """
    squares = np.maximum(counts @ levels**2 - n * mean**2, 0.0)
    floor = np.divide(1.0, n, out=np.ones(len(n)), where=n > 0)
    return np.asarray(np.maximum(squares / np.maximum(n - 1, 1), floor))


def _percentiles(counts: NDArray[np.int64], n: NDArray[np.int64], levels: FloatArray, confidence: float) -> Ends:
    low, high = np.zeros((2, len(n)))
    tail = _expanded_tail(n, confidence)
    order = np.argsort(n, kind="stable")
    order = order[n[order] > 0]
    while len(order):
        # groups of like size together: the largest of a batch sets the length of its transform
        most = (counts.shape[1] - 1) * int(n[order[-1]]) + 1
        batch, order = order[-max(1, _CELLS_AT_ONCE // most) :], order[: -max(1, _CELLS_AT_ONCE // most)]
        chance = _sums(counts[batch], n[batch], most)
        low[batch] = levels[0] + _passed(chance, tail[batch, None]) / n[batch]
        high[batch] = levels[0] + (most - 1 - _passed(chance[:, ::-1], tail[batch, None])) / n[batch]
    return low, high


def _passed(chance: FloatArray, cut: FloatArray) -> NDArray[np.int64]:
    """How many sums, from one end, lie beyond the cut; those that cannot come up (chance 0) always do."""
    reached = np.cumsum(chance, axis=1)
    return np.asarray(((reached < cut) | (reached == 0)).sum(axis=1))


def _sums(counts: NDArray[np.int64], n: NDArray[np.int64], most: int) -> FloatArray:
    """P(n calls drawn again add up to 0, 1 ... steps above the lowest level), (groups, most)."""
    from scipy.fft import irfft, next_fast_len, rfft

    length = next_fast_len(most, real=True)
    spectrum = rfft(counts / n[:, None], length, axis=1)
    chance = irfft(spectrum ** n[:, None], length, axis=1)[:, :most]
    return np.where(chance < _ROUNDING, 0.0, chance)  # two or three calls put the cut far below the noise of rounding


def _expanded_tail(n: NDArray[np.int64], confidence: float) -> FloatArray:
    from scipy.special import ndtr, stdtrit

    usable = np.maximum(n, 2)
    return np.asarray(ndtr(np.sqrt(usable / (usable - 1)) * stdtrit(usable - 1, (1 - confidence) / 2)))
