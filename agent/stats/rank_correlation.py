"""Spearman's rank correlation and its p by permutation, which decides: an interval beside
it would say something else."""

import math

import numpy as np
import scipy
from numpy.typing import NDArray

from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined

FloatArray = NDArray[np.float64]

METHOD = "Spearman rank correlation; the permutation p decides"
_CELLS_AT_ONCE = 200_000
_ENOUGH = 1000  # as extreme: such a p is above 0.01 and known to 3 % of itself


def spearman(first: FloatArray, second: FloatArray, permutations: int, seed: int) -> tuple[Statistic, float]:
    """The rank correlation of two numbers a rep (reps,), ties sharing their middle rank, and its two-sided p.

    The p is (1 + as extreme) / (1 + drawn) (Phipson and Smyth 2010), exact also with ties and few reps. Drawing
    stops early once the p is plainly large (after Besag and Clifford 1991, Biometrika 78:301-304).
    Undefined with fewer than five reps or where one side is the same for all; its p is then 1.
    """
    n = len(first)
    # differences of means that are equal on paper differ in the last digits, which must not break a tie
    ranks = [scipy.stats.rankdata(np.round(side, 12)) - (n + 1) / 2 for side in (first, second)]
    norms = [math.sqrt(float(side @ side)) for side in ranks]
    if n < 5 or min(norms) == 0:
        why = N_("fewer than five reps") if n < 5 else N_("one side is the same for all reps")
        return Undefined(undefined=why, n=n), 1.0
    r = float(ranks[0] @ ranks[1]) / (norms[0] * norms[1])
    return Estimate(value=r, n=n, method=METHOD, seed=seed), _permutation_p(ranks[0], ranks[1], permutations, seed)


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
