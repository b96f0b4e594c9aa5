"""Intervals for proportions against published values."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from agent.core.statistic import Estimate, Undefined
from agent.stats.intervals import (
    clopper_pearson,
    exact_lower_bound,
    exact_upper_bound,
    newcombe_ends,
    newcombe_paired,
    wilson,
)


def ends(statistic: object) -> tuple[float, float]:
    assert isinstance(statistic, Estimate)
    assert statistic.low is not None
    assert statistic.high is not None
    return statistic.low, statistic.high


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"), [(8, 10, 0.4439, 0.9748), (0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0)]
)
def test_clopper_pearson_as_in_textbooks(successes: int, n: int, low: float, high: float) -> None:
    assert ends(clopper_pearson(successes, n)) == pytest.approx((low, high), abs=5e-5)


# Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3
@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published(successes: int, n: int, low: float, high: float) -> None:
    assert ends(wilson(successes, n)) == pytest.approx((low, high), abs=5e-5)


# Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10
@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_newcombe_difference_as_published(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    counts = [np.array([count]) for count in (*second, *first)]
    found = [float(end[0]) for end in newcombe_ends(*counts, float(ndtri(0.975)))]
    assert found == pytest.approx([low, high], abs=5e-5)


# Newcombe 1998, Statistics in Medicine 17:2635-2650, table III, method 10
@pytest.mark.parametrize(
    ("cells", "low", "high"), [((36, 12, 2, 0), 0.0569, 0.3404), ((18, 12, 2, 18), 0.0562, 0.3290)]
)
def test_newcombe_paired_as_published(cells: tuple[int, int, int, int], low: float, high: float) -> None:
    assert ends(newcombe_paired(*cells)) == pytest.approx((low, high), abs=1e-4)


def test_nothing_counted_is_undefined() -> None:
    for result in (clopper_pearson(0, 0), wilson(0, 0), newcombe_paired(0, 0, 0, 0)):
        assert isinstance(result, Undefined)
        assert result.undefined


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        clopper_pearson(3, 2)
    with pytest.raises(ValueError, match="negative"):
        newcombe_paired(-1, 2, 3, 4)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))), st.floats(0.001, 0.2))
def test_exact_bound_is_where_the_tail_has_the_error(count: tuple[int, int], error: float) -> None:
    successes, n = count
    p = exact_lower_bound(successes, n, error)
    tail = sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(successes, n + 1))
    assert tail == pytest.approx(error, rel=1e-6)
    assert exact_upper_bound(n - successes, n, error) == pytest.approx(1 - p)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_hold_the_value_and_the_exact_one_is_wider_than_a_point(count: tuple[int, int]) -> None:
    for statistic in (clopper_pearson(*count), wilson(*count)):
        low, high = ends(statistic)
        assert isinstance(statistic, Estimate)
        assert 0 <= low <= statistic.value + 1e-12
        assert statistic.value <= high + 1e-12 <= 1 + 2e-12
        assert low < high


@given(st.tuples(*[st.integers(0, 40)] * 4).filter(any))
def test_swapping_the_two_sides_turns_the_interval_round(cells: tuple[int, int, int, int]) -> None:
    both, first, second, neither = cells
    low, high = ends(newcombe_paired(both, first, second, neither))
    assert ends(newcombe_paired(both, second, first, neither)) == pytest.approx((-high, -low), abs=1e-12)
