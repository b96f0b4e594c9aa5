"""Won against lost: does a behavior go with one outcome, and what is the verdict worth?

With nine interviews a side no single pattern survives a correction over a dozen, so the verdict rests on the
probability that the behavior is more frequent on one side, and stands beside what chance alone would have named.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
import scipy
from numpy.typing import NDArray
from pydantic import Field

from agent.core.base import Frozen
from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.stats.intervals import wilson
from agent.stats.multiplicity import holm

GUIDE_SHARE = 0.60  # "specific behaviors that appear in at least 60 % of an outcome group"
DISTINGUISHING = 0.975
LEANING = 0.90
LEAST_INTERVIEWS = 5  # a side; below it 60 % is three voices
_NODES = 128
_ROUNDING = 1e-7  # above the quadrature error, far below the distance of two attainable probabilities
_FALSE_RATE = 0.05
_SUREST = 0.9999  # for an interval where no probability would do
_HALVINGS = 16  # ends to a thirtieth of a thousandth; the first step is at 0, so the sign is exact
_PRIOR = 1.4  # of a pattern's log odds ratio: chosen by the true power it gives (docs/method/verdicts.md)
_BASE_RATES = tuple(float(rate) for rate in np.linspace(0.02, 0.5, 25))


PatternVerdict = Literal[
    "distinguishing won", "distinguishing lost", "leaning won", "leaning lost", "common", "too few"
]


class Prevalence(Frozen):
    """In how many interviews of one outcome the behavior is present."""

    count: int = Field(ge=0)
    of: int = Field(ge=0)
    rate: Statistic


class Contrast(Frozen):
    """Won interviews compared with lost ones. `probability_won` is P(rate won > rate lost), each a binomial with a
    Jeffreys prior.

    The interval of the difference is the one that decides: it excludes 0 exactly if that probability is as high as
    `distinguishing` asks for at these numbers of interviews.
    """

    difference: Statistic
    probability_won: float
    p: float
    p_holm: float


def prevalence(count: int, of: int) -> Prevalence:
    """`count` of `of` interviews, with Wilson's interval."""
    return Prevalence(count=count, of=of, rate=wilson(count, of))


def probability_greater(
    count_1: int | NDArray[Any], n_1: int, count_2: int | NDArray[Any], n_2: int, by: float = 0.0
) -> NDArray[np.float64]:
    """P(rate 1 > rate 2 + `by`) for two binomial counts, each rate with the Jeffreys prior Beta(1/2, 1/2).

    The integral of F2(F1^-1(u) - by) over u in (0, 1) by Gauss-Legendre quadrature, F the posteriors' distribution
    functions. Arrays of counts broadcast. The error is below 1e-4 for n up to 200 (tested against the complement).
    """
    rate, weight = _posterior_nodes(count_1, n_1)
    second = np.asarray(count_2, float)[..., None]
    result: NDArray[np.float64] = (
        scipy.special.betainc(second + 0.5, n_2 - second + 0.5, np.clip(rate - by, 0.0, 1.0)) * weight
    ).sum(axis=-1)
    return result


