"""Funnels in words, the same on the terminal, on the page and in documents."""

from agent.core.figures import read
from agent.core.statistic import Estimate, Statistic, chance, percent_range
from agent.core.wording import number
from agent.stats.funnel import Funnel, Step


def reached_words(funnel: Funnel) -> str:
    """How many deals reached each stage; "or more" where some do not say how far they came."""
    counts = counts_in_words(funnel)
    return ", ".join(f"{stage} {count}" for (stage, _), count in zip(funnel.reached, counts, strict=True))


def counts_in_words(funnel: Funnel) -> list[str]:
    """How many deals reached each stage, as `reached_words` says it."""
    last = len(funnel.reached) - 1
    return [
        number(count) + (" or more" if funnel.unknown and 0 < at < last else "")
        for at, (_, count) in enumerate(funnel.reached)
    ]


def conversion_words(step: Step) -> str:
    """A conversion with its interval, or between which bounds it lies."""
    if step.between is None or isinstance(step.conversion, Estimate):
        return str(read(step.conversion, "counted", "deal"))
    low, high = step.between
    return f"{percent_range(low, high)}: {step.conversion.undefined}"


def rank_words(correlation: Statistic, p: float) -> str:
    """A rank correlation with how often luck gives as much, which decides: "+0.45, 18 reps, by luck 6.2 %"."""
    said = str(read(correlation, "signed", "rep"))
    return f"{said}, by luck {chance(p)}" if isinstance(correlation, Estimate) else said
