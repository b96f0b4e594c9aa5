"""Intervals for proportions and for differences of two proportions.

Counts are calls, interviews or deals. First for one proportion or paired difference, as an `Estimate` with its
interval or `Undefined`; then the same formulas on arrays, for whole tables at once: movement alone asks for
tens of thousands of them at several levels. Shapes are any that broadcast; groups without calls give the whole
range, so that they decide nothing.
"""

import math

import numpy as np
import scipy
from numpy.typing import NDArray

from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined

CONFIDENCE = 0.95
FloatArray = NDArray[np.float64]
Counts = NDArray[np.integer]
Ends = tuple[FloatArray, FloatArray]

_WIDEST = 12.0  # standard errors; a tail of 2e-33
_HALVINGS = 44  # 12 / 2**44 is rounding noise


def clopper_pearson(successes: int, n: int, confidence: float = CONFIDENCE) -> Statistic:
    """A proportion with its exact interval (Clopper and Pearson 1934), from quantiles of the beta distribution.

    Never too narrow, whatever the true proportion: the one to use where a threshold is at stake.
    """
    _check_count(successes, n)
    if n == 0:
        return Undefined(undefined=N_("nothing was counted"), n=0)
    error = (1 - confidence) / 2
    low, high = exact_lower_bound(successes, n, error), exact_upper_bound(successes, n, error)
    return Estimate(
        value=successes / n, n=n, low=low, high=high, confidence=confidence, method="share; exact (Clopper-Pearson)"
    )


def exact_lower_bound(successes: int, n: int, error: float) -> float:
    """The largest proportion that `successes` of `n` rules out from below, wrongly with probability at most `error`.

    One-sided Clopper-Pearson bound: the `error` quantile of Beta(successes, n - successes + 1).
    """
    _check_count(successes, n)
    return float(scipy.special.betaincinv(successes, n - successes + 1, error)) if successes else 0.0


def exact_upper_bound(successes: int, n: int, error: float) -> float:
    """The smallest proportion that `successes` of `n` rules out from above: see `exact_lower_bound`."""
    return 1.0 - exact_lower_bound(n - successes, n, error)


def wilson(successes: int, n: int, confidence: float = CONFIDENCE) -> Statistic:
    """A proportion with Wilson's score interval (1927): right on average, so the one to use for display."""
    _check_count(successes, n)
    if n == 0:
        return Undefined(undefined=N_("nothing was counted"), n=0)
    low, high = _wilson_ends(successes, n, confidence)
    return Estimate(value=successes / n, n=n, low=low, high=high, confidence=confidence, method="share; Wilson score")


def newcombe_paired(
    both: int, first_only: int, second_only: int, neither: int, confidence: float = CONFIDENCE
) -> Statistic:
    """First minus second of two proportions seen on the same units, with Newcombe's interval for paired data.

    Newcombe 1998, Statistics in Medicine 17:2635-2650, method 10: the hybrid score interval with the correlation of
    the two answers, continuity-corrected. `n` is the number of pairs.
    """
    if min(both, first_only, second_only, neither) < 0:
        raise ValueError("counts are not negative")
    n = both + first_only + second_only + neither
    if n == 0:
        return Undefined(undefined=N_("no pairs"), n=0)
    first, second = both + first_only, both + second_only
    low, high = _square_and_add(
        first / n,
        second / n,
        _wilson_ends(first, n, confidence),
        _wilson_ends(second, n, confidence),
        _corrected_phi(both, first_only, second_only, neither),
    )
    value, method = (first_only - second_only) / n, "difference of paired shares; Newcombe hybrid score"
    return Estimate(value=value, n=n, low=low, high=high, confidence=confidence, method=method)


def _corrected_phi(both: int, first_only: int, second_only: int, neither: int) -> float:
    """The correlation of two yes/no answers. If its numerator is positive it is moved towards 0 by n/2 (continuity
    correction)."""
    n = both + first_only + second_only + neither
    first, second = both + first_only, both + second_only
    variance = first * (n - first) * second * (n - second)
    if variance == 0:
        return 0.0
    excess = float(both * neither - first_only * second_only)
    if excess > 0:
        excess = max(excess - n / 2, 0.0)
    return excess / math.sqrt(variance)


def _square_and_add(
    first: float, second: float, ends_1: tuple[float, float], ends_2: tuple[float, float], correlation: float
) -> tuple[float, float]:
    """Ends of an interval for first - second from the two proportions' own intervals."""

    def reach(a: float, b: float) -> float:
        return math.sqrt(max(a * a - 2 * correlation * a * b + b * b, 0.0))

    below = reach(first - ends_1[0], ends_2[1] - second)
    above = reach(ends_1[1] - first, second - ends_2[0])
    return max(first - second - below, -1.0), min(first - second + above, 1.0)


def _wilson_ends(successes: int, n: int, confidence: float) -> tuple[float, float]:
    low, high = wilson_ends(np.array(successes), np.array(n), float(scipy.special.ndtri((1 + confidence) / 2)))
    return float(low), float(high)


def _check_count(successes: int, n: int) -> None:
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is not a count")


def share(successes: Counts, n: Counts) -> FloatArray:
    """Successes divided by n; 0 if nothing was counted (n is 0 there, which says that the share means nothing)."""
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
    error = (1 - confidence) / 2
    missed = n - successes
    low = np.where(successes > 0, scipy.special.betaincinv(np.maximum(successes, 1), missed + 1, error), 0.0)
    high = np.where(missed > 0, 1 - scipy.special.betaincinv(np.maximum(missed, 1), successes + 1, error), 1.0)
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

    Found by halving, since the low end falls as z grows. If the share did not rise, p is 0.5 or more; then 1 is
    returned.
    """
    shape = np.broadcast_shapes(*map(np.shape, (successes_1, n_1, successes_2, n_2)))
    below, above = np.zeros(shape), np.full(shape, _WIDEST)
    for _ in range(_HALVINGS):
        z = (below + above) / 2
        still = newcombe_ends(successes_1, n_1, successes_2, n_2, z)[0] > 0
        below, above = np.where(still, z, below), np.where(still, above, z)
    rose = (n_1 > 0) & (n_2 > 0) & (share(successes_2, n_2) > share(successes_1, n_1))
    return np.where(rose, scipy.special.ndtr(-below), 1.0)
