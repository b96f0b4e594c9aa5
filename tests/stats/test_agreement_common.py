"""Every registered agreement statistic keeps the promises it is registered with."""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
import typing
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import agent.stats.agreement
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.stats.agreement import REGISTRY
from agent.stats.agreement.icc import icc
from agent.stats.agreement.registry import AgreementStatistic
from agent.stats.bootstrap import Resampling
from agent.stats.rating_table import MISSING, NOT_APPLICABLE, IntArray, Metric, RatingTable, rating_table
from tests.stats.promises import PROMISES

every = pytest.mark.parametrize("statistic", list(REGISTRY.values()), ids=list(REGISTRY))
seeds = st.integers(0, 2**32 - 1)
ORDERED: tuple[Metric, ...] = ("ordinal", "interval", "ratio")


def random_table(statistic: AgreementStatistic, seed: int, metrics: tuple[Metric, ...] = ORDERED) -> RatingTable:
    """A small table in which raters tend to agree, with gaps, n/a and now and then a constant column."""
    rng = np.random.default_rng(seed)
    levels = (1, 2, 4, 5)[: rng.integers(3, 5)]
    shape = (int(rng.integers(2, 12)), 2 if PROMISES[statistic.name].two_raters_only else int(rng.integers(2, 5)))
    truth = rng.integers(0, len(levels), size=(shape[0], 1))
    codes = np.where(rng.random(shape) < 0.6, truth, rng.integers(0, len(levels), size=shape))
    codes = np.where(rng.random(shape) < rng.choice([0, 0.3]), MISSING, codes)
    codes = np.where(rng.random(shape) < rng.choice([0, 0.2]), NOT_APPLICABLE, codes)
    return RatingTable(codes, levels, metrics[int(rng.integers(len(metrics)))])


def same(first: Statistic, second: Statistic) -> bool:
    if isinstance(first, Undefined) or isinstance(second, Undefined):
        return isinstance(first, Undefined) and isinstance(second, Undefined)
    return math.isclose(first.value, second.value, rel_tol=1e-9, abs_tol=1e-9) and first.n == second.n


def with_codes(table: RatingTable, codes: IntArray) -> RatingTable:
    return RatingTable(codes, table.levels, table.metric)


def with_unit(table: RatingTable, first_rating: int) -> RatingTable:
    """One more unit that only the first rater rated, or nobody."""
    unit = np.full((1, table.codes.shape[1]), MISSING)
    unit[0, 0] = first_rating
    return with_codes(table, np.vstack([table.codes, unit]))


def relabelled(table: RatingTable, order: list[int]) -> RatingTable:
    return with_codes(table, np.where(table.codes >= 0, np.array(order)[table.codes], table.codes))


def reversed_scale(table: RatingTable) -> RatingTable:
    q = len(table.levels)
    levels = tuple(sorted(6 - float(level) for level in table.levels))
    return RatingTable(np.where(table.codes >= 0, q - 1 - table.codes, table.codes), levels, table.metric)


def other_units(table: RatingTable) -> RatingTable:
    return RatingTable(table.codes, tuple(3 * float(level) + 2 for level in table.levels), table.metric)


def more_levels(table: RatingTable) -> RatingTable:
    """The same ratings on a scale that also has a 3, between 2 and 4, and a 6 at the end."""
    levels = sorted({*table.levels, 3, 6}, key=float)
    place = np.array([levels.index(level) for level in table.levels])
    return RatingTable(np.where(table.codes >= 0, place[table.codes], table.codes), tuple(levels), table.metric)


# promise -> how the table is changed, and on which scales the promise is given
CHANGES: dict[str, tuple[Callable[[RatingTable], RatingTable], tuple[Metric, ...]]] = {
    "relabelling": (lambda t: relabelled(t, [2, 0, 1, 3]), ("nominal",)),
    "reversal": (reversed_scale, ORDERED),
    "affine": (other_units, ORDERED),
    "unpaired_units": (lambda t: with_unit(t, 0), ORDERED),
    "unused_levels": (more_levels, ORDERED),
}
promises = [(s, change) for s in REGISTRY.values() for change in CHANGES if getattr(PROMISES[s.name], change)]
exceptions = [(s, change) for s in REGISTRY.values() for change in CHANGES if not getattr(PROMISES[s.name], change)]


