"""States of profiles, own gaps and team gaps."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from agent.core.scale import BINARY, SCALES
from agent.stats.frame import Measure
from agent.stats.gaps import find_gaps
from agent.stats.intervals import exact_ends
from agent.stats.profiles import STATES, profile, states
from agent.stats.rules import GapRules, ProfileRules
from agent.stats.tally import Tally
from evals.verdicts.rates import Rate, Row

RULES = ProfileRules()


def rows(runs: float) -> Iterable[Row]:
    """States at 10 and 20 calls (exact), and gaps of teams."""
    for calls in (10, 20):
        yield from of_states(calls)
    yield from of_changes(12)
    times = max(2, int(500 * runs))
    for reps, calls in ((4, 10), (18, 12)):
        yield from of_gaps(reps, calls, times)
    yield mixed_scales(times)


def of_states(calls: int) -> Iterable[Row]:
    """Every state, where the rep's true rate is one or another."""
    law = {rate: _states(calls, rate) for rate in (0.1, 0.2, 0.5, 0.7, 0.8, 0.9)}
    module, error = "stats/profiles.py", (1 - RULES.confidence) / 2
    yield Row(
        f"consistently present, {calls} calls",
        "shown in 8 of 10 calls or more; a half is ruled out",
        (Rate("true 50 %", law[0.5]["consistently present"], most=error),),
        (Rate("true 80 %", law[0.8]["consistently present"]),),
        (Rate("true 90 %", law[0.9]["consistently present"], least=0.70),),
        module,
    )
    yield Row(
        f"consistently absent, {calls} calls",
        "shown in 2 of 10 calls or fewer; a half is ruled out",
        (Rate("true 50 %", law[0.5]["consistently absent"], most=error),),
        (Rate("true 20 %", law[0.2]["consistently absent"]),),
        (Rate("true 10 %", law[0.1]["consistently absent"], least=0.70),),
        module,
    )
    yield Row(
        f"variable, {calls} calls",
        "neither nearly always nor nearly never",
        (Rate("true 90 %", law[0.9]["variable"], most=error), Rate("true 10 %", law[0.1]["variable"], most=error)),
        (Rate("true 70 %", law[0.7]["variable"]),),
        (Rate("true 50 %", law[0.5]["variable"], least=0.60),),
        module,
    )
    yield Row(
        f"cannot tell, {calls} calls",
        "too few calls to name a state; of no rep anything is claimed",
        (),
        (Rate("true 70 %", law[0.7]["cannot tell"]), Rate("true 80 %", law[0.8]["cannot tell"])),
        (Rate("true 50 %", law[0.5]["cannot tell"]), Rate("true 90 %", law[0.9]["cannot tell"])),
        module,
    )


def of_changes(calls: int) -> Iterable[Row]:
    """A filled arrow on the heat map: the ranges of two periods do not meet."""
    counts, n = np.arange(calls + 1), np.full(calls + 1, calls)
    low, high = exact_ends(counts, n, RULES.confidence)

    def given(before: float, now: float) -> float:
        law = np.outer(binom.pmf(counts, calls, before), binom.pmf(counts, calls, now))
        return float(law[(low[None, :] > high[:, None]) | (high[None, :] < low[:, None])].sum())

    yield Row(
        f"clearly up or down since an earlier period, {calls} calls in each",
        "the rate is another one now",
        tuple(Rate(f"true {100 * rate:.0f} % in both", given(rate, rate), most=0.025) for rate in (0.3, 0.5)),
        (Rate("30 % and 60 %", given(0.3, 0.6)),),
        (Rate("20 % and 80 %", given(0.2, 0.8), least=0.40),),
        "profiles/comparison.py",
    )


