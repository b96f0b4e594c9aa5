"""Intervals of whole tables: the same numbers as one at a time, and p values that fit the intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import betabinom

from agent.core.statistic import Estimate
from agent.stats.intervals import (
    clopper_pearson,
    exact_ends,
    newcombe_ends,
    newcombe_rise_p,
    wilson,
    wilson_ends,
)
from agent.stats.multiplicity import holm
from agent.stats.shrinkage import BetaPrior, beta_prior, expected_rate, normal_prior, rate_rise_p

counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
Z = float(ndtri(0.975))


def ends(statistic: object) -> tuple[float, float]:
    assert isinstance(statistic, Estimate)
    assert statistic.low is not None
    assert statistic.high is not None
    return statistic.low, statistic.high


@given(st.lists(counts, min_size=1, max_size=8))
def test_tables_and_single_intervals_agree(pairs: list[tuple[int, int]]) -> None:
    x, n = np.array(pairs).T
    for table, single in ((wilson_ends(x, n, Z), wilson), (exact_ends(x, n, 0.95), clopper_pearson)):
        expected = np.array([ends(single(*pair)) for pair in pairs]).T
        np.testing.assert_allclose(table, expected, atol=1e-12)


@given(counts, counts)
def test_the_p_of_a_rise_is_where_the_interval_touches_zero(first: tuple[int, int], second: tuple[int, int]) -> None:
    columns = [np.array([value]) for value in (*first, *second)]
    p = float(newcombe_rise_p(*columns)[0])
    if second[0] / second[1] <= first[0] / first[1]:
        assert p == 1.0
        return
    at = -float(ndtri(p))
    assert newcombe_ends(*columns, at * 0.999)[0][0] > 0 > newcombe_ends(*columns, at * 1.001 + 1e-9)[0][0]


def test_nothing_counted_decides_nothing() -> None:
    none, n = np.array([0]), np.array([0])
    for low, high in (wilson_ends(none, n, Z), exact_ends(none, n, 0.95)):
        assert (low[0], high[0]) == (0.0, 1.0)
    assert newcombe_rise_p(none, n, np.array([5]), np.array([5]))[0] == 1.0


def step_down(p: list[float]) -> list[float]:
    """Holm as he wrote it: the smallest p times all, the next times all but one, never below the one before."""
    adjusted, highest = [0.0] * len(p), 0.0
    for place, at in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        highest = max(highest, min(1.0, p[at] * (len(p) - place)))
        adjusted[at] = highest
    return adjusted


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.integers(1, 4), st.randoms(use_true_random=False))
def test_holm_in_families_is_holm_in_each(p: list[float], families: int, random) -> None:  # type: ignore[no-untyped-def]
    group = [random.randrange(families) for _ in p]
    adjusted = holm(p, group)
    for family in set(group):
        own = [at for at, g in enumerate(group) if g == family]
        np.testing.assert_allclose(adjusted[own], step_down([p[at] for at in own]), atol=1e-15)
    assert (adjusted >= np.array(p)).all()


@pytest.mark.slow  # statsmodels takes seconds to import
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_that_of_statsmodels(p: list[float]) -> None:
    from statsmodels.stats.multitest import multipletests

    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], atol=1e-15)


def test_holm_refuses_what_is_no_p() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.2, 1.5])


@given(st.floats(0.2, 20), st.floats(0.2, 20), counts, counts)
def test_the_tail_of_what_to_expect_is_the_beta_binomial_one(
    a: float, b: float, before: tuple[int, int], now: tuple[int, int]
) -> None:
    p = rate_rise_p(BetaPrior(a, b, 10), *(np.array([value]) for value in (*before, *now)))
    expected = betabinom.sf(now[0] - 1, now[1], a + before[0], b + before[1] - before[0])
    np.testing.assert_allclose(p, expected, atol=1e-9)


def test_the_spread_of_reps_is_found_again() -> None:
    rng = np.random.default_rng(4)
    n = np.full(3000, 20)
    prior = beta_prior(rng.binomial(n, rng.beta(2, 6, 3000)), n, 6)
    assert prior is not None
    assert prior.a == pytest.approx(2, rel=0.15)
    assert prior.b == pytest.approx(6, rel=0.15)
    level = normal_prior(rng.normal(3, 0.5, 3000) + rng.normal(0, 0.25, 3000), np.full(3000, 1.0), np.full(3000, 16), 6)
    assert level is not None
    assert level.between**0.5 == pytest.approx(0.5, rel=0.1)


def test_reps_who_are_all_alike_shrink_to_the_team() -> None:
    x, n = np.full(10, 6), np.full(10, 12)
    prior = beta_prior(x, n, 6)
    assert prior is not None
    assert expected_rate(prior, np.array([0]), np.array([12]))[0] > 0.45
    assert beta_prior(x[:5], n[:5], 6) is None


@pytest.mark.parametrize(("reps", "a", "b"), [(20, 2, 2), (18, 1.6, 14), (8, 2, 3)])
def test_a_rep_picked_as_the_worst_rises_by_as_much_as_announced(reps: int, a: float, b: float) -> None:
    """Regression to the mean without any change: 150 teams, their worst rep's true rate against what was announced."""
    rng = np.random.default_rng(7)
    rises, announced = [], []
    for _ in range(150):
        rate, n = rng.beta(a, b, reps), np.full(reps, 12)
        x = rng.binomial(n, rate)
        prior, worst = beta_prior(x, n, 6), int(np.argmin(x))
        assert prior is not None
        rises.append(rate[worst] - x[worst] / 12)
        announced.append(float(expected_rate(prior, x, n)[worst]) - x[worst] / 12)
    assert np.mean(rises) > 0.03
    assert np.mean(announced) == pytest.approx(np.mean(rises), abs=0.03)