def test_every_public_statistic_is_registered() -> None:
    public = set()
    for module in pkgutil.iter_modules(agent.stats.agreement.__path__):
        members = vars(importlib.import_module(f"agent.stats.agreement.{module.name}"))
        for name, function in members.items():
            if name.startswith("_") or not inspect.isfunction(function):
                continue
            hints, parameters = typing.get_type_hints(function), list(inspect.signature(function).parameters)
            if parameters[:2] == ["table", "resampling"] and hints["return"] == Statistic:
                public.add(function)
    assert len(public) >= 14
    assert public == {statistic.of for statistic in REGISTRY.values()}


@every
@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_a_result_is_at_most_one_with_an_ordered_interval(statistic: AgreementStatistic, seed: int) -> None:
    result = statistic(random_table(statistic, seed), Resampling(resamples=100))
    if isinstance(result, Undefined):
        assert result.undefined
        return
    assert result.value <= 1 + 1e-9
    assert result.n >= 1
    assert result.method
    if result.low is not None and result.high is not None:
        assert result.low <= result.high <= 1 + 1e-9
        assert result.low < 1


@every
@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_neither_the_order_of_units_nor_of_raters_matters(statistic: AgreementStatistic, seed: int) -> None:
    table, rng, few = random_table(statistic, seed), np.random.default_rng(seed), Resampling(resamples=100)
    assert statistic(with_codes(table, rng.permutation(table.codes)), few) == statistic(table, few)
    assert same(statistic(with_codes(table, rng.permutation(table.codes, axis=1)), None), statistic(table, None))


@every
@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_units_and_raters_without_ratings_change_nothing(statistic: AgreementStatistic, seed: int) -> None:
    table, few = random_table(statistic, seed), Resampling(resamples=100)
    assert statistic(with_unit(table, MISSING), few) == statistic(table, few)
    nobody = np.full((len(table.codes), 1), MISSING)
    assert statistic(with_codes(table, np.hstack([table.codes, nobody])), few) == statistic(table, few)


@pytest.mark.parametrize(("statistic", "change"), promises, ids=[f"{s.name}-{c}" for s, c in promises])
@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_a_promised_invariance_holds(statistic: AgreementStatistic, change: str, seed: int) -> None:
    changed, metrics = CHANGES[change]
    table = random_table(statistic, seed, metrics)
    assert same(statistic(changed(table), None), statistic(table, None))


@pytest.mark.parametrize(("statistic", "change"), exceptions, ids=[f"{s.name}-{c}" for s, c in exceptions])
def test_an_invariance_is_left_out_only_where_it_does_not_hold(statistic: AgreementStatistic, change: str) -> None:
    changed, metrics = CHANGES[change]
    for seed in range(300):
        table = random_table(statistic, seed, metrics)
        if change == "relabelling":  # positive and negative agreement exist on two nominal levels only
            table = RatingTable(np.minimum(table.codes, 1), (0, 1), "nominal")
            if not same(statistic(relabelled(table, [1, 0]), None), statistic(table, None)):
                return
        elif not same(statistic(changed(table), None), statistic(table, None)):
            return
    pytest.fail(f"{statistic.name} could promise {change}")


@every
@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_not_applicable_is_no_level(statistic: AgreementStatistic, seed: int) -> None:
    table = random_table(statistic, seed)
    if PROMISES[statistic.name].reads_applicability:
        q = len(table.levels)
        anything = np.random.default_rng(seed).integers(0, q, table.codes.shape)
        other = with_codes(table, np.where(table.codes >= 0, anything, table.codes))
    else:
        other = with_codes(table, np.where(table.codes == NOT_APPLICABLE, MISSING, table.codes))
    assert same(statistic(other, None), statistic(table, None))


