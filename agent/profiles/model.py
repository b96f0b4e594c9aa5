"""What a profile is drawn from: the calls of a baseline, and the cycles in which a rep was coached."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from pydantic import Field, model_validator

from agent.core.base import Frozen


class CoachingPeriod(Frozen):
    """One rep's cycle: from `start` to `end`, both days included, on these criteria."""

    rep: str = Field(min_length=1)
    cycle: str = Field(min_length=1)
    start: date
    end: date
    criteria: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end < self.start:
            raise ValueError("the cycle ends before it starts")
        return self


class Baseline(Frozen):
    """The calls a rep's baseline rests on and how they came about: kept, so that the draw can be repeated.

    The window is half-open: [start, end). `manual` marks a list that a person picked; it has no seed.
    """

    rep: str
    rubric: str
    calls: tuple[str, ...]
    start: date
    end: date
    available: int = Field(ge=0)
    wanted: int = Field(ge=1)
    seed: int | None = None
    manual: bool = False
    by: str = ""
    at: datetime

    @property
    def missing(self) -> int:
        """How many calls are missing to a baseline that is more than provisional."""
        return max(self.wanted - len(self.calls), 0)

    @property
    def provisional(self) -> bool:
        """Whether there are too few calls."""
        return self.missing > 0