def _posterior_nodes(count: int | NDArray[Any], n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Quadrature nodes of the posterior distribution of a rate, (..., nodes), and their weights."""
    nodes, weights = _quadrature()
    # u = 3t^2 - 2t^3 puts more nodes at the ends, where the quantile function bends.
    t = (nodes + 1) / 2
    first = np.asarray(count, float)[..., None]
    rate: NDArray[np.float64] = scipy.special.betaincinv(first + 0.5, n - first + 0.5, t * t * (3 - 2 * t))
    return rate, 6 * t * (1 - t) * weights / 2


@cache
def difference(counts: "Counts") -> Statistic:
    """The share of won interviews minus that of lost ones, with the interval that decides `distinguishing`: equal
    tails of the difference's distribution under Jeffreys priors."""
    n = counts.won_of + counts.lost_of
    if not counts.won_of or not counts.lost_of:
        return Undefined(
            undefined=N_("nothing was counted in the lost group")
            if counts.won_of
            else N_("nothing was counted in the won group"),
            n=n,
        )
    value = counts.won / counts.won_of - counts.lost / counts.lost_of
    few = min(counts.won_of, counts.lost_of) < LEAST_INTERVIEWS
    needed = DISTINGUISHING if few else min(bar(counts.won_of, counts.lost_of), _SUREST)
    low, high = (_end_by_halving(counts, asked) for asked in (needed - _ROUNDING, 1 - needed + _ROUNDING))
    return Estimate(
        value=value,
        n=n,
        low=min(low, value),
        high=max(high, value),
        confidence=2 * needed - 1,
        method="difference of independent shares; equal tails under Jeffreys priors, as sure as a name takes",
    )


def _end_by_halving(counts: "Counts", asked: float) -> float:
    """The difference that is exceeded with the probability `asked`, found by halving."""
    low, high = -1.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        beyond = float(probability_greater(counts.won, counts.won_of, counts.lost, counts.lost_of, middle))
        low, high = (middle, high) if beyond >= asked else (low, middle)
    return (low + high) / 2  # never 0 itself


@cache
def _quadrature() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return nodes, weights


def fisher_p(count_1: int, n_1: int, count_2: int, n_2: int) -> float:
    """Two-sided p of Fisher's exact test; 1.0 where a side has no interviews."""
    if n_1 == 0 or n_2 == 0:
        return 1.0

    # scipy adds up to a hair above 1 where every table is as likely.
    return min(float(scipy.stats.fisher_exact([[count_1, n_1 - count_1], [count_2, n_2 - count_2]])[1]), 1.0)


@dataclass(frozen=True)
class Counts:
    """In how many won and lost interviews a behavior is present."""

    won: int
    won_of: int
    lost: int
    lost_of: int


def contrasts(counts: Sequence[Counts]) -> list[Contrast]:
    """The contrast of each pattern; Holm's correction runs over all of them."""
    adjusted = holm([fisher_p(c.won, c.won_of, c.lost, c.lost_of) for c in counts]).tolist()
    return [
        Contrast(
            difference=difference(c),
            probability_won=float(probability_greater(c.won, c.won_of, c.lost, c.lost_of)),
            p=fisher_p(c.won, c.won_of, c.lost, c.lost_of),
            p_holm=p_holm,
        )
        for c, p_holm in zip(counts, adjusted, strict=True)
    ]


def verdict(counts: Counts, probability_won: float) -> PatternVerdict:
    """What may be said of a pattern.

    A behavior above the guide's 60 % on both sides explains nothing, however sure the difference: `common`, as is one
    with no clear difference. `distinguishing` needs the guide's share on that side and a probability at the bar.
    """
    if min(counts.won_of, counts.lost_of) < LEAST_INTERVIEWS:
        return "too few"
    won, lost = counts.won / counts.won_of, counts.lost / counts.lost_of
    if won >= GUIDE_SHARE and lost >= GUIDE_SHARE:
        return "common"
    needed = bar(counts.won_of, counts.lost_of)
    if probability_won >= needed - _ROUNDING and won >= GUIDE_SHARE:
        return "distinguishing won"
    if probability_won <= 1 - needed + _ROUNDING and lost >= GUIDE_SHARE:
        return "distinguishing lost"
    if probability_won >= LEANING:
        return "leaning won"
    return "leaning lost" if probability_won <= 1 - LEANING else "common"


@dataclass(frozen=True)
class _Tables:
    """For all pairs of counts at given numbers of interviews: the probability of the side that reaches the guide's
    share, 0 if no side does."""

    won_of: int
    lost_of: int
    strength: NDArray[np.float64]

    def false_rate(self, base_rate: float, needed: float) -> float:
        won = scipy.stats.binom.pmf(np.arange(self.won_of + 1), self.won_of, base_rate)
        lost = scipy.stats.binom.pmf(np.arange(self.lost_of + 1), self.lost_of, base_rate)
        return float(won @ (self.strength >= needed - _ROUNDING) @ lost)


@cache
def _tables(won_of: int, lost_of: int) -> _Tables:
    won, lost = np.meshgrid(np.arange(won_of + 1), np.arange(lost_of + 1), indexing="ij")
    probability = probability_greater(won, won_of, lost, lost_of)
    high_won, high_lost = won / won_of >= GUIDE_SHARE, lost / lost_of >= GUIDE_SHARE
    strength = np.where(high_won & ~high_lost, probability, 0.0)
    return _Tables(won_of, lost_of, np.where(high_lost & ~high_won, 1 - probability, strength))


@cache
def bar(won_of: int, lost_of: int) -> float:
    """The probability that `distinguishing` needs: .975, and more at numbers of interviews where .975 is too easy.

    Counts are few, so the rule's rate of false names jumps with their number (6.2 % at 5 against 5). The bar is raised
    from one attainable probability to the next until no common rate up to one half gives more than 5 %.
    """
    tables = _tables(won_of, lost_of)
    steps = np.unique(tables.strength[tables.strength >= DISTINGUISHING])
    for needed in [DISTINGUISHING, *(float(s) for s in steps)]:
        if max(tables.false_rate(rate, needed) for rate in _BASE_RATES) <= _FALSE_RATE:
            return needed
    return float("inf")


def false_naming_rate(base_rate: float, won_of: int, lost_of: int) -> float:
    """How often a behavior with the same true rate on both sides is called distinguishing: exact, by enumeration."""
    if min(won_of, lost_of) < LEAST_INTERVIEWS:
        return 0.0
    return _tables(won_of, lost_of).false_rate(base_rate, bar(won_of, lost_of))


def expected_false(counts: Sequence[Counts]) -> Estimate:
    """How many of these patterns chance alone would name if none made a difference; `n` counts the patterns.

    Each pattern's common rate is estimated by its pooled share (c + 1/2) / (n + 1).
    """
    total = sum(
        false_naming_rate((c.won + c.lost + 0.5) / (c.won_of + c.lost_of + 1), c.won_of, c.lost_of) for c in counts
    )
    return Estimate(value=total, n=len(counts), method="exact enumeration at each pattern's pooled rate")


def expected_leaning(counts: Sequence[Counts]) -> Estimate:
    """How many of these patterns chance alone would call leaning if none made a difference; `n` counts the patterns.

    Computed by exact enumeration at each pattern's pooled share, as in `expected_false`.
    """
    total = 0.0
    for c in counts:
        if min(c.won_of, c.lost_of) >= LEAST_INTERVIEWS:
            share = (c.won + c.lost + 0.5) / (c.won_of + c.lost_of + 1)
            won = scipy.stats.binom.pmf(np.arange(c.won_of + 1), c.won_of, share)
            lost = scipy.stats.binom.pmf(np.arange(c.lost_of + 1), c.lost_of, share)
            total += float(won @ _leaning(c.won_of, c.lost_of) @ lost)
    return Estimate(value=total, n=len(counts), method="exact enumeration at each pattern's pooled rate")


@cache
def _leaning(won_of: int, lost_of: int) -> NDArray[np.bool_]:
    """Whether `verdict` is `leaning`, for each pair of counts: (won_of + 1, lost_of + 1)."""
    won, lost = np.meshgrid(np.arange(won_of + 1), np.arange(lost_of + 1), indexing="ij")
    probability = probability_greater(won, won_of, lost, lost_of)
    verdicts = [
        verdict(Counts(int(w), won_of, int(n), lost_of), float(p))
        for w, n, p in zip(won.flat, lost.flat, probability.flat, strict=True)
    ]
    return np.array([v.startswith("leaning") for v in verdicts]).reshape(won.shape)


def interviews_to_confirm(counts: Counts, patterns: int, power: float = 0.80, alpha: float = 0.05) -> int | None:
    """Interviews a side at which such a difference could survive Bonferroni over `patterns`, with `power`.

    The difference seen is among the largest of many and therefore too large: `shrunken_rates` are used. The true power
    at the number given is at least 80 % where the true rates are .7 and .3 or farther apart, 61 % at .6 and .3 (at the
    plain rates it was 74, 39 and 18 %: docs/method/verdicts.md). Fleiss, Levin and Paik (2003), Statistical Methods for
    Rates and Proportions, eq. 4.14. None where the rates are equal.
    """
    won, lost = shrunken_rates(counts)
    if won == lost:
        return None
    pooled = (won + lost) / 2
    z_alpha, z_power = scipy.stats.norm.isf(alpha / max(1, patterns) / 2), scipy.stats.norm.isf(1 - power)
    spread = z_alpha * math.sqrt(2 * pooled * (1 - pooled)) + z_power * math.sqrt(won * (1 - won) + lost * (1 - lost))
    return math.ceil(float(spread**2 / (won - lost) ** 2))


def shrunken_rates(counts: Counts) -> tuple[float, float]:
    """Both rates with their log odds drawn towards each other, as if the log odds ratio had a normal prior around 0
    with standard deviation 1.4 (two in three odds ratios lie between 1/4 and 4)."""
    cells = [counts.won, counts.won_of - counts.won, counts.lost, counts.lost_of - counts.lost]
    yes_won, no_won, yes_lost, no_lost = (cell + 0.5 for cell in cells)
    won, lost = math.log(yes_won / no_won), math.log(yes_lost / no_lost)
    error = 1 / yes_won + 1 / no_won + 1 / yes_lost + 1 / no_lost
    half = (won - lost) / 2 * _PRIOR**2 / (_PRIOR**2 + error)
    middle = (won + lost) / 2
    return 1 / (1 + math.exp(-middle - half)), 1 / (1 + math.exp(-middle + half))
