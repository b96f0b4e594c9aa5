"""The arithmetic under the movement verdicts: p of a rise, what to expect from nothing, calls that would tell."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy

from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.stats.frame import BoolArray, IntArray, Measure
from agent.stats.intervals import Ends, FloatArray, newcombe_ends, newcombe_rise_p, wilson_ends
from agent.stats.level_means import LevelMeans, least_rise, rise_p
from agent.stats.profiles import Scores, score_table
from agent.stats.rules import MovementRules
from agent.stats.shrinkage import (
    BetaPrior,
    NormalPrior,
    beta_prior,
    expected_mean,
    expected_rate,
    mean_rise_p,
    most_by_luck,
    normal_prior,
    rate_rise_p,
)
from agent.stats.tally import Tally

NO_SPREAD = 1.5  # without it 2.8 to 3.7 % of such plans have a false `moved` instead of 2.5 % (docs/method/movement.md)
TEAM_RISE = "mean rise of reps not coached on it beyond what shrinkage expects; t over reps"
Prior = BetaPrior | NormalPrior | None


def team_priors(before: Tally, scores: Scores, min_reps: int) -> list[Prior]:
    """The spread of the reps' baselines on each criterion; None for a criterion on which too few reps have calls."""
    return [
        beta_prior(before.levels[0, :, at, 1], scores.n[0, :, at], min_reps)
        if measure.scale.binary
        else normal_prior(scores.value[0, :, at], scores.variance[0, :, at], scores.n[0, :, at], min_reps)
        for at, measure in enumerate(before.measures)
    ]


@dataclass(frozen=True, eq=False)
class TeamRises:
    """How much reps who were not coached on a criterion rose beyond what shrinkage expects of them; higher is better.

    `seen` holds, for each kind of period (a cycle, all cycles so far), a statistic for each period and criterion.
    """

    seen: list[list[list[Statistic]]]
    min_reps: int

    @classmethod
    def of(
        cls, baseline: Tally, kinds: Sequence[Tally], coached: BoolArray, priors: Sequence[Prior], rules: MovementRules
    ) -> "TeamRises":
        """The rises, from the counts of the whole team's baseline and periods."""
        before = baseline.oriented()
        expected, known = expected_scores(before, score_table(before, rules.confidence), priors)
        seen = []
        for kind in kinds:
            excess, used = oriented_scores(kind) - expected, (kind.rated > 0) & known & ~coached
            seen.append(
                [
                    [
                        mean_over_reps(
                            excess[period, used[period, :, c], c], measure.scale.span, rules.confidence, TEAM_RISE
                        )
                        for c, measure in enumerate(baseline.measures)
                    ]
                    for period in range(len(excess))
                ]
            )
        return cls(seen, rules.min_reps)

    def taken_off(self, kind: int) -> FloatArray:
        """The rise to subtract, (periods, criteria): the one seen, if enough reps show it and its interval lies
        above 0; else 0. Subtracting mere noise would cost reps who moved their verdict."""
        return np.array([[self._sure(rise) for rise in row] for row in self.seen[kind]])

    def _sure(self, rise: Statistic) -> float:
        sure = isinstance(rise, Estimate) and rise.n >= self.min_reps and rise.low is not None and rise.low > 0
        return rise.value if isinstance(rise, Estimate) and sure else 0.0


def oriented_scores(tally: Tally) -> FloatArray:
    """Rates and mean levels turned so that higher is better, (periods, reps, criteria); the lowest level where there
    is no call."""
    parts, _ = tally.oriented().parts()
    lowest, span = (np.array([[m.scale.lowest, m.scale.span] for m in tally.measures], dtype=float)).T
    return np.asarray(lowest + parts * span)


def mean_over_reps(values: FloatArray, span: int, confidence: float, method: str) -> Statistic:
    """The mean of one change for each rep, with a t interval over reps that is cut to the scale's range."""
    n = len(values)
    if n < 2:
        return Undefined(undefined=N_("fewer than two reps not coached on it"), n=n)

    mean = float(values.mean())
    reach = -float(scipy.special.stdtrit(n - 1, (1 - confidence) / 2)) * float(values.std(ddof=1)) / n**0.5
    low, high = max(mean - reach, -float(span)), min(mean + reach, float(span))
    return Estimate(value=mean, n=n, low=low, high=high, confidence=confidence, method=method)


