"""Intervals for whole tables of shares at once.

The same formulas as in `intervals`, on arrays: movement alone asks for tens of thousands of them at several levels.
Shapes are any that broadcast; groups without calls give the whole range, so that they decide nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Counts = NDArray[np.integer]
Ends = tuple[FloatArray, FloatArray]

_WIDEST = 12.0  # standard errors; a tail of 2e-33
_HALVINGS = 44  # 12 / 2**44 is rounding noise


def share(successes: Counts, n: Counts) -> FloatArray:
    """Successes by n; 0 where nothing was counted (there n says that it means nothing)."""
    return np.divide(successes, n, out=np.zeros(np.broadcast_shapes(np.shape(successes), np.shape(n))), where=n > 0)


def wilson_ends(successes: Counts, n: Counts, z: float | FloatArray) -> Ends:
    """Wilson's score interval (1927) at `z` standard errors."""
    p = share(successes, n)
    middle, width = 2 * n * p + z * z, z * np.sqrt(z * z + 4 * n * p * (1 - p))
    scale = 2 * (n + z * z)
    usable = np.where(scale > 0, scale, 1.0)  # n = z = 0: the ends below are then 0 and 1
    low, high = (middle - width) / usable, (middle + width) / usable
    return np.where(successes == 0, 0.0, low), np.where(successes == n, 1.0, high)


def exact_ends(successes: Counts, n: Counts, confidence: float) -> Ends:
    """Clopper and Pearson's interval (1934), from quantiles of the beta distribution."""
    from scipy.special import betaincinv

    error = (1 - confidence) / 2
    missed = n - successes
    low = np.where(successes > 0, betaincinv(np.maximum(successes, 1), missed + 1, error), 0.0)
    high = np.where(missed > 0, 1 - betaincinv(np.maximum(missed, 1), successes + 1, error), 1.0)
    return low, high


def square_and_add(value_1: FloatArray, ends_1: Ends, value_2: FloatArray, ends_2: Ends) -> Ends:
    """Ends for second minus first of two independent numbers from their own intervals.

    Newcombe 1998 (method 10) for shares, Zou and Donner 2008 (Statistics in Medicine 27:1693-1702) in general.
    """
    difference = value_2 - value_1
    low = difference - np.hypot(value_2 - ends_2[0], ends_1[1] - value_1)
    high = difference + np.hypot(ends_2[1] - value_2, value_1 - ends_1[0])
    return low, high


def newcombe_ends(successes_1: Counts, n_1: Counts, successes_2: Counts, n_2: Counts, z: float | FloatArray) -> Ends:
    """Newcombe's interval for second minus first share, at `z` standard errors."""
    return square_and_add(
        share(successes_1, n_1),
        wilson_ends(successes_1, n_1, z),
        share(successes_2, n_2),
        wilson_ends(successes_2, n_2, z),
    )


def newcombe_rise_p(successes_1: Counts, n_1: Counts, successes_2: Counts, n_2: Counts) -> FloatArray:
    """One-sided p of a rise: the largest error at which Newcombe's interval still lies above 0.

    Found by halving, as the low end falls with z. A share that did not rise has p = 0.5 or more; here 1.
    """
    from scipy.special import ndtr

    shape = np.broadcast_shapes(*map(np.shape, (successes_1, n_1, successes_2, n_2)))
    below, above = np.zeros(shape), np.full(shape, _WIDEST)
    for _ in range(_HALVINGS):
        z = (below + above) / 2
        still = newcombe_ends(successes_1, n_1, successes_2, n_2, z)[0] > 0
        below, above = np.where(still, z, below), np.where(still, above, z)
    rose = (n_1 > 0) & (n_2 > 0) & (share(successes_2, n_2) > share(successes_1, n_1))
    return np.where(rose, ndtr(-below), 1.0)
