"""Days, numbers, shares and probabilities in their one style; no probability reads 0 or 1, whatever rounding would make of it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.app.web.figures import Figures
from agent.core.figures import read
from agent.core.marks import result_sign
from agent.core.scale import SCALES
from agent.core.statistic import Estimate, Undefined, chance, p_value
from agent.core.wording import day, days, number, usd


@pytest.mark.parametrize(
    ("probability", "shown"),
    [
        (0.0, "less than 0.1 %"),
        (1e-9, "less than 0.1 %"),
        (0.00099, "less than 0.1 %"),
        (0.001, "0.1 %"),
        (0.0426, "4.3 %"),
        (0.999, "99.9 %"),
        (0.9996, "more than 99.9 %"),
        (1.0, "more than 99.9 %"),
    ],
)
def test_what_rounds_to_0_or_1_says_on_which_side_it_lies(probability, shown):
    assert chance(probability) == shown


@given(st.floats(0, 1))
def test_no_probability_reads_0_or_1(probability):
    for shown in (chance(probability), Figures().chance(probability)):
        assert 0 < float(shown.removesuffix("%").split()[-1]) < 100


def test_a_p_value_may_be_1_since_corrections_end_there():
    assert (p_value(0.0), p_value(0.0312), p_value(1.0)) == ("less than 0.001", "0.031", "1.000")


SOME = Estimate(value=0.5, n=12, low=0.21, high=0.79, method="exact")


@pytest.mark.parametrize(
    ("form", "unit", "shown"),
    [
        ("counted", "call", "6 of 12 calls, 50 % (21 to 79 %)"),
        ("counted", "", "50 % (21 to 79 %)"),
        ("rate", "rep", "50 % (21 to 79 %), 12 reps"),
        ("points", "call", "+50 points (+21 to +79), 12 calls"),
        ("level", "call", "level 0.5 of 5 (0.2 to 0.8), 12 calls"),
        ("levels", "", "+0.5 levels (+0.2 to +0.8)"),
        ("number", "rep", "0.5 (0.21 to 0.79), 12 reps"),
    ],
)
def test_a_statistic_says_of_how_many_before_per_cent(form, unit, shown):
    assert str(read(SOME, form, unit, SCALES["1-5"])) == shown


def test_a_rough_range_says_so_and_none_gives_its_reason():
    rough = SOME.model_copy(update={"method": "bootstrap, rough range"})
    assert str(read(rough, "counted", "call")) == "6 of 12 calls, 50 % (roughly 21 to 79 %)"
    assert str(read(Undefined(undefined="no calls"), "counted", "call")) == "none (no calls)"
    assert str(read(Estimate(value=1, n=1), "counted", "call")) == "1 of 1 call, 100 %"


@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_a_number_is_read_back_as_it_was_rounded(value, digits):
    assert float(number(value, digits).replace(",", "")) == round(value, digits)
    assert number(value, digits) != "-0"


def test_days_and_money_are_written_in_one_way_everywhere():
    assert (day(date(2026, 9, 3)), usd(1404.5), usd(-2)) == ("3 Sep 2026", "$1,404.50", "-$2.00")
    assert days(date(2026, 3, 1), date(2026, 3, 30)) == "1 Mar 2026 to 30 Mar 2026"
    assert days(date(2026, 3, 1), date(2026, 3, 1)) == "1 Mar 2026"
    page = Figures()
    assert "3 Sep 2026, 14:05 UTC" in page(datetime(2026, 9, 3, 14, 5, tzinfo=UTC))
    assert "3 Sep 2026" in page(date(2026, 9, 3))
    assert (page(1404), page(True), page.range(0.345, 0.881)) == ("1,404", "yes", "34 to 88\N{NO-BREAK SPACE}%")


def test_no_two_marks_are_alike():
    parts = [0, 0.25, 0.5, 0.75, 1]
    shown = [result_sign("shown", part) for part in parts]
    avoided = [result_sign("shown", part, avoid=True) for part in (0, 0.5, 1)]
    bare = [result_sign(kind) for kind in ("not_applicable", "failed", "differs", "none")]
    assert len({*shown, *avoided, *bare}) == len(shown) + len(avoided) + len(bare)
    assert result_sign("not_shown") == result_sign("shown", 0)
