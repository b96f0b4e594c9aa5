"""A statistic is an `Estimate` or `Undefined` with the reason. There is no NaN and no stand-in zero."""

import math
from collections.abc import Callable
from typing import Self

from pydantic import model_validator

from agent.core.base import Frozen
from agent.core.language import _
from agent.core.wording import fixed

ROUGH = "rough range"  # in the method of an interval that does not hold the truth as often as it claims


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

    @property
    def rough(self) -> bool:
        """Whether the interval misses its stated confidence: it holds the truth less or more often than it claims
        (docs/method/coverage.md)."""
        return ROUGH in self.method

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


def interval_words(estimate: Estimate, shown: Callable[[float], str]) -> str:
    """Both ends as part of a sentence; "roughly 0.10 to 0.80" if the interval is only rough; empty without an
    interval."""
    if estimate.low is None or estimate.high is None:
        return ""
    low, high = shown(estimate.low), shown(estimate.high)
    low = low.removesuffix(" %")  # "75 to 99 %"
    if estimate.rough:
        return _("roughly {low} to {high}", low=low, high=high)
    return _("{low} to {high}", low=low, high=high)


def percent(part: float, digits: int = 0) -> str:
    """A share from 0 to 1 as `45 %`."""
    return f"{fixed(100 * part, digits)} %"


def percent_range(low: float, high: float) -> str:
    """Two shares from 0 to 1 as `35 to 88 %`."""
    return _("{low} to {high}", low=fixed(100 * low, 0), high=percent(high))


def three_decimals(number: float) -> str:
    """A number as `0.042`."""
    return fixed(number, 3)


def one_decimal_percent(part: float) -> str:
    """A share from 0 to 1 as `4.2 %`."""
    return percent(part, 1)


def chance(probability: float, shown: Callable[[float], str] = one_decimal_percent) -> str:
    """A probability as it is read, `4.2 %`: what rounding would make 0 or 1 says on which side it lies.

    Nothing that is computed from data is certain, so no probability is ever shown as 0 or 1. `shown` writes a number.
    """
    if probability < 0.001:
        return _("less than {chance}", chance=shown(0.001))
    return _("more than {chance}", chance=shown(0.999)) if probability > 0.999 else shown(probability)


def p_value(p: float, shown: Callable[[float], str] = three_decimals) -> str:
    """A p value: small ones are shown as `chance` shows them. A large one may read 1, because corrections for many
    tests are cut off at 1."""
    return chance(p, shown) if p < 0.5 else shown(p)