def of_gaps(reps: int, calls: int, times: int) -> Iterable[Row]:
    """Seven criteria, six of them exactly at target in every rep."""
    made = {rate: [_gaps(seed, reps, calls, rate) for seed in range(times)] for rate in (0.7, 0.5, 0.4)}
    first = {rate: ["c0" in team for team, _ in made[rate]] for rate in made}
    yield Row(
        f"team gap, {reps} reps, {calls} calls",
        "the team is below target (70 %)",
        (Rate.of("all at target, any of 7 criteria", (bool(team) for team, _ in made[0.7]), most=0.05),),
        (Rate.of("one criterion at 50 %", first[0.5]),),
        (Rate.of("one criterion at 40 %", first[0.4], least=0.90),),
        "stats/gaps.py",
    )
    own = sum(number for _, number in made[0.7]) / (times * reps * 7)
    yield Row(
        f"own gap (below target), {calls} calls",
        "this rep is below target",
        (Rate("at target, of reps times criteria", own, times * reps * 7, most=0.025),),
        (Rate("true 50 %", float(binom.cdf(_most(calls), calls, 0.5))),),
        (Rate("true 20 %", float(binom.cdf(_most(calls), calls, 0.2)), least=0.80),),
        "stats/gaps.py",
    )


def mixed_scales(times: int) -> Row:
    """18 reps at target on four yes/no criteria and three of 1-5: both ways to a team gap together."""
    reports = [find_gaps(profile(_mixed(seed, 18, 12), RULES), GapRules()) for seed in range(times)]
    return Row(
        "team gap, 18 reps, 12 calls, four yes/no criteria and three of 1-5",
        "the team is below target",
        (
            Rate.of("all at target, any of 7 shown", (bool(report.team) for report in reports), most=0.05),
            Rate("said beside the list", max(report.any_by_luck for report in reports), most=0.05),
        ),
        (),
        (),
        "stats/gaps.py",
    )


def _mixed(seed: int, reps: int, calls: int) -> Tally:
    rng, five = np.random.default_rng([seed, reps, 5]), SCALES["1-5"]
    base = tally(rng.binomial(calls, 0.7, (1, reps, 7)), calls)
    levels, mean = base.levels.copy(), GapRules().target[five]
    levels[:, :, 4:] = 0
    said = rng.binomial(4, (mean - 1) / 4, (reps, 3, calls))
    for level in range(5):
        levels[0, :, 4:, level] = (said == level).sum(axis=2)
    measures = base.measures[:4] + tuple(Measure(f"d{at}", five) for at in range(3))
    return Tally(base.reps, measures, levels, base.not_applicable, base.failed)


def _states(calls: int, rate: float) -> dict[str, float]:
    counts, n = np.arange(calls + 1), np.full(calls + 1, calls)
    codes = states(counts / calls, *exact_ends(counts, n, RULES.confidence), RULES)
    law = binom.pmf(counts, calls, rate)
    return {name: float(law[codes == code].sum()) for code, name in enumerate(STATES)}


def _most(calls: int) -> int:
    counts = np.arange(calls + 1)
    return int(counts[exact_ends(counts, np.full(calls + 1, calls), 0.95)[1] < 0.7].max())


def _gaps(seed: int, reps: int, calls: int, rate: float) -> tuple[set[str], int]:
    """Names of team gaps beyond luck, and how many own gaps; six criteria at target, the first at `rate`."""
    rng = np.random.default_rng([seed, reps, round(100 * rate)])
    yes = rng.binomial(calls, np.array([rate] + [0.7] * 6), (1, reps, 7))
    report = find_gaps(profile(tally(yes, calls), RULES), GapRules())
    return {gap.criterion for gap in report.team if gap.beyond_luck}, len(report.own)


def tally(yes: NDArray[np.int64], calls: int) -> Tally:
    """Successes (periods, reps, criteria), of `calls` each."""
    levels = np.zeros((*yes.shape, 5), dtype=np.int64)
    levels[..., 0], levels[..., 1] = calls - yes, yes
    nothing = np.zeros(yes.shape, dtype=np.int64)
    measures = tuple(Measure(f"c{at}", BINARY) for at in range(yes.shape[2]))
    return Tally([f"rep {at:02}" for at in range(yes.shape[1])], measures, levels, nothing, nothing)
