"""Spearman's rank correlation with an interval and a permutation p."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from agent.core.statistic import Estimate, Statistic, Undefined

FloatArray = NDArray[np.float64]

METHOD = "Spearman rank correlation; Bonett-Wright interval"
_CELLS_AT_ONCE = 200_000
_ENOUGH = 1000  # as extreme: such a p is above 0.01 and known to 3 % of itself


def spearman(
    first: FloatArray, second: FloatArray, confidence: float, permutations: int, seed: int
) -> tuple[Statistic, float]:
    """The rank correlation of two numbers a rep (reps,), ties sharing their middle rank, and its two-sided p.

    Interval: tanh(atanh(r) +- z sqrt((1 + r^2/2) / (n - 3))) (Bonett and Wright 2000, Psychometrika 65:23-28). The p is
    by permutation, (1 + as extreme) / (1 + drawn) (Phipson and Smyth 2010), exact also with ties and few reps. Drawing
    stops early once the p is plainly large (after Besag and Clifford 1991, Biometrika 78:301-304).
    Undefined with fewer than five reps or where one side is the same for all; its p is then 1.
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    n = len(first)
    # differences of means that are equal on paper differ in the last digits, which must not break a tie
    ranks = [rankdata(np.round(side, 12)) - (n + 1) / 2 for side in (first, second)]
    norms = [math.sqrt(float(side @ side)) for side in ranks]
    if n < 5 or min(norms) == 0:
        why = "fewer than five reps" if n < 5 else "one side is the same for all reps"
        return Undefined(undefined=why, n=n), 1.0
    r = float(ranks[0] @ ranks[1]) / (norms[0] * norms[1])
    bounded = max(min(r, 0.9999), -0.9999)
    reach = float(ndtri((1 + confidence) / 2)) * math.sqrt((1 + bounded**2 / 2) / (n - 3))
    ends = math.tanh(math.atanh(bounded) - reach), math.tanh(math.atanh(bounded) + reach)
    estimate = Estimate(
        value=r, n=n, low=min(ends[0], r), high=max(ends[1], r), confidence=confidence, method=METHOD, seed=seed
    )
    return estimate, _permutation_p(ranks[0], ranks[1], permutations, seed)


def _permutation_p(first: FloatArray, second: FloatArray, permutations: int, seed: int) -> float:
    rng = np.random.default_rng(seed)
    seen = abs(float(first @ second)) * (1 - 1e-12)
    extreme, drawn, batch = 0, 0, max(1, _CELLS_AT_ONCE // len(first))
    while drawn < permutations and extreme < _ENOUGH:
        size = min(batch, permutations - drawn)
        shuffled = rng.permuted(np.broadcast_to(second, (size, len(second))), axis=1)
        extreme += int((np.abs(shuffled @ first) >= seen).sum())
        drawn += size
    return (1 + extreme) / (1 + drawn)
