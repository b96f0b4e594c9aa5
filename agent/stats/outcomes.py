"""Does movement on a criterion go with the win rate? Two readings over reps, and a verdict that both must carry.

1. The model of deals within reps (`deal_model`), which weighs reps by their deals and allows for time. It is the one to
   believe more: its p, with Holm's allowance for all criteria, decides.
2. Rank correlation (Spearman) of the rep's movement with the change of the rep's win rate. It assumes next to nothing
   and must agree, at the plain level.

Criteria are coached together, and one may borrow another's link. A criterion is therefore named beside the leading one
(the smallest p) only if it also holds in a model that contains the leading one, at a level shared out over the others.

None of this can tell what made what: reps who were coached differ from others in more than the coaching.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from agent.core.base import Frozen
from agent.core.statistic import Estimate, Statistic, Undefined
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
    """One criterion against the win rate. `p_holm` is the model's p allowing for all criteria.

    `borrowed_from` names the leading criterion where the link does not hold beside it. `direction` is +1 where more of the criterion goes with more wins. `n_needed`, with `cannot_tell`, is how many
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
    borrowed_from: str
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

    `association`: Holm's p of the model and the correlation's own p are at most 1 - confidence, both point the same way,
    and the link holds beside the leading criterion. `none_seen`: the correlation's interval rules out
    `smallest_correlation` in either direction and the model, taken alone, sees nothing either.
    Raises `ValueError` without criteria.
    """
    if not measures:
        raise ValueError("no criteria")
    readings = [_reading(scores, wins, at, rules) for at in range(len(measures))]
    adjusted = holm([reading.p_model for reading in readings])
    named = [_named(reading, float(p), rules) for reading, p in zip(readings, adjusted, strict=True)]
    leader = min(range(len(readings)), key=lambda at: (not named[at], readings[at].p_model))
    needed = reps_needed(rules.smallest_correlation, (1 - rules.confidence) / len(measures), rules.power)
    links = []
    for at, measure in enumerate(measures):
        borrows = named[at] and at != leader and not _holds_beside(scores, wins, at, leader, rules)
        verdict: OutcomeVerdict = "cannot_tell" if borrows else _verdict(readings[at], named[at], rules)
        lender = measures[leader].id if borrows else ""
        links.append(_link(measure.id, readings[at], float(adjusted[at]), verdict, lender, needed))
    before, after = wins.decided.sum(axis=1)
    return OutcomeReport(links=tuple(links), deals_before=int(before), deals_after=int(after), deals_across=wins.across)


def _link(
    criterion: str, reading: _Reading, p_holm: float, verdict: OutcomeVerdict, lender: str, needed: int
) -> OutcomeLink:
    return OutcomeLink(
        criterion=criterion,
        correlation=reading.correlation,
        model=reading.model,
        p_correlation=reading.p_correlation,
        p_model=reading.p_model,
        p_holm=p_holm,
        verdict=verdict,
        direction=reading.direction,
        borrowed_from=lender,
        n_needed=needed if verdict == "cannot_tell" else None,
    )


def _reading(scores: ScorePair, wins: WinCounts, at: int, rules: OutcomeRules) -> _Reading:
    used = _used(scores, wins, [at])
    n = int(used.sum())
    if n < rules.min_reps:
        few = Undefined(undefined=f"{n} reps with scores and deals in both times; {rules.min_reps} are needed", n=n)
        return _Reading(few, 1.0, few, 1.0)
    value = scores.value[:, used, at]
    rate = wins.won[:, used] / wins.decided[:, used]
    correlation, p = spearman(value[1] - value[0], rate[1] - rate[0], rules.confidence, rules.permutations, rules.seed)
    fit = _fit(scores, wins, [at])
    if isinstance(fit, Undefined):
        return _Reading(correlation, p, fit, 1.0)
    return _Reading(correlation, p, _odds_ratio(fit, rules.confidence), fit.p(1))


def _used(scores: ScorePair, wins: WinCounts, criteria: list[int]) -> BoolArray:
    return np.asarray(scores.known[:, criteria].all(axis=1) & (wins.decided > 0).all(axis=0))


def _fit(scores: ScorePair, wins: WinCounts, criteria: list[int]) -> WithinFit | Undefined:
    """The model with these criteria together; regressor 0 is time, 1 the first of them."""
    used = _used(scores, wins, criteria)
    reps = int(used.sum())
    time = np.repeat([0.0, 1.0], reps)
    value = scores.value[:, used][:, :, criteria].reshape(2 * reps, len(criteria))
    won, decided = wins.won[:, used].reshape(-1), wins.decided[:, used].reshape(-1)
    return fit_within(won, decided, np.column_stack([time, value / STEP]), np.tile(np.arange(reps), 2))


def _holds_beside(scores: ScorePair, wins: WinCounts, at: int, leader: int, rules: OutcomeRules) -> bool:
    """Whether the slope is beyond chance with the leading criterion in the model, allowing for all others (Bonferroni)."""
    fit = _fit(scores, wins, [at, leader])
    others = scores.value.shape[2] - 1
    return not isinstance(fit, Undefined) and fit.p(1) <= (1 - rules.confidence) / others


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


def _named(reading: _Reading, p_holm: float, rules: OutcomeRules) -> bool:
    return max(p_holm, reading.p_correlation) <= 1 - rules.confidence and reading.direction != 0


def _verdict(reading: _Reading, named: bool, rules: OutcomeRules) -> OutcomeVerdict:
    if named:
        return "association"
    match reading.correlation:
        case Estimate(low=float(low), high=float(high)) if max(-low, high) < rules.smallest_correlation:
            return "none_seen" if reading.p_model > 1 - rules.confidence else "cannot_tell"
        case _:
            return "cannot_tell"