def interval_ends(tally: Tally, scores: Scores, confidence: float) -> Ends:
    """The two ends of each score's own interval, to build the interval of a difference from: Wilson's for rates, as
    Newcombe's method asks."""
    low, high = scores.low.copy(), scores.high.copy()
    binary, z = tally.binary, float(scipy.special.ndtri((1 + confidence) / 2))
    low[..., binary], high[..., binary] = wilson_ends(tally.levels[..., binary, 1], scores.n[..., binary], z)
    return low, high


def rise_p_values(
    before: Tally, after: Tally, scores: Scores, now: Scores, priors: Sequence[Prior], taken_off: FloatArray
) -> FloatArray:
    """One-sided p of a rise by more than `taken_off` (periods, criteria): the larger p of the two tests named in
    `trends`.

    If a part is taken off a rate, it is tested at the nearest count of calls. If the team's spread is not known,
    nothing allows for the luck of a rep who was picked for looking worst; so the first test's p is multiplied by
    `NO_SPREAD`.
    """
    p = np.ones(now.n.shape)
    for at, (measure, prior) in enumerate(zip(before.measures, priors, strict=True)):
        off = taken_off[:, None, at]
        if measure.scale.binary:
            counts = _Counts.of(before, after, at, off)
            own = newcombe_rise_p(counts.x, counts.n, counts.x_now, counts.n_now)
            spread = counts.beyond(prior) if isinstance(prior, BetaPrior) else np.minimum(NO_SPREAD * own, 1.0)
        else:
            first, second = _means(scores, at), _means(now, at)
            second = replace(second, mean=second.mean - off)
            own = rise_p(first, second)
            spread = np.minimum(NO_SPREAD * own, 1.0)
            if isinstance(prior, NormalPrior):
                spread = mean_rise_p(prior, first.mean, first.n, second.mean, second.n)
        p[:, :, at] = np.maximum(own, spread)
    return p


def least_rises(
    before: Tally,
    after: Tally,
    scores: Scores,
    now: Scores,
    priors: Sequence[Prior],
    taken_off: FloatArray,
    error: FloatArray,
) -> FloatArray:
    """The smallest rise that both tests of `rise_p_values` leave possible at `error` (periods, reps, criteria): above 0
    exactly if their p is at most `error`.

    The second test is computed only where the first leaves a rise. It leaves the score now minus the highest that calls
    would show if nothing had changed.
    """
    low = np.zeros(now.n.shape)
    for at, (measure, prior) in enumerate(zip(before.measures, priors, strict=True)):
        off = taken_off[:, None, at]
        allowed = error[:, :, at] if prior is not None else error[:, :, at] / NO_SPREAD
        if measure.scale.binary:
            counts = _Counts.of(before, after, at, off)
            own = newcombe_ends(counts.x, counts.n, counts.x_now, counts.n_now, -scipy.special.ndtri(allowed))[0]
            if isinstance(prior, BetaPrior):
                own = np.minimum(own, counts.above_luck(prior, allowed, own > 0))
        else:
            first, second = _means(scores, at), _means(now, at)
            second = replace(second, mean=second.mean - off)
            own = least_rise(first, second, allowed)
            if isinstance(prior, NormalPrior):
                own = np.minimum(own, second.mean - most_by_luck(prior, first.mean, first.n, second.n, allowed))
        low[:, :, at] = np.maximum(own, -measure.scale.span)
    return low


