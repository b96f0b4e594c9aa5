"""Days and numbers as everybody reads them here: pages, documents, messages and the terminal write them alike.

    day(date(2026, 5, 30))                 # "30 May 2026", which nobody in any country reads as another day
    days(date(2026, 3, 1), date(...))      # "1 Mar 2026 to 30 Mar 2026"
    number(1404), number(3.26, 1)          # "1,404", "3.3"
    usd(12.5)                              # "$12.50"

Shares are written by `agent.core.statistic.percent` and `percent_range`. To readers of another language than English
all are written as their country does ("3. März 2026", "1.404", "12,50 $").
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from agent.core.language import _, current, english, figures_as_written

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(when: date) -> str:
    """A day as "30 May 2026"; of a moment, its day in UTC."""
    if not english():
        written = _WRITTEN[current()]
        return written.day.format(day=when.day, month=written.months[when.month - 1], year=when.year)
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def days(first: date, last: date) -> str:
    """A range of days; one day if both are the same."""
    return day(first) if first == last else _("{first} to {last}", first=day(first), last=day(last))


def moment(when: datetime) -> str:
    """A moment to the minute, without its time zone."""
    return f"{day(when)}, {when:%H:%M}"


def number(value: float, digits: int = 2) -> str:
    """A number with at most this many decimals, and commas between thousands."""
    text = f"{round(value, digits):,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else _localized(text)


def usd(amount: float) -> str:
    """An amount of US dollars with two decimals: "$12.50"."""
    if not english():
        return _WRITTEN[current()].usd.format(_localized(f"{amount:,.2f}"))
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def fixed(value: float, digits: int) -> str:
    """A number with exactly `digits` decimals and nothing between thousands: "0.042"; in the marks of the reader's
    language."""
    return _localized(f"{value:.{digits}f}")


@dataclass(frozen=True)
class _Written:
    """How a language writes days and numbers, after the data of the Unicode Consortium; a test compares the two."""

    months: tuple[str, ...]
    day: str
    usd: str
    marks: dict[int, int]


def _months(names: str) -> tuple[str, ...]:
    return tuple(names.split())


_COMMA = str.maketrans(",.", ".,")
_WRITTEN = {
    "de": _Written(
        _months("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
        "{day}. {month} {year}",
        "{}\N{NO-BREAK SPACE}$",
        _COMMA,
    ),
    "es": _Written(
        _months("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
        "{day} de {month} de {year}",
        "{}\N{NO-BREAK SPACE}US$",
        _COMMA,
    ),
}


_DAY = re.compile(rf"(\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d{{4}})")


def as_written(text: str) -> str:
    """`text` with the English days in it, or a number that is all of it, rewritten as the reader's language writes
    them."""
    if re.fullmatch(r"[+-]?\d[\d,]*(\.\d+)?( %)?", text):
        return _localized(text)
    return _DAY.sub(lambda found: day(date(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1]))), text)


figures_as_written[:] = [as_written]


def unmarked(text: str) -> str:
    """A number with the marks of the language spoken as it is written in English."""
    return _localized(text)  # the same two marks change places


def _localized(text: str) -> str:
    """An English number with the decimal and thousands marks of the reader's language. The digits are the same, so
    no figure differs between two languages."""
    return text if english() else text.translate(_WRITTEN[current()].marks)
