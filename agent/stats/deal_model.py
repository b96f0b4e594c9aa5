"""The model of deals: a logistic regression of won or lost within reps.

logit P(won) = rep + time after coaching + slope x score of the rep at that time

Every rep has an own intercept (fixed effect), so only changes within reps speak: a rep who always sold well and always
scored well adds nothing. The two rows of a rep are counts; reps whose deals were all lost or all won drop out, as
they do in a conditional logit. How much reps drift for other reasons is estimated from what the model leaves over
(Pearson's dispersion, at least 1; McCullagh and Nelder 1989, 4.5) and widens the interval, which is by t.

The estimate is that of statsmodels' binomial GLM with a dummy for each rep (a test compares them). Here the rep effects
are taken out of every step by weighted centering within reps instead of carried as columns, so a step costs the rows
and not their square. Mixed models by variational Bayes and GEE with 18 reps are too sure or too unsure of themselves:
the comparison is in docs/method/outcomes.md.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from agent.core.language import N_
from agent.core.statistic import Undefined

FloatArray = NDArray[np.float64]

_STEPS = 60
_SETTLED = 1e-9
_LARGEST = 30.0  # |logit|: beyond it the fit runs away to a perfect separation


@dataclass(frozen=True, eq=False)
class WithinFit:
    """Slopes of the regressors (k,), their covariance at dispersion 1, the dispersion, and freedom for t."""

    slope: FloatArray
    covariance: FloatArray
    dispersion: float
    freedom: int
    groups: int

    def interval(self, at: int, confidence: float) -> tuple[float, float]:
        """The two ends of the interval of slope number `at`."""
        reach = -float(scipy.special.stdtrit(self.freedom, (1 - confidence) / 2)) * self.error(at)
        return float(self.slope[at]) - reach, float(self.slope[at]) + reach

    def error(self, at: int) -> float:
        """Standard error of slope number `at`."""
        return float(np.sqrt(self.covariance[at, at] * self.dispersion))

    def p(self, at: int) -> float:
        """Two-sided p of the hypothesis that slope number `at` is 0."""
        return float(2 * scipy.special.stdtr(self.freedom, -abs(float(self.slope[at])) / self.error(at)))


def fit_within(
    won: NDArray[np.int64], decided: NDArray[np.int64], regressors: FloatArray, group: NDArray[np.int64]
) -> WithinFit | Undefined:
    """Maximum likelihood of the model above by iteratively reweighted least squares.

    `won`, `decided` and `group` are (rows,), `regressors` (rows, k). Undefined when too few groups tell anything, a
    regressor does not vary within groups, or the outcomes are separated perfectly.
    """
    rows = _telling(won, decided, group)
    if not rows.any():
        return Undefined(undefined=N_("no rep has both won and lost deals"), n=0)
    y, n, x = won[rows].astype(float), decided[rows].astype(float), regressors[rows]
    _, code = np.unique(group[rows], return_inverse=True)
    groups, freedom = int(code.max()) + 1, int(rows.sum()) - int(code.max()) - 1 - x.shape[1]
    if freedom < 1:
        return Undefined(
            undefined=N_("{n} reps with won and lost deals are too few for the model").format(n=groups), n=groups
        )
    logit = np.log((y + 0.5) / (n - y + 0.5))
    slope = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        share = 1 / (1 + np.exp(-logit))
        weight = n * share * (1 - share)
        working = logit + (y - n * share) / weight
        x_in, z_in = _centered(x, weight, code), _centered(working[:, None], weight, code)[:, 0]
        information = x_in.T @ (x_in * weight[:, None])
        if np.linalg.matrix_rank(information, hermitian=True) < len(slope):
            return Undefined(undefined=N_("the scores do not vary within reps apart from time"), n=groups)
        moved = np.linalg.solve(information, x_in.T @ (weight * z_in))
        logit = working - (z_in - x_in @ moved)  # fitted: what centering took away plus the slopes' part
        if np.abs(logit).max() > _LARGEST:
            return Undefined(undefined=N_("won and lost deals are separated perfectly; no finite estimate"), n=groups)
        done, slope = np.abs(moved - slope).max() < _SETTLED, moved
        if done:
            # Pearson's chi-squared over its degrees of freedom; below 1 would claim more than binomial counts can hold.
            chance = 1 / (1 + np.exp(-logit))
            dispersion = max(float(np.sum((y - n * chance) ** 2 / (n * chance * (1 - chance)))) / freedom, 1.0)
            return WithinFit(slope, np.linalg.inv(information), dispersion, freedom, groups)
    return Undefined(undefined=N_("the fit did not settle"), n=groups)


def _telling(won: NDArray[np.int64], decided: NDArray[np.int64], group: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows tell anything, (rows,): rows with decided deals, in groups with both outcomes and more than one
    such row."""
    size = int(group.max(initial=-1)) + 1
    filled = decided > 0
    wins, deals = np.bincount(group, won, size), np.bincount(group, decided, size)
    rows = np.bincount(group, filled, size)
    return np.asarray(filled & ((wins > 0) & (wins < deals) & (rows > 1))[group])


def _centered(columns: FloatArray, weight: FloatArray, code: NDArray[np.int64]) -> FloatArray:
    total = np.bincount(code, weight)
    means = np.column_stack([np.bincount(code, weight * column) / total for column in columns.T])
    return np.asarray(columns - means[code])
