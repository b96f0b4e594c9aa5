"""Ongoing calibration: false alarms a year, and how soon a real fall is seen."""

from __future__ import annotations

import numpy as np
import pytest

from agent.stats.ongoing import OngoingRule, alarm_limit, chance_of_alarm, drift
from agent.stats.sequential import Shares, laws_with_mean

RULE = OngoingRule()
TWO = Shares.of_scale(2, 0, 2)


@pytest.mark.parametrize(("levels", "tolerance", "raters"), [(2, 0, 2), (2, 0, 3), (3, 0, 3), (5, 1, 3)])
def test_false_alarms_in_at_most_one_year_of_twenty(levels: int, tolerance: int, raters: int) -> None:
    shares = Shares.of_scale(levels, tolerance, raters)
    limit = alarm_limit(shares, RULE)
    alarms = chance_of_alarm(shares, laws_with_mean(shares, 0.95), limit, 150)
    assert alarms.max() <= 0.05 + 1e-9
    assert chance_of_alarm(shares, laws_with_mean(shares, 0.95, mixtures=False), limit - shares.unit, 150).max() > 0.05


def test_the_chance_is_that_of_drawn_calls() -> None:
    rng, limit = np.random.default_rng(3), alarm_limit(TWO, RULE)
    law = laws_with_mean(TWO, 0.85)[:1]
    years = [drift(list((rng.random(50) < 0.85).astype(float)), TWO, RULE).verdict == "fell" for _ in range(1500)]
    assert np.mean(years) == pytest.approx(float(chance_of_alarm(TWO, law, limit, 50)[0]), abs=0.04)


def test_a_fall_to_75_percent_is_seen_within_50_calls() -> None:
    law = laws_with_mean(TWO, 0.75)[:1]
    assert chance_of_alarm(TWO, law, alarm_limit(TWO, RULE), 50)[0] > 0.9


def test_years_of_good_calls_do_not_hide_a_bad_month() -> None:
    good = [1.0] * 300
    assert drift(good, TWO, RULE).verdict == "holds"
    bad = drift([*good, 0.0, 1.0, 0.0, 0.0, 0.0], TWO, RULE)
    assert (bad.verdict, bad.since) == ("fell", 300)
    assert drift([*good, 0.0, 1.0, 0.0], TWO, RULE).verdict == "watch"


def test_an_alarm_is_kept() -> None:
    assert drift([0.0] * 4 + [1.0] * 100, TWO, RULE).verdict == "fell"
    assert drift([], TWO, RULE).verdict == "no calls"
