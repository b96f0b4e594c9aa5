"""Agreement corrected for chance, (p_a - p_e) / (1 - p_e): the coefficients differ in what they call chance.

Formulas for many raters and missing ratings as in Gwet 2014, Handbook of Inter-Rater Reliability, 4th edition:
p_a is the mean share of agreeing pairs over units with two ratings or more; π_k is the mean over all rated units of
the share of ratings at level k, so units with one rating still say how often a level is used.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from agent.core.statistic import Statistic
from agent.stats.agreement.plain import agreeing_shares
from agent.stats.agreement.preconditions import (
    CONSTANT,
    DEFAULT,
    Weighting,
    corrected,
    not_two_raters,
    nothing_to_correct,
    unordered,
    weights,
)
from agent.stats.bootstrap import FloatArray, Resampling, UnitSums
from agent.stats.rating_table import RatingTable

Chance = Callable[[FloatArray], FloatArray]  # level shares π (batch, levels) -> chance agreement (batch,)


def fleiss_kappa(
    table: RatingTable, resampling: Resampling | None = DEFAULT, weighting: Weighting = "identity"
) -> Statistic:
    """Fleiss' kappa (1971), any number of raters: p_e = Σ w_kl π_k π_l. Raters are interchangeable."""
    w = weights(table, weighting)
    return _pooled(table, resampling, weighting, "Fleiss' kappa", lambda pi: _quadratic_form(pi, w, pi))


def scott_pi(
    table: RatingTable, resampling: Resampling | None = DEFAULT, weighting: Weighting = "identity"
) -> Statistic:
    """Scott's pi (1955) for two raters: p_e = Σ w_kl π_k π_l with π pooled over the units that both rated."""
    if problem := not_two_raters(table, "Fleiss' kappa"):
        return problem
    both = np.where(((table.codes >= 0).sum(axis=1) >= 2)[:, None], table.codes, -1)
    paired, w = RatingTable(both, table.levels, table.metric), weights(table, weighting)
    return _pooled(paired, resampling, weighting, "Scott's pi", lambda pi: _quadratic_form(pi, w, pi))


def gwet_ac(
    table: RatingTable, resampling: Resampling | None = DEFAULT, weighting: Weighting = "identity"
) -> Statistic:
    """Gwet's AC1 (identity weights) and AC2: p_e = T_w Σ π_k (1 - π_k) / q(q - 1), T_w the sum of all weights.

    Gwet 2008. It depends on q, the number of levels of the scale, so levels must come from the criterion.
    """
    w, q = weights(table, weighting), len(table.levels)
    factor = w.sum() / max(q * (q - 1), 1)
    name = "Gwet's AC1" if weighting == "identity" else "Gwet's AC2"
    return _pooled(table, resampling, weighting, name, lambda pi: factor * np.sum(pi * (1 - pi), axis=1), True)


def brennan_prediger(
    table: RatingTable, resampling: Resampling | None = DEFAULT, weighting: Weighting = "identity"
) -> Statistic:
    """Brennan and Prediger's coefficient (1981; Bennett's S): p_e = T_w / q², each level equally likely by chance."""
    chance = float(weights(table, weighting).mean())
    return _pooled(table, resampling, weighting, "Brennan-Prediger", lambda pi: np.full(len(pi), chance))


def cohen_kappa(
    table: RatingTable, resampling: Resampling | None = DEFAULT, weighting: Weighting = "identity"
) -> Statistic:
    """Cohen's kappa (1960; weighted 1968) for two raters, over the units that both rated: p_e = Σ w_kl p_k+ p_+l."""
    if problem := not_two_raters(table, "Conger's kappa") or _problem(table, weighting):
        return problem
    w, q = weights(table, weighting), len(table.levels)
    codes = table.codes[:, np.any(table.codes >= 0, axis=0)]
    first, second = codes[np.all(codes >= 0, axis=1)].T
    rows = np.column_stack([w[first, second], np.eye(q)[first], np.eye(q)[second]])
    n = len(rows)

    def fraction(totals: FloatArray) -> tuple[FloatArray, FloatArray]:
        chance = _quadratic_form(totals[:, 1 : q + 1] / n, w, totals[:, q + 1 :] / n)
        return totals[:, 0] / n - chance, 1 - chance

    sums = UnitSums(rows, fraction, n, _named("Cohen's kappa", weighting), CONSTANT)
    return corrected(table, sums, resampling, rows[:, 0])


