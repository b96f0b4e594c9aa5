"""What a rep's next calls would show if nothing changed: regression to the mean, from the spread over reps.

Who is picked because a dozen calls looked worst was partly unlucky, and rises without coaching. Given the team's
spread (empirical Bayes) the distribution of the next counts is known, however the rep was picked, because it is
conditional on the very baseline that led to the pick. Two results come out of it: the rise to expect from nothing,
and the probability of a rise at least as large as the one seen.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from agent.stats.remembered import remembered

FloatArray = NDArray[np.float64]
Counts = NDArray[np.int64]

_MOST_ALIKE = 200.0  # prior calls: beyond it the reps are as good as equal
_FARTHEST = 6.0  # of the mean rate, as a logit: 0.25 %
_ROWS_AT_ONCE = 200_000


@dataclass(frozen=True)
class BetaPrior:
    """How rates are spread over reps: Beta(a, b). a + b counts like that many earlier calls."""

    a: float
    b: float
    reps: int


@dataclass(frozen=True)
class NormalPrior:
    """How mean levels are spread over reps, and the variance of one call around its rep's mean."""

    mean: float
    between: float
    within: float
    reps: int


@remembered(64)  # verdicts on reps and on criteria ask for the same
def beta_prior(successes: Counts, n: Counts, min_reps: int) -> BetaPrior | None:
    """The spread of rates over reps that their counts suggest: the posterior mode of a beta-binomial. `successes` and
    `n` are (reps,); None with fewer than `min_reps` reps that have calls.

    The prior p(a, b) is proportional to (a + b)^(-5/2) (Gelman and others 2013, Bayesian Data Analysis, 5.3). Plain
    maximum likelihood takes a dozen reps for too much alike and so expects too much regression to the mean.
    """
    counted = n > 0
    reps = int(counted.sum())
    if reps < min_reps:
        return None
    # reps with equal counts say the same: each kind of count is looked at once
    kinds, times = np.unique(np.stack([successes[counted], n[counted]]), axis=1, return_counts=True)
    x, of = kinds.astype(float)
    middle = float(scipy.special.logit((times @ x + 0.5) / (times @ of + 1)))

    def law(at: FloatArray) -> tuple[float, float, float]:
        """a + b, a and b. The mean is kept away from 0 and 1: a team in which nobody (or everybody) ever did it
        would drive it there, and no spread would be left."""
        size, mean = np.exp(np.clip(at[1], np.log(0.1), np.log(_MOST_ALIKE))), np.clip(at[0], -_FARTHEST, _FARTHEST)
        return float(size), float(size * scipy.special.expit(mean)), float(size * scipy.special.expit(-mean))

    def surprise(at: FloatArray) -> float:
        size, a, b = law(at)
        # the prior is (a + b)^(-1/2) in the coordinates used here, logit of the mean and log of a + b
        return 0.5 * float(np.log(size)) - float(
            times @ (scipy.special.betaln(a + x, b + of - x) - scipy.special.betaln(a, b))
        )

    # From a wide and from a narrow spread: the search may stop at a local optimum.
    tries = [scipy.optimize.minimize(surprise, [middle, np.log(size)], method="Nelder-Mead") for size in (2.0, 20.0)]
    _, a, b = law(min(tries, key=lambda t: float(t.fun)).x)
    return BetaPrior(a, b, reps)


def normal_prior(means: FloatArray, variances: FloatArray, n: Counts, min_reps: int) -> NormalPrior | None:
    """The spread of rep means by the method of moments (DerSimonian and Laird 1986), with one variance of a call for
    all reps. Arguments are (reps,); None with fewer than `min_reps` reps that have two calls or more."""
    used = n > 1
    if int(used.sum()) < min_reps:
        return None
    m, calls = means[used], n[used].astype(float)
    within = float(np.sum((calls - 1) * variances[used]) / np.sum(calls - 1))
    weight = calls / within
    grand = float(np.sum(weight * m) / weight.sum())
    # Reps who do not differ would scatter by len(m) - 1 (chi-squared); only what is above that is spread between reps.
    excess = float(np.sum(weight * (m - grand) ** 2)) - (len(m) - 1)
    between = max(excess / float(weight.sum() - (weight**2).sum() / weight.sum()), within / _MOST_ALIKE)
    weight = 1 / (between + within / calls)
    return NormalPrior(float(np.sum(weight * m) / weight.sum()), between, within, len(m))


