"""Probabilities in words: never 0 and never 1, whatever rounding would make of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.app.web.locale import local
from agent.core.statistic import chance, p_value


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
    for shown in (chance(probability), local("de-DE").chance(probability)):
        assert 0 < float(shown.removesuffix("%").split()[-1].replace(",", ".")) < 100


def test_a_page_writes_it_in_the_readers_language():
    assert local("de-DE").chance(0.0004).replace("\u00a0", " ") == "less than 0,1 %"
    assert local("de-DE").p_value(0.04) == "0,04"


def test_a_p_value_may_be_1_since_corrections_end_there():
    assert (p_value(0.0), p_value(0.0312), p_value(1.0)) == ("less than 0.001", "0.031", "1.000")
