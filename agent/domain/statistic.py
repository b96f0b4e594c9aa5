"""A statistic is an `Estimate` or `Undefined` with the reason. There is no NaN and no stand-in zero."""

from __future__ import annotations

import math
from typing import Literal, Self

from pydantic import model_validator

from agent.domain.base import Frozen


class Estimate(Frozen):
    """A computed number with what is needed to judge it.

    `n` counts the units it rests on (calls, interviews, deals), `low` and `high` bound the interval at `confidence`
    (None where no interval exists for the method), `method` names value and interval, `seed` the resampling if any.
    """

    value: float
    n: int
    low: float | None = None
    high: float | None = None
    confidence: float = 0.95
    method: str = ""
    seed: int | None = None

    @model_validator(mode="after")
    def _finite_and_ordered(self) -> Self:
        numbers = [x for x in (self.value, self.low, self.high) if x is not None]
        if not all(map(math.isfinite, numbers)):
            raise ValueError("an estimate is finite; what cannot be computed is Undefined")
        if (self.low is None) != (self.high is None):
            raise ValueError("an interval has both ends")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("the interval's low end is above its high end")
        return self


class Undefined(Frozen):
    """A number that cannot be computed from this data, and why."""

    undefined: str
    n: int = 0


Statistic = Estimate | Undefined

Verdict = Literal["passed", "provisional", "failed", "no information"]
