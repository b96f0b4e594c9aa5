"""Movement: each cycle against the baseline, per rep and criterion, with a verdict that allows for luck.

A rise is called `moved` only if it passes two tests that fail differently:
1. against the rep's own baseline: Newcombe's interval for two shares, or Welch's t for mean levels;
2. against what this rep's next calls would show if nothing changed, given the team's spread (`shrinkage`). It is
   conditional on the baseline, so it holds also for a rep who was picked because that baseline was low.
The larger of both p is the test's p: a level for each is a level for both (intersection-union).

What the whole team rose by without coaching (reps not coached on the criterion, beyond what shrinkage expects of them)
is taken off a rep's score before both tests, and said. Each cycle is looked at alone and together with all cycles
before it; the better of both counts (together is better where coaching worked at once, alone where it worked slowly).
That this costs no more than the error allowed is simulated, not proved: docs/method/verdicts.md.

The family is one rep's plan: the criteria coached, at every planned cycle. Each cycle gets an equal part of the error
(Bonferroni over cycles, so that an earlier verdict never changes) and Holm shares it over the criteria. Since each look
is paid for, `moved` once given stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from agent.core.base import Frozen
from agent.core.errors import InputError
from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.stats.frame import BoolArray, IntArray, Measure
from agent.stats.intervals import FloatArray, square_and_add
from agent.stats.level_means import DIFFERENCE
from agent.stats.movement_tests import (
    Prior,
    TeamRises,
    expected_scores,
    interval_ends,
    least_rises,
    mean_over_reps,
    needed_calls,
    rise_p_values,
    team_priors,
    within_reps,
)
from agent.stats.multiplicity import holm, own_error
from agent.stats.profiles import Scores, score_table
from agent.stats.rules import MovementRules
from agent.stats.tally import Tally

MovementVerdict = Literal["moved", "not_moved", "cannot_tell"]
VERDICTS: tuple[MovementVerdict, ...] = ("moved", "not_moved", "cannot_tell")
MOVED, NOT_MOVED, CANNOT_TELL = range(3)
SHARES = "difference of independent shares; Newcombe hybrid score"
WORSE_END = "the worse end allows for all criteria and cycles of the plan, luck in the baseline and the team's own rise"

Period = Literal["cycle", "all cycles so far"]


class Movement(Frozen):
    """One rep, criterion and cycle against the baseline.

    `reached` and `difference` are of the period that decided (`decided_on`): the cycle, or all cycles so far together;
    where `moved` was given in an earlier cycle, of that one, and `today` has the difference as this cycle shows it. The
    interval is the one that decides: wholly above 0 is `moved` (the worse end allows for the whole plan, for the luck
    of who was picked and for what the team rose by), wholly below the smallest change worth having `not_moved`. `p` is
    one-sided for a change to the better, `p_family` allows for the rep's whole plan. `moved_in` is the cycle in which
    `moved` was first given, empty where it was not. `expected_rise` is what regression to the mean alone would bring,
    `team_rise` what reps not coached on this criterion rose by beyond that (to the better; taken off before testing
    where its interval lies above 0), `uncoached` their plain mean change. `calls_needed`, with `cannot_tell`, is how
    many calls in baseline and cycle each would tell a change of `smallest_change` from none.
    """

    rep: str
    criterion: str
    cycle: str
    baseline: Statistic
    now: Statistic
    together: Statistic = Field(description="All cycles up to this one together.")
    reached: Statistic = Field(description="The score of the period that decided.")
    difference: Statistic = Field(
        description="Of the period that decided: with `moved`, of the cycle in which it was given."
    )
    today: Statistic = Field(description="The difference as this cycle shows it.")
    decided_on: Period
    verdict: MovementVerdict = Field(description="`moved` once given stays.")
    moved_in: str = Field(description="The cycle in which `moved` was first given; empty where it was not.")
    p: float = Field(ge=0, le=1)
    p_family: float = Field(ge=0, le=1, description="One-sided, allowing for the rep's whole plan.")
    expected_rise: Statistic = Field(description="What regression to the mean alone would bring.")
    team_rise: Statistic = Field(
        description="What reps not coached on it rose by beyond that; taken off where it is surely above 0."
    )
    uncoached: Statistic = Field(description="Mean change of reps not coached on it.")
    calls_needed: int | None = Field(
        description="With `cannot_tell`: calls in baseline and cycle each that would show `smallest_change`."
    )
    smallest_change: float = Field(description="The smallest change worth having: of a rate, or in levels.")
    coached: bool


@dataclass(frozen=True, eq=False)
class MovementTable:
    """Movement of all reps as arrays (cycles, reps, criteria), in the criteria's own direction and scale.

    `own` (cycles, reps) marks who has the cycle. `together` holds all cycles up to each one, `on_all` where they
    decided rather than the cycle alone; `difference`, `low` and `high` are of the deciding period and mean
    something only where both periods have calls (`known`). `false_moved` bounds the expected number of reps with at
    least one false `moved` in their plan.
    """

    reps: Sequence[str]
    measures: tuple[Measure, ...]
    cycles: tuple[str, ...]
    own: BoolArray
    coached: BoolArray
    baseline: Scores
    now: Scores
    together: Scores
    on_all: BoolArray
    difference: FloatArray
    low: FloatArray
    high: FloatArray
    p: FloatArray
    p_family: FloatArray
    verdict: NDArray[np.int8]
    expected_rise: FloatArray
    expected_known: BoolArray
    team_rise: list[list[Statistic]]
    uncoached: list[list[Statistic]]
    calls_needed: IntArray
    rules: MovementRules

    @property
    def known(self) -> BoolArray:
        """Where both periods have rated calls."""
        return (self.now.n > 0) & (self.baseline.n > 0)

    @property
    def false_moved(self) -> float:
        """The bound on false `moved` verdicts: (1 - confidence) / 2 for each rep with a plan."""
        return int(self.coached.any(axis=1).sum()) * (1 - self.rules.confidence) / 2

    def rows(self, only_coached: bool = True) -> list[Movement]:
        """One row for each rep, criterion and cycle; by default only for criteria the rep was coached on."""
        return [row for rep in range(len(self.reps)) for row in self.rows_of(rep, only_coached)]

    def rows_of(self, rep: int, only_coached: bool = True) -> list[Movement]:
        """The rows of the rep at that position."""
        wanted = np.flatnonzero(self.coached[rep] | (not only_coached))
        cycles = np.flatnonzero(self.own[:, rep]).tolist()
        return [self._row(cycle, rep, int(criterion)) for criterion in wanted for cycle in cycles]

    def moved_in(self, rep: int, criterion: int, until: int | None = None) -> str:
        """The name of the cycle in which `moved` was first given, no later than cycle `until`; empty if it was not."""
        moved = self.verdict[: None if until is None else until + 1, rep, criterion] == MOVED
        return self.cycles[int(np.argmax(moved))] if moved.any() else ""

    def latest(self, rep: int, criterion: int) -> MovementVerdict:
        """The verdict after the last cycle with calls; `moved` once given stays."""
        cycles = np.flatnonzero(self.known[:, rep, criterion])
        return VERDICTS[self.verdict[cycles[-1], rep, criterion]] if len(cycles) else "cannot_tell"

    def all_latest(self, criterion: int) -> list[MovementVerdict]:
        """`latest` for every rep."""
        known = self.known[:, :, criterion]
        last = len(known) - 1 - known[::-1].argmax(axis=0)
        given = self.verdict[last, np.arange(len(self.reps)), criterion]
        return [
            VERDICTS[verdict] if there else "cannot_tell"
            for verdict, there in zip(given.tolist(), known.sum(axis=0).tolist(), strict=True)
        ]

    def _row(self, cycle: int, rep: int, criterion: int) -> Movement:
        at, measure = (cycle, rep, criterion), self.measures[criterion]
        verdict = VERDICTS[self.verdict[at]]
        moved_in = self.moved_in(rep, criterion, cycle)
        decided = (self.cycles.index(moved_in) if moved_in else cycle, rep, criterion)
        return Movement(
            rep=self.reps[rep],
            criterion=measure.id,
            cycle=self.cycles[cycle],
            baseline=self.baseline.statistic((0, rep, criterion), measure),
            now=self.now.statistic(at, measure),
            together=self.together.statistic(at, measure),
            reached=(self.together if self.on_all[decided] else self.now).statistic(decided, measure),
            difference=self._difference(decided, measure),
            today=self._difference(at, measure),
            decided_on="all cycles so far" if self.on_all[decided] else "cycle",
            verdict=verdict,
            moved_in=moved_in,
            p=float(self.p[at]),
            p_family=float(self.p_family[at]),
            expected_rise=self._expected(rep, criterion),
            team_rise=self.team_rise[cycle][criterion],
            uncoached=self.uncoached[cycle][criterion],
            calls_needed=int(self.calls_needed[rep, criterion]) if verdict == "cannot_tell" else None,
            smallest_change=self.rules.smallest_change[measure.scale],
            coached=bool(self.coached[rep, criterion]),
        )

    def _difference(self, at: tuple[int, int, int], measure: Measure) -> Statistic:
        if not self.known[at]:
            return Undefined(undefined=N_("no rated call in baseline or cycle"), n=int(self.now.n[at]))
        binary = measure.scale.binary
        return Estimate(
            value=float(self.difference[at]),
            n=int((self.together if self.on_all[at] else self.now).n[at] + self.baseline.n[0, at[1], at[2]]),
            low=float(self.low[at]),
            high=float(self.high[at]),
            confidence=self.rules.confidence,
            method=f"{SHARES if binary else DIFFERENCE}; {WORSE_END}",
        )

    def _expected(self, rep: int, criterion: int) -> Statistic:
        n = int(self.baseline.n[0, rep, criterion])
        if not self.expected_known[rep, criterion]:
            return Undefined(
                undefined=N_("fewer than {n} reps to learn the team's spread from").format(n=self.rules.min_reps), n=n
            )
        return Estimate(
            value=float(self.expected_rise[rep, criterion]), n=n, method="regression to the mean; empirical Bayes"
        )


def movement(
    baseline: Tally,
    now: Tally,
    cycles: Sequence[str],
    coached: BoolArray,
    rules: MovementRules,
    only: Sequence[int] | None = None,
    own: BoolArray | None = None,
) -> MovementTable:
    """Each period of `now` against the one period of `baseline`. `coached` (reps, criteria) marks the plans.

    `own` (cycles, reps) marks who has a cycle of that name (all, if not given). A rep's error is shared out
    over the own cycles and a rep's rows are of them: what another rep's cycles are called and how many there
    are changes nothing. `only` (places of reps) limits the table to these reps; what is learned from the
    team is learned from all of it.
    """
    if baseline.levels.shape[0] != 1 or len(cycles) != now.levels.shape[0]:
        raise InputError("movement needs one baseline period and a name for each cycle")
    priors, within = _team_spread(baseline, rules)
    all_cycles = now.running()
    rises = TeamRises.of(baseline, [now, all_cycles], coached, priors, rules)
    uncoached = _uncoached(baseline, now, coached, rules.confidence)
    if only is not None:
        baseline, now, all_cycles = baseline.of(only), now.of(only), all_cycles.of(only)
        coached = coached[np.asarray(only, dtype=np.int64)]
        own = None if own is None else own[:, np.asarray(only, dtype=np.int64)]
    own = np.ones((len(cycles), len(baseline.reps)), dtype=bool) if own is None else own
    before = baseline.oriented()
    score_before = score_table(before, rules.confidence)
    periods = [period.oriented() for period in (now, all_cycles)]
    cycle, together = (
        _against(before, score_before, period, rises.taken_off(at), priors, rules) for at, period in enumerate(periods)
    )
    # a cycle without calls is no look; with the first cycle both are the same
    on_all = (together.p < cycle.p) & cycle.known
    p = np.where(on_all, together.p, cycle.p)
    difference, low, high = (
        np.where(on_all, a, b)
        for a, b in ((together.difference, cycle.difference), (together.low, cycle.low), (together.high, cycle.high))
    )
    p_family = _over_plan(p, coached, np.maximum(rules.cycles, own.sum(axis=0)))
    # The interval that is shown has to agree with the verdict, so its low end is taken at the error that is left for
    # this very test.
    error = own_error(p, p_family, (1 - rules.confidence) / 2)
    least = [
        least_rises(
            before, period, score_before, score_table(period, rules.confidence), priors, rises.taken_off(at), error
        )
        for at, period in enumerate(periods)
    ]
    low = np.minimum(low, np.where(on_all, least[1], least[0]))
    smallest = np.array([rules.smallest_change[m.scale] for m in baseline.measures])
    verdict = _verdicts(low, high, cycle.known, smallest)
    expected, expected_known = expected_scores(before, score_before, priors)
    # All above is counted with higher being better; what people see is in the criterion's own direction.
    sign = np.array([m.direction for m in baseline.measures])
    return MovementTable(
        reps=baseline.reps,
        measures=baseline.measures,
        cycles=tuple(cycles),
        own=own,
        coached=coached,
        baseline=score_table(baseline, rules.confidence),
        now=score_table(now, rules.confidence),
        together=score_table(all_cycles, rules.confidence),
        on_all=on_all,
        difference=sign * difference,
        low=np.where(sign < 0, -high, low),
        high=np.where(sign < 0, -low, high),
        p=p,
        p_family=p_family,
        verdict=verdict,
        expected_rise=sign * (expected - score_before.value[0]),
        expected_known=expected_known,
        team_rise=rises.seen[0],
        uncoached=uncoached,
        calls_needed=needed_calls(expected, within, baseline.measures, smallest, coached, priors, rules),
        rules=rules,
    )


@dataclass(frozen=True, eq=False)
class _Against:
    """Periods compared with the baseline; higher is better. Arrays are (periods, reps, criteria)."""

    difference: FloatArray
    low: FloatArray
    high: FloatArray
    known: BoolArray
    p: FloatArray


def _against(
    before: Tally, score: Scores, after: Tally, taken_off: FloatArray, priors: Sequence[Prior], rules: MovementRules
) -> _Against:
    now = score_table(after, rules.confidence)
    ends = interval_ends(before, score, rules.confidence), interval_ends(after, now, rules.confidence)
    low, high = square_and_add(score.value, ends[0], now.value, ends[1])
    return _Against(
        difference=now.value - score.value,
        low=low,
        high=high,
        known=(score.n > 0) & (now.n > 0),
        p=rise_p_values(before, after, score, now, priors, taken_off),
    )


def _over_plan(p: FloatArray, coached: BoolArray, cycles: IntArray) -> FloatArray:
    """p adjusted for a rep's whole plan: Holm over the criteria of one rep and cycle (coached ones and others
    apart), times the number of the rep's planned cycles."""
    looks, reps, _ = p.shape
    plan = np.arange(looks * reps).reshape(looks, reps, 1) * 2 + coached[None].astype(np.int64)
    return np.minimum(holm(p, plan).reshape(p.shape) * cycles[None, :, None], 1.0)


