"""Intraclass correlations of Shrout and Fleiss 1979: how much of the spread of ratings lies between units.

Only units that every rater rated are used, since the two-way forms have no closed form otherwise; `n` counts them.
"""

from typing import Literal, assert_never

import numpy as np

from agent.core.language import N_
from agent.core.statistic import Statistic, Undefined
from agent.stats.agreement.preconditions import DEFAULT, corrected, nothing_to_correct, unordered
from agent.stats.bootstrap import FloatArray, Resampling, UnitSums
from agent.stats.rating_table import RatingTable

Form = Literal["1", "2", "3"]


def icc(
    table: RatingTable, resampling: Resampling | None = DEFAULT, form: Form = "1", average: bool = False
) -> Statistic:
    """ICC(form, 1), or ICC(form, k) of the mean of all k raters if `average`.

    Form 1: each unit has raters of its own; 2: the same raters throughout, drawn from many; 3: these raters only, so
    that one being stricter than another does not count as disagreement.
    """
    if problem := nothing_to_correct(table) or unordered(table) or _words(table):
        return problem
    # A rater who met nobody (all of whose units nobody else rated) says nothing of agreement: left out, not required.
    shared = table.codes[(table.codes >= 0).sum(axis=1) >= 2]
    codes = shared[:, np.any(shared >= 0, axis=0)]
    # Centred and divided by the scale's range for accuracy; ICCs do not change by that. (units rated by all, raters).
    points = table.points / np.ptp(table.points)
    ratings = np.asarray((points - points.mean())[codes[np.all(codes >= 0, axis=1)]], dtype=float)
    n, k = ratings.shape
    name = f"ICC({form},{k if average else 1})"
    if n < 2:
        return Undefined(
            undefined=N_("{n} unit(s) rated by all {raters} raters; at least two are needed").format(n=n, raters=k), n=n
        )

    def fraction(totals: FloatArray) -> tuple[FloatArray, FloatArray]:
        return _variance_ratio(form, average, _mean_squares(totals, k), n, k)

    undefined = "units do not differ in their ratings, so there is no spread to explain"
    # What each unit adds: 1, its sum squared, its sum of squares, and each rater's rating.
    total = ratings.sum(axis=1)
    moments = np.column_stack([np.ones(len(ratings)), total**2, (ratings**2).sum(axis=1), ratings])
    return corrected(table, UnitSums(moments, fraction, n, name, undefined), resampling)


def _mean_squares(totals: FloatArray, k: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Mean squares between units, within units, between raters, and of the residual; each (batch,), from totals of
    the moments."""
    n, raters = totals[:, 0], totals[:, 3:]
    correction = raters.sum(axis=1) ** 2 / (n * k)
    between = totals[:, 1] / k - correction
    within = totals[:, 2] - totals[:, 1] / k
    judges = (raters**2).sum(axis=1) / n - correction
    residual = within - judges
    parts = between / (n - 1), within / (n * (k - 1)), judges / (k - 1), residual / ((n - 1) * (k - 1))
    return parts[0], parts[1], parts[2], parts[3]


def _variance_ratio(
    form: Form, average: bool, mean_squares: tuple[FloatArray, FloatArray, FloatArray, FloatArray], n: int, k: int
) -> tuple[FloatArray, FloatArray]:
    """Numerator and denominator of the six forms (Shrout and Fleiss 1979, table 3 and equations for the mean)."""
    between, within, judges, residual = mean_squares
    raters = 1 if average else k
    match form:
        case "1":
            return between - within, between + (raters - 1) * within
        case "2":
            extra = raters * (judges - residual) / n
            return between - residual, between + (raters - 1) * residual + extra
        case "3":
            return between - residual, between + (raters - 1) * residual
        case _:
            assert_never(form)


def _words(table: RatingTable) -> Undefined | None:
    if table.numeric:
        return None
    return Undefined(undefined=N_("the levels are words; a correlation needs numbers"), n=table.overlap)
