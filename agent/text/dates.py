"""Dates as people and exports write them, read in one way only; which order a column has, its own days decide."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Literal

DateOrder = Literal["", "month_first", "day_first"]

_FORMS = tuple(
    form.replace("%B", month).replace("%Y", year)
    for form in ("%d %B %Y", "%B %d %Y", "%d-%B-%Y", "%B-%d-%Y", "%d/%B/%Y")
    for month in ("%B", "%b")
    for year in ("%Y", "%y")
)
_TIME_OF_DAY = re.compile(
    r"[T ,]+\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|[A-Z]{2,5}|(UTC|GMT)?[+-]\d{2}:?\d{2})?$"
)
_NUMBERS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_WEEKDAY = re.compile(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*[., ]+", re.IGNORECASE)
_ORDINAL = re.compile(r"(?<=\d)(st|nd|rd|th)\b", re.IGNORECASE)
_SERIAL = re.compile(r"[2-6]\d{4}(\.\d+)?", re.ASCII)  # Excel's days since 1899-12-30: 1954 to 2091
_NOT_AMBIGUOUS = "write it as 2026-03-31"


class TwoWays(ValueError):
    """A date that can be read in two ways, with both."""


def column_order(written: Iterable[str], order: DateOrder = "", usual: DateOrder = "") -> DateOrder:
    """In which order the dates of one table are: as it was said, as a day above 12 in one of them tells, or as the kind
    of export has it `usual`ly. Empty where that stays open, or two of them contradict each other."""
    if order:
        return order
    told = {said for cell in written if (said := _told(cell))}
    return told.pop() if len(told) == 1 else "" if told else usual


def _told(written: str) -> DateOrder:
    numbers = _NUMBERS.fullmatch(_WEEKDAY.sub("", _TIME_OF_DAY.sub("", written).strip()))
    if not numbers or numbers[2] == ".":
        return ""
    first, second = int(numbers[1]), int(numbers[3])
    return "day_first" if first > 12 >= second else "month_first" if second > 12 >= first else ""


def read_day(written: str, order: DateOrder = "") -> date:
    """The day that `written` names; a time of day after it is dropped. A dotted date is day first.

    Raises `ValueError`, with what to write instead, for what is no date; `TwoWays` for 3/4/2026 unless `order` decides.
    """
    bare = _TIME_OF_DAY.sub("", written.strip()).strip()
    bare = _ORDINAL.sub("", _WEEKDAY.sub("", bare))
    try:
        return date.fromisoformat(bare)
    except ValueError:
        pass
    try:
        if year_first := _YEAR_FIRST.fullmatch(bare):
            return date(*map(int, year_first.groups()))
        if numbers := _NUMBERS.fullmatch(bare):
            return _by_numbers(written, numbers, order)
        if _SERIAL.fullmatch(bare):
            return date(1899, 12, 30) + timedelta(days=int(float(bare)))
    except TwoWays:
        raise
    except ValueError:
        raise ValueError(f"{written!r} is not a date; {_NOT_AMBIGUOUS}") from None
    named = " ".join(re.sub(r"(?i)\bsept\b", "Sep", bare).replace(",", " ").replace(".", " ").split())
    for form in _FORMS:
        try:
            return datetime.strptime(named, form).date()
        except ValueError:
            continue
    raise ValueError(f"{written!r} is not a date; {_NOT_AMBIGUOUS}")


def read_past_day(written: str, order: DateOrder = "") -> date:
    """The day on which something was said that was written down. Raises `ValueError` also for a day that is to come
    everywhere on earth."""
    day = read_day(written, order)
    if day > datetime.now(UTC).date() + timedelta(days=1):
        raise ValueError(f"{written!r} is still to come; write the day on which it was held")
    return day


def _by_numbers(written: str, numbers: re.Match[str], order: DateOrder) -> date:
    first, second, year = int(numbers[1]), int(numbers[3]), int(numbers[4])
    year = year if year > 99 else year + (2000 if year < 70 else 1900)
    order = "day_first" if numbers[2] == "." else order
    if not order and first <= 12 and second <= 12 and first != second:
        raise TwoWays(
            f"the date {written!r} can be read in two ways: {year}-{first:02}-{second:02} or {year}-{second:02}-{first:02}"
            "; say whether the day or the month comes first, or write the one that is meant"
        )
    day_first = order == "day_first" or (not order and first > 12)
    return date(year, second, first) if day_first else date(year, first, second)
