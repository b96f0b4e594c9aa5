"""What a table must have before agreement can be computed, and the interval of agreement that is freed of chance."""

import math
from typing import Literal, assert_never

import numpy as np
import scipy

from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.stats.bootstrap import FloatArray, Resampling, UnitSums, estimate
from agent.stats.intervals import exact_lower_bound, exact_upper_bound
from agent.stats.means import padded_ends
from agent.stats.rating_table import RatingTable

Weighting = Literal["identity", "linear", "quadratic"]

DEFAULT = Resampling()
CONSTANT = N_("all ratings are the same level, so agreement by chance is certain and nothing is left to correct")


def too_little(table: RatingTable) -> Undefined | None:
    """Why no agreement can be computed at all: fewer than two raters, or fewer than two units that two raters share."""
    if table.raters == 0:
        return Undefined(undefined=N_("there are no ratings"), n=0)
    if table.raters == 1:
        return Undefined(undefined=N_("only one rater; agreement needs two"), n=0)
    if table.overlap == 0:
        return Undefined(undefined=N_("no unit was rated by two raters"), n=0)
    if table.overlap == 1:
        return Undefined(undefined=N_("only one unit was rated by two raters; at least two are needed"), n=1)
    return None


def nothing_to_correct(table: RatingTable) -> Undefined | None:
    """Why agreement cannot be corrected for chance: too little, or all ratings on shared units are one level.

    Some coefficients (AC1, Brennan-Prediger) have a formula that gives 1 there. It would say that raters tell the
    levels apart when nobody ever had to.
    """
    if problem := too_little(table):
        return problem
    if np.count_nonzero(paired_counts(table).sum(axis=0)) < 2:
        return Undefined(undefined=CONSTANT, n=table.overlap)
    return None


def unordered(table: RatingTable) -> Undefined | None:
    """The reason why distances between levels cannot be used: the levels have no order. None if they have one."""
    if table.metric == "nominal":
        return Undefined(undefined=N_("the scale is nominal: its levels have no order"), n=table.overlap)
    return None


def not_two_raters(table: RatingTable, instead: str) -> Undefined | None:
    """The reason why a statistic for exactly two raters cannot be computed; `instead` names the one for more. None
    if there are two."""
    if table.raters > 2:
        reason = f"it compares exactly two raters and this table has {table.raters}: see {instead}"
        return Undefined(undefined=reason, n=table.overlap)
    return None


def paired_counts(table: RatingTable) -> FloatArray:
    """How many raters chose each level, (paired units, levels), of the units that at least two raters rated."""
    counts = table.counts
    return np.asarray(counts[counts.sum(axis=1) >= 2], dtype=float)


def weights(table: RatingTable, weighting: Weighting) -> FloatArray:
    """How far two levels agree, from 0 to 1: (levels, levels). Cohen 1968; Gwet 2014, section 3.5.

    Identity: 1 if equal. Linear and quadratic: 1 - (|x - y| / range)^p with p = 1 and 2.
    """
    points = table.points
    match weighting:
        case "identity":
            return np.asarray(points[:, None] == points[None, :], dtype=float)
        case "linear" | "quadratic":
            distance = np.abs(points[:, None] - points[None, :]) / max(float(np.ptp(points)), 1e-300)
            return np.asarray(1 - distance ** (1 if weighting == "linear" else 2), dtype=float)
        case _:
            assert_never(weighting)


def corrected(
    table: RatingTable,
    sums: UnitSums,
    resampling: Resampling | None,
    agreement: FloatArray | None = None,
    chance_error: float = 0.0,
) -> Statistic:
    """A chance-corrected statistic with its interval.

    `agreement` is each paired unit's agreement from 0 to 1, where the statistic is its mean freed of chance. The mean's
    own interval is then carried through the correction, with chance agreement as it is in these ratings: exact where
    units agree or do not, else t with half a unit added at each end. It is cautious (docs/method/coverage.md), where
    bootstrap, BCa and t on Fisher's z fall short with few units or have nothing to say. `chance_error` is the standard
    error of chance agreement, where that alone moves the statistic; it is added by squares. Without `agreement` it is
    the percentile bootstrap. If no two raters ever disagree chance agreement is that of the pooled ratings, which is
    cautious for every coefficient.
    """
    if resampling is None:
        return estimate(sums, None)
    alike = never_disagree(table)
    if agreement is None and not alike:
        return estimate(sums, resampling)
    result = estimate(sums, None)
    if not isinstance(result, Estimate):
        return result
    shares = np.ones(sums.n) if agreement is None else np.sort(agreement)
    mean, low, high, how = _mean_and_ends(shares, resampling.confidence)
    pooled = paired_counts(table).sum(axis=0)
    chance = float(np.sum((pooled / pooled.sum()) ** 2)) if alike else (mean - result.value) / (1 - result.value)
    moved = float(scipy.special.ndtri((1 + resampling.confidence) / 2)) * chance_error * (1 - mean) / (1 - chance) ** 2
    below, above = (abs(1 - (1 - end) / (1 - chance) - result.value) for end in (low, high))
    ends = result.value - math.hypot(below, moved), result.value + math.hypot(above, moved)
    return Estimate(
        value=result.value,
        n=sums.n,
        low=max(-1.0, ends[0]),
        high=min(1.0, max(ends[1], result.value)),
        confidence=resampling.confidence,
        method=f"{sums.method}; {how} over {len(shares)} units, carried through the correction for chance (cautious)",
    )


def _mean_and_ends(shares: FloatArray, confidence: float) -> tuple[float, float, float, str]:
    """The mean of the units' agreement, the two ends of its interval, and the name of the method."""
    n, total = len(shares), math.fsum(shares)
    if np.isin(shares, (0.0, 1.0)).all():
        error = (1 - confidence) / 2
        return total / n, exact_lower_bound(round(total), n, error), exact_upper_bound(round(total), n, error), "exact"
    sums = [np.array([part]) for part in (total, math.fsum(shares**2), float(n))]
    low, high = padded_ends(sums[0], sums[1], sums[2], 0.0, 1.0, confidence)
    return total / n, float(low[0]), float(high[0]), "t with half a unit added at each end"


def never_disagree(table: RatingTable) -> bool:
    """Whether all ratings of each shared unit are the same."""
    return bool(np.all(np.count_nonzero(paired_counts(table), axis=1) == 1))
