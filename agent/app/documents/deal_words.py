"""Funnels and links with the win rate in words, the same on the terminal, on the page and in documents."""

from collections.abc import Iterable, Mapping

from agent.core.direction import Direction
from agent.core.figures import read
from agent.core.language import N_, NN_, _, ngettext, retold
from agent.core.statistic import Estimate, Statistic, chance, percent_range
from agent.core.wording import number
from agent.stats.funnel import Funnel, Step
from agent.stats.outcomes import OutcomeLink

# Over the figures of a link. The model is about the better end of a criterion, which of one to avoid is fewer.
WITH_MORE = N_("win rate with 10 points more (to avoid: fewer)")
_HIGHER = NN_("{parts} goes with a higher win rate.", "{parts} go with a higher win rate.")
_LOWER = NN_("{parts} goes with a lower win rate.", "{parts} go with a lower win rate.")


def reached_words(funnel: Funnel) -> str:
    """How many deals reached each stage; "or more" where some do not say how far they came."""
    counts = counts_in_words(funnel)
    return ", ".join(f"{stage} {count}" for (stage, _), count in zip(funnel.reached, counts, strict=True))


def counts_in_words(funnel: Funnel) -> list[str]:
    """How many deals reached each stage, one sentence for each stage; worded like `reached_words`."""
    last = len(funnel.reached) - 1
    return [
        _("{count} or more", count=number(count)) if funnel.unknown and 0 < at < last else number(count)
        for at, (_stage, count) in enumerate(funnel.reached)
    ]


def conversion_words(step: Step) -> str:
    """A conversion with its interval, or the bounds between which it lies."""
    if step.between is None or isinstance(step.conversion, Estimate):
        return str(read(step.conversion, "counted", "deal"))
    low, high = step.between
    return f"{percent_range(low, high)}: {retold(step.conversion.undefined)}"


def rank_words(correlation: Statistic, p: float) -> str:
    """A rank correlation with the probability of as much by luck, which decides: "+0.45, 18 reps, by luck 6.2 %"."""
    said = str(read(correlation, "signed", "rep"))
    return _("{said}, by luck {chance}", said=said, chance=chance(p)) if isinstance(correlation, Estimate) else said


def linked_words(links: Iterable[OutcomeLink], words: Mapping[str, Direction], names: Mapping[str, str]) -> str:
    """What goes with the win rate, as sentences: "More of A and less of B (to avoid) go with a higher win rate." A
    better score that goes with a lower win rate gets its own sentence, since nobody expects it. `names` are the
    criteria's names."""
    higher: list[str] = []
    lower: list[str] = []
    for link in links:
        if link.verdict == "association":
            named = names[link.criterion]
            much = _("less of {name}", name=named) if words[link.criterion].avoid else _("more of {name}", name=named)
            (higher if link.direction > 0 else lower).append(much)
    said = []
    if higher:
        said.append(ngettext(*_HIGHER, len(higher), parts=_(" and ").join(higher)))
    if lower:
        said.append(ngettext(*_LOWER, len(lower), parts=_(" and ").join(lower)))
        said.append(
            _("The rubric means the opposite: read the wording and some calls before anybody is coached on it.")
        )
    said = [one[0].upper() + one[1:] for one in said]
    return " ".join(said) or _("No criterion is seen to go with the win rate.")


def beside_verdict(link: OutcomeLink) -> str:
    """What is added to a verdict: that the link is with fewer wins, or why there is no verdict although the interval
    suggests one."""
    lower = _(" with a lower win rate") if link.verdict == "association" and link.direction < 0 else ""
    why = _("borrowed from {name}", name=link.borrowed_from) if link.borrowed_from else retold(link.held_back)
    return lower + (f" ({why})" if why else "")
