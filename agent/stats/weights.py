"""Weights for criteria, learned from deals: a proposal with reasons, never a change by itself.

Won or lost is regressed on the criterion scores of a deal's calls (logistic, ridge penalty). The penalty comes from
cross-validation, and cross-validation must also find that the scores foretell deals it has not seen better than the
win rate alone; else nothing is proposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import scipy
from numpy.typing import NDArray

from agent.core.base import Frozen
from agent.core.errors import ConfigError, InputError
from agent.core.extras import install
from agent.core.language import N_
from agent.core.lazy import lazy
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.stats.frame import BoolArray, IntArray, Measure
from agent.stats.rules import WeightRules

impute = lazy("sklearn.impute")
linear_model = lazy("sklearn.linear_model")
model_selection = lazy("sklearn.model_selection")
pipeline = lazy("sklearn.pipeline")
preprocessing = lazy("sklearn.preprocessing")

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

FloatArray = NDArray[np.float64]

METHOD = "log odds of winning over the whole scale; ridge logistic regression, bootstrap over deals"


class ProposedWeight(Frozen):
    """One criterion: its part in foretelling deals and the weight that follows. Weights average 1 in size.

    `beyond_chance` allows for all criteria (Bonferroni).
    """

    criterion: str
    log_odds: Statistic
    weight: float
    beyond_chance: bool
    reason: str


class WeightProposal(Frozen):
    """Proposed weights, or none with the reason. `gain` is how much better unseen deals are predicted than by the
    win rate alone, in log loss for each deal."""

    proposed: bool
    reason: str
    weights: tuple[ProposedWeight, ...]
    deals: int
    won: int
    gain: Statistic
    penalty: float | None


@dataclass(frozen=True, eq=False)
class DealScores:
    """Mean score of each deal's calls, (deals, criteria), from 0 to 1 of the scale; `known` where there was a rating.

    `won` and `rep` are (deals,). Only decided deals belong here.
    """

    measures: Sequence[Measure]
    score: FloatArray
    known: BoolArray
    won: BoolArray
    rep: IntArray

    def __post_init__(self) -> None:
        deals = len(self.won)
        if self.score.shape != (deals, len(self.measures)) or self.known.shape != self.score.shape:
            raise InputError("scores of deals need a row for each deal and a column for each criterion")
        if len(self.rep) != deals:
            raise InputError("each deal needs its rep")


def propose_weights(deals: DealScores, rules: WeightRules) -> WeightProposal:
    """Weights from the part each criterion has in foretelling won deals.

    A criterion a deal has no rating on counts as the mean of the others. The bootstrap draws deals within reps, so that
    no draw loses a rep. A criterion to avoid is turned over first; one whose coefficient points the wrong way gets 0.
    ConfigError without scikit-learn.
    """
    if find_spec("sklearn") is None:
        raise ConfigError("learning weights needs a package that is not installed", advice=install("learning"))
    # Scores with criteria to avoid turned over, missing ones as NaN for the imputer.
    turned = np.array([m.direction < 0 for m in deals.measures])
    oriented = np.where(deals.known, np.where(turned, 1 - deals.score, deals.score), np.nan)
    counts = int(deals.won.sum()), int((~deals.won).sum())
    if min(counts) < rules.min_each_outcome:
        reason = N_("{won} won and {lost} lost deals with scored calls; {needed} of each are needed").format(
            won=counts[0], lost=counts[1], needed=rules.min_each_outcome
        )
        return _none(deals, reason, Undefined(undefined=reason, n=len(deals.won)), None)
    penalty, gain = _cross_validated(oriented, deals.won, rules)
    if not isinstance(gain, Estimate) or gain.low is None or gain.low <= 0:
        reason = N_(
            "on deals not seen the scores foretell no better than the win rate alone; keep the weights as they are"
        )
        return _none(deals, reason, gain, penalty)
    slopes = _slopes(oriented, deals.won, penalty)
    draws = _bootstrap(oriented, deals, penalty, rules)
    kept = np.maximum(slopes, 0.0)
    if not kept.any():
        return _none(deals, N_("no criterion goes with winning in the direction it is meant to"), gain, penalty)
    scaled = kept * np.count_nonzero(kept) / kept.sum()
    weights = tuple(
        _weight(measure, float(slopes[at]), draws[:, at], float(scaled[at]), len(deals.won), len(slopes), rules)
        for at, measure in enumerate(deals.measures)
    )
    said = N_("from {deals} deals ({won} won): unseen deals are foretold better with these scores")
    reason = said.format(deals=len(deals.won), won=counts[0])
    return WeightProposal(
        proposed=True, reason=reason, weights=weights, deals=len(deals.won), won=counts[0], gain=gain, penalty=penalty
    )


_REASONS = {
    (True, "beyond"): N_("showing it goes with winning, beyond chance also over all {n} criteria"),
    (False, "beyond"): N_("avoiding it goes with winning, beyond chance also over all {n} criteria"),
    (True, "leans"): N_(
        "showing it leans to winning, not beyond chance over all {n} criteria; the penalty has shrunk it"
    ),
    (False, "leans"): N_(
        "avoiding it leans to winning, not beyond chance over all {n} criteria; the penalty has shrunk it"
    ),
    (True, "not"): N_("showing it does not go with winning here; weight 0 leaves it out of totals"),
    (False, "not"): N_("avoiding it does not go with winning here; weight 0 leaves it out of totals"),
}


def _weight(
    measure: Measure, slope: float, draws: FloatArray, weight: float, deals: int, criteria: int, rules: WeightRules
) -> ProposedWeight:
    tail = (1 - rules.confidence) / 2
    low, high = (float(end) for end in np.quantile(draws, [tail, 1 - tail]))
    estimate = Estimate(
        value=slope,
        n=deals,
        low=min(low, slope),
        high=max(high, slope),
        confidence=rules.confidence,
        method=METHOD,
        seed=rules.seed,
    )
    # As many bootstrap standard deviations above 0 as Bonferroni over the criteria asks.
    beyond = slope > float(scipy.special.ndtri(1 - (1 - rules.confidence) / 2 / criteria)) * float(draws.std(ddof=1))
    reason = _REASONS[measure.direction > 0, "beyond" if beyond else "leans" if slope > 0 else "not"].format(n=criteria)
    return ProposedWeight(
        criterion=measure.id, log_odds=estimate, weight=measure.direction * weight, beyond_chance=beyond, reason=reason
    )


def _none(deals: DealScores, reason: str, gain: Statistic, penalty: float | None) -> WeightProposal:
    return WeightProposal(
        proposed=False,
        reason=reason,
        weights=(),
        deals=len(deals.won),
        won=int(deals.won.sum()),
        gain=gain,
        penalty=penalty,
    )


def _model(penalty: float) -> Pipeline:
    """Ridge logistic regression: missing scores are replaced by the training deals' mean, and scores have standard
    deviation one."""
    return pipeline.make_pipeline(
        impute.SimpleImputer(keep_empty_features=True),
        preprocessing.StandardScaler(),
        linear_model.LogisticRegression(C=penalty, solver="newton-cholesky"),
    )


def _cross_validated(score: FloatArray, won: BoolArray, rules: WeightRules) -> tuple[float, Statistic]:
    """The penalty with the smallest log loss on held-out deals, and its gain over the win rate with an interval over
    deals."""
    splits = list(
        model_selection.RepeatedStratifiedKFold(
            n_splits=rules.folds, n_repeats=rules.repeats, random_state=rules.seed
        ).split(score, won)
    )
    losses = {penalty: _held_out_loss(score, won, penalty, splits) for penalty in rules.penalties}
    best = min(losses, key=lambda penalty: float(losses[penalty].mean()))
    total = np.zeros(len(won))
    for train, test in splits:
        total[test] += _log_loss(np.full(len(test), won[train].mean()), won[test])
    gain = total / _times(len(won), splits) - losses[best]
    return best, _mean_gain(gain, rules.confidence)


Splits = list[tuple[IntArray, IntArray]]


def _held_out_loss(score: FloatArray, won: BoolArray, penalty: float, splits: Splits) -> FloatArray:
    """Log loss of each deal, averaged over the repeats in which it was held out: (deals,)."""
    total = np.zeros(len(won))
    for train, test in splits:
        chance = _model(penalty).fit(score[train], won[train]).predict_proba(score[test])[:, 1]
        total[test] += _log_loss(chance, won[test])
    return np.asarray(total / _times(len(won), splits))


def _times(deals: int, splits: Splits) -> FloatArray:
    return np.bincount(np.concatenate([test for _, test in splits]), minlength=deals).astype(float)


def _log_loss(chance: FloatArray, won: BoolArray) -> FloatArray:
    return np.asarray(-np.log(np.clip(np.where(won, chance, 1 - chance), 1e-12, 1.0)))


def _mean_gain(gain: FloatArray, confidence: float) -> Statistic:
    n = len(gain)
    mean, error = float(gain.mean()), float(gain.std(ddof=1)) / n**0.5
    reach = float(scipy.special.ndtri((1 + confidence) / 2)) * error
    method = "log loss a deal saved over the win rate alone, cross-validated; normal over deals"
    return Estimate(value=mean, n=n, low=mean - reach, high=mean + reach, confidence=confidence, method=method)


def _slopes(score: FloatArray, won: BoolArray, penalty: float) -> FloatArray:
    """Log odds over the whole scale, (criteria,): the coefficients divided by the standard deviations."""
    fitted = _model(penalty).fit(score, won)
    return np.asarray(fitted[-1].coef_[0] / fitted[-2].scale_)


def _bootstrap(score: FloatArray, deals: DealScores, penalty: float, rules: WeightRules) -> FloatArray:
    """Slopes in resamples of deals within reps, (resamples, criteria)."""
    rng = np.random.default_rng(rules.seed)
    order = np.argsort(deals.rep, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(deals.rep[order]) > 0])
    sizes = np.diff(np.append(starts, len(order)))
    first, size = np.repeat(starts, sizes), np.repeat(sizes, sizes)
    draws = []
    for _ in range(rules.resamples):
        drawn = order[first + np.floor(rng.random(len(order)) * size).astype(np.int64)]
        if deals.won[drawn].any() and not deals.won[drawn].all():
            draws.append(_slopes(score[drawn], deals.won[drawn], penalty))
    return np.array(draws)
