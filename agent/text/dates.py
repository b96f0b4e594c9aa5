"""Dates as people and exports write them, read in one way only."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Literal

DateOrder = Literal["", "month_first", "day_first"]

_FORMS = ("%Y/%m/%d", "%Y.%m.%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%d-%b-%Y")
_TIME_OF_DAY = re.compile(r"[T ,]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*([AaPp][Mm])?\s*(Z|[+-]\d{2}:?\d{2})?$")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


def read_day(written: str, order: DateOrder = "") -> date:
    """The day that `written` names; a time of day after it is dropped.

    Raises `ValueError`, with what to write instead, for what is no date, and for 3/4/2026 unless `order` decides it.
    """
    bare = _TIME_OF_DAY.sub("", written).strip()
    try:
        return date.fromisoformat(bare)
    except ValueError:
        pass
    if slashed := _SLASHED.fullmatch(bare):
        first, second, year = map(int, slashed.groups())
        return _slashed(written, first, second, year, order)
    for form in _FORMS:
        try:
            return datetime.strptime(bare, form).date()
        except ValueError:
            continue
    raise ValueError(f"{written!r} is not a date; write it as 2026-03-31")


def _slashed(written: str, first: int, second: int, year: int, order: DateOrder) -> date:
    if not order and first <= 12 and second <= 12 and first != second:
        raise ValueError(
            f"the date {written!r} can be read in two ways: {year}-{first:02}-{second:02} or {year}-{second:02}-{first:02}"
            "; write the one that is meant"
        )
    day_first = order == "day_first" or (not order and first > 12)
    day, month = (first, second) if day_first else (second, first)
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"{written!r} is not a date; write it as 2026-03-31") from None
