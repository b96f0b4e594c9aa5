"""The eval gate's test: equal prompts pass, worse ones are seen, and the gate says what it cannot see."""

from __future__ import annotations

import numpy as np
import pytest

from agent.stats.drops import Changes, cases_needed, chance_of_drop, judge_drops, power_of

TOLERANCES = [0.05] * 7


def compared(rng: np.random.Generator, cases: int, drops: list[float], changed: float) -> list[Changes]:
    rows = []
    for drop in drops:
        worse, better, _ = rng.multinomial(cases, [changed / 2 + drop, changed / 2, 1 - changed - drop])
        rows.append(Changes(int(worse), int(better), cases, (int(worse) - int(better)) / cases))
    return rows


def closed(rng: np.random.Generator, cases: int, drops: list[float], changed: float = 0.1) -> bool:
    each, together = judge_drops(compared(rng, cases, drops, changed), TOLERANCES)
    return together.worse or any(one.worse for one in each)


@pytest.mark.parametrize("cases", [6, 12, 40, 200])
@pytest.mark.parametrize("changed", [0.02, 0.05, 0.1])
def test_an_equal_prompt_is_refused_in_at_most_one_of_twenty(cases: int, changed: float) -> None:
    rng = np.random.default_rng([cases, round(changed * 100)])
    refused = np.mean([closed(rng, cases, [0.0] * 7, changed) for _ in range(600)])
    assert refused <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 600)


def test_a_drop_of_a_tenth_everywhere_is_seen_at_40_cases() -> None:
    rng = np.random.default_rng(2)
    assert np.mean([closed(rng, 40, [0.1] * 7) for _ in range(200)]) > 0.95


def test_on_one_criterion_the_cases_needed_are_said_and_suffice() -> None:
    each, _ = judge_drops([Changes(4, 0, 40, 0.1)] + [Changes(0, 0, 40, 0.0)] * 6, TOLERANCES)
    assert not each[0].worse
    assert each[0].seen < 0.5
    assert 100 < each[0].cases_needed < 200
    rng = np.random.default_rng(3)
    seen = np.mean([closed(rng, each[0].cases_needed, [0.1] + [0.0] * 6) for _ in range(300)])
    assert seen >= 0.75
    assert power_of(each[0].cases_needed, 8) >= 0.8 > power_of(each[0].cases_needed - 1, 8)


def test_a_broken_prompt_closes_a_small_suite_too() -> None:
    each, together = judge_drops([Changes(5, 0, 6, 5 / 6)] * 2, [0.05] * 2)
    assert together.worse
    assert all(one.worse for one in each)


def test_a_sure_drop_within_the_tolerance_passes() -> None:
    each, _ = judge_drops([Changes(200, 60, 4000, 0.035)], [0.05])
    assert each[0].p < 0.05
    assert not each[0].worse


def test_the_chance_is_exact() -> None:
    rng = np.random.default_rng(4)
    worse, better, _ = rng.multinomial(40, [0.05, 0.05, 0.9], size=100_000).T
    for count in (0, 3, 6):
        assert chance_of_drop(count, 40) == pytest.approx(np.mean(worse - better >= count), abs=0.005)
    assert chance_of_drop(0, 0) == 1.0
    assert cases_needed(8) > cases_needed(1)
    assert judge_drops([], [])[0] == []
