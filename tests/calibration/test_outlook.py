"""What is said before a round, and why these calls, in words that hold for these raters and these calls."""

from __future__ import annotations

from agent.calibration.choosing import Choice
from agent.calibration.outlook import Outlook, plan_words
from agent.core.direction import Direction
from agent.core.figures import read
from agent.core.scale import BINARY, SCALES
from agent.core.statistic import Estimate, interval_words, percent
from agent.stats.calibration import CalibrationRule, judge, prospects
from tests.builders import call
from tests.stats.test_calibration import rounds

RULE = CalibrationRule()


def said(levels: int, tolerance: int, raters: int) -> str:
    return Outlook(("a",), raters, 0, 0, prospects((8, 8, 8), levels, tolerance, raters, RULE)).sentence


def test_three_raters_agree_all_three_on_a_call() -> None:
    assert "16: passes if all three agree on 14, 89 %. 24: passes if all three agree on 20, 97 %" in said(2, 0, 3)


def test_where_calls_agree_in_part_it_says_how_they_count() -> None:
    words = said(5, 1, 3)
    assert "24: passes if agreement adds up to 21.7, 88 % or more" in words
    assert words.endswith("A call counts by the share of pairs of raters that agree on it")


def test_with_calls_held_the_new_ones_and_all_are_told_apart() -> None:
    held = judge(rounds("a" * 8, 8), 0, RULE).looks
    words = Outlook(("a",), 2, 8, 8, prospects((8, 8), 2, 0, 2, RULE, held=held)).sentence
    assert words.startswith("8 more calls, 16 in all (8 of 8 agree so far): passes if both agree on all, 66 %")


def test_the_plan_says_what_its_percentages_take_for_granted() -> None:
    assert "where about half of the calls show the criterion" in plan_words(RULE)


def test_half_and_half_is_said_only_of_calls_that_were_read() -> None:
    calls = (call("call-1"), call("call-2"))

    def reason(read: int) -> str:
        return Choice(calls, {}, {}, picked=True, read=read).reasons[0]

    assert reason(0).endswith("none was rated before, so how many of them show a criterion is left to chance.")
    assert "as far as they were rated before (1 of 2)" in reason(1)
    assert reason(2).endswith("so that about half of them show each criterion and half do not.")


def test_one_point_one_call_and_one_per_cent_sign() -> None:
    one = Estimate(value=0.01, n=1, low=-0.2, high=0.2)
    assert str(read(one, "points", "call")) == "+1 point (-20 to +20), 1 call"
    assert str(read(Estimate(value=0.02, n=1), "points")) == "+2 points"
    assert Direction(False, BINARY).far(0.01) == "1 point"
    assert Direction(False, SCALES["1-5"]).far(0.25) == "1.0 levels"
    assert interval_words(Estimate(value=0.9, n=9, low=0.75, high=0.99), percent) == "75 to 99 %"
