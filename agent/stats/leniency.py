"""How far a rater stands above or below the others, and whether that has changed since another set of calls.

Leniency: for each call, the rater's level minus the mean of the other raters' levels, averaged over what both rated;
then the mean over calls with a bootstrap interval over calls. Above 0 is lenient. Drift: leniency on these calls minus
leniency on earlier ones. All in points of the scale, or in shares of its range (points / (highest - lowest)).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from agent.core.statistic import Statistic, Undefined
from agent.stats.bootstrap import FloatArray, Resampling, UnitSums, bootstrap_mean, estimate
from agent.stats.rating_table import RatingTable

METHOD = "mean of rater minus the others"


def differences(table: RatingTable, rater: int) -> FloatArray:
    """For each call (row) the rater's level minus the mean of the others', NaN where one side is missing. (calls,)"""
    points = np.where(table.codes >= 0, table.points[np.maximum(table.codes, 0)], np.nan)
    others = np.delete(points, rater, axis=1)
    rated = ~np.isnan(others)
    counted = rated.sum(axis=1)
    total = np.where(rated, others, 0.0).sum(axis=1)
    mean = np.divide(total, counted, out=np.full(len(points), np.nan), where=counted > 0)
    return np.asarray(points[:, rater] - mean)


def leniency(values: ArrayLike, resampling: Resampling) -> Statistic:
    """The mean of one difference a call."""
    if np.size(values) == 0:
        return Undefined(undefined="no call rated by this rater and another", n=0)
    return bootstrap_mean(values, resampling, METHOD)


def drift(now: ArrayLike, before: ArrayLike, resampling: Resampling) -> Statistic:
    """Mean of `now` minus mean of `before`, one difference a call each, resampled over all calls of both.

    A resample without a call of one side is undefined and widens the interval (see `agent.stats.bootstrap`).
    """
    first, second = (np.asarray(side, dtype=float).reshape(-1) for side in (before, now))
    if not first.size or not second.size:
        return Undefined(undefined="no earlier round of this rater to compare with", n=int(second.size))
    rows = np.zeros((first.size + second.size, 4))
    rows[: first.size, 0], rows[: first.size, 1] = first, 1.0
    rows[first.size :, 2], rows[first.size :, 3] = second, 1.0

    def fraction(totals: FloatArray) -> tuple[FloatArray, FloatArray]:
        sum_1, n_1, sum_2, n_2 = totals.T
        return sum_2 * n_1 - sum_1 * n_2, n_1 * n_2

    return estimate(UnitSums(rows, fraction, len(rows), "change of leniency", "no calls"), resampling)


def mean_by_call(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """One number a call from several criteria's numbers by call: the mean of those there are."""
    gathered: dict[str, list[float]] = {}
    for part in parts:
        for call, value in part.items():
            gathered.setdefault(call, []).append(value)
    return {call: sum(values) / len(values) for call, values in gathered.items()}
