"""Verdicts on criteria: what passes, what only looks like it, and the error over several rounds."""

from __future__ import annotations

import subprocess
import sys
from math import comb
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agent.core.scale import BINARY, SCALES, Scale
from agent.core.statistic import Estimate, Undefined
from agent.stats.rating_table import NOT_APPLICABLE, RatingTable
from agent.stats.reliability import (
    Reliability,
    Thresholds,
    agreements_needed,
    criterion_agreement,
    judge,
    least_calls_to_pass,
)

ROOT = Path(__file__).resolve().parents[2]
THRESHOLDS = Thresholds.model_validate(
    yaml.safe_load((ROOT / "config" / "calibration.yaml").read_text(encoding="utf-8"))
)


def table_of(rows: list[list[int]], scale: Scale = BINARY) -> RatingTable:
    return RatingTable(np.array(rows), scale.levels, scale.metric)


def verdict(rows: list[list[int]], scale: Scale = BINARY, round_number: int = 1) -> Reliability:
    return judge(table_of(rows, scale), scale, THRESHOLDS, round_number=round_number)


def test_sixteen_of_sixteen_with_both_levels_passes() -> None:
    found = verdict([[0, 0], [1, 1]] * 8)
    assert found.verdict == "passed"
    assert found.reasons == ()
    assert found.lower_bound == pytest.approx(0.015 ** (1 / 16))
    assert found.raters == 2


def test_full_agreement_on_eight_calls_is_provisional_and_says_how_many_are_needed() -> None:
    found = verdict([[0, 0], [1, 1]] * 4)
    assert found.verdict == "provisional"
    assert "at least 15 calls are needed in round 1" in found.reasons[0]
    assert found.calls_to_pass == 15


def test_full_agreement_on_one_level_only_is_provisional() -> None:
    found = verdict([[1, 1]] * 60)
    assert found.verdict == "provisional"
    assert isinstance(found.chance_corrected, Undefined)
    assert any("two raters put at 0" in reason for reason in found.reasons)
    assert any("cannot be computed" in reason for reason in found.reasons)


def test_one_raters_slip_does_not_show_an_end_of_the_scale() -> None:
    found = verdict([[1, 1]] * 60 + [[0, 1]])
    assert found.verdict in ("provisional", "failed")
    assert found.verdict != "passed"
    both = verdict([[1, 1]] * 60 + [[0, 1]] + [[0, 0]] * 20)
    assert both.verdict == "passed"


def test_below_85_percent_fails() -> None:
    found = verdict([[0, 0], [1, 1]] * 4 + [[0, 1]] * 2)
    assert found.verdict == "failed"
    assert "80.0% on 10 calls" in found.reasons[0]


def test_exactly_85_percent_is_reached() -> None:
    assert verdict([[0, 0]] * 9 + [[1, 1]] * 8 + [[0, 1]] * 3).verdict == "provisional"


def test_agreement_that_only_the_common_level_makes_fails() -> None:
    rows = [[1, 1]] * 180 + [[1, 0]] * 10 + [[0, 1]] * 10
    found = verdict(rows)
    assert isinstance(found.agreement, Estimate)
    assert found.agreement.value == pytest.approx(0.9)
    assert found.verdict == "failed"
    assert "chance-corrected" in found.reasons[0]


@pytest.mark.parametrize(
    "rows", [[[0, 0], [1, 1]] * 2, [[0], [1], [1], [0], [1]], [[0, -1], [-1, 1], [1, -1]], [[-1, -1]] * 9]
)
def test_too_little_is_no_information(rows: list[list[int]]) -> None:
    found = verdict(rows)
    assert found.verdict == "no information"
    assert found.reasons


def test_five_levels_agree_within_one_point_and_three_levels_exactly() -> None:
    near = [[0, 1], [1, 1], [2, 3], [3, 3], [4, 3], [4, 4], [0, 0], [2, 2]] * 5
    assert verdict(near, SCALES["1-5"]).verdict == "passed"
    near_of_three = [[min(a, 2), min(b, 2)] for a, b in near]
    found = criterion_agreement(table_of(near_of_three, SCALES["1-3"]), 0)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(7 / 8)


