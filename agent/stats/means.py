"""The mean of one number a unit (call, case), and the difference of two such means, with t intervals.

At 8 to 40 units they cover 94 to 98 % of differences between raters (evals/coverage.py), where the percentile bootstrap
had 83 to 94 %. Where all numbers are equal they do not show how uncertain the mean is, and the interval is withheld.
"""

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined

FloatArray = NDArray[np.float64]


def mean_of_units(values: ArrayLike, what: str, confidence: float = 0.95) -> Statistic:
    """The mean with its t interval over units."""
    array = _numbers(values)
    n = array.size
    if n == 0:
        return Undefined(undefined=N_("no values"), n=0)
    value = float(array.mean())
    if n < 2 or np.ptp(array) == 0:
        why = "one unit shows no spread" if n < 2 else "all units are equal, so they do not show the uncertainty"
        return Estimate(value=value, n=n, confidence=confidence, method=f"{what}; interval withheld: {why}")
    reach = -float(scipy.special.stdtrit(n - 1, (1 - confidence) / 2)) * float(array.std(ddof=1)) / n**0.5
    method = f"{what}; t over {n} units"
    return Estimate(value=value, n=n, low=value - reach, high=value + reach, confidence=confidence, method=method)


def change_of_means(before: ArrayLike, now: ArrayLike, what: str, confidence: float = 0.95) -> Statistic:
    """The mean of `now` minus the mean of `before`, which are of different units (Welch's t interval)."""
    sides = [_numbers(side) for side in (before, now)]
    n = sum(side.size for side in sides)
    if min(side.size for side in sides) == 0:
        return Undefined(undefined=N_("no values on one side"), n=n)
    value = float(sides[1].mean() - sides[0].mean())
    errors = [float(side.var(ddof=1)) / side.size if side.size > 1 else 0.0 for side in sides]
    if min(side.size for side in sides) < 2 or sum(errors) == 0:
        why = "interval withheld: one unit on a side, or all units equal"
        return Estimate(value=value, n=n, confidence=confidence, method=f"{what}; {why}")
    freedom = sum(errors) ** 2 / sum(e**2 / (side.size - 1) for e, side in zip(errors, sides, strict=True))
    reach = -float(scipy.special.stdtrit(freedom, (1 - confidence) / 2)) * sum(errors) ** 0.5
    method = f"{what}; Welch's t over {n} units"
    return Estimate(value=value, n=n, low=value - reach, high=value + reach, confidence=confidence, method=method)


def padded_ends(
    total: FloatArray, squares: FloatArray, n: FloatArray, lowest: float, highest: float, confidence: float
) -> tuple[FloatArray, FloatArray]:
    """Ends for means of bounded numbers from their sums and sums of squares: t with half a unit added at each end of
    the range (as Agresti and Coull 1998 do for shares). Cautious: it covers 94 to 100 % at 8 to 40 units, also where
    nearly all units are equal; without a unit the whole range."""
    size = n + 1.0
    mean = (total + (lowest + highest) / 2) / size
    spread = (squares + (lowest**2 + highest**2) / 2 - size * mean**2) / np.maximum(n, 1)
    reach = -scipy.special.stdtrit(np.maximum(n, 1), (1 - confidence) / 2) * np.sqrt(np.maximum(spread, 0) / size)
    low = np.where(n > 0, np.maximum(mean - reach, lowest), lowest)
    high = np.where(n > 0, np.minimum(mean + reach, highest), highest)
    return low, high


def _numbers(values: ArrayLike) -> FloatArray:
    array = np.asarray(values, dtype=float).reshape(-1)
    if not np.isfinite(array).all():
        raise ValueError("every unit has a finite number; leave out the units that have none")
    return array
