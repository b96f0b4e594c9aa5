"""Profiles: each rep's rate or mean on each criterion, with an interval and a state that luck does not decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from agent.core.base import Frozen
from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.stats.correction import ErrorCounts, corrected_rates
from agent.stats.frame import IntArray, Measure
from agent.stats.intervals import FloatArray, exact_ends, share
from agent.stats.level_means import METHOD, level_means
from agent.stats.rules import ProfileRules
from agent.stats.tally import Tally

State = Literal["consistently present", "consistently absent", "variable", "cannot tell"]
EXACT_SHARE = "share; exact (Clopper-Pearson)"
STATES: tuple[State, ...] = ("consistently present", "consistently absent", "variable", "cannot tell")
PRESENT, ABSENT, VARIABLE, CANNOT_TELL = range(4)

_ROUNDING = 1e-9


class CriterionProfile(Frozen):
    """One rep on one criterion. `score` is the rate (binary) or mean level, `shown` the share of calls that show it.

    `corrected` is the rate allowing for the known errors of the model that rated, where those are known; the state
    then rests on it.
    """

    rep: str
    criterion: str
    score: Statistic
    shown: Statistic
    corrected: Statistic
    state: State
    not_applicable: int
    failed: int


@dataclass(frozen=True, eq=False)
class Scores:
    """Rates and mean levels as arrays (periods, reps, criteria), each in its own scale. Without calls (`n` is 0) the
    interval is the whole scale, and the value must not be read as a number."""

    n: IntArray
    value: FloatArray
    variance: FloatArray
    low: FloatArray
    high: FloatArray
    confidence: float

    def statistic(self, at: tuple[int, int, int], measure: Measure) -> Statistic:
        """One cell as a statistic: an estimate with its interval, or undefined without calls."""
        n = int(self.n[at])
        if n == 0:
            return Undefined(undefined=N_("no rated call"), n=0)
        return Estimate(
            value=float(self.value[at]),
            n=n,
            low=float(self.low[at]),
            high=float(self.high[at]),
            confidence=self.confidence,
            method=EXACT_SHARE if measure.scale.binary else METHOD,
        )


@dataclass(frozen=True, eq=False)
class ProfileTable:
    """All profiles of one period. Arrays are (reps, criteria)."""

    tally: Tally
    scores: Scores
    shown: IntArray
    shown_low: FloatArray
    shown_high: FloatArray
    state: NDArray[np.int8]
    corrected: Mapping[int, list[Statistic]]
    rules: ProfileRules

    def of(self, reps: Sequence[int]) -> "ProfileTable":
        """The table with only the reps at these positions."""
        at = list(reps)
        s = self.scores
        scores = Scores(s.n[:, at], s.value[:, at], s.variance[:, at], s.low[:, at], s.high[:, at], s.confidence)
        return ProfileTable(
            self.tally.of(at),
            scores,
            self.shown[at],
            self.shown_low[at],
            self.shown_high[at],
            self.state[at],
            {criterion: [rates[rep] for rep in at] for criterion, rates in self.corrected.items()},
            self.rules,
        )

    def rows(self) -> list[CriterionProfile]:
        """One row for each rep and criterion, rep by rep."""
        return [row for rep in range(len(self.state)) for row in self.rows_of(rep)]

    def rows_of(self, rep: int) -> list[CriterionProfile]:
        """One row for each criterion, of the rep at that position."""
        return [self._row(rep, criterion) for criterion in range(self.state.shape[1])]

    def _row(self, rep: int, criterion: int) -> CriterionProfile:
        measure = self.tally.measures[criterion]
        corrected = self.corrected.get(criterion)
        return CriterionProfile(
            rep=self.tally.reps[rep],
            criterion=measure.id,
            score=self.scores.statistic((0, rep, criterion), measure),
            shown=self._shown(rep, criterion),
            corrected=corrected[rep] if corrected else Undefined(undefined=N_("no error rates of the rater are known")),
            state=STATES[self.state[rep, criterion]],
            not_applicable=int(self.tally.not_applicable[0, rep, criterion]),
            failed=int(self.tally.failed[0, rep, criterion]),
        )

    def _shown(self, rep: int, criterion: int) -> Statistic:
        n = int(self.scores.n[0, rep, criterion])
        if n == 0:
            return Undefined(undefined=N_("no rated call"), n=0)
        return Estimate(
            value=int(self.shown[rep, criterion]) / n,
            n=n,
            low=float(self.shown_low[rep, criterion]),
            high=float(self.shown_high[rep, criterion]),
            confidence=self.rules.confidence,
            method=EXACT_SHARE,
        )


def score_table(tally: Tally, confidence: float) -> Scores:
    """Rate with its exact interval or mean with its bootstrap interval for every period, rep and criterion.

    These are the intervals that decide whether a rep is below target, so they are the ones that are shown.
    """
    n = tally.rated
    value, variance, low, high = np.zeros((4, *n.shape))
    binary = tally.binary
    yes, of = tally.levels[..., binary, 1], n[..., binary]
    p = share(yes, of)
    value[..., binary], variance[..., binary] = p, p * (1 - p)
    low[..., binary], high[..., binary] = exact_ends(yes, of, confidence)
    low[n == 0], high[n == 0] = 0.0, 1.0
    for at in np.flatnonzero(~binary):
        levels = np.array(tally.measures[at].scale.levels, dtype=float)
        counts = tally.levels[:, :, at, : len(levels)].reshape(-1, len(levels))
        means = level_means(counts, levels, confidence)
        for target, flat in ((value, means.mean), (variance, means.variance), (low, means.low), (high, means.high)):
            target[:, :, at] = flat.reshape(n.shape[:2])
    return Scores(n, value, variance, low, high, confidence)


def corrections(tally: Tally, rules: ProfileRules, errors: Mapping[str, ErrorCounts]) -> dict[int, list[Statistic]]:
    """For each binary criterion, by its position, all reps' rates corrected for a model's known errors (Rogan and
    Gladen)."""
    shown, n = _shown_calls(tally, rules), tally.rated[0]
    return {
        at: corrected_rates(shown[:, at], n[:, at], errors[measure.id], rules.confidence, rules.resamples, rules.seed)
        for at, measure in enumerate(tally.measures)
        if measure.id in errors and measure.scale.binary
    }


def profile(
    tally: Tally,
    rules: ProfileRules,
    errors: Mapping[str, ErrorCounts] | None = None,
    corrected: Mapping[int, list[Statistic]] | None = None,
) -> ProfileTable:
    """Profiles from the counts of one period.

    `errors` gives, by binary criterion, how a model's ratings compared with known ones; rates are then corrected
    (Rogan-Gladen) and states rest on the corrected interval. `corrected` are those rates where they were made before.
    """
    if tally.levels.shape[0] != 1:
        raise ValueError("a profile is of one period")
    shown, n = _shown_calls(tally, rules), tally.rated[0]
    low, high = exact_ends(shown, n, rules.confidence)
    reached = share(shown, n)
    corrected = corrections(tally, rules, errors or {}) if corrected is None else corrected
    for at, rates in corrected.items():
        reached[:, at], low[:, at], high[:, at] = _value_and_ends(rates)
    scores = score_table(tally, rules.confidence)
    return ProfileTable(tally, scores, shown, low, high, states(reached, low, high, rules), corrected, rules)


def _shown_calls(tally: Tally, rules: ProfileRules) -> IntArray:
    slots = np.array([m.scale.levels.index(rules.present_level[m.scale]) for m in tally.measures], dtype=np.int64)
    return np.asarray(tally.at_least(slots)[0])


def states(reached: FloatArray, low: FloatArray, high: FloatArray, rules: ProfileRules) -> NDArray[np.int8]:
    """Positions in `STATES` from the share of calls that show the behavior and its bounds; see `ProfileRules`."""
    present = (reached >= rules.present - _ROUNDING) & (low > rules.present_low)
    absent = (reached <= rules.absent + _ROUNDING) & (high < rules.absent_high)
    variable = (low > rules.variable_low) & (high < rules.variable_high)
    return np.select([present, absent, variable], [PRESENT, ABSENT, VARIABLE], CANNOT_TELL).astype(np.int8)


def _value_and_ends(rates: list[Statistic]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Value, low end and high end of each rate, (reps,) each. An undefined rate gives the whole range from 0 to 1,
    which decides nothing."""
    parts = [
        (r.value, r.low, r.high)
        if isinstance(r, Estimate) and r.low is not None and r.high is not None
        else (0.5, 0.0, 1.0)
        for r in rates
    ]
    value, low, high = np.array(parts, dtype=float).T
    return value, low, high
