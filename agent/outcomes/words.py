"""Funnels in words, the same on the terminal, on the page and in documents."""

from __future__ import annotations

from agent.app.documents.words import number, percent, share
from agent.core.statistic import Estimate, Statistic, chance
from agent.stats.funnel import Funnel, Step


def reached_words(funnel: Funnel) -> str:
    """How many deals reached each stage; "or more" where some do not say how far they came."""
    last = len(funnel.reached) - 1
    return ", ".join(
        f"{stage} {count}{' or more' if funnel.unknown and 0 < at < last else ''}"
        for at, (stage, count) in enumerate(funnel.reached)
    )


def conversion_words(step: Step) -> str:
    """A conversion with its interval, or between which bounds it lies."""
    if step.between is None or isinstance(step.conversion, Estimate):
        return share(step.conversion)
    low, high = step.between
    return f"{round(100 * low)} to {percent(high)}: {step.conversion.undefined}"


def rank_words(correlation: Statistic, p: float) -> str:
    """A rank correlation with how often luck gives as much, which decides: "0.45 (n = 18), by luck 6.2 %"."""
    return number(correlation) + (f", by luck {chance(p)}" if isinstance(correlation, Estimate) else "")
