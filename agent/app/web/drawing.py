"""Positions of marks in small drawings. Templates draw them as SVG and state the same figures in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

from agent.core.scale import Scale
from agent.core.statistic import Estimate, Statistic
from agent.stats.outcomes import OutcomeLink

Placing = Callable[[float], float]


@dataclass(frozen=True)
class Mark:
    """A value with its interval, as shares (0 to 1) of a line. `low` equals `high` if there is no interval."""

    at: float
    low: float
    high: float


def on_scale(statistic: Statistic, scale: Scale) -> Mark | None:
    """A score as a mark on its scale; None if there is no score."""
    return _mark(statistic, scale.share)


def as_share(statistic: Statistic) -> Mark | None:
    """A share as a mark; None if there is no share."""
    return _mark(statistic, lambda value: value)


@dataclass(frozen=True)
class Forest:
    """Odds ratios on one logarithmic line: `marks` by criterion (None if it has no odds ratio), `one` is the place
    of "no association", `ticks` are values with their places."""

    marks: dict[str, Mark | None]
    one: float
    ticks: tuple[tuple[float, float], ...]


_TICKS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_WIDEST = 20.0  # an interval beyond is cut at the edge; its ends stand in the table


def forest(links: Sequence[OutcomeLink]) -> Forest:
    """All odds ratios on one line that is wide enough for them and for 1."""
    estimates = [link.model for link in links if isinstance(link.model, Estimate)]
    ends = [end for model in estimates for end in (model.value, model.low, model.high) if end is not None and end > 0]
    reach = min(max([2.0, *(max(end, 1 / end) for end in ends)]), _WIDEST)
    width = log(reach) * 1.05

    def place(value: float) -> float:
        part = (log(value) / width + 1) / 2 if value > 0 else 0.0
        return min(max(part, 0.0), 1.0)

    ticks = tuple((value, place(value)) for value in _TICKS if abs(log(value)) <= width)
    return Forest({link.criterion: _mark(link.model, place) for link in links}, place(1.0), ticks)


def _mark(statistic: Statistic, place: Placing) -> Mark | None:
    if not isinstance(statistic, Estimate):
        return None
    at = place(statistic.value)
    if statistic.low is None or statistic.high is None:
        return Mark(at, at, at)
    return Mark(at, place(statistic.low), place(statistic.high))
