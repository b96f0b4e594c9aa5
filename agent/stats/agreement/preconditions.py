"""What a table must have before agreement can be computed, and the interval where nobody ever disagrees."""

from __future__ import annotations

from typing import Literal, assert_never

import numpy as np

from agent.core.statistic import Estimate, Statistic, Undefined
from agent.stats.bootstrap import FloatArray, Resampling, UnitSums, estimate
from agent.stats.intervals import exact_lower_bound
from agent.stats.rating_table import RatingTable

Weighting = Literal["identity", "linear", "quadratic"]

DEFAULT = Resampling()
CONSTANT = "all ratings are the same level, so agreement by chance is certain and nothing is left to correct"


def too_little(table: RatingTable) -> Undefined | None:
    """Why no agreement can be computed at all: fewer than two raters, or fewer than two units that two raters share."""
    if table.raters == 0:
        return Undefined(undefined="there are no ratings", n=0)
    if table.raters == 1:
        return Undefined(undefined="only one rater; agreement needs two", n=0)
    if table.overlap == 0:
        return Undefined(undefined="no unit was rated by two raters", n=0)
    if table.overlap == 1:
        return Undefined(undefined="only one unit was rated by two raters; at least two are needed", n=1)
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
    """Why distances between levels cannot be used."""
    if table.metric == "nominal":
        return Undefined(undefined="the scale is nominal: its levels have no order", n=table.overlap)
    return None


def not_two_raters(table: RatingTable, instead: str) -> Undefined | None:
    """Why a statistic for exactly two raters cannot be computed; `instead` names the one for more."""
    if table.raters > 2:
        reason = f"it compares exactly two raters and this table has {table.raters}: see {instead}"
        return Undefined(undefined=reason, n=table.overlap)
    return None


def paired_counts(table: RatingTable) -> FloatArray:
    """How many raters chose each level, of the units that at least two rated: (paired units, levels)."""
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


def corrected(table: RatingTable, sums: UnitSums, resampling: Resampling | None) -> Statistic:
    """A chance-corrected statistic with its interval.

    If no two raters ever disagree every resample gives 1, as if there were no uncertainty. Then the exact lower bound
    p of plain agreement is carried through the chance correction, with chance agreement c from the pooled ratings:
    low = (p - c) / (1 - c) = 1 - (1 - p) / (1 - c). This bound is the same for weighted forms when a disagreement is
    as large as a chance disagreement, and it is cautious for AC1 and Brennan-Prediger, whose c is never larger.
    """
    result = estimate(sums, resampling)
    if not isinstance(result, Estimate) or resampling is None or not never_disagree(table):
        return result
    pooled = paired_counts(table).sum(axis=0)
    chance = float(np.sum((pooled / pooled.sum()) ** 2))
    bound = exact_lower_bound(sums.n, sums.n, (1 - resampling.confidence) / 2)
    return Estimate(
        value=result.value,
        n=sums.n,
        low=max(-1.0, 1 - (1 - bound) / (1 - chance)),
        high=1.0,
        confidence=resampling.confidence,
        method=f"{sums.method}; no two raters disagree: exact bound on agreement, corrected for chance",
    )


def never_disagree(table: RatingTable) -> bool:
    """Whether every shared unit has one level only."""
    return bool(np.all(np.count_nonzero(paired_counts(table), axis=1) == 1))
