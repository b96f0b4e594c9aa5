"""Days and numbers as everybody reads them here: pages, documents, messages and the terminal write them alike.

    day(date(2026, 5, 30))                 # "30 May 2026", which nobody in any country reads as another day
    days(date(2026, 3, 1), date(...))      # "1 Mar 2026 to 30 Mar 2026"
    number(1404), number(3.26, 1)          # "1,404", "3.3"
    usd(12.5)                              # "$12.50"

Shares are written by `agent.core.statistic.percent` and `percent_range`.
"""

from datetime import date, datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(when: date) -> str:
    """A day; of a moment, its day in UTC."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def days(first: date, last: date) -> str:
    """From one day to another; one day alone if they are the same."""
    return day(first) if first == last else f"{day(first)} to {day(last)}"


def moment(when: datetime) -> str:
    """A moment to the minute, without its zone."""
    return f"{day(when)}, {when:%H:%M}"


def number(value: float, digits: int = 2) -> str:
    """A number with at most this many decimals, and commas between thousands."""
    text = f"{round(value, digits):,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def usd(amount: float) -> str:
    """US dollars and cents."""
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"
