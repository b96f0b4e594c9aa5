"""Intervals for proportions and for differences of two proportions.

Counts are calls, interviews or deals. Every function returns an `Estimate` with its interval, or `Undefined`.
"""

from __future__ import annotations

import math

from agent.core.statistic import Estimate, Statistic, Undefined

CONFIDENCE = 0.95


def clopper_pearson(successes: int, n: int, confidence: float = CONFIDENCE) -> Statistic:
    """A proportion with its exact interval (Clopper and Pearson 1934), from quantiles of the beta distribution.

    Never too narrow, whatever the true proportion: the one to use where a threshold is at stake.
    """
    _check_count(successes, n)
    if n == 0:
        return Undefined(undefined="nothing was counted", n=0)
    error = (1 - confidence) / 2
    low, high = exact_lower_bound(successes, n, error), exact_upper_bound(successes, n, error)
    return Estimate(
        value=successes / n, n=n, low=low, high=high, confidence=confidence, method="share; exact (Clopper-Pearson)"
    )


def exact_lower_bound(successes: int, n: int, error: float) -> float:
    """The largest proportion that `successes` of `n` rules out from below, wrongly with probability at most `error`.

    One-sided Clopper-Pearson bound: the `error` quantile of Beta(successes, n - successes + 1).
    """
    from scipy.special import betaincinv

    _check_count(successes, n)
    return float(betaincinv(successes, n - successes + 1, error)) if successes else 0.0


def exact_upper_bound(successes: int, n: int, error: float) -> float:
    """The smallest proportion that `successes` of `n` rules out from above: see `exact_lower_bound`."""
    return 1.0 - exact_lower_bound(n - successes, n, error)


def wilson(successes: int, n: int, confidence: float = CONFIDENCE) -> Statistic:
    """A proportion with Wilson's score interval (1927): right on average, so the one to use for display."""
    _check_count(successes, n)
    if n == 0:
        return Undefined(undefined="nothing was counted", n=0)
    low, high = _wilson_ends(successes, n, confidence)
    return Estimate(value=successes / n, n=n, low=low, high=high, confidence=confidence, method="share; Wilson score")


def newcombe_difference(
    successes_1: int, n_1: int, successes_2: int, n_2: int, confidence: float = CONFIDENCE
) -> Statistic:
    """First minus second of two independent proportions, with Newcombe's hybrid score interval.

    Newcombe 1998, Statistics in Medicine 17:873-890, method 10. `n` is the number of units in both groups.
    """
    _check_count(successes_1, n_1)
    _check_count(successes_2, n_2)
    if n_1 == 0 or n_2 == 0:
        which = "first" if n_1 == 0 else "second"
        return Undefined(undefined=f"nothing was counted in the {which} group", n=n_1 + n_2)
    first, second = successes_1 / n_1, successes_2 / n_2
    low, high = _square_and_add(
        first, second, _wilson_ends(successes_1, n_1, confidence), _wilson_ends(successes_2, n_2, confidence), 0.0
    )
    method = "difference of independent shares; Newcombe hybrid score"
    return Estimate(value=first - second, n=n_1 + n_2, low=low, high=high, confidence=confidence, method=method)


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
        return Undefined(undefined="no pairs", n=0)
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
    """The correlation of two yes/no answers, its numerator moved towards 0 by n/2 where it is positive."""
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
    """(2np + z² ± z √(z² + 4np(1 - p))) / 2(n + z²), with the ends at 0 and 1 exact."""
    from scipy.special import ndtri

    z = float(ndtri((1 + confidence) / 2))
    share = successes / n
    middle, spread = 2 * successes + z * z, z * math.sqrt(z * z + 4 * successes * (1 - share))
    low = (middle - spread) / (2 * (n + z * z)) if successes else 0.0
    high = (middle + spread) / (2 * (n + z * z)) if successes < n else 1.0
    return low, high


def _check_count(successes: int, n: int) -> None:
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is not a count")
