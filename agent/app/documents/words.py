"""Dates, numbers and places as documents write them."""

from __future__ import annotations

from datetime import date

from agent.core.direction import Direction
from agent.core.statistic import Estimate, Statistic, interval_words
from agent.core.statistic import percent as percent
from agent.core.transcript import Quote


def day(when: date) -> str:
    """A date that cannot be misread in any country: 5 November 2026."""
    return f"{when.day} {when:%B %Y}"


def counted(count: int, one: str, more: str = "") -> str:
    """`1 call`, `2 calls`."""
    return f"{count} {one if count == 1 else more or one + 's'}"


def share(statistic: Statistic) -> str:
    """A share as `60 % (34 to 82 %, n = 10)`, or why there is none."""
    if not isinstance(statistic, Estimate):
        return f"none: {statistic.undefined}"
    interval = (
        ""
        if statistic.low is None or statistic.high is None
        else f"{round(100 * statistic.low)} to {percent(statistic.high)}, "
    )
    return f"{percent(statistic.value)} ({interval}n = {statistic.n})"


def number(statistic: Statistic) -> str:
    """A number as `3.40 (2.80 to 3.90, n = 10)`, or why there is none."""
    if not isinstance(statistic, Estimate):
        return f"none: {statistic.undefined}"
    interval = interval_words(statistic, two_decimals)
    return f"{two_decimals(statistic.value)} ({interval}{', ' if interval else ''}n = {statistic.n})"


def two_decimals(value: float) -> str:
    """A number as `3.40`."""
    return f"{value:.2f}"


def score_words(statistic: Statistic, say: Direction) -> str:
    """A rate as calls and per cent, or a mean level, with its interval: "9 of 12 calls, 75 % (43 to 95 %)"."""
    if not say.scale.binary or not isinstance(statistic, Estimate):
        return number(statistic)
    interval = interval_words(statistic, lambda end: f"{100 * end:.0f}")
    return f"{say.level(statistic)}, {percent(statistic.value)}{f' ({interval} %)' if interval else ''}"


def state_words(state: str, shown: Statistic, say: Direction) -> str:
    """A state; on a scale with the share of calls that decides it: "variable; shown in 7 of 12 calls (28 to 85 %)"."""
    if say.scale.binary or not isinstance(shown, Estimate):
        return say.state(state)
    interval = interval_words(shown, lambda end: f"{100 * end:.0f}")
    return f"{say.state(state)}; shown in {round(shown.value * shown.n)} of {counted(shown.n, 'call')} ({interval} %)"


def change_words(statistic: Statistic, say: Direction) -> str:
    """A change of a rate in points, of a mean level in levels: "+24 points (+8 to +40, n = 12)"."""
    if not isinstance(statistic, Estimate):
        return f"none: {statistic.undefined}"
    scale, form, unit = (100, "+.0f", " points") if say.scale.binary else (1, "+.1f", " levels")
    interval = interval_words(statistic, lambda end: format(scale * end, form))
    return f"{format(scale * statistic.value, form)}{unit} ({interval}{', ' if interval else ''}n = {statistic.n})"


def place(source: str, quote: Quote) -> str:
    """Where a quote was said: speaker, call or interview, turn."""
    return (
        f"{quote.speaker}, {source}, turn {quote.span.turn}" if source else f"{quote.speaker}, turn {quote.span.turn}"
    )
