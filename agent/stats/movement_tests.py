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
    beta_prior,
    expected_mean,
    expected_rate,
    mean_rise_p,
    normal_prior,
    rate_rise_p,
)
from agent.stats.tally import Tally


def rise_p_values(before: Tally, after: Tally, scores: Scores, now: Scores, rules: MovementRules) -> FloatArray:
    """One-sided p of a rise, (cycles, reps, criteria): the larger of the two tests named in `trends`."""
    p = np.ones(now.n.shape)
    for at, measure in enumerate(before.measures):
        if measure.scale == "binary":
            p[:, :, at] = _binary_p(before, after, at, rules)
        else:
            p[:, :, at] = _level_p(scores, now, at, rules)
    return p


def _binary_p(before: Tally, after: Tally, at: int, rules: MovementRules) -> FloatArray:
    x, n = before.levels[0, :, at, 1], before.rated[0, :, at]
    x_now, n_now = after.levels[:, :, at, 1], after.rated[:, :, at]
    own = newcombe_rise_p(x, n, x_now, n_now)
    prior = beta_prior(x, n, rules.min_reps)
    if prior is None:
        return own
    columns = [np.broadcast_to(c, x_now.shape).reshape(-1) for c in (x, n, x_now, n_now)]
    return np.maximum(own, rate_rise_p(prior, *columns).reshape(x_now.shape))


def _level_p(scores: Scores, now: Scores, at: int, rules: MovementRules) -> FloatArray:
    before, after = _means(scores, at), _means(now, at)
    own = rise_p(before, after)
    prior = normal_prior(before.mean[0], before.variance[0], before.n[0], rules.min_reps)
    if prior is None:
        return own
    return np.maximum(own, mean_rise_p(prior, before.mean, before.n, after.mean, after.n))


def _means(scores: Scores, at: int) -> LevelMeans:
    return LevelMeans(
        scores.n[:, :, at],
        scores.value[:, :, at],
        scores.variance[:, :, at],
        scores.low[:, :, at],
        scores.high[:, :, at],
    )


def expected_scores(before: Tally, scores: Scores, rules: MovementRules) -> tuple[FloatArray, BoolArray]:
    """What each rep's next calls would show if nothing changed (reps, criteria), and where that can be known."""
    expected, known = scores.value[0].copy(), scores.n[0] > 0
    for at, measure in enumerate(before.measures):
        n, value = scores.n[0, :, at], scores.value[0, :, at]
        if measure.scale == "binary":
            rate = beta_prior(before.levels[0, :, at, 1], n, rules.min_reps)
            known[:, at] &= rate is not None
            if rate is not None:
                expected[:, at] = expected_rate(rate, before.levels[0, :, at, 1], n)
            continue
        level = normal_prior(value, scores.variance[0, :, at], n, rules.min_reps)
        known[:, at] &= level is not None
        if level is not None:
            expected[:, at] = expected_mean(level, value, n)[0]
    return expected, known


def needed_calls(
    expected: FloatArray,
    scores: Scores,
    measures: Sequence[Measure],
    smallest: FloatArray,
    coached: BoolArray,
    rules: MovementRules,
) -> IntArray:
    """Calls in baseline and cycle each that would tell the smallest change from none, (reps, criteria).

    (z_error + z_power)^2 (v0 + v1) / change^2 with v the variance of one call (Fleiss, Levin and Paik 2003, ch. 4),
    the error shared out over the rep's criteria and the planned cycles.
    """
    from scipy.special import ndtri

    family = np.maximum(coached.sum(axis=1, keepdims=True), 1) * rules.cycles
    z = -ndtri((1 - rules.confidence) / 2 / family) + float(ndtri(rules.power))
    binary = np.array([m.scale == "binary" for m in measures])
    rate = np.clip(expected, 0, 1)
    risen = np.clip(rate + smallest, 0, 1)
    spread = np.where(binary, rate * (1 - rate) + risen * (1 - risen), 2 * _within(scores))
    return np.asarray(np.ceil(np.maximum(z**2 * spread / smallest**2, 2)).astype(np.int64))


def _within(scores: Scores) -> FloatArray:
    """Variance of one call around its rep's mean, one for all reps of a criterion (criteria,)."""
    freedom = np.maximum(scores.n[0] - 1, 0)
    return np.asarray((freedom * scores.variance[0]).sum(axis=0) / np.maximum(freedom.sum(axis=0), 1))
