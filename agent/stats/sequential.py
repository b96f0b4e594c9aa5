"""Exact sequential tests of agreement: how much agreement is enough, at each look, if calls come in round by round.

A call judged by m raters gives the share of its pairs of ratings that agree. That share can take few values (two
raters: 0 or 1; three raters on yes/no: 1/3 or 1), so sums of shares lie on a lattice and their distribution is
computed, not approximated. Only the mean of the shares is known under the hypothesis, not how they are distributed, so
every bound holds against the worst of all distributions with that mean: all of them are mixtures of distributions on
two values, one below and one above the mean, and the bound is taken over those and over mixtures of any two of them.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations, combinations_with_replacement
from math import comb

import numpy as np
import scipy
from numpy.typing import NDArray

from agent.stats.intervals import exact_lower_bound

FloatArray = NDArray[np.float64]

FINEST = 12  # parts a share is cut into: six raters and more have shares finer than the bounds need
MOST_MIXED = 40  # distributions on two values; with more of them their mixtures lie between neighbors anyway
_ROUNDING = 1e-9
_HALVINGS = 20
_MIXTURES = (0.15, 0.3, 0.5, 0.7, 0.85)


@dataclass(frozen=True)
class Shares:
    """The values that one call's share of agreeing pairs can take, as whole numbers of 1/`unit`."""

    unit: int
    values: tuple[int, ...]

    @classmethod
    def of_scale(cls, levels: int, tolerance: int, raters: int) -> "Shares":
        """All shares that `raters` ratings on a scale with `levels` levels can give."""
        if raters < 2:
            raise ValueError("agreement needs two raters")
        pairs = comb(raters, 2)
        if pairs > FINEST:
            return cls.any_of(pairs)
        agreeing = (
            sum(abs(a - b) <= tolerance for a, b in combinations(ratings, 2))
            for ratings in combinations_with_replacement(range(levels), raters)
        )
        return cls(pairs, tuple(sorted(set(agreeing))))

    @classmethod
    def any_of(cls, unit: int) -> "Shares":
        """Every multiple of 1/`unit`, for calls that were judged by different numbers of raters."""
        finest = min(unit, FINEST)
        return cls(finest, tuple(range(finest + 1)))

    def floor(self, total: float) -> int:
        """A sum of shares in whole units, rounded down: cautious when much agreement has to be shown."""
        return int(np.floor(total * self.unit + _ROUNDING))

    def ceil(self, total: float) -> int:
        """A sum of shares in whole units, rounded up: cautious when little agreement has to be shown."""
        return int(np.ceil(total * self.unit - _ROUNDING))


def enough(shares: Shares, looks: tuple[int, ...], mean: float, allowed: tuple[float, ...]) -> tuple[int | None, ...]:
    """At each look the least sum of shares (in units) that rules out a true `mean`; None where no sum does.

    `looks` are numbers of calls so far, rising. `allowed[i]` bounds the probability that a mean of `mean` (or less) is
    ruled out at look i or before, whatever the distribution of the shares.
    """
    return _first_passage(shares, looks, mean, allowed)


def too_little(shares: Shares, looks: tuple[int, ...], mean: float, error: float) -> tuple[int | None, ...]:
    """For each look by itself, the largest sum of shares that rules out a true `mean` or more, at the one-sided
    `error`; None if no sum does."""
    mirrored = Shares(shares.unit, tuple(sorted(shares.unit - value for value in shares.values)))
    bounds = (_first_passage(mirrored, (n,), 1 - mean, (error,))[0] for n in looks)
    return tuple(None if least is None else n * shares.unit - least for n, least in zip(looks, bounds, strict=True))


def tail(shares: Shares, calls: int, least: int, mean: float) -> float:
    """The highest probability that the sum of shares is `least` or more, over all distributions with that mean."""
    if least <= calls * shares.values[0]:
        return 1.0
    going = _more_calls(np.ones((1, 1)), laws_with_mean(shares, mean), calls)
    return float(going[:, least:].sum(axis=1).max())


def lowest_mean(shares: Shares, calls: int, total: int, error: float) -> float:
    """The lowest true mean that a sum of `total` does not rule out, wrongly with probability at most `error`."""
    if len(shares.values) == 2:
        low, high = (value / shares.unit for value in shares.values)
        agreeing = max(round((total / shares.unit - calls * low) / (high - low)), 0)
        return low + (high - low) * exact_lower_bound(agreeing, calls, error)
    below, above = shares.values[0] / shares.unit, 1.0
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        ruled_out = tail(shares, calls, total, middle) <= error
        below, above = (middle, above) if ruled_out else (below, middle)
    return below


