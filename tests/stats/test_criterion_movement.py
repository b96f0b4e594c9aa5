"""A criterion over all coached reps: its error, its power, and what it takes out."""

from __future__ import annotations

import numpy as np
import pytest

from agent.core.errors import InputError
from agent.core.scale import BINARY
from agent.core.statistic import Estimate, Undefined
from agent.stats.criterion_movement import CriterionMovement, criterion_movements
from agent.stats.frame import Measure
from agent.stats.rules import MovementRules
from agent.stats.tally import Tally

RULES = MovementRules()
NAMES = ("cycle_1", "cycle_2", "cycle_3")


def tally(yes: np.ndarray, calls: int, direction: int = 1) -> Tally:
    """Successes (periods, reps, criteria), of `calls` calls each."""
    levels = np.zeros((*yes.shape, 5), dtype=np.int64)
    levels[..., 0], levels[..., 1] = calls - yes, yes
    nothing = np.zeros(yes.shape, dtype=np.int64)
    measures = tuple(Measure(f"c{at}", BINARY, direction) for at in range(yes.shape[2]))  # type: ignore[arg-type]
    return Tally([f"rep {at}" for at in range(yes.shape[1])], measures, levels, nothing, nothing)


def season(rng: np.random.Generator, lift: float, team: float = 0.0, camps: bool = False) -> list[CriterionMovement]:
    """Eighteen reps, seven criteria, twelve calls a period, the two lowest criteria of each rep coached: the last look."""
    rate = np.where(rng.random((18, 7)) < 0.5, 0.75, 0.15) if camps else rng.beta(1.5, 2.5, (18, 7))
    before = rng.binomial(12, rate)
    coached = np.zeros(rate.shape, dtype=bool)
    np.put_along_axis(coached, np.argsort(before + rng.random(rate.shape) * 1e-3, axis=1)[:, :2], True, axis=1)
    now = rng.binomial(12, np.clip(rate + lift * coached + team, 0, 1), (3, 18, 7))
    return criterion_movements(tally(before[None], 12), tally(now, 12), NAMES, coached, RULES)[-1]


@pytest.mark.parametrize(("team", "camps"), [(0.0, False), (0.0, True), (0.2, False)])
def test_no_effect_is_named_in_few_teams(team: float, camps: bool) -> None:
    """The error is 5 % over all seven criteria and three looks; 28 teams, so five named would be odd (p = .01)."""
    rng = np.random.default_rng([7, int(10 * team), int(camps)])
    named = [any(row.verdict == "moved" for row in season(rng, 0.0, team, camps)) for _ in range(28)]
    assert sum(named) <= 4


def test_the_smallest_change_worth_having_is_found_more_often_than_by_any_rep() -> None:
    rng = np.random.default_rng(8)
    rows = [row for _ in range(25) for row in season(rng, 0.2)]
    told = [row for row in rows if isinstance(row.rise, Estimate)]
    assert np.mean([row.verdict == "moved" for row in told]) > 0.3
    assert np.mean([row.rise.value for row in told if isinstance(row.rise, Estimate)]) == pytest.approx(0.19, abs=0.03)
    covered = [
        row.rise.low <= 0.2 <= row.rise.high
        for row in told
        if isinstance(row.rise, Estimate) and row.rise.low is not None and row.rise.high is not None
    ]
    assert np.mean(covered) > 0.85


def test_a_rise_of_everybody_is_not_the_coachings() -> None:
    before = np.array([[3, 4, 3, 5, 2, 3, 4, 3, 6, 2, 3, 4]])[..., None]
    coached = (np.arange(12) < 5)[:, None]
    risen = np.repeat(before + 6, 3, axis=0)
    all_rose = criterion_movements(tally(before, 12), tally(risen, 12), NAMES, coached, RULES)[-1][0]
    only_coached = np.where(coached[None], risen, before)
    some = criterion_movements(tally(before, 12), tally(only_coached, 12), NAMES, coached, RULES)[-1][0]
    assert (all_rose.verdict, some.verdict) == ("not_moved", "moved")
    assert isinstance(some.rise, Estimate)
    assert isinstance(all_rose.others_change, Estimate)
    assert some.rise.value == pytest.approx(0.5, abs=0.03)
    assert all_rose.others_change.value == pytest.approx(0.5)
    assert (some.coached, some.others) == (5, 7)


def test_a_behavior_to_avoid_moves_downwards() -> None:
    before = np.array([[9, 8, 9, 7, 10, 9, 8, 9, 6, 10, 9, 8]])[..., None]
    coached = (np.arange(12) < 5)[:, None]
    now = np.repeat(np.where(coached[None], before - 6, before), 3, axis=0)
    last = criterion_movements(tally(before, 12, -1), tally(now, 12, -1), NAMES, coached, RULES)[-1][0]
    assert last.verdict == "moved"
    assert isinstance(last.rise, Estimate)
    assert last.rise.value == pytest.approx(-0.5, abs=0.03)
    assert last.rise.high is not None
    assert last.rise.high < 0


def test_moved_stays_and_few_reps_cannot_tell() -> None:
    before = np.array([[2, 2, 3, 2, 3, 2, 3, 2, 2, 3]])[..., None]
    coached = (np.arange(10) < 4)[:, None]
    up, down = np.where(coached[None], 12, before), before
    rules = RULES.model_copy(update={"cycles": 1})
    looks = criterion_movements(tally(before, 12), tally(np.concatenate([up, down, down]), 12), NAMES, coached, rules)
    assert [look[0].moved_in for look in looks[-2:]] == [looks[-1][0].moved_in] * 2
    few = criterion_movements(tally(before, 12), tally(up, 12), NAMES[:1], (np.arange(10) < 2)[:, None], RULES)[0][0]
    assert few.verdict == "cannot_tell"
    assert isinstance(few.rise, Undefined)
    with pytest.raises(InputError, match="one baseline period"):
        criterion_movements(tally(before, 12), tally(up, 12), NAMES, coached, RULES)


def test_the_interval_on_screen_is_the_one_that_decides() -> None:
    """Where `moved` is given in this cycle the worse end lies beyond 0, and where it is not it does not."""
    rng = np.random.default_rng(9)
    seen = {"moved": 0, "cannot_tell": 0}
    for lift in (0.0, 0.15, 0.3):
        for row in (row for _ in range(6) for row in season(rng, lift)):
            if not isinstance(row.rise, Estimate) or row.rise.low is None or row.moved_in not in ("", "cycle_3"):
                continue
            if row.verdict != "not_moved":
                assert (row.rise.low > 0) == (row.verdict == "moved")
                seen[row.verdict] += 1
    assert min(seen.values()) > 3


def test_a_criterion_that_cannot_be_tested_takes_no_error_from_the_others() -> None:
    """How many reps were coached does not hang on how they did."""
    before = np.array([[3, 4, 3, 5, 2, 3, 4, 3, 6, 2, 3, 4]] * 2).T[None]
    coached = np.stack([np.arange(12) < 5, np.arange(12) < 2], axis=-1)
    now = np.repeat(np.where(coached[None], before + 3, before), 3, axis=0)
    both = criterion_movements(tally(before, 12), tally(now, 12), NAMES, coached, RULES)[-1]
    alone = criterion_movements(tally(before[..., :1], 12), tally(now[..., :1], 12), NAMES, coached[:, :1], RULES)[-1]
    assert isinstance(both[1].rise, Undefined)
    assert (both[0].p_family, both[1].p_family) == (alone[0].p_family, 1.0)
