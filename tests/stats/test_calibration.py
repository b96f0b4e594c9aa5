"""The calibration rule: its published numbers, its error against every kind of rater, and what it says beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.stats.calibration import (
    Calibration,
    CalibrationRule,
    calls_to_pass,
    error_over,
    judge,
    on_each_half,
    prospects,
    round_size,
)
from agent.stats.rating_table import MISSING, NOT_APPLICABLE, RatingTable
from agent.stats.sequential import Shares, chance_to_pass, enough, too_little

RULE = CalibrationRule()
LEVELS = {"binary": (0, 1), "1-3": (1, 2, 3), "1-4": (1, 2, 3, 4), "1-5": (1, 2, 3, 4, 5)}
SCALES = [(2, 0), (3, 0), (4, 0), (5, 1), (7, 1)]


def table(rows: list[tuple[int, ...]], scale: str = "binary") -> RatingTable:
    return RatingTable(np.array(rows), LEVELS[scale], "nominal" if scale == "binary" else "ordinal")


def rounds(pattern: str, calls: int, raters: int = 2) -> list[RatingTable]:
    """Yes/no calls in rounds of `calls`: `a` all raters agree, `d` one stands alone; yes and no in turn."""
    rows = []
    for number, kind in enumerate(pattern):
        row = [number % 2] * raters
        if kind == "d":
            row[0] = 1 - row[0]
        rows.append(tuple(row))
    return [table(rows[at : at + calls]) for at in range(0, len(rows), calls)]


def verdict(pattern: str, calls: int = 8, raters: int = 2) -> Calibration:
    return judge(rounds(pattern, calls, raters), 0, RULE)


@pytest.mark.parametrize(
    ("pattern", "raters", "expected"),
    [
        ("a" * 8, 2, "provisional"),
        ("a" * 16, 2, "passed"),
        ("a" * 15 + "d", 2, "provisional"),
        ("a" * 14 + "dd" + "a" * 8, 2, "passed"),  # 22 of 24
        ("a" * 13 + "ddd" + "a" * 8, 2, "provisional"),
        ("a" * 14 + "dd", 3, "passed"),  # 14 of 16 unanimous
        ("a" * 13 + "ddd", 3, "provisional"),
        ("a" * 12 + "dddd" + "a" * 8, 3, "passed"),  # 20 of 24
        ("a" * 12 + "ddddd" + "a" * 7, 3, "provisional"),
        ("aaaaaddd", 2, "failed"),
        ("aaaaaadd", 2, "not there yet"),
        ("a" * 12 + "dddd", 2, "failed"),
        ("aaad", 2, "no information"),
    ],
)
def test_published_numbers(pattern: str, raters: int, expected: str) -> None:
    assert verdict(pattern, raters=raters).verdict == expected


def test_what_passed_falls_only_where_95_percent_is_ruled_out() -> None:
    passed = "a" * 16
    assert verdict(passed + "a" * 6 + "dd").verdict == "passed"
    assert verdict(passed + "a" * 4 + "dddd").verdict == "passed"  # 20 of 24
    assert verdict(passed + "aaa" + "ddddd").verdict == "failed"  # 19 of 24


def test_reasons_count_calls_and_name_where_to_look() -> None:
    result = verdict("a" * 13 + "ddd" + "a" * 8)
    assert result.reasons == ("21 of 24 calls agree; 22 would rule out that raters agree on 75 % only",)
    assert result.look_at == (13, 14, 15)
    unanimous = verdict("a" * 13 + "ddd", raters=3)
    assert unanimous.reasons == ("13 of 16 calls agree; 14 would rule out that raters agree on 75 % only",)


def test_one_end_of_the_scale_does_not_pass() -> None:
    result = judge([table([(1, 1)] * 8), table([(1, 1)] * 7 + [(0, 0)])], 0, RULE)
    assert result.verdict == "provisional"
    assert any("lower half" in reason for reason in result.reasons)


def test_halves_of_scales() -> None:
    five = table([(0, 1), (1, 1), (2, 2), (3, 4), (4, 2)], "1-5")
    assert on_each_half(five, 1) == (2, 1)
    assert on_each_half(table([(0, 0), (1, 1), (2, 2)], "1-3"), 0) == (1, 1)
    assert on_each_half(table([(0, 1), (1, 1), (2, 2), (3, 3)], "1-4"), 0) == (1, 2)


def test_does_not_apply_against_a_level_is_a_disagreement() -> None:
    with_exceptions = [
        table([(n % 2, n % 2) for n in range(8)]),
        table([(n % 2, n % 2) for n in range(7)] + [(1, NOT_APPLICABLE)]),
    ]
    result = judge(with_exceptions, 0, RULE)
    assert result.looks[-1].agreeing == 15
    both = judge([table([(n % 2, n % 2) for n in range(8)] + [(NOT_APPLICABLE, NOT_APPLICABLE)])], 0, RULE)
    assert both.looks[-1].calls == 8


def test_prospects_say_beforehand_what_a_round_can_do() -> None:
    eights = prospects((8, 8, 8), 2, 0, 2, RULE)
    assert [(p.calls, p.needed, p.fails_at) for p in eights] == [(8, None, 5), (16, 16, 12), (24, 22, 19)]
    assert [round(p.passed_by_then, 2) for p in eights] == [0, 0.44, 0.89]
    assert [(p.calls, p.needed) for p in prospects((12, 12), 2, 0, 2, RULE)] == [(12, None), (24, 22)]
    three = prospects((8, 8, 8), 2, 0, 3, RULE)
    assert [(p.calls, p.needed) for p in three] == [(8, None), (16, 14), (24, 20)]


@pytest.mark.parametrize(("levels", "tolerance", "raters"), [(5, 1, 3), (5, 1, 4), (3, 0, 3), (3, 0, 4), (2, 0, 4)])
def test_what_is_said_before_a_round_is_no_more_than_any_way_to_disagree_gives(
    levels: int, tolerance: int, raters: int
) -> None:
    """The mildest disagreement was taken once: 98 and 100 % were said where raters pass in 89 and 91 %."""
    shares, rng = Shares.of_scale(levels, tolerance, raters), np.random.default_rng(levels)
    sixteen, all_planned = prospects((16, 8), levels, tolerance, raters, RULE)
    assert all_planned.passed_by_then < 0.98
    needed = enough(shares, (16, 24), RULE.ruled_out, (RULE.allowed(16, raters), RULE.allowed(24, raters)))
    for _ in range(20):
        law = _random_law(rng, shares, 0.95)
        sums = np.cumsum(rng.choice(len(law), p=law, size=(4000, 24)), axis=1)[:, [15, 23]]
        early = sums[:, 0] >= needed[0] if needed[0] is not None else np.zeros(4000, bool)
        assert early.mean() >= sixteen.passed_by_then - 0.03
        assert (early | (sums[:, 1] >= needed[1])).mean() >= all_planned.passed_by_then - 0.03


@pytest.mark.parametrize(("levels", "tolerance"), SCALES)
@pytest.mark.parametrize("plan", [(8, 16, 24), (12, 24), (10, 20, 30)])
def test_more_raters_make_passing_easier_on_yes_no_and_cost_what_is_said_elsewhere(
    levels: int, tolerance: int, plan: tuple[int, ...]
) -> None:
    """At the end of the plan, whatever the law of the shares. On longer scales a true agreement of 85 or 90 % is passed less
    often by three raters than by two; docs/method/verdicts.md says so, and here is how much less at most."""
    rule = RULE.model_copy(update={"planned_calls": plan[-1]})
    at: dict[float, list[float]] = {}
    for raters in (2, 3, 4):
        shares = Shares.of_scale(levels, tolerance, raters)
        needed = enough(shares, plan, rule.ruled_out, tuple(rule.allowed(n, raters) for n in plan))
        for truth in (0.85, 0.90, 0.95):
            at.setdefault(truth, []).append(chance_to_pass(shares, plan, needed, truth)[-1])
    for truth, (two, three, four) in at.items():
        if levels == 2:
            assert two < min(three, four)
        else:
            assert min(three, four) >= two - {0.85: 0.33, 0.90: 0.11, 0.95: 0.03}[truth], truth


@pytest.mark.parametrize(("levels", "tolerance"), SCALES)
@pytest.mark.parametrize("raters", [2, 3, 4, 6])
def test_error_holds_for_any_distribution_of_shares(levels: int, tolerance: int, raters: int) -> None:
    """Raters who truly agree on 75 % pass in at most 5 %, whichever shares their calls have (50 drawn at random)."""
    shares, looks, rng = Shares.of_scale(levels, tolerance, raters), (8, 16, 24), np.random.default_rng(levels)
    needed = enough(shares, looks, 0.75, tuple(RULE.allowed(n, raters) for n in looks))
    failing = too_little(shares, looks, 0.95, 0.01)
    for mean, passing in ((0.75, True), (0.95, False)):
        for _ in range(50):
            law = _random_law(rng, shares, mean)
            sums = np.cumsum(rng.choice(len(law), p=law, size=(2000, 24)), axis=1)[:, [n - 1 for n in looks]]
            if passing:
                hit = np.any([sums[:, at] >= k for at, k in enumerate(needed) if k is not None], axis=0)
                assert hit.mean() <= 0.05 + 4 * np.sqrt(0.05 / 2000)
            else:
                for at, k in enumerate(failing):
                    assert k is None or (sums[:, at] <= k).mean() <= 0.01 + 4 * np.sqrt(0.01 / 2000)


def _random_law(rng: np.random.Generator, shares: Shares, mean: float) -> np.ndarray:
    """A distribution on the attainable shares with that mean: a random mixture of distributions on two values."""
    at, law = mean * shares.unit, np.zeros(shares.unit + 1)
    pairs = [(a, b) for a in shares.values for b in shares.values if a <= at < b]
    for weight, (low, high) in zip(rng.dirichlet(np.full(len(pairs), 0.5)), pairs, strict=True):
        law[high] += weight * (at - low) / (high - low)
        law[low] += weight * (high - at) / (high - low)
    return law


@pytest.mark.parametrize(
    "says_yes", [0.5, 0.95, *(pytest.param(share, marks=pytest.mark.slow) for share in (0.7, 0.8, 0.9))]
)
def test_guessing_raters_pass_in_less_than_one_percent(says_yes: float) -> None:
    rng = np.random.default_rng(round(says_yes * 100))
    guesses = (rng.random((1500, 24, 2)) < says_yes).astype(int)
    equal = (guesses[..., 0] == guesses[..., 1]).cumsum(axis=1)
    likely = np.flatnonzero((equal[:, 15] == 16) | (equal[:, 23] >= 22))  # the others cannot pass
    passed = sum(
        judge([table([tuple(r) for r in guesses[i, a : a + 8]]) for a in (0, 8, 16)], 0, RULE).verdict == "passed"
        for i in likely
    )
    assert passed / 1500 <= 0.01


def test_error_over_wordings() -> None:
    assert error_over(1, RULE) == pytest.approx(0.05)
    assert error_over(3, RULE) == pytest.approx(0.142625)


def test_a_file_of_the_rule_before_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"planned_rounds and floor belonged to the rule .* delete them"):
        CalibrationRule.model_validate({"reached": 0.85, "planned_rounds": 3, "floor": 0.4})


def test_what_was_held_counts_for_what_is_ahead() -> None:
    held = judge(rounds("a" * 7 + "d", 8), 0, RULE).looks
    sixteen, all_planned = prospects((8, 8), 2, 0, 2, RULE, held=held)
    assert (sixteen.calls, sixteen.needed, sixteen.passed_by_then) == (16, 16, 0)
    assert (all_planned.needed, round(all_planned.passed_by_then, 2)) == (22, 0.81)
    assert calls_to_pass(2, 0, 2, RULE) == 16
    assert calls_to_pass(2, 0, 2, RULE, judge(rounds("a" * 8, 8), 0, RULE).looks) == 8
    assert [round_size(calls, RULE) for calls in (0, 8, 12, 16)] == [12, 8, 12, 8]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.data())
def test_what_has_passed_stays_passed_under_any_later_round_of_agreement(data: st.DataObject) -> None:
    """Whoever rates it, whoever skips a call, whoever says that it does not apply."""
    passed = data.draw(st.sampled_from([("a" * 14 + "dd", 3), ("a" * 12 + "dddd" + "a" * 8, 3), ("a" * 16, 2)]))
    first = rounds(passed[0], 8, passed[1])
    before = judge(first, 0, RULE)
    assert before.verdict == "passed"
    later = data.draw(st.lists(st.lists(_A_CALL, min_size=1, max_size=8), min_size=1, max_size=4))
    after = judge(
        [*first, *(table([(*call, *[MISSING] * (4 - len(call)))[:4] for call in one]) for one in later)], 0, RULE
    )
    assert (after.verdict, after.passed_after) == ("passed", before.passed_after)
    assert after.looks[: len(first)] == before.looks


_A_CALL = st.builds(
    lambda value, people: tuple(value if kind == "rated" else kind for kind in people),
    st.sampled_from([0, 1]),
    st.one_of(
        st.lists(st.sampled_from(["rated", MISSING]), min_size=2, max_size=4),
        st.lists(st.just(NOT_APPLICABLE), min_size=2, max_size=4),
    ),
)
"""A call on which nobody disagrees: two to four people, some of whom may have skipped it, or none found it to apply."""


@pytest.mark.parametrize(
    ("truth", "raters"),
    [
        (0.75, (2, 2, 3)),
        *(pytest.param(0.75, raters, marks=pytest.mark.slow) for raters in ((3, 3, 2), (3, 2, 2), (4, 3, 2))),
    ],
)
def test_the_error_holds_where_raters_come_and_go(truth: float, raters: tuple[int, ...]) -> None:
    right, passed = (1 + np.sqrt(2 * truth - 1)) / 2, 0
    for seed in range(120):
        rng = np.random.default_rng([seed, *raters])
        held = [
            table([tuple(row) for row in (rng.random((8, 1)) < 0.5) == (rng.random((8, people)) < right)])
            for people in raters
        ]
        passed += judge(held, 0, RULE).verdict == "passed"
    assert passed / 120 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 120)