def expected_rate(prior: BetaPrior, successes: Counts, n: Counts) -> FloatArray:
    """A rep's rate shrunken towards the team's: (a + x) / (a + b + n)."""
    return np.asarray((prior.a + successes) / (prior.a + prior.b + n))


def expected_mean(prior: NormalPrior, mean: FloatArray, n: Counts) -> tuple[FloatArray, FloatArray]:
    """A rep's mean shrunken towards the team's, and the variance that remains."""
    precision = 1 / prior.between + n / prior.within
    return (prior.mean / prior.between + n * mean / prior.within) / precision, 1 / precision


def shrunken_means(means: FloatArray, variances: FloatArray, n: Counts) -> FloatArray:
    """Each rep's rate or mean level drawn towards the team's, for ranking. By the method of moments, which is fast.

    A rep's variance is at least that of one call in n that differs, since a dozen equal calls do not prove certainty.
    With fewer than two reps that have two calls, all get the team's mean.
    """
    counted = n > 0
    if not counted.any():
        return means.copy()
    calls = np.maximum(n, 1)
    prior = normal_prior(means, np.maximum(variances, (calls - 1) / calls**2), n, 2)
    if prior is None:
        return np.full(means.shape, np.average(means[counted], weights=n[counted]))
    return np.where(counted, expected_mean(prior, means, n)[0], prior.mean)


def rate_rise_p(prior: BetaPrior, before: Counts, n_before: Counts, now: Counts, n_now: Counts) -> FloatArray:
    """P(as many successes as now or more | baseline, nothing changed), for flat arrays: a beta-binomial tail."""
    columns = np.column_stack([before, n_before, now, n_now])
    cases, where = np.unique(columns, axis=0, return_inverse=True)
    tails = np.concatenate(
        [_beta_binomial_tail(prior, cases[at : at + _ROWS_AT_ONCE]) for at in range(0, len(cases), _ROWS_AT_ONCE)]
        or [np.zeros(0)]
    )
    return tails[where.reshape(-1)]


def mean_rise_p(prior: NormalPrior, before: FloatArray, n_before: Counts, now: FloatArray, n_now: Counts) -> FloatArray:
    """P(a mean as high as now or higher | baseline, nothing changed), with a normal spread; 1 without calls."""
    expected, spread = _next_mean(prior, before, n_before, n_now)
    return np.where((n_before > 0) & (n_now > 0), scipy.special.ndtr(-(now - expected) / spread), 1.0)


def most_by_luck(
    prior: NormalPrior, before: FloatArray, n_before: Counts, n_now: Counts, error: FloatArray
) -> FloatArray:
    """The mean above which `mean_rise_p` is at most `error`."""
    expected, spread = _next_mean(prior, before, n_before, n_now)
    return np.asarray(expected - scipy.special.ndtri(error) * spread)


def _next_mean(
    prior: NormalPrior, before: FloatArray, n_before: Counts, n_now: Counts
) -> tuple[FloatArray, FloatArray]:
    """Expected mean of the next calls if nothing changed, and its standard deviation."""
    expected, uncertain = expected_mean(prior, before, n_before)
    return expected, np.sqrt(uncertain + prior.within / np.maximum(n_now, 1))


def _beta_binomial_tail(prior: BetaPrior, cases: Counts) -> FloatArray:
    """The sum of the beta-binomial probabilities from `now` to `n_now`, for all cases (rows) at once.

    Every argument of the log gamma function is a whole number above 1, a, b or a + b, so four tables take its place.
    """
    before, n_before, now, n_now = (cases[:, at] for at in range(4))
    most = int((n_before + n_now).max(initial=0)) + 1
    plain, of_a, of_b, of_both = (
        np.asarray(scipy.special.gammaln(start + np.arange(most)))
        for start in (1.0, prior.a, prior.b, prior.a + prior.b)
    )
    missed = n_before - before
    terms = n_now - now + 1
    row = np.repeat(np.arange(len(cases)), terms)
    k = now[row] + np.arange(len(row)) - np.repeat(np.cumsum(terms) - terms, terms)
    left = n_now[row] - k
    log_p = of_a[before[row] + k] + of_b[missed[row] + left] - plain[k] - plain[left]
    log_p += (plain[n_now] - of_both[n_before + n_now] + of_both[n_before] - of_a[before] - of_b[missed])[row]
    return np.minimum(np.bincount(row, weights=np.exp(log_p), minlength=len(cases)), 1.0)
