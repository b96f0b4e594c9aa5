"""Does coaching on a criterion work? One verdict over all reps coached on it, against the reps who were not.

For each rep: the score over all cycles so far, less what shrinkage expects of the next calls if nothing changed. The
mean of this excess over coached reps less that over the others is the rise beyond them: who was picked because a
baseline looked low rises by itself, which shrinkage takes out, and what the whole team rose by is in both groups.

The standard error takes for each group the larger of two variances: the one seen between reps, and the one that follows
from the spread (a handful of reps may agree by luck); t with the smaller freedom. Simulated, this holds the error where
Welch's test alone does not (teams in two camps, 10 calls) and finds twice as much as a permutation of Welch's
statistic: docs/method/verdicts.md. The error is shared out over criteria (Holm) and over planned cycles, most of it at
the last: after k of K cycles (k/K)^3 may be spent. `moved` once given stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from pydantic import Field

from agent.core.base import Frozen
from agent.core.errors import InputError
from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.stats.frame import BoolArray
from agent.stats.intervals import FloatArray
from agent.stats.movement_tests import Prior, expected_scores, next_variances, oriented_scores, team_priors
from agent.stats.multiplicity import holm
from agent.stats.profiles import score_table
from agent.stats.rules import MovementRules
from agent.stats.tally import Tally
from agent.stats.trends import MovementVerdict

METHOD = "mean rise of coached reps beyond that of the others, both beyond what shrinkage expects; t over reps"
LEAST_REPS = 3  # in each group
ENOUGH_REPS = 12  # in both: half coached, with a rise of .4 named in nine of ten cases; with 8 it hardly ever is


class CriterionMovement(Frozen):
    """One criterion after one cycle, over all reps coached on it.

    `rise` is the coached reps' beyond the others', in the criterion's scale and own direction. Its interval is the one
    that decides: the worse end allows for all criteria and cycles and decides `moved`, the better end is wrong in
    `criterion_error` and decides `not_moved`. Where `moved` was given in an earlier cycle, `rise` is of that one, and
    `today` what this cycle shows. `coached_change` and `others_change` are the plain mean changes of score of both
    groups. `p` is one-sided, `p_family` allows for all criteria and planned cycles.
    """

    criterion: str
    cycle: str
    coached: int
    others: int
    rise: Statistic
    today: Statistic
    coached_change: Statistic
    others_change: Statistic
    verdict: MovementVerdict
    moved_in: str
    p: float = Field(ge=0, le=1)
    p_family: float = Field(ge=0, le=1)

    @property
    def too_few_reps(self) -> bool:
        """Whether the verdict is open because too few reps were coached or left uncoached."""
        return self.verdict == "cannot_tell" and self.coached + self.others < ENOUGH_REPS


def criterion_movements(
    baseline: Tally, now: Tally, cycles: Sequence[str], coached: BoolArray, rules: MovementRules
) -> list[list[CriterionMovement]]:
    """For each cycle every criterion on which anybody was coached, all cycles up to that one together.

    `coached` (reps, criteria) marks the plans. Undefined, and `cannot_tell`, with fewer than three reps in either
    group, or too few reps to learn the team's spread from.
    """
    if baseline.levels.shape[0] != 1 or len(cycles) != now.levels.shape[0]:
        raise InputError("movement needs one baseline period and a name for each cycle")
    before, so_far = baseline.oriented(), now.running()
    scores = score_table(before, rules.confidence)
    priors = team_priors(before, scores, rules.min_reps)
    expected, known = expected_scores(before, scores, priors)
    after, variance = oriented_scores(so_far), next_variances(before, scores, so_far.rated, priors)
    used, error = known & (so_far.rated > 0), rules.criterion_error
    named = [int(c) for c in np.flatnonzero(coached.any(axis=0))]
    planned, moved_in = max(rules.cycles, len(cycles)), dict.fromkeys(named, "")
    decided: dict[int, Statistic] = {}
    result = []
    for at, cycle in enumerate(cycles):
        tests = [
            _Test.of(
                after[at, :, c] - expected[:, c], variance[at, :, c], used[at, :, c], coached[:, c], priors[c], error
            )
            for c in named
        ]
        share = ((at + 1) ** 3 - at**3) / planned**3
        # Whether a criterion has enough reps does not hang on their scores, so one without is no part of the family.
        able = [place for place, test in enumerate(tests) if not test.why]
        family = np.ones(len(tests))
        family[able] = np.minimum(holm([tests[place].p for place in able]) / share, 1.0)
        significant = np.sort(family[able]) <= error
        row = []
        for place, (c, test) in enumerate(zip(named, tests, strict=True)):
            measure, mine, p_family = baseline.measures[c], coached[:, c], float(family[place])
            # Holm: the error left for one of those that are not found is shared by all of them.
            rank = int((np.array([tests[one].p for one in able]) < test.p).sum())
            allowed = error * share / max(1, len(able) - (rank if p_family <= error else int(significant.sum())))
            low = test.low_at(allowed)
            small = test.high < rules.smallest_change[measure.scale]
            if p_family <= error and not small:
                moved_in[c] = moved_in[c] or cycle
            today = test.statistic(measure.direction, low, 1 - error - allowed, measure.scale.span)
            if not moved_in[c] or moved_in[c] == cycle:
                decided[c] = today
            change = (after[at, :, c] - scores.value[0, :, c]) * measure.direction
            row.append(
                CriterionMovement(
                    criterion=measure.id,
                    cycle=cycle,
                    coached=int((used[at, :, c] & mine).sum()),
                    others=int((used[at, :, c] & ~mine).sum()),
                    rise=decided[c],
                    today=today,
                    coached_change=_mean(change[used[at, :, c] & mine]),
                    others_change=_mean(change[used[at, :, c] & ~mine]),
                    verdict="moved" if moved_in[c] else "not_moved" if small else "cannot_tell",
                    moved_in=moved_in[c],
                    p=test.p,
                    p_family=p_family,
                )
            )
        result.append(row)
    return result


@dataclass(frozen=True)
class _Test:
    """The test of coached reps against the others. If it has no answer (`why` says so) the interval is infinite and
    p is 1."""

    value: float
    high: float
    p: float
    reps: int
    spread: float = np.inf
    freedom: int = 1
    why: str = ""

    @classmethod
    def of(
        cls, excess: FloatArray, variance: FloatArray, used: BoolArray, coached: BoolArray, prior: Prior, error: float
    ) -> "_Test":
        groups = [used & coached, used & ~coached]
        sizes = [int(group.sum()) for group in groups]
        if prior is None:
            return cls(0.0, np.inf, 1.0, sum(sizes), why=N_("too few reps to learn the team's spread from"))
        if min(sizes) < LEAST_REPS:
            few = N_("fewer than {n} reps coached on it have calls")
            if sizes[0] >= LEAST_REPS:
                few = N_("fewer than {n} reps not coached on it have calls")
            return cls(0.0, np.inf, 1.0, sum(sizes), why=few.format(n=LEAST_REPS))
        means = [float(excess[group].mean()) for group in groups]
        larger = [max(float(variance[group].mean()), float(excess[group].var(ddof=1))) for group in groups]
        spread = float(np.sqrt(sum(v / n for v, n in zip(larger, sizes, strict=True))))
        freedom, value = max(sizes) - 1, means[0] - means[1]
        reach = -float(scipy.special.stdtrit(freedom, error)) * spread
        return cls(
            value, value + reach, float(scipy.special.stdtr(freedom, -value / spread)), sum(sizes), spread, freedom
        )

    def low_at(self, error: float) -> float:
        """The low end of an interval that the true rise undercuts in at most `error` of cases; minus infinity
        without an answer."""
        return -np.inf if self.why else self.value + float(scipy.special.stdtrit(self.freedom, error)) * self.spread

    def statistic(self, direction: int, low: float, confidence: float, span: int) -> Statistic:
        """The rise for people to read: in the criterion's own direction and cut to its scale's range."""
        if self.why:
            return Undefined(undefined=self.why, n=self.reps)
        ends = sorted((direction * max(low, -span), direction * min(self.high, span)))
        value = direction * self.value
        return Estimate(value=value, n=self.reps, low=ends[0], high=ends[1], confidence=confidence, method=METHOD)


def _mean(values: FloatArray) -> Statistic:
    if not len(values):
        return Undefined(undefined=N_("no rep with calls in both periods"), n=0)
    return Estimate(value=float(values.mean()), n=len(values), method="mean change over reps")
