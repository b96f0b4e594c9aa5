"""How far a rater stands above or below the others, and whether that has changed since another set of calls.

Leniency: for each call, the rater's level minus the mean of the other raters' levels, averaged over what both rated;
then the mean over calls with a t interval over calls. Above 0 is lenient. Drift: leniency on these calls minus
leniency on earlier ones. All in points of the scale, or in shares of its range (points / (highest - lowest)).
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from agent.core.language import N_
from agent.core.statistic import Statistic, Undefined
from agent.stats.means import FloatArray, change_of_means, mean_of_units
from agent.stats.rating_table import RatingTable

METHOD = "mean of rater minus the others"


def differences(table: RatingTable, rater: int) -> FloatArray:
    """For each call the rater's level minus the mean of the other raters' levels, (calls,); NaN if one of the two is
    missing."""
    points = np.where(table.codes >= 0, table.points[np.maximum(table.codes, 0)], np.nan)
    others = np.delete(points, rater, axis=1)
    rated = ~np.isnan(others)
    counted = rated.sum(axis=1)
    total = np.where(rated, others, 0.0).sum(axis=1)
    mean = np.divide(total, counted, out=np.full(len(points), np.nan), where=counted > 0)
    return np.asarray(points[:, rater] - mean)


def leniency(values: ArrayLike, confidence: float = 0.95) -> Statistic:
    """The mean of the differences, one for each call, with a t interval over calls."""
    if np.size(values) == 0:
        return Undefined(undefined=N_("no call rated by this rater and another"), n=0)
    return mean_of_units(values, METHOD, confidence)


def drift(now: ArrayLike, before: ArrayLike, confidence: float = 0.95) -> Statistic:
    """The mean of `now` minus the mean of `before`; each holds one difference for each call, and the calls are
    different ones."""
    if not np.size(now) or not np.size(before):
        return Undefined(undefined=N_("no earlier round of this rater to compare with"), n=int(np.size(now)))
    return change_of_means(before, now, "change of leniency", confidence)


def mean_by_call(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """One number for each call: the mean of its numbers on those criteria that have one."""
    gathered: dict[str, list[float]] = {}
    for part in parts:
        for call, value in part.items():
            gathered.setdefault(call, []).append(value)
    return {call: sum(values) / len(values) for call, values in gathered.items()}
