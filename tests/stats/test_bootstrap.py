"""The percentile bootstrap: coverage, seeds, and what happens where a resample is undefined."""

from __future__ import annotations

import numpy as np
import pytest

from agent.core.statistic import Estimate, Statistic, interval_words
from agent.stats.bootstrap import FloatArray, Resampling, UnitSums, estimate, resampled


def bootstrap_mean(values: np.ndarray | list[float], resampling: Resampling) -> Statistic:
    """The mean of one number a unit, as a fraction of sums."""
    array = np.asarray(values, dtype=float)
    rows = np.column_stack([array, np.ones_like(array)])
    sums = UnitSums(rows, lambda totals: (totals[:, 0], totals[:, 1]), array.size, "mean", "no values")
    return estimate(sums, resampling)


def test_a_seed_gives_the_same_interval_and_another_seed_another() -> None:
    values = np.random.default_rng(3).normal(size=50)
    first, again, other = (bootstrap_mean(values, Resampling(seed=seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_interval_does_not_depend_on_the_order_of_the_units() -> None:
    values = np.random.default_rng(3).normal(size=50)
    assert bootstrap_mean(values, Resampling()) == bootstrap_mean(values[::-1], Resampling())


def test_the_interval_of_a_mean_is_about_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(5).normal(size=400)
    result = bootstrap_mean(values, Resampling(resamples=4000))
    assert isinstance(result, Estimate)
    assert result.low is not None
    assert result.high is not None
    half = 1.96 * float(values.std()) / 20
    assert (result.low, result.high) == pytest.approx((result.value - half, result.value + half), abs=0.15 * half)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng, covered = np.random.default_rng(11), 0
    for _ in range(400):
        result = bootstrap_mean(rng.normal(size=40), Resampling(resamples=400))
        assert isinstance(result, Estimate)
        assert result.low is not None
        assert result.high is not None
        covered += result.low <= 0 <= result.high
    assert 0.90 <= covered / 400 <= 0.97


def test_every_resample_draws_as_many_units_as_there_are() -> None:
    rows = np.column_stack([np.arange(7.0), np.ones(7)])
    counts = resampled(rows, lambda totals: (totals[:, 1], np.ones(len(totals))), Resampling(resamples=500))
    assert counts.shape == (500,)
    assert set(counts.tolist()) == {7.0}


def test_all_units_equal_leaves_no_interval_and_says_why() -> None:
    result = bootstrap_mean([2.0, 2.0, 2.0], Resampling())
    assert isinstance(result, Estimate)
    assert (result.value, result.low) == (2.0, None)
    assert "withheld" in result.method


def test_one_value_has_no_interval() -> None:
    one = bootstrap_mean([1.5], Resampling())
    assert isinstance(one, Estimate)
    assert one.low is None


def _share_of_marked(marked: int, units: int) -> UnitSums:
    """0.5 where at least one marked unit was drawn, else undefined: undefined in about (1 - marked/units)^units."""
    rows = np.column_stack([np.arange(units) < marked, np.linspace(1, 2, units)]).astype(float)

    def fraction(totals: FloatArray) -> tuple[FloatArray, FloatArray]:
        return totals[:, 1], np.where(totals[:, 0] > 0, units, 0)

    return UnitSums(rows, fraction, units, "mean of marked draws", "nothing marked")


def test_few_undefined_resamples_widen_the_interval() -> None:
    sums = _share_of_marked(marked=9, units=20)  # undefined in about 0.55^20 = 0.0006 %
    rarely = _share_of_marked(marked=4, units=20)  # undefined in about 0.8^20 = 1.2 %
    plain, widened = estimate(sums, Resampling()), estimate(rarely, Resampling())
    assert isinstance(plain, Estimate)
    assert isinstance(widened, Estimate)
    assert plain.low is not None
    assert widened.low is not None
    assert plain.high is not None
    assert widened.high is not None
    assert widened.low <= plain.low
    assert widened.high >= plain.high
    assert "undefined in" in widened.method


def test_many_undefined_resamples_withhold_the_interval() -> None:
    result = estimate(_share_of_marked(marked=1, units=20), Resampling())  # undefined in about 0.95^20 = 36 %
    assert isinstance(result, Estimate)
    assert result.low is None
    assert "withheld: undefined in 3" in result.method


@pytest.mark.parametrize("wrong", [{"resamples": 99}, {"seed": -1}, {"confidence": 1.0}])
def test_senseless_resampling_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="resamples"):
        Resampling(**wrong)  # type: ignore[arg-type]


def test_an_interval_of_few_units_is_called_rough_and_one_of_many_is_not() -> None:
    few, many = (np.random.default_rng(3).normal(size=size) for size in (40, 400))
    rough, sure = bootstrap_mean(few, Resampling()), bootstrap_mean(many, Resampling())
    assert isinstance(rough, Estimate)
    assert isinstance(sure, Estimate)
    assert interval_words(rough, "{:.1f}".format).startswith("roughly ")
    assert not interval_words(sure, "{:.1f}".format).startswith("roughly ")
