"""Amounts and days as exports write them: read in one way, or asked about."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from babel.dates import format_date

from agent.text.dates import column_order, read_day
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
        (["1,200-", "300"], [-1_200, 300]),
        (["1.234,56-"], [-1_234.56]),
        (["$1,200.00 -"], [-1_200]),
        (["\u22121,200"], [-1_200]),
        (["12.000-", "3,50-"], [-12_000, -3.5]),
        (["-", "\u2013", "\u2014", "n/a", " N/A "], [None] * 5),
    ],
)
def test_amounts_that_can_be_read_in_one_way(column: list[str], meant: list[float | None]) -> None:
    amounts = Amounts(column)
    assert [amounts.read(cell) for cell in column] == meant


@pytest.mark.parametrize(
    "written",
    [
        *("€1.200", "A$1,200", "kr 1 200", "12k", "1,20,000", "inf", "nan", "12.34.56"),
        *("1.200,-", "-1,200-", "(1,200)-", "$-", "5-10", "--", "\u20ac1,200-"),
    ],
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


def test_a_minus_behind_does_not_settle_what_the_mark_before_it_means() -> None:
    with pytest.raises(ValueError, match="two ways"):
        Amounts(["12.000-", "3.50-"]).read("12.000-")


@pytest.mark.parametrize(
    "written",
    [
        "14. Mrz 2026",
        "14.M\u00e4rz 2026",
        "14. Ma\u0308rz 26",
        "Samstag, 14. Maerz 2026 um 10:30 Uhr",
        "14 MARS 2026 \u00e0 10h30",
        "14 de marzo del 2026",
        "14-mrt-2026",
        "14/mar/26",
        "March 14, 2026 at 10:30 AM",
        "2026 Mar 14",
        "2026\u5e743\u670814\u65e5(\u571f) 10:30",
        "2026\u5e743\u670814\u65e510:30",
        "sam. 14/03/2026",
    ],
)
def test_one_day_in_many_languages(written: str) -> None:
    assert read_day(written) == date(2026, 3, 14)


@pytest.mark.parametrize("pattern", ["full", "long", "medium", "EEE d MMM y", "EEEE, d MMMM y", "d LLLL y", "d-LLL-yy"])
@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "nl", "it", "pt", "pt_PT", "de_AT", "en_GB", "es_MX"])
def test_days_are_read_as_babel_writes_them(language: str, pattern: str) -> None:
    days = [date(2026, 1, 1) + timedelta(days=9 * i) for i in range(40)]
    if pattern == "medium":  # two of them write it in figures
        days = [day for day in days if day.day > 12]
    written = [format_date(day, pattern, locale=language) for day in days]
    order = column_order(written)
    assert [read_day(cell, order) for cell in written] == days


@pytest.mark.parametrize("language", ["ja", "zh", "ko"])
def test_days_are_read_as_they_are_written_in_the_east(language: str) -> None:
    days = [date(2026, 1, 1) + timedelta(days=9 * i) for i in range(40)]
    for pattern in ("full", "long"):
        assert [read_day(format_date(day, pattern, locale=language)) for day in days] == days


def test_mar_is_a_month_or_a_tuesday_by_what_follows() -> None:
    assert read_day("Mar 14 2026") == read_day("Mar 14th, 2026") == date(2026, 3, 14)
    assert read_day("mar. 17 mars 2026") == read_day("mar. 17/03/2026") == date(2026, 3, 17)
    assert read_day("mar. 1er d\u00e9c. 2026") == date(2026, 12, 1)


@pytest.mark.parametrize(
    "written",
    [
        *("29. Februar 2026", "32 mars 2026", "14 jui 2026", "14 Monat 2026", "mars 2026", "March 3-14", "Mar 3/26"),
        *("\u4ee4\u548c8\u5e743\u670814\u65e5", "14 de 2026", "3 mars - 4 mars 2026"),
    ],
)
def test_what_names_no_day_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is not a date; write it as"):
        read_day(written)
