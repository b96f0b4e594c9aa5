"""Profiles, totals, corrected rates and gaps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from agent.core.errors import InputError
from agent.core.scale import BINARY, SCALES
from agent.core.statistic import Estimate, Undefined
from agent.stats.correction import ErrorCounts, rogan_gladen
from agent.stats.frame import Measure, RatingFrame
from agent.stats.gaps import find_gaps, poisson_binomial_tail
from agent.stats.intervals import exact_ends
from agent.stats.profiles import STATES, VARIABLE, profile, states
from agent.stats.rules import (
    DiagnosisRules,
    FunnelRules,
    GapRules,
    MovementRules,
    OutcomeRules,
    ProfileRules,
    WeightRules,
)
from agent.stats.tally import Tally
from agent.stats.totals import RepTotal, WeightSet, rep_totals, team_total

CONFIG = Path(__file__).resolve().parents[2] / "config/profiles.yaml"
RULES = ProfileRules()
MEASURES = (Measure("asked", BINARY), Measure("depth", SCALES["1-5"]), Measure("pushed", BINARY, -1))

counts = st.integers(0, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def tally_of(*reps: tuple[list[int], list[int], list[int]]) -> Tally:
    levels = np.zeros((1, len(reps), 3, 5), dtype=np.int64)
    for r, rows in enumerate(reps):
        for c, row in enumerate(rows):
            levels[0, r, c, : len(row)] = row
    nothing = np.zeros((1, len(reps), 3), dtype=np.int64)
    return Tally([f"rep {r}" for r in range(len(reps))], MEASURES, levels, nothing, nothing)


def state(successes: int, n: int) -> str:
    ends = exact_ends(np.array([successes]), np.array([n]), RULES.confidence)
    return STATES[int(states(np.array([successes / max(n, 1)]), *ends, RULES)[0])]


def test_the_configuration_says_what_the_defaults_say() -> None:
    sections = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    types = {
        "profiles": ProfileRules,
        "gaps": GapRules,
        "movement": MovementRules,
        "diagnosis": DiagnosisRules,
        "outcomes": OutcomeRules,
        "weights": WeightRules,
        "funnel": FunnelRules,
    }
    assert sections.keys() == types.keys()
    for name, kind in types.items():
        assert kind.model_validate(sections[name]) == kind()
        assert set(sections[name]) == set(kind.model_fields)


@pytest.mark.parametrize(
    ("successes", "n", "expected"),
    [
        (10, 10, "consistently present"),
        (9, 10, "consistently present"),
        (8, 10, "cannot tell"),
        (7, 10, "cannot tell"),
        (6, 10, "variable"),
        (5, 10, "variable"),
        (4, 10, "variable"),
        (3, 10, "cannot tell"),
        (1, 10, "consistently absent"),
        (0, 10, "consistently absent"),
        (10, 20, "variable"),
        (2, 3, "cannot tell"),
        (3, 3, "cannot tell"),
        (18, 20, "consistently present"),
        (2, 20, "consistently absent"),
        (0, 0, "cannot tell"),
        (700, 1000, "variable"),
        (850, 1000, "consistently present"),
    ],
)
def test_states_are_decided_on_intervals(successes: int, n: int, expected: str) -> None:
    assert state(successes, n) == expected


@given(counts)
def test_absent_is_present_turned_over(count: tuple[int, int]) -> None:
    turned = {"consistently present": "consistently absent", "consistently absent": "consistently present"}
    there, back = state(*count), state(count[1] - count[0], count[1])
    assert back == turned.get(there, there)


@pytest.mark.parametrize("n", [5, 8, 10, 12, 15, 20, 40])
@pytest.mark.parametrize(
    ("rate", "wrong"),
    [(0.5, "consistently present"), (0.5, "consistently absent"), (0.9, "variable"), (0.1, "variable")],
)
def test_a_wrong_state_is_rare_at_the_very_threshold(n: int, rate: float, wrong: str) -> None:
    chance = sum(binom.pmf(x, n, rate) for x in range(n + 1) if state(x, n) == wrong)
    assert chance <= 0.05


@pytest.mark.parametrize(("rate", "right", "power"), [(0.9, "consistently present", 0.73), (0.5, "variable", 0.65)])
def test_the_right_state_is_reached_at_ten_calls(rate: float, right: str, power: float) -> None:
    assert sum(binom.pmf(x, 10, rate) for x in range(11) if state(x, 10) == right) >= power


def test_profile_rows_say_rate_mean_and_what_did_not_apply() -> None:
    tally = tally_of(([2, 10], [0, 1, 5, 4, 2], []))
    tally.not_applicable[0, 0, 0], tally.failed[0, 0, 1] = 3, 1
    asked, depth, pushed = profile(tally, RULES).rows()
    assert isinstance(asked.score, Estimate)
    assert (asked.score.value, asked.score.n, asked.not_applicable) == (10 / 12, 12, 3)
    assert asked.score.method == "share; exact (Clopper-Pearson)"
    assert isinstance(depth.score, Estimate)
    assert depth.score.value == pytest.approx((2 + 15 + 16 + 10) / 12)
    assert depth.failed == 1
    assert isinstance(depth.shown, Estimate)
    assert depth.shown.value == 11 / 12  # rated 3 or above
    assert depth.state == "consistently present"
    assert pushed.score == Undefined(undefined="no rated call", n=0)
    assert pushed.state == "cannot tell"


def test_known_errors_of_the_model_move_rate_and_state() -> None:
    tally = tally_of(([20, 20], [], []), ([0, 0], [], []))
    table = profile(tally, RULES, {"asked": ErrorCounts(present_found=98, present=100, absent_left=60, absent=100)})
    row, empty = table.rows()[0], table.rows()[3]
    assert isinstance(row.corrected, Estimate)
    assert row.corrected.value == pytest.approx((0.5 + 0.6 - 1) / (0.98 + 0.6 - 1))
    assert table.state[0, 0] != VARIABLE  # what 20 of 40 would be by itself
    assert profile(tally, RULES).state[0, 0] == VARIABLE
    assert isinstance(empty.corrected, Undefined)
    assert isinstance(table.rows()[1].corrected, Undefined)


def test_a_model_that_may_know_nothing_corrects_nothing() -> None:
    errors = ErrorCounts(present_found=6, present=10, absent_left=5, absent=10)
    assert isinstance(rogan_gladen(10, 40, errors), Undefined)


def test_a_perfect_model_needs_no_correction() -> None:
    errors = ErrorCounts(present_found=2000, present=2000, absent_left=2000, absent=2000)
    rate = rogan_gladen(30, 100, errors)
    assert isinstance(rate, Estimate)
    assert rate.low is not None
    assert rate.high is not None
    assert rate.value == pytest.approx(0.3)
    assert (rate.low, rate.high) == pytest.approx((0.22, 0.40), abs=0.02)


@given(st.integers(0, 50), st.integers(0, 1000))
def test_corrected_rates_are_rates_and_reproducible(positives: int, seed: int) -> None:
    errors = ErrorCounts(present_found=36, present=40, absent_left=37, absent=40)
    first, again = (rogan_gladen(positives, 50, errors, draws=200, seed=seed) for _ in range(2))
    assert first == again
    assert isinstance(first, Estimate)
    assert first.low is not None
    assert first.high is not None
    assert 0 <= first.low <= first.value <= first.high <= 1


# totals


def frame_of(values: np.ndarray) -> RatingFrame:
    """Values (calls, 3) of one rep; -1 is not applicable."""
    calls = len(values)
    flat = values.reshape(-1)
    return RatingFrame(
        ["Ann"],
        MEASURES,
        [f"c{at}" for at in range(calls)],
        np.zeros(flat.size, dtype=np.int64),
        np.tile(np.arange(3), calls),
        np.repeat(np.arange(calls), 3),
        np.ones(flat.size, dtype=np.int64),
        flat.astype(float),
        (flat < 0).astype(np.int64),
    )


def total_of(values: list[list[int]], weights: dict[str, float]) -> RepTotal:
    frame = frame_of(np.array(values))
    return rep_totals(frame, np.ones(len(values), dtype=bool), WeightSet(weights=weights, source="rubric v1"))[0]


def test_a_total_is_the_weighted_mean_of_parts_of_the_scale() -> None:
    found = total_of([[1, 5, 1], [0, 3, 0], [1, 1, 0]], {"asked": 2.0, "depth": 1.0, "pushed": -1.0})
    assert isinstance(found.total, Estimate)
    assert found.total.value == pytest.approx((2 * 2 / 3 + 1 * 0.5 + 1 * 2 / 3) / 4)
    assert (found.total.n, found.source, found.left_out) == (3, "rubric v1", ())


def test_a_criterion_never_applicable_leaves_with_its_weight() -> None:
    found = total_of([[1, -1, 0], [1, -1, 1]], {"asked": 1.0, "depth": 9.0})
    assert isinstance(found.total, Estimate)
    assert found.total.value == 1.0
    assert found.left_out == ("depth",)
    assert found.total.low is None  # two equal calls have no spread


def test_nothing_rated_is_no_total() -> None:
    assert isinstance(total_of([[-1, -1, -1]], {"asked": 1.0}).total, Undefined)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 5), st.integers(0, 1)), min_size=2, max_size=15))
def test_totals_lie_between_0_and_1_and_do_not_depend_on_the_size_of_weights(
    values: list[tuple[int, int, int]],
) -> None:
    rows = [list(v) for v in values]
    one = total_of(rows, {"asked": 1.0, "depth": 2.0, "pushed": -3.0})
    ten = total_of(rows, {"asked": 10.0, "depth": 20.0, "pushed": -30.0})
    assert isinstance(one.total, Estimate)
    assert isinstance(ten.total, Estimate)
    assert 0 <= one.total.value <= 1
    assert one.total.value == pytest.approx(ten.total.value)
    team = team_total([one, one.model_copy(update={"rep": "Bo"})])
    assert isinstance(team.total, Estimate)
    assert team.total.value == pytest.approx(one.total.value)


@pytest.mark.parametrize("weights", [{"tone": 1.0}, {"asked": 0.0}, {"asked": float("nan")}])
def test_weights_that_weigh_nothing_known_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(InputError):
        total_of([[1, 1, 1]], weights)


# gaps


@given(st.lists(st.floats(0, 1), max_size=12), st.integers(0, 13))
def test_the_luck_of_several_reps_is_summed_over_all_ways(chances: list[float], at_least: int) -> None:
    every = np.array([1.0])
    for chance in chances:
        every = np.convolve(every, [1 - chance, chance])
    assert poisson_binomial_tail(np.array(chances), at_least) == pytest.approx(every[at_least:].sum(), abs=1e-12)


def test_equal_chances_are_the_binomial() -> None:
    assert poisson_binomial_tail(np.full(18, 0.02), 3) == pytest.approx(binom.sf(2, 18, 0.02), rel=1e-12)


def test_three_reps_make_a_team_gap_and_stand_before_single_ones() -> None:
    low, high, flat = [11, 1], [1, 11], [0, 0, 2, 8, 2]
    tally = tally_of((low, flat, high), (low, flat, [12, 0]), (low, flat, [12, 0]), (high, flat, [12, 0]))
    report = find_gaps(profile(tally, RULES), GapRules())
    assert [(gap.criterion, gap.reps) for gap in report.team] == [("asked", ("rep 0", "rep 1", "rep 2"))]
    assert report.team[0].of == 4
    assert report.team[0].beyond_luck
    # doing what is to be avoided in 11 of 12 calls is a gap too, and not a shared one: it comes first
    assert [(gap.rep, gap.criterion, gap.shared) for gap in report.own] == [
        ("rep 0", "pushed", False),
        ("rep 0", "asked", True),
        ("rep 1", "asked", True),
        ("rep 2", "asked", True),
    ]
    assert {gap.severity for gap in report.own} == {"consistently absent"}


def test_links_with_losses_change_the_order_only() -> None:
    rep = ([11, 1], [6, 4, 2, 0, 0], [12, 0])
    table = profile(tally_of(rep, rep, rep), RULES)
    plain, linked = find_gaps(table, GapRules()), find_gaps(table, GapRules(), {"asked": 0.1, "depth": 2.0})
    assert [gap.criterion for gap in plain.team] == ["asked", "depth"]
    assert [gap.criterion for gap in linked.team] == ["depth", "asked"]
    assert {gap.criterion: gap.size for gap in plain.team} == {gap.criterion: gap.size for gap in linked.team}


def test_many_reps_make_three_alike_by_luck_and_it_is_said() -> None:
    at_target = tally_of(*[([6, 14], [0, 0, 10, 10, 0], [20, 0])] * 397, *[([12, 8], [0, 0, 10, 10, 0], [20, 0])] * 3)
    report = find_gaps(profile(at_target, RULES), GapRules())
    (gap,) = report.team
    assert len(gap.reps) == 3
    assert gap.by_luck > 0.9
    assert not gap.beyond_luck
    assert report.any_by_luck > 0.9
    assert report.own_by_luck > 3


def test_a_small_team_that_is_low_together_has_a_gap_that_no_rep_shows_alone() -> None:
    """Four reps at 4 of 10: nobody is clearly below 70 % alone, 16 of 40 are."""
    flat = [0, 0, 5, 5, 0]
    report = find_gaps(profile(tally_of(*[([6, 4], flat, [10, 0])] * 4), RULES), GapRules())
    (gap,) = report.team
    assert (gap.criterion, len(gap.reps), gap.calls, gap.beyond_luck) == ("asked", 4, 40, True)
    assert report.own == ()
    two = find_gaps(profile(tally_of(*[([6, 4], flat, [10, 0])] * 2), RULES), GapRules())
    assert two.team == ()


def test_a_gap_of_many_stands_before_a_deeper_one_of_few() -> None:
    """17 of 18 reps at a quarter come before 4 of 18 who never do it: the mean shortfall over all reps decides."""
    nearly, good, levels = [9, 3], [2, 10], [0, 0, 0, 6, 6]
    rows = [(nearly if at < 17 else good, levels, [0, 12] if at < 4 else [10, 2]) for at in range(18)]
    report = find_gaps(profile(tally_of(*rows), RULES), GapRules())
    assert [gap.criterion for gap in report.team] == ["asked", "pushed"]
    assert report.team[0].size > 2 * report.team[1].size


def test_ranking_does_not_reward_few_calls() -> None:
    few, many = ([4, 0], [0, 0, 0, 6, 6], [12, 0]), ([36, 4], [0, 0, 0, 6, 6], [12, 0])
    others = [([6, 6], [0, 0, 0, 6, 6], [12, 0])] * 8
    report = find_gaps(profile(tally_of(few, many, *others), RULES), GapRules())
    first = [gap for gap in report.own if gap.criterion == "asked"]
    assert [gap.rep for gap in first] == ["rep 1", "rep 0"]
    assert first[0].size < first[1].size


def test_no_calls_no_gap() -> None:
    report = find_gaps(profile(tally_of(([], [], [])), RULES), GapRules())
    assert (report.team, report.own) == ((), ())
