"""Means of units with t intervals: right, and as wide as they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_1samp, ttest_ind

from agent.core.statistic import Estimate, Undefined
from agent.stats.means import change_of_means, mean_of_units


def test_the_intervals_are_those_of_scipy() -> None:
    rng = np.random.default_rng(1)
    before, now = rng.normal(0, 1, 9), rng.normal(1, 2, 14)
    one, two = mean_of_units(now, "x"), change_of_means(before, now, "x")
    expected = ttest_1samp(now, 0).confidence_interval(), ttest_ind(now, before, equal_var=False).confidence_interval()
    for found, ends in zip((one, two), expected, strict=True):
        assert isinstance(found, Estimate)
        assert (found.low, found.high) == pytest.approx((ends.low, ends.high))


def test_equal_units_show_no_uncertainty_and_no_unit_no_mean() -> None:
    for found in (mean_of_units([2.0, 2.0], "x"), mean_of_units([1.0], "x"), change_of_means([1.0], [2.0, 3.0], "x")):
        assert isinstance(found, Estimate)
        assert found.low is None
        assert "withheld" in found.method
    assert isinstance(mean_of_units([], "x"), Undefined)
    assert isinstance(change_of_means([], [1.0], "x"), Undefined)
    with pytest.raises(ValueError, match="finite"):
        mean_of_units([float("nan")], "x")


@pytest.mark.parametrize("calls", [8, 16, 40])
def test_leniency_over_seven_criteria_is_covered(calls: int) -> None:
    rng, covered = np.random.default_rng(calls), []
    for _ in range(1000):
        values = (rng.random((calls, 7)) < 0.15).sum(axis=1) / 7 - (rng.random((calls, 7)) < 0.08).sum(axis=1) / 7
        found = mean_of_units(values, "x")
        if isinstance(found, Estimate) and found.low is not None and found.high is not None:
            covered.append(found.low <= 0.07 <= found.high)
    assert 0.925 <= np.mean(covered) <= 0.975
