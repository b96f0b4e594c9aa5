"""The verdict on one criterion after a calibration round: passed, provisional, failed or no information.

"85 % agreement" on eight calls is seven or eight agreeing calls, and raters who agree on three calls in four reach
that one time in three. So reaching it is not enough to pass. `passed` also needs, all at once:

1. a lower bound. The exact one-sided Clopper-Pearson bound on agreement lies above `ruled_out` (75 %). Each round of
   a criterion is one more look, so each is allowed only a share of `error` (5 %), and the shares of all rounds,
   however many there will be, add up to it (Bonferroni: no assumption about how rounds hang together). Raters who
   truly agree on 75 % therefore pass in at most 5 % of cases over all rounds, at any number of calls.
2. chance-corrected agreement (Krippendorff's alpha) whose interval lies above `floor`;
3. both ends of the scale seen: for each end a call on which one rater chose it and another came within the tolerance.

What reaches 85 % but misses one of these is `provisional`. What does not reach it is `failed`, and so is alpha whose
whole interval lies below the floor. Docs: docs/method/reliability.md, with simulated rates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from agent.core.base import Frozen
from agent.core.scale import Scale, completed_with
from agent.core.statistic import Estimate, Statistic, Undefined, Verdict
from agent.stats.agreement.alpha import krippendorff_alpha
from agent.stats.agreement.plain import applies_agreement, share_of_units, whole_units
from agent.stats.bootstrap import FloatArray, Resampling
from agent.stats.intervals import exact_lower_bound
from agent.stats.rating_table import NOT_APPLICABLE, RatingTable

_ROUNDING = 1e-9


Points = Annotated[int, Field(ge=0, le=1)]


class Thresholds(Frozen):
    """What a criterion must reach. Values and their reasons stand in config/calibration.yaml."""

    reached: float = Field(gt=0, le=1)
    ruled_out: float = Field(gt=0, lt=1)
    error: float = Field(gt=0, lt=0.5)
    planned_rounds: int = Field(ge=1)
    floor: float = Field(ge=-1, lt=1)
    least_calls: int = Field(ge=2)
    tolerance: Annotated[dict[Scale, Points], completed_with(lambda scale: scale.tolerance)] = Field(
        default={}, validate_default=True
    )
    resamples: int = Field(ge=100)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.ruled_out >= self.reached:
            raise ValueError("ruled_out must lie below reached")
        return self

    def error_in_round(self, number: int) -> float:
        """The share of `error` that round `number` (from 1) may spend.

        Planned rounds share nine tenths of it equally. Later rounds halve the rest again and again, so that a team
        may go on for as long as it likes, with more calls each time.
        """
        if number < 1:
            raise ValueError("rounds are counted from 1")
        if number <= self.planned_rounds:
            return 0.9 * self.error / self.planned_rounds
        return float(0.1 * self.error / 2 ** (number - self.planned_rounds))


class Reliability(Frozen):
    """The verdict on one criterion with all that it rests on.

    `agreement` is what the 85 % are about (see `criterion_agreement`); `lower_bound` the value it surely exceeds,
    given this round's share of error; `chance_corrected` is alpha on the levels; `applies` the agreement on whether
    the criterion applies. `reasons` says what is short, a sentence each; empty if passed. `calls_to_pass` is the
    number of calls below which this round cannot pass even with full agreement.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    agreement: Statistic
    lower_bound: float
    chance_corrected: Statistic
    applies: Statistic
    round: int
    raters: int
    calls_to_pass: int


def judge(table: RatingTable, scale: Scale, thresholds: Thresholds, *, round_number: int, seed: int = 0) -> Reliability:
    """The verdict on one criterion from one table of independent ratings.

    `round_number` counts how often this criterion was put to raters, this time included, whatever its wording then.
    Calls of an earlier round may stand in the table only if the criterion's text has not changed since; a round with
    such calls is still one more look. ValueError if the table's levels are not those of `scale`.
    """
    if table.levels != scale.levels:
        raise ValueError(f"the table's levels {table.levels} are not those of the scale {scale}")
    tolerance = thresholds.tolerance[scale]
    shares = agreement_shares(table, tolerance)
    error = thresholds.error_in_round(round_number)
    evidence = _Evidence(
        agreement=criterion_agreement(table, tolerance),
        bound=exact_lower_bound(whole_units(shares), len(shares), error) if len(shares) else 0.0,
        chance=krippendorff_alpha(table, Resampling(resamples=thresholds.resamples, seed=seed)),
        ends_not_seen=_ends_not_seen(table, tolerance),
        round_number=round_number,
    )
    verdict, reasons = _verdict(evidence, thresholds)
    return Reliability(
        verdict=verdict,
        reasons=reasons,
        agreement=evidence.agreement,
        lower_bound=evidence.bound,
        chance_corrected=evidence.chance,
        applies=applies_agreement(table, None),
        round=round_number,
        raters=int(np.any((table.codes >= 0) | (table.codes == NOT_APPLICABLE), axis=0).sum()),
        calls_to_pass=least_calls_to_pass(thresholds, round_number),
    )


