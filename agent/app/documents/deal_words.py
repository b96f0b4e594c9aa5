"""Funnels and links with the win rate in words, the same on the terminal, on the page and in documents."""

from collections.abc import Iterable, Mapping

from agent.core.direction import Direction
from agent.core.figures import read
from agent.core.statistic import Estimate, Statistic, chance, percent_range
from agent.core.wording import number
from agent.stats.funnel import Funnel, Step
from agent.stats.outcomes import OutcomeLink

# Over the figures of a link. The model is about the better end of a criterion, which of one to avoid is fewer.
WITH_MORE = "win rate with 10 points more (to avoid: fewer)"


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


def linked_words(links: Iterable[OutcomeLink], words: Mapping[str, Direction], names: Mapping[str, str]) -> str:
    """What goes with the win rate, as sentences: "More of A and less of B (to avoid) go with a higher win rate." A better
    score that goes with a lower one is said apart, since nobody expects it. `names` are as people read them."""
    higher: list[str] = []
    lower: list[str] = []
    for link in links:
        if link.verdict == "association":
            much = "less" if words[link.criterion].avoid else "more"
            (higher if link.direction > 0 else lower).append(f"{much} of {names[link.criterion]}")
    said = []
    for parts, what in ((higher, "a higher win rate."), (lower, "a lower win rate.")):
        if parts:
            together = " and ".join(parts)
            said.append(f"{together[0].upper()}{together[1:]} {'goes' if len(parts) == 1 else 'go'} with {what}")
    if lower:
        said.append("The rubric means the opposite: read the wording and some calls before anybody is coached on it.")
    return " ".join(said) or "No criterion is seen to go with the win rate."


def beside_verdict(link: OutcomeLink) -> str:
    """What stands behind a verdict: that it goes with fewer wins, or why there is none although the range says so."""
    lower = " with a lower win rate" if link.verdict == "association" and link.direction < 0 else ""
    why = f"borrowed from {link.borrowed_from}" if link.borrowed_from else link.held_back
    return lower + (f" ({why})" if why else "")
