"""Dates, numbers and places as documents write them."""

from __future__ import annotations

from datetime import date

from agent.core.statistic import Estimate, Statistic, interval_words
from agent.core.transcript import Quote


def day(when: date) -> str:
    """A date that no country reads the wrong way round: 5 November 2026."""
    return f"{when.day} {when:%B %Y}"


def counted(count: int, one: str, more: str = "") -> str:
    """`1 call`, `2 calls`."""
    return f"{count} {one if count == 1 else more or one + 's'}"


def percent(part: float) -> str:
    """A part of a whole as `45 %`."""
    return f"{round(100 * part)} %"


def share(found: Statistic) -> str:
    """A share as `60 % (34 to 82 %, n = 10)`, or why there is none."""
    if not isinstance(found, Estimate):
        return f"none: {found.undefined}"
    interval = "" if found.low is None or found.high is None else f"{round(100 * found.low)} to {percent(found.high)}, "
    return f"{percent(found.value)} ({interval}n = {found.n})"


def number(found: Statistic) -> str:
    """A number as `3.40 (2.80 to 3.90, n = 10)`, or why there is none."""
    if not isinstance(found, Estimate):
        return f"none: {found.undefined}"
    interval = interval_words(found, two_decimals)
    return f"{two_decimals(found.value)} ({interval}{', ' if interval else ''}n = {found.n})"


def two_decimals(value: float) -> str:
    """A number as `3.40`."""
    return f"{value:.2f}"


def place(source: str, quote: Quote) -> str:
    """Where a quote was said: speaker, call or interview, turn."""
    return (
        f"{quote.speaker}, {source}, turn {quote.span.turn}" if source else f"{quote.speaker}, turn {quote.span.turn}"
    )