def criterion_agreement(table: RatingTable, tolerance: int) -> Statistic:
    """Share of pairs of judgements that agree, with an exact interval over calls.

    Two levels agree if at most `tolerance` points apart. A level against "does not apply" is a disagreement: otherwise
    raters could lift their agreement by dropping the hard calls. Two "does not apply" are no pair: they say nothing
    about how the behavior is rated.
    """
    shares = agreement_shares(table, tolerance)
    if len(shares) == 0:
        return Undefined(undefined="no call was judged by two raters", n=0)
    what = "equal judgements" if tolerance == 0 else f"judgements within {tolerance} point"
    return share_of_units(shares, what, 0.95)


def agreement_shares(table: RatingTable, tolerance: int) -> FloatArray:
    """Each call's share of agreeing pairs, as in `criterion_agreement`, for calls with a pair: (calls,)."""
    counts = table.counts
    rated, not_applicable = counts.sum(axis=1), (table.codes == NOT_APPLICABLE).sum(axis=1)
    points = table.points
    close = np.abs(points[:, None] - points[None, :]) <= tolerance + _ROUNDING
    agreeing = (counts * (counts @ close.astype(float) - 1)).sum(axis=1) / 2
    pairs = rated * (rated - 1) / 2 + rated * not_applicable
    return np.asarray(agreeing[pairs > 0] / pairs[pairs > 0], dtype=float)


def agreements_needed(calls: int, thresholds: Thresholds, round_number: int) -> int | None:
    """How many of `calls` calls must agree for the lower bound to hold in that round; None if all are not enough."""
    error = thresholds.error_in_round(round_number)
    for agreeing in range(calls + 1):
        if agreeing / calls >= thresholds.reached and exact_lower_bound(agreeing, calls, error) > thresholds.ruled_out:
            return agreeing
    return None


def least_calls_to_pass(thresholds: Thresholds, round_number: int) -> int:
    """The fewest calls with which that round can pass: the smallest n with error^(1/n) > ruled_out."""
    needed = np.log(thresholds.error_in_round(round_number)) / np.log(thresholds.ruled_out)
    return max(thresholds.least_calls, int(np.floor(needed)) + 1)


@dataclass(frozen=True)
class _Evidence:
    agreement: Statistic
    bound: float
    chance: Statistic
    ends_not_seen: tuple[str, ...]
    round_number: int


def _verdict(evidence: _Evidence, thresholds: Thresholds) -> tuple[Verdict, tuple[str, ...]]:
    agreement, chance = evidence.agreement, evidence.chance
    if isinstance(agreement, Undefined):
        return "no information", (agreement.undefined,)
    n, least = agreement.n, thresholds.least_calls
    if n < least:
        return "no information", (f"{n} call(s) judged by two raters; at least {least} are needed",)
    if agreement.value < thresholds.reached - _ROUNDING:
        return "failed", (f"agreement is {agreement.value:.1%} on {n} calls; {thresholds.reached:.0%} is needed",)
    if isinstance(chance, Estimate) and chance.high is not None and chance.high < thresholds.floor:
        return "failed", (_short_of_floor(chance, thresholds),)
    shortfalls = (
        _bound_shortfall(agreement, evidence.bound, thresholds, evidence.round_number),
        _chance_shortfall(chance, thresholds),
        *(f"no call that two raters put at {end}" for end in evidence.ends_not_seen),
    )
    reasons = tuple(reason for reason in shortfalls if reason)
    return ("provisional" if reasons else "passed"), reasons


def _bound_shortfall(agreement: Estimate, bound: float, thresholds: Thresholds, round_number: int) -> str:
    if bound > thresholds.ruled_out:
        return ""
    needed = agreements_needed(agreement.n, thresholds, round_number)
    ask = (
        f"{needed} of {agreement.n} would be enough"
        if needed
        else f"at least {least_calls_to_pass(thresholds, round_number)} calls are needed in round {round_number}"
    )
    return f"too few calls to rule out a true agreement of {thresholds.ruled_out:.0%} (it may be {bound:.0%}): {ask}"


def _chance_shortfall(chance: Statistic, thresholds: Thresholds) -> str:
    if isinstance(chance, Undefined):
        return f"chance-corrected agreement cannot be computed: {chance.undefined}"
    if chance.low is None:
        return f"chance-corrected agreement is {chance.value:.2f} without an interval ({chance.method})"
    return "" if chance.low > thresholds.floor else _short_of_floor(chance, thresholds)


def _short_of_floor(chance: Estimate, thresholds: Thresholds) -> str:
    interval = f"{chance.value:.2f} ({chance.low:.2f} to {chance.high:.2f})"
    return f"chance-corrected agreement is {interval}; its interval must lie above {thresholds.floor:.2f}"


def _ends_not_seen(table: RatingTable, tolerance: int) -> tuple[str, ...]:
    """The ends of the scale that no call shows: one rater at the end and another within the tolerance of it."""
    counts, levels = table.counts, table.levels
    low = np.any((counts[:, 0] >= 1) & (counts[:, : tolerance + 1].sum(axis=1) >= 2))
    high = np.any((counts[:, -1] >= 1) & (counts[:, -tolerance - 1 :].sum(axis=1) >= 2))
    return tuple(str(end) for end, seen in ((levels[0], low), (levels[-1], high)) if not seen)
