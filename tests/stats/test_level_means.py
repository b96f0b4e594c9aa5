"""Means on ordered levels: intervals that cover, and p values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from agent.stats.level_means import level_means, rise_p

LEVELS = np.arange(1.0, 6.0)
groups = st.lists(st.lists(st.integers(0, 9), min_size=5, max_size=5), min_size=1, max_size=6)


@given(groups)
def test_intervals_hold_the_mean_and_stay_on_the_scale(counts: list[list[int]]) -> None:
    means = level_means(np.array(counts), LEVELS, 0.95)
    assert (means.low <= means.mean).all()
    assert (means.mean <= means.high).all()
    assert means.low.min() >= 1
    assert means.high.max() <= 5
    some = means.n > 0
    np.testing.assert_allclose(means.mean[some], (np.array(counts) @ LEVELS)[some] / means.n[some])


@given(groups)
def test_turning_the_scale_over_mirrors_the_interval(counts: list[list[int]]) -> None:
    there = level_means(np.array(counts), LEVELS, 0.95)
    back = level_means(np.array(counts)[:, ::-1], LEVELS, 0.95)
    some = there.n > 0
    np.testing.assert_allclose(there.low[some], 6 - back.high[some], atol=1e-9)
    np.testing.assert_allclose(there.variance[some], back.variance[some], atol=1e-9)


@given(groups, groups)
def test_a_group_does_not_depend_on_its_company(first: list[list[int]], second: list[list[int]]) -> None:
    alone, together = (level_means(np.array(c), LEVELS, 0.95) for c in (first, first + second))
    np.testing.assert_allclose(alone.low, together.low[: len(first)], atol=1e-9)
    np.testing.assert_allclose(alone.high, together.high[: len(first)], atol=1e-9)


@pytest.mark.parametrize(
    "shares",
    [
        [0.2] * 5,
        [0.02, 0.03, 0.05, 0.2, 0.7],
        [0.375, 0, 0, 0, 0.625],
        [0.05, 0.2, 0.5, 0.2, 0.05],
        [0, 0, 0, 0.1, 0.9],
    ],
)
@pytest.mark.parametrize("calls", [8, 12, 20, 40])
def test_intervals_cover_what_they_claim(shares: list[float], calls: int) -> None:
    counts = np.random.default_rng(calls).multinomial(calls, shares, 4000)
    means = level_means(counts, LEVELS, 0.95)
    truth = float(np.array(shares) @ LEVELS)
    assert np.mean((means.low <= truth) & (truth <= means.high)) >= 0.93


def test_equal_ratings_are_not_certainty() -> None:
    means = level_means(np.array([[0, 0, 12, 0, 0], [0, 0, 3, 0, 0]]), LEVELS, 0.95)
    assert (means.low < 3).all()
    assert (means.high > 3).all()
    assert means.high[1] - means.low[1] > means.high[0] - means.low[0]
    assert (means.variance > 0).all()


def test_no_call_gives_the_whole_scale() -> None:
    means = level_means(np.zeros((1, 5), dtype=np.int64), LEVELS, 0.95)
    assert (means.low[0], means.high[0]) == (1.0, 5.0)
    assert rise_p(means, means)[0] == 1.0


def test_p_is_welchs() -> None:
    first, second = np.array([[4, 3, 2, 1, 0]]), np.array([[1, 2, 4, 5, 2]])
    values = [np.repeat(LEVELS, counts[0]) for counts in (first, second)]
    expected = ttest_ind(values[1], values[0], equal_var=False, alternative="greater").pvalue
    assert rise_p(*(level_means(c, LEVELS, 0.95) for c in (first, second)))[0] == pytest.approx(expected)
