"""Does movement on a criterion go with the win rate? Two readings over reps, and a verdict that both must carry.

1. The model of deals within reps (`deal_model`), which weighs reps by their deals and allows for time. It is the one to
   believe more: its interval decides, the end nearer to "no link" allowing for all criteria (Holm).
2. Rank correlation (Spearman) of the rep's movement with the change of the rep's win rate. It assumes next to nothing
   and must agree, at the plain level.

Criteria are coached together, and one may borrow another's link. A criterion is therefore named beside the leading one
(the smallest p) only if it also holds in a model that contains the leading one, at a level shared out over the others.

None of this can tell what made what: reps who were coached differ from others in more than the coaching.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import scipy
from numpy.typing import NDArray
from pydantic import Field

from agent.core.base import Frozen
from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.stats.deal_model import WithinFit, fit_within
from agent.stats.deals import WinCounts
from agent.stats.frame import BoolArray, Measure
from agent.stats.intervals import clopper_pearson
from agent.stats.multiplicity import holm, own_error
from agent.stats.rank_correlation import spearman
from agent.stats.rules import OutcomeRules
from agent.stats.tally import Tally

FloatArray = NDArray[np.float64]
OutcomeVerdict = Literal["association", "none_seen", "cannot_tell"]

STEP = 0.1  # odds ratios are for a tenth of the scale: ten points of a rate
NEARER_END = "the end nearer to no link allows for all criteria (Holm)"
MODEL = "odds ratio of winning per tenth of the scale; logistic within reps, time, dispersion; t"
LEAST_RELIABLE = 0.3  # below it most of what scores changed by is noise, and an allowance for it is a guess


class OutcomeLink(Frozen):
    """One criterion against the win rate. `p_holm` is the model's p allowing for all criteria.

    `model` is the odds ratio allowing for scores that rest on a dozen calls: `reliability` is the part of the variance
    of reps' changes that is not chance, and the slope seen is divided by it. Its interval decides; where it lies
    beside 1 and the verdict is `cannot_tell` all the same, `held_back` says why. `borrowed_from` names the leading
    criterion where the link does not hold beside it. `direction` is +1 where more of the criterion goes with more
    wins. `n_needed`, with `cannot_tell`, is how many reps like these would show a link of `smallest_odds_ratio`.
    `with_more` says the same as `model` in plain words: the win rate that would go with ten points more of the
    criterion, from the win rate of now.
    """

    criterion: str
    correlation: Statistic
    model: Statistic
    with_more: Statistic
    reliability: float | None
    p_correlation: float = Field(ge=0, le=1)
    p_model: float = Field(ge=0, le=1)
    p_holm: float = Field(ge=0, le=1)
    verdict: OutcomeVerdict
    direction: Literal[-1, 0, 1]
    borrowed_from: str
    held_back: str
    n_needed: int | None


class OutcomeReport(Frozen):
    """All criteria, with the number of deals the answer rests on and how many lay across the edge of a window."""

    links: tuple[OutcomeLink, ...]
    win_rate: Statistic
    deals_before: int
    deals_after: int
    deals_across: int
    note: str = N_("an association over reps; it does not say what made the win rate change")


@dataclass(frozen=True, eq=False)
class ScorePair:
    """Scores before coaching and at its end, (2, reps, criteria), from 0 to 1 of the scale, and where both exist.

    `error` is each score's sampling variance (that of one call, by the number of calls); left out, scores are taken as
    exact and links come out too weak.
    """

    value: FloatArray
    known: BoolArray
    error: FloatArray | None = None

    @classmethod
    def of(cls, both: Tally) -> "ScorePair":
        """The scores of two periods, from their counts, turned so that higher is better."""
        value, known = both.oriented().parts()
        return cls(value, np.asarray(known.all(axis=0)), both.sampling_variance())


@dataclass(frozen=True)
class _Reading:
    correlation: Statistic
    p_correlation: float
    model: Statistic
    p_model: float
    reliability: float | None = None
    error: float | None = None  # standard error of the log odds ratio, allowing for reliability
    fit: WithinFit | None = None

    def allowing_for_all(self, own_error: float, confidence: float) -> "_Reading":
        """The reading with the interval that decides, once this criterion's part of the error (`own_error`) is
        known."""
        if self.fit is None or self.reliability is None:
            return self
        return replace(self, model=_odds_ratio(self.fit, confidence, self.reliability, own_error))

    @property
    def beside_one(self) -> bool:
        """Whether the interval excludes 1, an odds ratio that means no link."""
        match self.model:
            case Estimate(low=float(low), high=float(high)):
                return not low <= 1 <= high
            case _:
                return False

    @property
    def direction(self) -> Literal[-1, 0, 1]:
        """+1 or -1 if both readings point the same way, else 0."""
        if not (isinstance(self.correlation, Estimate) and isinstance(self.model, Estimate)):
            return 0
        if self.correlation.value > 0 and self.model.value > 1:
            return 1
        return -1 if self.correlation.value < 0 and self.model.value < 1 else 0


def outcome_links(
    measures: Sequence[Measure], scores: ScorePair, wins: WinCounts, rules: OutcomeRules
) -> OutcomeReport:
    """Movement of each criterion against the change of the win rate, over reps with both and with deals in both times.

    `association`: the model's interval lies beside 1, the correlation's own p is at most 1 - confidence, both point the
    same way, and the link holds beside the leading criterion. `none_seen`: the interval lies within
    1/`smallest_odds_ratio` and `smallest_odds_ratio`: a link worth acting on is ruled out in either direction. Raises
    `ValueError` without criteria.
    """
    if not measures:
        raise ValueError("no criteria")
    readings = [_reading(scores, wins, at, rules) for at in range(len(measures))]
    p = [reading.p_model for reading in readings]
    adjusted = holm(p)
    own = own_error(p, adjusted, 1 - rules.confidence).tolist()
    readings = [one.allowing_for_all(error, rules.confidence) for one, error in zip(readings, own, strict=True)]
    named = [
        reading.beside_one and reading.p_correlation <= 1 - rules.confidence and reading.direction != 0
        for reading in readings
    ]
    leader = min(range(len(readings)), key=lambda at: (not named[at], readings[at].p_model))
    rate = clopper_pearson(int(wins.won.sum()), int(wins.decided.sum()), rules.confidence)
    links = []
    for at, measure in enumerate(measures):
        borrows = named[at] and at != leader and not _holds_beside(scores, wins, at, leader, rules)
        verdict: OutcomeVerdict = "cannot_tell" if borrows else _verdict(readings[at], named[at], rules)
        lender = measures[leader].id if borrows else ""
        needed = _reps_needed(readings[at], len(measures), rules) if verdict == "cannot_tell" else None
        links.append(_link(measure.id, readings[at], rate, float(adjusted[at]), verdict, lender, needed))
    before, after = wins.decided.sum(axis=1)
    return OutcomeReport(
        links=tuple(links), win_rate=rate, deals_before=int(before), deals_after=int(after), deals_across=wins.across
    )


def _link(
    criterion: str,
    reading: _Reading,
    rate: Statistic,
    p_holm: float,
    verdict: OutcomeVerdict,
    lender: str,
    needed: int | None,
) -> OutcomeLink:
    return OutcomeLink(
        criterion=criterion,
        correlation=reading.correlation,
        model=reading.model,
        with_more=_rate_with_more(reading.model, rate),
        reliability=reading.reliability,
        p_correlation=reading.p_correlation,
        p_model=reading.p_model,
        p_holm=p_holm,
        verdict=verdict,
        direction=reading.direction,
        borrowed_from=lender,
        held_back=_held_back(reading, verdict, lender),
        n_needed=needed,
    )


def _reading(scores: ScorePair, wins: WinCounts, at: int, rules: OutcomeRules) -> _Reading:
    used = _used(scores, wins, [at])
    n = int(used.sum())
    if n < rules.min_reps:
        few = Undefined(
            undefined=N_("{n} reps with scores and deals in both times; {needed} are needed").format(
                n=n, needed=rules.min_reps
            ),
            n=n,
        )
        return _Reading(few, 1.0, few, 1.0)
    value = scores.value[:, used, at]
    rate = wins.won[:, used] / wins.decided[:, used]
    correlation, p = spearman(value[1] - value[0], rate[1] - rate[0], rules.permutations, rules.seed)
    fit = _fit(scores, wins, [at])
    if isinstance(fit, Undefined):
        return _Reading(correlation, p, fit, 1.0)
    reliable = _reliability(scores, used, at)
    if reliable is None:
        why = N_("the scores' changes are mostly chance: more calls a period are needed")
        return _Reading(correlation, p, Undefined(undefined=why, n=n), fit.p(1))
    model = _odds_ratio(fit, rules.confidence, reliable, 1 - rules.confidence)
    return _Reading(correlation, p, model, fit.p(1), reliable, fit.error(1) / reliable, fit)


def _reliability(scores: ScorePair, used: BoolArray, at: int) -> float | None:
    """The share, 0 to 1, of the variance of reps' changes that is not chance; None if it is too small to correct
    for."""
    if scores.error is None:
        return 1.0
    change = scores.value[1, used, at] - scores.value[0, used, at]
    spread = float(change.var(ddof=1))
    chance = float(scores.error[:, used, at].sum(axis=0).mean())
    reliable = 1 - chance / spread if spread > 0 else 0.0
    return reliable if reliable >= LEAST_RELIABLE else None


def _used(scores: ScorePair, wins: WinCounts, criteria: list[int]) -> BoolArray:
    return np.asarray(scores.known[:, criteria].all(axis=1) & (wins.decided > 0).all(axis=0))


def _fit(scores: ScorePair, wins: WinCounts, criteria: list[int]) -> WithinFit | Undefined:
    """The model with these criteria together; regressor 0 is time, regressor 1 the first of the criteria."""
    used = _used(scores, wins, criteria)
    reps = int(used.sum())
    time = np.repeat([0.0, 1.0], reps)
    value = scores.value[:, used][:, :, criteria].reshape(2 * reps, len(criteria))
    won, decided = wins.won[:, used].reshape(-1), wins.decided[:, used].reshape(-1)
    return fit_within(won, decided, np.column_stack([time, value / STEP]), np.tile(np.arange(reps), 2))


def _holds_beside(scores: ScorePair, wins: WinCounts, at: int, leader: int, rules: OutcomeRules) -> bool:
    """Whether the slope is beyond chance in a model that also holds the leading criterion, allowing for all others
    (Bonferroni)."""
    fit = _fit(scores, wins, [at, leader])
    others = scores.value.shape[2] - 1
    return not isinstance(fit, Undefined) and fit.p(1) <= (1 - rules.confidence) / others


def _odds_ratio(fit: WithinFit, confidence: float, reliable: float, own_error: float) -> Statistic:
    """The slope divided by the reliability of the changes, with the uncertainty of both.

    The reliability rests on a variance of so many reps: its relative error is that of a variance,
    sqrt(2 / (n - 1)). The end nearer to 1 is at least as far as the slope's own at `own_error`, so that
    it is beyond 1 only if the test is.
    """
    low, high = fit.interval(1, confidence)
    slope, unsure = float(fit.slope[1]), (1 - reliable) / reliable * math.sqrt(2 / max(fit.groups - 1, 1))
    value = slope / reliable
    reach = math.hypot((high - low) / 2 / reliable, value * unsure * float(scipy.special.ndtri((1 + confidence) / 2)))
    low, high = value - reach, value + reach
    sure = [end / reliable for end in fit.interval(1, 1 - own_error)]
    low, high = (min(low, sure[0]), high) if slope > 0 else (low, max(high, sure[1]))
    return Estimate(
        value=math.exp(value),
        n=fit.groups,
        low=math.exp(low),
        high=math.exp(high),
        confidence=confidence,
        method=f"{MODEL} (dispersion {fit.dispersion:.2f}, reliability of changes {reliable:.2f}); {NEARER_END}",
    )


def _rate_with_more(model: Statistic, rate: Statistic) -> Statistic:
    """The win rate that would go with ten points more of the criterion: the rate now, moved by the odds ratio and by
    both its ends."""
    if not isinstance(model, Estimate):
        return model
    if not isinstance(rate, Estimate) or model.low is None or model.high is None or not 0 < rate.value < 1:
        return Undefined(undefined=N_("no win rate to start from"), n=model.n)
    odds = rate.value / (1 - rate.value)
    value, low, high = (odds * ratio / (1 + odds * ratio) for ratio in (model.value, model.low, model.high))
    return Estimate(
        value=value,
        n=model.n,
        low=low,
        high=high,
        confidence=model.confidence,
        method=f"win rate with a tenth of the scale more, from {100 * rate.value:.0f} % now; {MODEL}",
    )


def _reps_needed(reading: _Reading, criteria: int, rules: OutcomeRules) -> int | None:
    """How many reps would show a link of `smallest_odds_ratio` with the rules' power, judged by the standard error seen
    here.

    The slope's error falls with the square root of the number of reps; the test's error is divided by the number of
    criteria.
    """
    if reading.error is None or not isinstance(reading.model, Estimate):
        return None

    z = float(scipy.special.ndtri(1 - (1 - rules.confidence) / 2 / criteria)) + float(scipy.special.ndtri(rules.power))
    return max(
        rules.min_reps, math.ceil(reading.model.n * (z * reading.error / math.log(rules.smallest_odds_ratio)) ** 2)
    )


def _held_back(reading: _Reading, verdict: OutcomeVerdict, lender: str) -> str:
    if verdict != "cannot_tell" or not reading.beside_one or lender:
        return ""
    if reading.direction == 0:
        return N_("the deals and the order of the reps point different ways")
    return N_("the deals show a link, and the order of the reps alone may be luck")


def _verdict(reading: _Reading, named: bool, rules: OutcomeRules) -> OutcomeVerdict:
    if named:
        return "association"
    match reading.model:
        case Estimate(low=float(low), high=float(high)):
            most = rules.smallest_odds_ratio
            return "none_seen" if 1 / most < low and high < most else "cannot_tell"
        case _:
            return "cannot_tell"
