"""Does movement on a criterion go with the win rate? Two readings over reps, and a verdict that both must carry.

1. Rank correlation (Spearman) of the rep's movement with the change of the rep's win rate.
2. The model of deals within reps (`deal_model`), which weighs reps by their deals and allows for time.

Neither can tell what made what: reps who were coached differ from others in more than the coaching.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from agent.domain.base import Frozen
from agent.domain.statistic import Estimate, Statistic, Undefined
from agent.stats.deal_model import WithinFit, fit_within
from agent.stats.deals import WinCounts
from agent.stats.frame import BoolArray, Measure
from agent.stats.multiplicity import holm
from agent.stats.rank_correlation import reps_needed, spearman
from agent.stats.rules import OutcomeRules

FloatArray = NDArray[np.float64]
OutcomeVerdict = Literal["association", "none_seen", "cannot_tell"]

STEP = 0.1  # odds ratios are for a tenth of the scale: ten points of a rate
MODEL = "odds ratio of winning per tenth of the scale; logistic within reps, time, dispersion; t"


class OutcomeLink(Frozen):
    """One criterion against the win rate. `p_holm` is of the two readings' larger p, over all criteria.

    `direction` is +1 where more of the criterion goes with more wins. `n_needed`, with `cannot_tell`, is how many
    reps would show the smallest correlation worth acting on.
    """

    criterion: str
    correlation: Statistic
    model: Statistic
    p_correlation: float = Field(ge=0, le=1)
    p_model: float = Field(ge=0, le=1)
    p_holm: float = Field(ge=0, le=1)
    verdict: OutcomeVerdict
    direction: Literal[-1, 0, 1]
    n_needed: int | None


class OutcomeReport(Frozen):
    """All criteria, with how many deals the answer rests on and how many lay across a window's edge."""

    links: tuple[OutcomeLink, ...]
    deals_before: int
    deals_after: int
    deals_across: int
    note: str = "an association over reps; it does not say what made the win rate change"


@dataclass(frozen=True, eq=False)
class ScorePair:
    """Scores before coaching and at its end, (2, reps, criteria), from 0 to 1 of the scale, and where both exist."""

    value: FloatArray
    known: BoolArray


@dataclass(frozen=True)
class _Reading:
    correlation: Statistic
    p_correlation: float
    model: Statistic
    p_model: float

    @property
    def p(self) -> float:
        return max(self.p_correlation, self.p_model)

    @property
    def direction(self) -> Literal[-1, 0, 1]:
        """+1 or -1 where both readings point the same way, else 0."""
        if not (isinstance(self.correlation, Estimate) and isinstance(self.model, Estimate)):
            return 0
        if self.correlation.value > 0 and self.model.value > 1:
            return 1
        return -1 if self.correlation.value < 0 and self.model.value < 1 else 0


def outcome_links(
    measures: Sequence[Measure], scores: ScorePair, wins: WinCounts, rules: OutcomeRules
) -> OutcomeReport:
    """Movement of each criterion against the change of the win rate, over reps with both and with deals in both times.

    `association`: Holm's p over the criteria is at most 1 - confidence and both readings point the same way.
    `none_seen`: the correlation's interval rules out `smallest_correlation` in either direction and the model, taken
    alone, sees nothing either.
    """
    readings = [_reading(scores, wins, at, rules) for at in range(len(measures))]
    adjusted = holm([reading.p for reading in readings])
    needed = reps_needed(rules.smallest_correlation, (1 - rules.confidence) / max(len(measures), 1), rules.power)
    links = tuple(
        _link(measure.id, reading, float(p), needed, rules)
        for measure, reading, p in zip(measures, readings, adjusted, strict=True)
    )
    before, after = wins.decided.sum(axis=1)
    return OutcomeReport(links=links, deals_before=int(before), deals_after=int(after), deals_across=wins.across)


def _reading(scores: ScorePair, wins: WinCounts, at: int, rules: OutcomeRules) -> _Reading:
    used = scores.known[:, at] & (wins.decided > 0).all(axis=0)
    n = int(used.sum())
    if n < rules.min_reps:
        few = Undefined(undefined=f"{n} reps with scores and deals in both times; {rules.min_reps} are needed", n=n)
        return _Reading(few, 1.0, few, 1.0)
    value = scores.value[:, used, at]
    rate = wins.won[:, used] / wins.decided[:, used]
    correlation, p = spearman(value[1] - value[0], rate[1] - rate[0], rules.confidence, rules.permutations, rules.seed)
    model, p_model = _modelled(value, wins.won[:, used], wins.decided[:, used], rules.confidence)
    return _Reading(correlation, p, model, p_model)


def _modelled(
    value: FloatArray, won: NDArray[np.int64], decided: NDArray[np.int64], confidence: float
) -> tuple[Statistic, float]:
    reps = value.shape[1]
    time = np.repeat([0.0, 1.0], reps)
    fit = fit_within(
        won.reshape(-1),
        decided.reshape(-1),
        np.column_stack([time, value.reshape(-1) / STEP]),
        np.tile(np.arange(reps), 2),
    )
    if isinstance(fit, Undefined):
        return fit, 1.0
    return _odds_ratio(fit, confidence), fit.p(1)


def _odds_ratio(fit: WithinFit, confidence: float) -> Statistic:
    low, high = fit.interval(1, confidence)
    return Estimate(
        value=float(np.exp(fit.slope[1])),
        n=fit.groups,
        low=float(np.exp(low)),
        high=float(np.exp(high)),
        confidence=confidence,
        method=f"{MODEL} (dispersion {fit.dispersion:.2f})",
    )


def _link(criterion: str, reading: _Reading, p_holm: float, needed: int, rules: OutcomeRules) -> OutcomeLink:
    verdict = _verdict(reading, p_holm, rules)
    return OutcomeLink(
        criterion=criterion,
        correlation=reading.correlation,
        model=reading.model,
        p_correlation=reading.p_correlation,
        p_model=reading.p_model,
        p_holm=p_holm,
        verdict=verdict,
        direction=reading.direction,
        n_needed=needed if verdict == "cannot_tell" else None,
    )


def _verdict(reading: _Reading, p_holm: float, rules: OutcomeRules) -> OutcomeVerdict:
    if p_holm <= 1 - rules.confidence and reading.direction != 0:
        return "association"
    match reading.correlation:
        case Estimate(low=float(low), high=float(high)) if max(-low, high) < rules.smallest_correlation:
            return "none_seen" if reading.p_model > 1 - rules.confidence else "cannot_tell"
        case _:
            return "cannot_tell"
