"""The arithmetic under the movement verdicts: p of a rise, what to expect from nothing, calls that would tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent.stats.frame import BoolArray, IntArray, Measure
from agent.stats.level_means import LevelMeans, rise_p
from agent.stats.profiles import Scores
from agent.stats.rules import MovementRules
from agent.stats.shares import FloatArray, newcombe_rise_p
from agent.stats.shrinkage import (
    BetaPrior,
    NormalPrior,
    beta_prior,
    expected_mean,
    expected_rate,
    mean_rise_p,
    normal_prior,
    rate_rise_p,
)
from agent.stats.tally import Tally

Prior = BetaPrior | NormalPrior | None


def team_priors(before: Tally, scores: Scores, min_reps: int) -> list[Prior]:
    """The spread of the reps' baselines on each criterion; None where too few reps have calls."""
    return [
        beta_prior(before.levels[0, :, at, 1], scores.n[0, :, at], min_reps)
        if measure.scale == "binary"
        else normal_prior(scores.value[0, :, at], scores.variance[0, :, at], scores.n[0, :, at], min_reps)
        for at, measure in enumerate(before.measures)
    ]


def rise_p_values(before: Tally, after: Tally, scores: Scores, now: Scores, priors: Sequence[Prior]) -> FloatArray:
    """One-sided p of a rise, (cycles, reps, criteria): the larger of the two tests named in `trends`."""
    p = np.ones(now.n.shape)
    for at, (measure, prior) in enumerate(zip(before.measures, priors, strict=True)):
        own = _own_p(before, after, at) if measure.scale == "binary" else rise_p(_means(scores, at), _means(now, at))
        match prior:
            case BetaPrior():
                p[:, :, at] = np.maximum(own, _count_p(before, after, at, prior))
            case NormalPrior():
                before_, after_ = _means(scores, at), _means(now, at)
                p[:, :, at] = np.maximum(own, mean_rise_p(prior, before_.mean, before_.n, after_.mean, after_.n))
            case None:
                p[:, :, at] = own
    return p


def _own_p(before: Tally, after: Tally, at: int) -> FloatArray:
    return newcombe_rise_p(
        before.levels[:, :, at, 1], before.rated[:, :, at], after.levels[:, :, at, 1], after.rated[:, :, at]
    )


def _count_p(before: Tally, after: Tally, at: int, prior: BetaPrior) -> FloatArray:
    x_now, n_now = after.levels[:, :, at, 1], after.rated[:, :, at]
    x, n = (np.broadcast_to(c[:, :, at], x_now.shape) for c in (before.levels[..., 1], before.rated))
    return rate_rise_p(prior, x.reshape(-1), n.reshape(-1), x_now.reshape(-1), n_now.reshape(-1)).reshape(x_now.shape)


def _means(scores: Scores, at: int) -> LevelMeans:
    return LevelMeans(
        scores.n[:, :, at],
        scores.value[:, :, at],
        scores.variance[:, :, at],
        scores.low[:, :, at],
        scores.high[:, :, at],
    )


def expected_scores(before: Tally, scores: Scores, priors: Sequence[Prior]) -> tuple[FloatArray, BoolArray]:
    """What each rep's next calls would show if nothing changed (reps, criteria), and where that can be known."""
    expected, known = scores.value[0].copy(), scores.n[0] > 0
    for at, prior in enumerate(priors):
        n = scores.n[0, :, at]
        match prior:
            case BetaPrior():
                expected[:, at] = expected_rate(prior, before.levels[0, :, at, 1], n)
            case NormalPrior():
                expected[:, at] = expected_mean(prior, scores.value[0, :, at], n)[0]
            case None:
                known[:, at] = False
    return expected, known


def needed_calls(
    expected: FloatArray,
    within: FloatArray,
    measures: Sequence[Measure],
    smallest: FloatArray,
    coached: BoolArray,
    rules: MovementRules,
) -> IntArray:
    """Calls in baseline and cycle each that would tell the smallest change from none, (reps, criteria).

    (z_error + z_power)^2 (v0 + v1) / change^2 with v the variance of one call (Fleiss, Levin and Paik 2003, ch. 4; for
    means it is `within`, the team's), the error shared out over the rep's criteria and the planned cycles.
    """
    from scipy.special import ndtri

    family = np.maximum(coached.sum(axis=1, keepdims=True), 1) * rules.cycles
    z = -ndtri((1 - rules.confidence) / 2 / family) + float(ndtri(rules.power))
    binary = np.array([m.scale == "binary" for m in measures])
    rate = np.clip(expected, 0, 1)
    risen = np.clip(rate + smallest, 0, 1)
    spread = np.where(binary, rate * (1 - rate) + risen * (1 - risen), 2 * within)
    return np.asarray(np.ceil(np.maximum(z**2 * spread / smallest**2, 2)).astype(np.int64))


def within_reps(scores: Scores) -> FloatArray:
    """Variance of one call around its rep's mean, one for all reps of a criterion (criteria,)."""
    freedom = np.maximum(scores.n[0] - 1, 0)
    return np.asarray((freedom * scores.variance[0]).sum(axis=0) / np.maximum(freedom.sum(axis=0), 1))
