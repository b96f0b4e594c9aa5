"""Agreement as people count it: the share of pairs of ratings that agree, without correction for chance.

A unit with m ratings has m(m - 1)/2 pairs; its share is taken first and then the mean over units, so that a call
rated by many does not outweigh the others. Units with fewer than two ratings have no pair and do not count.
"""

import math

import numpy as np

from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.stats.agreement.preconditions import DEFAULT, Weighting, paired_counts, too_little, unordered, weights
from agent.stats.bootstrap import FloatArray, Resampling, UnitSums, estimate
from agent.stats.intervals import exact_lower_bound, exact_upper_bound
from agent.stats.means import padded_ends
from agent.stats.rating_table import NOT_APPLICABLE, RatingTable

_ROUNDING = 1e-9


def exact_agreement(table: RatingTable, resampling: Resampling | None = DEFAULT) -> Statistic:
    """Share of pairs of ratings that are equal, with an exact interval (see `share_of_units`)."""
    if problem := too_little(table):
        return problem
    confidence = (resampling or DEFAULT).confidence
    return share_of_units(
        agreeing_shares(paired_counts(table), weights(table, "identity")), "equal ratings", confidence
    )


def within_one(table: RatingTable, resampling: Resampling | None = DEFAULT) -> Statistic:
    """Share of pairs of ratings at most one point apart (one position, where levels are words)."""
    if problem := too_little(table) or unordered(table):
        return problem
    if len(table.levels) < 3:
        return Undefined(undefined=N_("on two levels any two ratings are within one"), n=table.overlap)
    confidence = (resampling or DEFAULT).confidence
    shares = agreeing_shares(paired_counts(table), within_one_weights(table))
    return share_of_units(shares, "ratings within one point", confidence)


def weighted_agreement(
    table: RatingTable, resampling: Resampling | None = DEFAULT, weighting: Weighting = "quadratic"
) -> Statistic:
    """Mean agreement weight of pairs of ratings (Gwet 2014, section 3.5), with a cautious
    interval (`means.padded_ends`)."""
    if problem := too_little(table) or unordered(table):
        return problem
    shares = agreeing_shares(paired_counts(table), weights(table, weighting))
    n, total, value = len(shares), math.fsum(shares), math.fsum(shares) / len(shares)
    if resampling is None:
        return Estimate(value=value, n=n, method=f"{weighting} agreement")
    sums = [np.array([part]) for part in (total, math.fsum(shares**2), float(n))]
    low, high = padded_ends(sums[0], sums[1], sums[2], 0.0, 1.0, resampling.confidence)
    return Estimate(
        value=value,
        n=n,
        low=min(float(low[0]), value),
        high=max(float(high[0]), value),
        confidence=resampling.confidence,
        method=f"{weighting} agreement; t over {n} units with half a unit added at each end (cautious)",
    )


def positive_agreement(table: RatingTable, resampling: Resampling | None = DEFAULT) -> Statistic:
    """Given that one rater says the behavior is there, how often does another say so too?

    There means above the lowest level. Σ n(n - 1) / Σ n(m - 1) over units, with n of m ratings above the lowest
    level (Cicchetti and Feinstein 1990; for more raters Uebersax 1982).
    """
    return _specific_agreement(table, resampling, present=True)


def negative_agreement(table: RatingTable, resampling: Resampling | None = DEFAULT) -> Statistic:
    """Given that one rater says the behavior is absent (the lowest level), how often does another say so too?"""
    return _specific_agreement(table, resampling, present=False)


def applies_agreement(table: RatingTable, resampling: Resampling | None = DEFAULT) -> Statistic:
    """Share of pairs of judgements that agree on whether the criterion applies to the unit at all."""
    return nobody_says_not_applicable(table) or exact_agreement(table.applicability(), resampling)


def nobody_says_not_applicable(table: RatingTable) -> Undefined | None:
    """The reason why agreement on applicability says nothing: nobody ever said that the criterion does not apply.
    None if somebody did."""
    if np.any(table.codes == NOT_APPLICABLE):
        return None
    return Undefined(undefined=N_("no rating says that it does not apply"), n=table.overlap)


def agreeing_shares(counts: FloatArray, pair_weights: FloatArray) -> FloatArray:
    """Each unit's share of agreeing pairs, from its level counts (units, levels): (units,).

    Σ_k r_k (Σ_l w_kl r_l - 1) / m(m - 1): Gwet 2014, equation 3.5.
    """
    m = counts.sum(axis=1)
    return np.asarray((counts * (counts @ pair_weights - 1)).sum(axis=1) / (m * (m - 1)), dtype=float)


def within_one_weights(table: RatingTable) -> FloatArray:
    """1 where two levels are at most one point apart, else 0."""
    points = table.points
    return (np.abs(points[:, None] - points[None, :]) <= 1 + _ROUNDING).astype(float)


def share_of_units(shares: FloatArray, what: str, confidence: float) -> Statistic:
    """The mean of the units' shares with an exact (Clopper-Pearson) interval over units.

    With two raters a share is 0 or 1 and this is the textbook interval. With more raters the sum of shares is rounded
    down for the low end and up for the high end, which keeps the interval on the cautious side.
    """
    n, total = len(shares), math.fsum(shares)  # exact, so the order of units cannot matter
    error = (1 - confidence) / 2
    return Estimate(
        value=total / n,
        n=n,
        low=exact_lower_bound(whole_units(shares), n, error),
        high=exact_upper_bound(math.ceil(total - _ROUNDING), n, error),
        confidence=confidence,
        method=f"{what}; exact (Clopper-Pearson) over {n} units",
    )


def whole_units(shares: FloatArray) -> int:
    """The sum of the shares, rounded down to whole units, which is the cautious side."""
    return math.floor(math.fsum(shares) + _ROUNDING)


def _specific_agreement(table: RatingTable, resampling: Resampling | None, *, present: bool) -> Statistic:
    if problem := too_little(table):
        return problem
    if table.metric == "nominal" and len(table.levels) != 2:
        reason = f"it needs two levels or an order, and this nominal scale has {len(table.levels)} level(s)"
        return Undefined(undefined=reason, n=table.overlap)
    counts = paired_counts(table)
    m, above = counts.sum(axis=1), counts[:, 1:].sum(axis=1)
    chosen = above if present else m - above
    rows = np.column_stack([chosen * (chosen - 1), chosen * (m - 1)])
    side = f"above {table.levels[0]}" if present else f"at {table.levels[0]}"
    sums = UnitSums(
        rows,
        lambda totals: (totals[:, 0], totals[:, 1]),
        int(np.count_nonzero(chosen)),
        f"agreement on ratings {side}",
        f"no rating is {side}",
    )
    return estimate(sums, resampling)