def highest_mean(shares: Shares, calls: int, total: int, error: float) -> float:
    """The highest true mean that a sum of `total` does not rule out, wrongly with probability at most `error`."""
    mirrored = Shares(shares.unit, tuple(sorted(shares.unit - value for value in shares.values)))
    return 1 - lowest_mean(mirrored, calls, calls * shares.unit - total, error)


def chance_to_pass(
    shares: Shares,
    looks: tuple[int, ...],
    needed: tuple[int | None, ...],
    truth: float,
    so_far: tuple[int, int] = (0, 0),
) -> tuple[float, ...]:
    """The probability that `needed` is reached at each look or before, if raters truly agree on `truth` of pairs.

    `so_far`: the calls judged already, and their sum of shares in units. How raters disagree (one against all others,
    or everybody differently) is not known beforehand, so this is the lowest probability over the same distributions as
    the bounds. It is exact for two raters, and for three on yes/no.
    """
    laws = laws_with_mean(shares, truth)
    going, passed, seen, result = np.zeros((len(laws), so_far[1] + 1)), np.zeros(len(laws)), so_far[0], []
    going[:, -1] = 1.0
    for calls, least in zip(looks, needed, strict=True):
        going, seen = _more_calls(going, laws, calls - seen), calls
        if least is not None:
            # Whoever reaches the bound has passed and is taken out, so that no later look counts them a second time.
            passed += going[:, least:].sum(axis=1)
            going[:, least:] = 0
        result.append(float(passed.min()))
    return tuple(result)


@cache
def _first_passage(
    shares: Shares, looks: tuple[int, ...], mean: float, allowed: tuple[float, ...]
) -> tuple[int | None, ...]:
    laws = laws_with_mean(shares, mean)
    going, spent, seen = np.ones((len(laws), 1)), np.zeros(len(laws)), 0
    bounds: list[int | None] = []
    for calls, budget in zip(looks, allowed, strict=True):
        going, seen = _more_calls(going, laws, calls - seen), calls
        # tail[:, s]: the probability of a sum of s or more at this look, without having reached a bound before.
        tail = np.cumsum(going[:, ::-1], axis=1)[:, ::-1]
        # The bound has to hold under the worst law. The tiny margins are for rounding: a sum that no law can reach
        # (`possible`) would rule out nothing.
        within = (spent[:, None] + tail).max(axis=0) <= budget + 1e-12
        possible = tail.max(axis=0) > 1e-12
        least = int(np.argmax(within)) if (within & possible).any() else None
        if least is not None:
            spent += tail[:, least]
            going[:, least:] = 0
        bounds.append(least)
    return tuple(bounds)


def _more_calls(going: FloatArray, laws: FloatArray, calls: int) -> FloatArray:
    """The distributions of the sum after that many more calls: (laws, sums)."""
    # The law of a sum of independent calls is a convolution: by FFT, a power of one call's law. Rounding can leave
    # values just below 0.
    size = going.shape[1] + calls * (laws.shape[1] - 1)
    length = scipy.fft.next_fast_len(size, real=True)
    spectrum = scipy.fft.rfft(going, length, axis=1) * scipy.fft.rfft(laws, length, axis=1) ** calls
    return np.asarray(np.maximum(scipy.fft.irfft(spectrum, length, axis=1)[:, :size], 0.0))


def laws_with_mean(shares: Shares, mean: float, mixtures: bool = True) -> FloatArray:
    """Distributions of one call's share with that mean, (laws, unit + 1): on two values each, and mixtures of two of
    these."""
    at = mean * shares.unit
    below, above = [v for v in shares.values if v <= at], [v for v in shares.values if v > at]
    if not below:
        raise ValueError(f"no share of agreeing pairs lies at or below {mean}")
    corners = []
    for low in below:
        for high in above:
            law = np.zeros(shares.unit + 1)
            # The mean alone decides how two values are weighted.
            law[high] = (at - low) / (high - low)
            law[low] = 1 - law[high]
            corners.append(law)
    if not mixtures or len(corners) > MOST_MIXED:
        return np.array(corners)
    return np.array([*corners, *(w * a + (1 - w) * b for a, b in combinations(corners, 2) for w in _MIXTURES)])