def _verdicts(low: FloatArray, high: FloatArray, known: BoolArray, smallest: FloatArray) -> NDArray[np.int8]:
    """Verdicts by the interval alone. Wholly above 0 has moved. Wholly below the smallest change worth having has
    not, even if it is surely above 0. What moved in an earlier cycle stays moved."""
    small = known & (high < smallest)
    moved = known & (low > 0) & ~small
    return np.select([np.logical_or.accumulate(moved, axis=0), small], [MOVED, NOT_MOVED], CANNOT_TELL).astype(np.int8)


def _team_spread(baseline: Tally, rules: MovementRules) -> tuple[list[Prior], FloatArray]:
    """The spread over reps on each criterion, and the variance of one call within a rep, (criteria,)."""
    before = baseline.oriented()
    scores = score_table(before, rules.confidence)
    return team_priors(before, scores, rules.min_reps), within_reps(scores)


def _uncoached(baseline: Tally, now: Tally, coached: BoolArray, confidence: float) -> list[list[Statistic]]:
    """For each cycle and criterion the mean change of the reps who were not coached on it, with a t interval over
    reps."""
    (before, known), (after, known_now) = baseline.parts(), now.parts()
    change, both = after - before, known & known_now
    return [
        [
            mean_over_reps(
                change[cycle, both[cycle, :, c] & ~coached[:, c], c] * measure.scale.span,
                measure.scale.span,
                confidence,
                "mean change of reps not coached on it; t over reps",
            )
            for c, measure in enumerate(now.measures)
        ]
        for cycle in range(change.shape[0])
    ]
