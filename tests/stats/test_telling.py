"""Learned, not lived: when a criterion that is scored stops telling won from lost."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from agent.core.scale import BINARY
from agent.core.statistic import Estimate, Undefined
from agent.stats.frame import Measure
from agent.stats.telling import WHAT_TO_DO, Telling, TellingRules, near_copies, telling
from agent.stats.weights import DealScores

MEASURES = tuple(Measure(f"c{at}", BINARY) for at in range(7))
NO_QUOTES = [Undefined(undefined="no quotes", n=0)] * 7
RULES = TellingRules()


def season(seed: int, before: float, after: float, rise: float = 0.3, deals: int = 700) -> list[Telling]:
    """18 reps, `deals` decided in each period; the first criterion's log odds over its scale in both periods."""
    rng = np.random.default_rng(seed)
    rep, late = rng.integers(0, 18, 2 * deals), np.arange(2 * deals) >= deals
    rate = np.clip(rng.beta(2, 3, (18, 7))[rep] + rise * late[:, None], 0, 1)
    score = rng.binomial(3, rate) / 3
    slope = np.where(late, after, before)
    won = rng.random(2 * deals) < expit(-1 + rng.normal(0, 0.3, 18)[rep] + slope * (score[:, 0] - 0.5))
    return telling(DealScores(MEASURES, score, np.ones(score.shape, bool), won, rep), late[:, None], RULES, NO_QUOTES)


def test_a_link_that_goes_is_fading_and_one_that_stays_still_tells() -> None:
    assert season(1, 2.0, 0.0)[0].verdict == "fading"
    stays = season(2, 2.0, 2.0)[0]
    assert stays.verdict == "still tells"
    assert WHAT_TO_DO[stays.verdict] == "keep it"
    assert isinstance(stays.after, Estimate)
    assert stays.after.value == pytest.approx(np.exp(0.2), abs=0.08)
    assert isinstance(stays.rise, Estimate)
    assert stays.rise.value == pytest.approx(0.3, abs=0.06)


@pytest.mark.parametrize("slope", [0.0, 1.0])
def test_a_constant_link_is_called_fading_in_few_seasons(slope: float) -> None:
    """5 % over seven criteria: of 60 seasons nine would be odd (p = .003)."""
    named = [any(row.verdict == "fading" for row in season(100 + seed, slope, slope)) for seed in range(60)]
    assert sum(named) <= 8


def test_without_a_rise_nothing_is_learned() -> None:
    assert season(3, 2.0, 0.0, rise=0.0)[0].verdict == "cannot tell"


def test_few_deals_cannot_tell() -> None:
    rows = season(4, 2.0, 0.0, deals=60)
    assert {row.verdict for row in rows} == {"cannot tell"}
    assert isinstance(rows[0].before, Undefined)


def test_a_behavior_to_avoid_is_turned_over() -> None:
    rng = np.random.default_rng(5)
    rep, late = rng.integers(0, 18, 1400), np.arange(1400) >= 700
    score = rng.binomial(3, 0.5, (1400, 1)) / 3
    won = rng.random(1400) < expit(-2 * score[:, 0])
    frame = DealScores((Measure("pushed", BINARY, -1),), score, np.ones(score.shape, bool), won, rep)
    (row,) = telling(frame, late[:, None], RULES, NO_QUOTES[:1])
    assert row.verdict == "still tells"


def test_each_criterion_has_its_own_beginning_and_plain_counts() -> None:
    """The second criterion was coached from the fourth deal on, the first from the second."""
    score = np.array([[1.0, 0.0], [0.5, 1.0], [0.0, 1.0], [1.0, 0.4]])
    won = np.array([True, False, True, True])
    frame = DealScores(MEASURES[:2], score, np.array([[1, 1], [1, 1], [1, 1], [1, 0]], bool), won, np.zeros(4, int))
    after = np.array([[False, False], [True, False], [True, False], [True, True]])
    first, second = telling(frame, after, RULES, NO_QUOTES[:2])
    assert first.wins_before.words == "1 of 1 with it, 0 of 0 without"
    assert first.wins_after.words == "1 of 2 with it, 1 of 1 without"
    assert second.wins_before.words == "1 of 2 with it, 1 of 1 without"
    assert second.wins_after.words == "0 of 0 with it, 0 of 0 without"  # the last deal's calls do not rate it


def test_near_copies_of_examples_and_of_each_other() -> None:
    example = "What happens to your quarter if this slips past March?"
    quotes = [
        "So, what happens to your quarter if this slips past March?",
        "what happens to your quarter if it slips?",
        "Walk me through the last renewal that went wrong.",
        "Who else would notice?",
        "Yes.",
    ]
    found = near_copies(quotes, [example])
    assert isinstance(found, Estimate)
    assert (found.value, found.n) == (2 / 4, 4)
    alike = near_copies(["tell me more about that please"] * 3)
    assert isinstance(alike, Estimate)
    assert alike.value == 1.0
    assert isinstance(near_copies(["yes", "no"]), Undefined)
