"""Ongoing calibration: does a criterion that passed still hold, judged by a few double-rated calls a week?

A cumulative sum (Page 1954, Biometrika 41:100-115) over the calls in their order: a disagreement adds, an agreement
takes away, and below zero it starts anew, so that years of good calls do not hide a bad month. The weights are those of
the likelihood ratio of 75 % against 95 % agreement, in whole numbers (+7 against -1), so that the chance of a false
alarm is computed exactly. The limit is the lowest at which raters who truly agree on 95 % are accused in at most 5 % of
the time that `calls_a_year` calls take, whatever the distribution of the shares.
"""

from collections.abc import Sequence
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from agent.core.base import Frozen
from agent.stats.sequential import FloatArray, Shares, laws_with_mean

DriftVerdict = Literal["holds", "watch", "fell", "no calls"]

DISAGREEMENT, AGREEMENT = 7, 1  # log(.25/.05) against log(.95/.75): 6.8 to 1


class OngoingRule(Frozen):
    """How sure an alarm is, and over how many calls: three a week make 150 a year."""

    calls_a_year: int = Field(default=150, ge=10)
    error: float = Field(default=0.05, gt=0, lt=0.5)
    aim: float = Field(default=0.95, gt=0, lt=1)


class Drift(Frozen):
    """The state of ongoing calibration. When `sum` reaches `limit` the criterion is withdrawn (`fell`); from half of
    it on it should be watched. `since` is the place of the first call of the present run of disagreement, None if
    there is none."""

    verdict: DriftVerdict
    calls: int
    sum: float
    limit: float
    since: int | None


def drift(shares_of_calls: Sequence[float], shares: Shares, rule: OngoingRule) -> Drift:
    """The state after these calls, oldest first; each call is given by its share of agreeing pairs.

    A criterion that fell stays fallen: looking on until it recovers would cost further error.
    """
    limit, total, since, fell = alarm_limit(shares, rule), 0, None, False
    for place, share in enumerate(shares_of_calls):
        step = _steps(shares)[shares.floor(share)]
        # A run of disagreement begins when the sum leaves 0, and ends when it is back there.
        since = place if total == 0 and step > 0 else since
        total = total if fell else max(total + int(step), 0)
        since = None if total == 0 else since
        fell = fell or total >= limit
    verdict: DriftVerdict = "fell" if fell else "watch" if 2 * total >= limit else "holds"
    return Drift(
        verdict=verdict if shares_of_calls else "no calls",
        calls=len(shares_of_calls),
        sum=total / shares.unit,
        limit=limit / shares.unit,
        since=since,
    )


@cache
def alarm_limit(shares: Shares, rule: OngoingRule) -> int:
    """The lowest limit, in 1/`unit`, at which at most `error` of all years bring a false alarm."""
    laws, limit = laws_with_mean(shares, rule.aim, mixtures=False), DISAGREEMENT * shares.unit
    while chance_of_alarm(shares, laws, limit, rule.calls_a_year).max() > rule.error:
        limit += shares.unit
    return limit


def chance_of_alarm(shares: Shares, laws: FloatArray, limit: int, calls: int) -> FloatArray:
    """P(the sum reaches `limit` within that many calls), exact, for each of the distributions `laws`: (laws,)."""
    # at[:, s] is the probability of the sum s. The last column collects the alarms and is never left again.
    at = np.zeros((len(laws), limit + 1))
    at[:, 0] = 1.0
    for _ in range(calls):
        moved = np.zeros_like(at)
        moved[:, limit] = at[:, limit]
        for step, chance in zip(_steps(shares).tolist(), laws.T[:, :, None], strict=True):
            going = chance * at[:, :limit]
            if step > 0:
                moved[:, step:limit] += going[:, : limit - step]
                moved[:, limit] += going[:, max(limit - step, 0) :].sum(axis=1)
            else:
                # What would fall below 0 begins anew at 0.
                moved[:, : limit + step] += going[:, -step:]
                moved[:, 0] += going[:, :-step].sum(axis=1)
        at = moved
    return np.asarray(at[:, limit])


def _steps(shares: Shares) -> NDArray[np.int64]:
    """What a call adds to the sum, indexed by its share in units."""
    agreeing = np.arange(shares.unit + 1)
    return np.asarray(DISAGREEMENT * (shares.unit - agreeing) - AGREEMENT * agreeing)