def conger_kappa(
    table: RatingTable, resampling: Resampling | None = DEFAULT, weighting: Weighting = "identity"
) -> Statistic:
    """Conger's kappa (1980): Cohen's kappa for more raters, each with level shares p_g of its own.

    p_e is the mean over ordered pairs of raters g ≠ h of Σ w_kl p_gk p_hl.
    """
    if problem := _problem(table, weighting):
        return problem
    w, q = weights(table, weighting), len(table.levels)
    codes = table.codes[:, np.any(table.codes >= 0, axis=0)]
    raters = codes.shape[1]
    chosen = (codes[:, :, None] == np.arange(q)).astype(float)  # units, raters, levels
    rows = np.column_stack([_pair_columns(table.counts, w), chosen.reshape(len(codes), -1)])

    def fraction(totals: FloatArray) -> tuple[FloatArray, FloatArray]:
        used = totals[:, 2:].reshape(-1, raters, q)
        rated = used.sum(axis=2, keepdims=True)
        shares = used / np.maximum(rated, 1)
        everyone = shares.sum(axis=1)
        own = np.einsum("bgk,kl,bgl->b", shares, w, shares, optimize=True)
        chance = (_quadratic_form(everyone, w, everyone) - own) / (raters * (raters - 1))
        return _over_chance(totals, chance, np.all(rated > 0, axis=(1, 2)))

    sums = UnitSums(rows, fraction, table.overlap, _named("Conger's kappa", weighting), CONSTANT)
    return corrected(table, sums, resampling, rows[rows[:, 1] > 0, 0])


def _pooled(
    table: RatingTable,
    resampling: Resampling | None,
    weighting: Weighting,
    name: str,
    chance: Chance,
    chance_unsure: bool = False,
) -> Statistic:
    """A coefficient whose chance agreement depends on the level shares π of all raters together.

    `chance_unsure`: the interval allows for the error of π as well (AC1 moves with it where kappa hardly does).
    """
    if problem := _problem(table, weighting):
        return problem
    counts = table.counts
    rated = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(rated, 1)
    rows = np.column_stack([_pair_columns(counts, weights(table, weighting)), rated > 0, shares])

    def fraction(totals: FloatArray) -> tuple[FloatArray, FloatArray]:
        pi = totals[:, 3:] / totals[:, 2:3]
        return _over_chance(totals, chance(pi))

    sums = UnitSums(rows, fraction, table.overlap, _named(name, weighting), CONSTANT)
    error = _jackknifed(chance, shares[rated[:, 0] > 0]) if chance_unsure else 0.0
    return corrected(table, sums, resampling, rows[rows[:, 1] > 0, 0], error)


def _jackknifed(chance: Chance, shares: FloatArray) -> float:
    """Standard error of chance agreement, from leaving out one unit at a time."""
    n, ordered = len(shares), shares[np.lexsort(shares.T[::-1])]  # the order of units cannot matter
    without = chance((ordered.sum(axis=0) - ordered) / (n - 1))
    return math.sqrt((n - 1) / n * float(((without - without.mean()) ** 2).sum()))


def _problem(table: RatingTable, weighting: Weighting) -> Statistic | None:
    return nothing_to_correct(table) or (None if weighting == "identity" else unordered(table))


def _pair_columns(counts: FloatArray, w: FloatArray) -> FloatArray:
    """For each unit the share of agreeing pairs, and 1 if it has a pair; (units, 2). Both are 0 for units with fewer
    than two ratings."""
    paired = counts.sum(axis=1) >= 2
    columns = np.zeros((len(counts), 2))
    columns[paired, 0], columns[paired, 1] = agreeing_shares(counts[paired], w), 1
    return columns


def _over_chance(
    totals: FloatArray, chance: FloatArray, valid: NDArray[np.bool_] | bool = True
) -> tuple[FloatArray, FloatArray]:
    """p_a - p_e and 1 - p_e, each (batch,). The latter is 0 (undefined) if no pair was drawn or `valid` is false."""
    agreement = totals[:, 0] / np.maximum(totals[:, 1], 1)
    return agreement - chance, np.where(valid & (totals[:, 1] > 0), 1 - chance, 0)


def _quadratic_form(left: FloatArray, w: FloatArray, right: FloatArray) -> FloatArray:
    return np.asarray(((left @ w) * right).sum(axis=1), dtype=float)


def _named(name: str, weighting: Weighting) -> str:
    return name if weighting == "identity" else f"{name}, {weighting} weights"
