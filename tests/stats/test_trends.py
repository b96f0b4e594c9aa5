"""Movement: verdicts, what they allow for, and what comes after none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from agent.core.errors import InputError
from agent.core.scale import BINARY, SCALES
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.stats.diagnosis import Evidence, diagnose, gather
from agent.stats.frame import Measure
from agent.stats.intervals import newcombe_ends
from agent.stats.movement_tests import NO_SPREAD
from agent.stats.rules import DiagnosisRules, MovementRules
from agent.stats.tally import Tally
from agent.stats.trends import MovementTable, movement

RULES = MovementRules()
YES = Measure("asked", BINARY)
DEPTH = Measure("depth", SCALES["1-5"])
AVOID = Measure("pushed", BINARY, -1)

calls = st.lists(st.integers(0, 12), min_size=4, max_size=4)


def yes_no(counts: list[list[int]], n: int = 12, measure: Measure = YES) -> Tally:
    """Successes by period and rep, of n calls."""
    levels = np.zeros((len(counts), len(counts[0]), 1, 5), dtype=np.int64)
    levels[..., 0, 1] = counts
    levels[..., 0, 0] = n - levels[..., 0, 1]
    nothing = np.zeros(levels.shape[:3], dtype=np.int64)
    return Tally([f"rep {at}" for at in range(len(counts[0]))], (measure,), levels, nothing, nothing)


def depth(counts: list[list[int]]) -> Tally:
    """Level counts of one rep by period."""
    levels = np.array(counts, dtype=np.int64)[:, None, None]
    nothing = np.zeros(levels.shape[:3], dtype=np.int64)
    return Tally(["rep 0"], (DEPTH,), levels, nothing, nothing)


def moved(
    baseline: Tally, now: Tally, coached: list[list[bool]] | None = None, rules: MovementRules = RULES
) -> MovementTable:
    names = [f"cycle_{at + 1}" for at in range(now.levels.shape[0])]
    plan = np.ones((len(baseline.reps), len(baseline.measures)), bool) if coached is None else np.array(coached)
    return movement(baseline, now, names, plan, rules)


def test_a_plain_rise_has_moved_and_a_plain_standstill_has_not() -> None:
    up = moved(yes_no([[3]]), yes_no([[12]])).rows()[0]
    assert up.verdict == "moved"
    assert up.calls_needed is None
    flat = moved(yes_no([[60]], 200), yes_no([[62]], 200)).rows()[0]
    assert flat.verdict == "not_moved"
    little = moved(yes_no([[3]]), yes_no([[5]])).rows()[0]
    assert little.verdict == "cannot_tell"
    assert little.calls_needed is not None
    assert little.calls_needed > 12


def test_the_difference_is_newcombes_and_its_worse_end_allows_for_the_plan() -> None:
    row = moved(yes_no([[3]]), yes_no([[9]])).rows()[0]
    counts = [np.array([count]) for count in (3, 12, 9, 12)]
    better = newcombe_ends(*counts, float(ndtri(0.975)))[1][0]
    worse = newcombe_ends(*counts, -float(ndtri(0.025 / RULES.cycles / NO_SPREAD)))[0][0]  # one rep: no spread to learn
    assert isinstance(row.difference, Estimate)
    assert (row.difference.low, row.difference.high) == pytest.approx((worse, better))
    assert row.difference.value == 0.5


def test_a_sure_rise_too_small_to_be_worth_it_has_not_moved() -> None:
    row = moved(yes_no([[3000]], 10_000), yes_no([[3600]], 10_000)).rows()[0]
    assert isinstance(row.difference, Estimate)
    assert row.difference.low is not None
    assert row.difference.low > 0
    assert row.verdict == "not_moved"


def test_of_a_behavior_to_avoid_less_is_movement() -> None:
    row = moved(yes_no([[12]], measure=AVOID), yes_no([[2]], measure=AVOID)).rows()[0]
    assert row.verdict == "moved"
    assert isinstance(row.difference, Estimate)
    assert row.difference.value == pytest.approx(-10 / 12)
    assert isinstance(row.baseline, Estimate)
    assert row.baseline.value == 1.0
    assert moved(yes_no([[2]], measure=AVOID), yes_no([[12]], measure=AVOID)).rows()[0].verdict == "not_moved"


def test_levels_move_too() -> None:
    low, high = [4, 5, 3, 0, 0], [0, 0, 3, 5, 4]
    assert moved(depth([low]), depth([high])).rows()[0].verdict == "moved"
    assert moved(depth([high]), depth([low])).rows()[0].verdict == "not_moved"
    assert moved(depth([low]), depth([low])).rows()[0].verdict == "cannot_tell"


@given(calls, calls)
def test_a_later_cycle_changes_no_verdict(first: list[int], second: list[int]) -> None:
    baseline = yes_no([[2, 5, 0, 9]])
    early, both = moved(baseline, yes_no([first])), moved(baseline, yes_no([first, second]))
    assert (early.verdict[0] == both.verdict[0]).all()
    np.testing.assert_allclose(early.p_family[0], both.p_family[0])


@given(calls, calls, st.permutations(range(4)))
def test_the_order_of_reps_changes_nothing(before: list[int], now: list[int], order: list[int]) -> None:
    straight = moved(yes_no([before]), yes_no([now]))
    mixed = moved(yes_no([[before[at] for at in order]]), yes_no([[now[at] for at in order]]))
    assert (mixed.verdict[0] == straight.verdict[0, order]).all()


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_more_successes_now_never_take_a_verdict_back(before: int, now: int, more: int) -> None:
    less, greater = sorted((now, more))
    rank = {"not_moved": 0, "cannot_tell": 1, "moved": 2}
    verdicts = [moved(yes_no([[before]]), yes_no([[count]])).rows()[0].verdict for count in (less, greater)]
    assert rank[verdicts[0]] <= rank[verdicts[1]]


def test_more_coached_criteria_ask_for_more() -> None:
    alone = moved(yes_no([[0, 6]]), yes_no([[5, 6]]))
    levels = np.repeat(yes_no([[0, 6]]).levels, 4, axis=2), np.repeat(yes_no([[5, 6]]).levels, 4, axis=2)
    nothing = np.zeros((1, 2, 4), dtype=np.int64)
    measures = tuple(Measure(f"asked_{at}", BINARY) for at in range(4))
    many = moved(*(Tally(["a", "b"], measures, part, nothing, nothing) for part in levels))
    assert (many.p_family[0, 0] > alone.p_family[0, 0, 0]).all()
    assert many.p[0, 0, 0] == pytest.approx(alone.p[0, 0, 0])


def test_uncoached_criteria_do_not_weigh_on_the_plan() -> None:
    levels = np.repeat(yes_no([[0]]).levels, 3, axis=2), np.repeat(yes_no([[6]]).levels, 3, axis=2)
    nothing = np.zeros((1, 1, 3), dtype=np.int64)
    measures = tuple(Measure(f"asked_{at}", BINARY) for at in range(3))
    tallies = [Tally(["a"], measures, part, nothing, nothing) for part in levels]
    one = moved(*tallies, coached=[[True, False, False]])
    assert one.p_family[0, 0, 0] == pytest.approx(3 * one.p[0, 0, 0])  # three planned cycles, one criterion
    assert [row.criterion for row in one.rows()] == ["asked_0"]
    assert len(one.rows(only_coached=False)) == 3


def test_a_rep_picked_as_the_lowest_must_rise_beyond_the_mean() -> None:
    """7 of 12 after 1 of 12 moves against the own baseline; in a team where all stand at 6 it is regression."""
    team, alone = moved(yes_no([[1, *[6] * 11]]), yes_no([[7, *[6] * 11]])), moved(yes_no([[1]]), yes_no([[7]]))
    assert alone.rows()[0].verdict == "moved"
    assert isinstance(alone.rows()[0].expected_rise, Undefined)
    row = team.rows()[0]
    assert row.verdict == "cannot_tell"
    assert isinstance(row.expected_rise, Estimate)
    assert row.expected_rise.value > 0.2


def test_the_uncoached_comparison_is_beside_it() -> None:
    table = moved(yes_no([[3, 3, 3, 3]]), yes_no([[9, 3, 4, 2]]), coached=[[True], [False], [False], [False]])
    (row,) = table.rows()
    assert isinstance(row.uncoached, Estimate)
    assert (row.uncoached.value, row.uncoached.n) == (pytest.approx(0.0), 3)
    assert isinstance(moved(yes_no([[3]]), yes_no([[9]])).rows()[0].uncoached, Undefined)
    assert table.false_moved == pytest.approx(0.025)


def test_no_calls_cannot_tell() -> None:
    empty = yes_no([[0]], 0)
    for baseline, now in ((empty, yes_no([[12]])), (yes_no([[0]]), empty), (empty, empty)):
        row = moved(baseline, now).rows()[0]
        assert row.verdict == "cannot_tell"
        assert isinstance(row.difference, Undefined)


def test_cycles_need_names_and_one_baseline() -> None:
    with pytest.raises(InputError, match="one baseline period"):
        movement(yes_no([[1], [2]]), yes_no([[3]]), ["cycle_1"], np.ones((1, 1), bool), RULES)
    with pytest.raises(InputError, match="a name for each cycle"):
        movement(yes_no([[1]]), yes_no([[3]]), [], np.ones((1, 1), bool), RULES)


@pytest.mark.parametrize("reps", [60, pytest.param(400, marks=pytest.mark.slow)])
@pytest.mark.parametrize("change", [0.0, 0.2])
def test_calls_needed_do_tell(change: float, reps: int) -> None:
    """With that many calls in both periods at least 80 % of reps get a verdict at no change and at the smallest one."""
    first = moved(yes_no([[3]]), yes_no([[4]])).rows()[0].calls_needed
    assert first is not None
    rng = np.random.default_rng(5)
    before, now = rng.binomial(first, 0.25, reps), rng.binomial(first, 0.25 + change, reps)
    # each rep by itself: no team to learn from
    verdicts = [
        moved(yes_no([[x]], first), yes_no([[y]], first)).rows()[0].verdict for x, y in zip(before, now, strict=True)
    ]
    right = "moved" if change else "not_moved"
    assert verdicts.count(right) >= 0.75 * len(verdicts)


# diagnosis


def share(value: float) -> Estimate:
    return Estimate(value=value, n=40, low=max(value - 0.1, 0), high=min(value + 0.1, 1))


UNKNOWN = Undefined(undefined="no calibration round yet")


def evidence(agreement: Statistic, flips: Statistic, moved: int = 0, not_moved: int = 0) -> Evidence:
    return Evidence(
        verdict="not_moved",
        cycles=2,
        agreement=agreement,
        flip_rate=flips,
        peers=moved + not_moved + 1,
        peers_moved=moved,
        peers_not_moved=not_moved,
    )


@pytest.mark.parametrize(
    ("agreement", "flips", "moved", "not_moved", "fault"),
    [
        (share(0.7), share(0.02), 2, 1, "both"),
        (share(0.7), share(0.02), 0, 1, "definition"),
        (share(0.78), share(0.02), 0, 1, "cannot_tell"),  # 68 to 88 %: the floor of 85 % is not ruled out
        (share(0.95), share(0.3), 0, 0, "definition"),
        (share(0.95), share(0.15), 0, 0, "cannot_tell"),  # 5 to 25 %: the ceiling of 10 % is not ruled out
        (share(0.95), share(0.02), 0, 3, "definition"),
        (share(0.95), share(0.02), 2, 3, "approach"),
        (share(0.95), share(0.02), 1, 0, "cannot_tell"),  # one false verdict among the peers would do it
        (share(0.95), share(0.02), 1, 14, "cannot_tell"),
        (share(0.95), share(0.02), 2, 18, "cannot_tell"),  # two of 21 by luck: one team of eleven
        (share(0.95), share(0.02), 3, 12, "approach"),
        (share(0.95), share(0.02), 0, 2, "cannot_tell"),
        (UNKNOWN, UNKNOWN, 0, 0, "cannot_tell"),
    ],
)
def test_the_fault_follows_from_the_evidence(
    agreement: Statistic, flips: Statistic, moved: int, not_moved: int, fault: str
) -> None:
    result = diagnose(evidence(agreement, flips, moved, not_moved), DiagnosisRules())
    assert result.fault == fault
    assert result.next_step
    assert bool(result.because) or fault == "cannot_tell"


def test_the_criterions_own_verdict_is_enough_to_ask_about_the_approach() -> None:
    one = evidence(share(0.95), share(0.02), 1, 3)
    assert diagnose(one, DiagnosisRules()).fault == "cannot_tell"
    assert (
        "only 1 of 5 other reps coached on it moved, which luck alone may do" in diagnose(one, DiagnosisRules()).because
    )
    found = diagnose(one.model_copy(update={"criterion_moved": True}), DiagnosisRules())
    assert (found.fault, found.because) == (
        "approach",
        ("the reps coached on it moved beyond the others; 1 of 5 other reps coached on it moved",),
    )


def test_what_is_not_known_is_said_and_one_cycle_is_too_early() -> None:
    two = evidence(UNKNOWN, share(0.0))
    assert diagnose(two, DiagnosisRules()).because == ("agreement of raters is not known: no calibration round yet",)
    assert diagnose(two.model_copy(update={"cycles": 1}), DiagnosisRules()).fault == "too_early"


def test_cannot_tell_blames_nobody() -> None:
    damning = evidence(share(0.3), share(0.5), 3, 3)
    assert diagnose(damning, DiagnosisRules()).fault == "both"
    for verdict in ("cannot_tell", "moved"):
        assert diagnose(damning.model_copy(update={"verdict": verdict}), DiagnosisRules()).fault == "too_early"


def test_evidence_comes_from_the_table() -> None:
    """Of 60 calls: rep 0 and 3 rise, rep 1 and 2 stand still; rep 3 is not coached, so no peer."""
    table = moved(
        yes_no([[15, 15, 15, 15]], 60),
        yes_no([[58, 15, 14, 60], [15, 15, 15, 15]], 60),
        [[True], [True], [True], [False]],
    )
    first = gather(table, "rep 0", "asked", UNKNOWN, UNKNOWN)
    assert (first.verdict, first.cycles, first.peers, first.peers_moved, first.peers_not_moved) == ("moved", 2, 2, 0, 2)
    other = gather(table, "rep 1", "asked", UNKNOWN, UNKNOWN)
    assert (other.verdict, other.peers_moved, other.peers_not_moved) == ("not_moved", 1, 1)


# latched, pooled, and a whole team's rise


def test_moved_once_given_stays() -> None:
    table = moved(yes_no([[2]]), yes_no([[12], [2], [2]]))
    assert [row.verdict for row in table.rows()] == ["moved"] * 3
    assert [row.moved_in for row in table.rows()] == ["cycle_1"] * 3
    later = moved(yes_no([[2]]), yes_no([[2], [12], [2]]))
    assert [row.moved_in for row in later.rows()] == ["", "cycle_2", "cycle_2"]


def test_cycles_tell_together_what_none_tells_alone() -> None:
    table = moved(yes_no([[3]]), yes_no([[8], [8], [8]]))
    last = table.rows()[-1]
    assert (last.verdict, last.decided_on) == ("moved", "all cycles so far")
    assert isinstance(last.together, Estimate)
    assert isinstance(last.difference, Estimate)
    assert (last.together.value, last.together.n) == (24 / 36, 36)
    assert last.difference.value == pytest.approx(24 / 36 - 3 / 12)
    assert table.rows()[0].verdict == "cannot_tell"


def test_what_the_whole_team_rose_by_is_no_ones_movement() -> None:
    before = [3, 3, 4, 3, 2, 4, 3, 3, 2, 4]
    risen = [count + 6 for count in before]
    plan = [[at < 2] for at in range(10)]
    together, alone = (
        moved(yes_no([before]), yes_no([now]), plan).rows()[0] for now in (risen, [risen[0], *before[1:]])
    )
    assert (alone.verdict, together.verdict) == ("moved", "cannot_tell")
    assert isinstance(together.team_rise, Estimate)
    assert together.team_rise.value == pytest.approx(0.5, abs=0.02)
    assert together.team_rise.n == 8
    assert isinstance(together.difference, Estimate)
    assert isinstance(alone.difference, Estimate)
    assert (together.difference.value, together.difference.high) == (alone.difference.value, alone.difference.high)
    assert together.difference.low < 0 < alone.difference.low  # type: ignore[operator]  # what the others rose by is off
