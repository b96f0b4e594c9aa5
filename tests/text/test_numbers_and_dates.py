"""Amounts and days as exports write them: read in one way, or asked about."""

from __future__ import annotations

from datetime import date

import pytest

from agent.text.dates import read_day
from agent.text.numbers import Amounts


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        (["12.000"], [12_000]),
        (["12.000", "3,50"], [12_000, 3.5]),
        (["1.234,56"], [1_234.56]),
        (["12\u202f000,50"], [12_000.5]),
        (["12'500.00"], [12_500]),
        (["(1,200)"], [-1_200]),
        (["US$1,200", "1,200.50 USD"], [1_200, 1_200.5]),
        (["1.000.000"], [1_000_000]),
        (["0.500"], [0.5]),
        (["0,500"], [0.5]),
        (["00012"], [12]),
        ([""], [None]),
    ],
)
def test_amounts_that_can_be_read_in_one_way(column: list[str], meant: list[float | None]) -> None:
    amounts = Amounts(column)
    assert [amounts.read(cell) for cell in column] == meant


@pytest.mark.parametrize(
    "written", ["€1.200", "A$1,200", "kr 1 200", "12k", "1,20,000", "inf", "nan", "12.34.56", "n/a"]
)
def test_amounts_that_cannot(written: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        Amounts([written]).read(written)


@pytest.mark.parametrize(
    "written",
    [
        "14/Mar/2026",
        "14-MAR-2026",
        "Sat, 14 Mar 2026",
        "46095.5",
        "3/14/2026, 10:00:00 AM",
        "2026-03-14 23:30:00+02:00",
    ],
)
def test_one_day_in_many_ways(written: str) -> None:
    assert read_day(written) == date(2026, 3, 14)


def test_september_is_written_in_two_ways() -> None:
    assert read_day("3 Sept 2026") == read_day("Sept. 3, 2026") == read_day("Sep 3, 2026") == date(2026, 9, 3)