def test_a_level_against_not_applicable_is_a_disagreement() -> None:
    """Dropping hard calls as n/a must not lift agreement."""
    agreed = [[0, 0], [1, 1]] * 10
    honest = verdict(agreed + [[0, 1]] * 6)
    dropped = verdict(agreed + [[0, NOT_APPLICABLE]] * 6)
    assert honest.verdict == dropped.verdict == "failed"
    assert isinstance(honest.agreement, Estimate)
    assert isinstance(dropped.agreement, Estimate)
    assert dropped.agreement.value == honest.agreement.value
    assert isinstance(dropped.applies, Estimate)
    assert dropped.applies.value == pytest.approx(20 / 26)


def test_two_who_say_not_applicable_are_no_pair() -> None:
    with_na = criterion_agreement(table_of([[0, 0], [1, 1], [NOT_APPLICABLE, NOT_APPLICABLE]]), 0)
    assert isinstance(with_na, Estimate)
    assert with_na.n == 2


def test_more_raters_are_averaged_over_their_pairs() -> None:
    found = criterion_agreement(table_of([[0, 0, 1], [1, 1, 1], [0, 0, 0], [1, 1, NOT_APPLICABLE]]), 0)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx((1 / 3 + 1 + 1 + 1 / 3) / 4)


def test_levels_must_be_those_of_the_scale() -> None:
    with pytest.raises(ValueError, match="are not those of the scale"):
        judge(table_of([[0, 0]] * 9), SCALES["1-5"], THRESHOLDS, round_number=1)


def test_the_verdict_depends_on_seed_and_ratings_only() -> None:
    rows = [[0, 0], [1, 1]] * 12 + [[0, 1]]
    assert verdict(rows) == verdict(list(reversed(rows)))


def test_all_rounds_together_spend_no_more_than_the_error() -> None:
    spent = [THRESHOLDS.error_in_round(number) for number in range(1, 200)]
    assert sum(spent) <= THRESHOLDS.error
    assert sum(spent[:3]) == pytest.approx(0.9 * THRESHOLDS.error)
    with pytest.raises(ValueError, match="from 1"):
        THRESHOLDS.error_in_round(0)


@given(st.integers(5, 300), st.integers(1, 6))
def test_raters_at_the_ruled_out_agreement_pass_a_round_no_more_often_than_it_may_spend(n: int, number: int) -> None:
    """Exact binomial probability: the guarantee does not rest on a simulation."""
    needed, p = agreements_needed(n, THRESHOLDS, number), THRESHOLDS.ruled_out
    if needed is None:
        assert n < least_calls_to_pass(THRESHOLDS, number)
        return
    tail = sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(needed, n + 1))
    assert tail <= THRESHOLDS.error_in_round(number)
    assert n >= least_calls_to_pass(THRESHOLDS, number)


def test_a_later_round_needs_more() -> None:
    rows = [[0, 0], [1, 1]] * 8
    assert verdict(rows, round_number=3).verdict == "passed"
    fourth = verdict(rows, round_number=4)
    assert fourth.verdict == "provisional"
    assert "21 calls are needed in round 4" in fourth.reasons[0]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"ruled_out": 0.9}, "below reached"),
        ({"tolerance": {"1-9": 0}}, "'1-9' is no scale; there are binary, 1-3"),
        ({"unknown": 1}, "Extra"),
    ],
)
def test_senseless_thresholds_are_refused(wrong: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Thresholds.model_validate(THRESHOLDS.model_dump() | wrong)


@pytest.mark.slow
def test_simulated_raters_at_75_percent_pass_in_at_most_5_percent_over_three_rounds() -> None:
    command = "evals/simulate_reliability.py --simulations 500 --agreement 0.75 --calls 16 40 --seed 7"
    run = subprocess.run([sys.executable, *command.split()], cwd=ROOT, capture_output=True, text=True, check=True)
    rows = [line.split("|")[1:-1] for line in run.stdout.splitlines() if line.startswith(("| binary", "| 1-5"))]
    assert len(rows) == 4
    for row in rows:
        assert float(row[7].strip().rstrip("%")) <= 5.0