@dataclass(frozen=True, eq=False)
class _Counts:
    """Successes and calls before and now on one yes/no criterion, (periods, reps) each."""

    x: IntArray
    n: IntArray
    x_now: IntArray
    n_now: IntArray

    @classmethod
    def of(cls, before: Tally, after: Tally, at: int, off: FloatArray) -> "_Counts":
        n_now = after.rated[:, :, at]
        x_now = np.maximum(np.rint(after.levels[:, :, at, 1] - off * n_now), 0).astype(np.int64)
        x, n = (np.broadcast_to(part[:, :, at], x_now.shape) for part in (before.levels[..., 1], before.rated))
        return cls(x, n, x_now, n_now)

    def beyond(self, prior: BetaPrior) -> FloatArray:
        """P(at least as many successes now | baseline, nothing changed), given the team's spread."""
        flat = (part.reshape(-1) for part in (self.x, self.n, self.x_now, self.n_now))
        return rate_rise_p(prior, *flat).reshape(self.x_now.shape)

    def above_luck(self, prior: BetaPrior, error: FloatArray, where: BoolArray) -> FloatArray:
        """The rate now minus the highest rate that luck would still show at `error`; minus infinity outside `where`."""
        result = np.full(self.x_now.shape, np.inf)
        x, n, x_now, n_now = (part[where] for part in (self.x, self.n, self.x_now, self.n_now))
        below, least, allowed = np.full(n_now.shape, -1), n_now + 1, error[where]
        while (least - below > 1).any():  # the least count that luck does not explain, by halving
            middle = (below + least) // 2
            enough = (least - below > 1) & (rate_rise_p(prior, x, n, middle, n_now) <= allowed)
            below, least = np.where(enough | (least - below <= 1), below, middle), np.where(enough, middle, least)
        result[where] = (x_now - (least - 1)) / np.maximum(n_now, 1)
        return result


def _means(scores: Scores, at: int) -> LevelMeans:
    return LevelMeans(
        scores.n[:, :, at],
        scores.value[:, :, at],
        scores.variance[:, :, at],
        scores.low[:, :, at],
        scores.high[:, :, at],
    )


def expected_scores(before: Tally, scores: Scores, priors: Sequence[Prior]) -> tuple[FloatArray, BoolArray]:
    """What each rep's next calls would show if nothing changed, (reps, criteria), and for which of them that can be
    known."""
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


def next_variances(before: Tally, scores: Scores, n_now: IntArray, priors: Sequence[Prior]) -> FloatArray:
    """Variance of the score of the `n_now` (periods, reps, criteria) next calls if nothing changed, given the team's
    spread."""
    variance, now = np.zeros(n_now.shape), np.maximum(n_now, 1)
    for at, prior in enumerate(priors):
        n = scores.n[0, :, at]
        match prior:
            case BetaPrior():
                rate, size = expected_rate(prior, before.levels[0, :, at, 1], n), prior.a + prior.b + n
                variance[..., at] = rate * (1 - rate) * (size + now[..., at]) / (size + 1) / now[..., at]
            case NormalPrior():
                variance[..., at] = expected_mean(prior, scores.value[0, :, at], n)[1] + prior.within / now[..., at]
            case None:
                pass
    return variance


def needed_calls(
    expected: FloatArray,
    within: FloatArray,
    measures: Sequence[Measure],
    smallest: FloatArray,
    coached: BoolArray,
    priors: Sequence[Prior],
    rules: MovementRules,
) -> IntArray:
    """Calls in baseline and cycle each that would tell the smallest change from none, (reps, criteria).

    (z_error + z_power)^2 (v0 + v1) / change^2 with v the variance of one call (Fleiss, Levin and Paik 2003, ch. 4; for
    means it is `within`, the team's), the error shared out over the rep's criteria and the planned cycles.
    """
    family = np.maximum(coached.sum(axis=1, keepdims=True), 1) * rules.cycles
    family = family * np.where([prior is None for prior in priors], NO_SPREAD, 1.0)
    z = -scipy.special.ndtri((1 - rules.confidence) / 2 / family) + float(scipy.special.ndtri(rules.power))
    binary = np.array([m.scale.binary for m in measures])
    rate = np.clip(expected, 0, 1)
    risen = np.clip(rate + smallest, 0, 1)
    spread = np.where(binary, rate * (1 - rate) + risen * (1 - risen), 2 * within)
    return np.asarray(np.ceil(np.maximum(z**2 * spread / smallest**2, 2)).astype(np.int64))


def within_reps(scores: Scores) -> FloatArray:
    """Variance of one call around its rep's mean, pooled over the reps: (criteria,)."""
    freedom = np.maximum(scores.n[0] - 1, 0)
    return np.asarray((freedom * scores.variance[0]).sum(axis=0) / np.maximum(freedom.sum(axis=0), 1))
