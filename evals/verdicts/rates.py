"""How often a verdict is given, with what is claimed of it; and rows of such rates as a table in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import sqrt

COLUMNS = ("verdict", "claims", "false", "small", "large", "rule")


@dataclass(frozen=True)
class Rate:
    """How often a verdict is given in one case: exact, or in `runs` simulated ones.

    `most` and `least` are what is claimed; tests hold them, allowing three standard errors to a simulation.
    """

    case: str
    share: float
    runs: int | None = None
    most: float | None = None
    least: float | None = None

    @classmethod
    def of(cls, case: str, hits: Iterable[bool], most: float | None = None, least: float | None = None) -> Rate:
        """The share of simulated runs in which it was given."""
        given = list(hits)
        return cls(case, sum(given) / len(given), len(given), most, least)

    @property
    def holds(self) -> bool:
        """Whether the rate is what is claimed."""
        return self._within(self.most, 1) and self._within(self.least, -1)

    def _within(self, bound: float | None, sign: int) -> bool:
        if bound is None:
            return True
        slack = 3 * sqrt(bound * (1 - bound) / self.runs) if self.runs else 1e-9
        return sign * (self.share - bound) <= slack

    def words(self) -> str:
        """`true 75 %: 4.3 % (at most 5 %; n 1000)`."""
        claimed = "" if self.most is None else f"at most {100 * self.most:g} %"
        claimed += "" if self.least is None else f"at least {100 * self.least:g} %"
        n = "exact" if self.runs is None else f"n {self.runs}"
        return f"{self.case}: {percent(self.share)} ({claimed}{'; ' if claimed else ''}{n})"


@dataclass(frozen=True)
class Row:
    """One verdict at one size. `false`: where it is not so; `small` and `large`: where it is so, by a little and by much."""

    verdict: str
    claim: str
    false: tuple[Rate, ...]
    small: tuple[Rate, ...]
    large: tuple[Rate, ...]
    module: str

    @property
    def rates(self) -> tuple[Rate, ...]:
        """All of them."""
        return (*self.false, *self.small, *self.large)

    def line(self) -> str:
        """As a line of the table."""
        cells = ["; ".join(rate.words() for rate in side) or "–" for side in (self.false, self.small, self.large)]
        return f"| {self.verdict} | {self.claim} | {' | '.join(cells)} | `{self.module}` |"


Part = Callable[[float], Iterable[Row]]
"""Rows of one subject; the number scales all numbers of runs."""


def table(rows: Iterable[Row]) -> list[str]:
    """The table's lines."""
    return [f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS), *(row.line() for row in rows)]


def percent(share: float) -> str:
    """A share as `4.3 %`."""
    return f"{100 * share:.1f} %"