def applying(statistic: AgreementStatistic, codes: IntArray) -> IntArray:
    """The codes; for statistics of applicability their lowest level turned into n/a."""
    return np.where(codes == 0, NOT_APPLICABLE, codes) if PROMISES[statistic.name].reads_applicability else codes


@every
def test_full_agreement_on_varied_units_is_one_with_an_honest_low_end(statistic: AgreementStatistic) -> None:
    column = np.array([0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
    codes = applying(statistic, np.column_stack([column, column]))
    result = statistic(RatingTable(codes, (1, 2, 3, 4, 5), "ratio"))
    assert isinstance(result, Estimate)
    assert result.value == pytest.approx(1)
    assert result.low is None or result.low < 0.95


@every
def test_ratings_at_random_agree_only_by_chance(statistic: AgreementStatistic) -> None:
    codes = np.random.default_rng(17).integers(0, 5, size=(4000, 2))
    result = statistic(RatingTable(applying(statistic, codes), (1, 2, 3, 4, 5), "interval"), None)
    assert isinstance(result, Estimate)
    assert (abs(result.value) < 0.06) == PROMISES[statistic.name].chance_corrected


@every
def test_two_raters_only_and_ordered_only_are_what_they_say(statistic: AgreementStatistic) -> None:
    rng = np.random.default_rng(2)
    three = RatingTable(applying(statistic, rng.integers(0, 5, size=(40, 3))), (1, 2, 3, 4, 5), "ratio")
    assert isinstance(statistic(three, None), Undefined) == PROMISES[statistic.name].two_raters_only
    nominal = RatingTable(applying(statistic, rng.integers(0, 2, size=(40, 2))), (0, 1), "nominal")
    assert isinstance(statistic(nominal, None), Undefined) == PROMISES[statistic.name].ordered_only


TOO_LITTLE = {
    "empty": np.zeros((0, 0), dtype=int),
    "no units": np.zeros((0, 2), dtype=int),
    "all missing": np.full((5, 3), MISSING),
    "all n/a": np.full((5, 3), NOT_APPLICABLE),
    "one rater": np.array([[0], [1], [2]]),
    "no overlap": np.array([[0, MISSING], [MISSING, 1], [2, MISSING]]),
    "one call": np.array([[0, 1]]),
    "one shared call": np.array([[0, 1], [2, MISSING], [MISSING, 1]]),
}


@every
def test_too_little_is_undefined_with_a_reason(statistic: AgreementStatistic) -> None:
    for name, codes in TOO_LITTLE.items():
        # three who all say n/a do agree on that; one call of them is still one call
        few = codes[:1] if PROMISES[statistic.name].reads_applicability and name == "all n/a" else codes
        for metric in ("nominal", *ORDERED):
            result = statistic(RatingTable(few, (1, 2, 3), metric))
            assert isinstance(result, Undefined), (name, metric)
            assert result.undefined, (name, metric)


@every
def test_constant_ratings_are_never_agreement_beyond_chance(statistic: AgreementStatistic) -> None:
    codes = applying(statistic, np.zeros((12, 2), dtype=int))
    result = statistic(RatingTable(codes, (1, 2, 3, 4, 5), "interval"))
    if PROMISES[statistic.name].chance_corrected:
        assert isinstance(result, Undefined)
        assert "same level" in result.undefined
    elif statistic.name != "positive_agreement":  # nobody said that it is there
        assert isinstance(result, Estimate)
        assert result.value == 1


def test_a_rater_who_met_nobody_is_not_asked_of_an_icc() -> None:
    together = rating_table([[1, 2, None], [4, 3, None], [2, 2, None]], (1, 2, 3, 4), "interval")
    with_stranger = rating_table([[1, 2, None], [4, 3, None], [2, 2, None], [None, None, 3]], (1, 2, 3, 4), "interval")
    for form in ("1", "2", "3"):
        assert same(icc(with_stranger, None, form), icc(together, None, form))
