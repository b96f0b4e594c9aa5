"""Every verdict: what it claims, how often it is false, and how often it says the right thing at the method's own sizes.

    python evals/verdicts/table.py [--only movement] [--runs 1.0] [--write docs/method/verdicts.md]

Exact where a probability can be computed, else simulated with the functions that are in use; n beside each. `--runs` scales
all numbers of runs. The whole takes about three minutes on one core.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.stats import binom

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import simulate_movement as moving
import simulate_outcomes as outcomes
from numpy.typing import NDArray

from agent.core.scale import BINARY
from agent.core.statistic import Estimate, Undefined
from agent.stats.calibration import CalibrationRule, judge, prospects
from agent.stats.contrast import Counts, false_naming_rate, probability_greater
from agent.stats.contrast import verdict as pattern_verdict
from agent.stats.criterion_movement import criterion_movements
from agent.stats.deals import LOST, WON, DealFrame
from agent.stats.diagnosis import diagnose, gather
from agent.stats.drops import Changes, cases_needed, judge_drops
from agent.stats.frame import Measure
from agent.stats.funnel import coach_first, funnel, funnels_by_rep
from agent.stats.gaps import find_gaps
from agent.stats.ongoing import OngoingRule, alarm_limit, chance_of_alarm
from agent.stats.profiles import STATES, profile, states
from agent.stats.rating_table import RatingTable
from agent.stats.rules import DiagnosisRules, FunnelRules, GapRules, MovementRules, OutcomeRules, ProfileRules
from agent.stats.sequential import Shares, laws_with_mean
from agent.stats.shares import exact_ends
from agent.stats.tally import Tally
from agent.stats.telling import TellingRules, telling
from agent.stats.trends import MOVED, NOT_MOVED
from agent.stats.weights import DealScores

Rng = np.random.Generator
HEAD = """# What every verdict is worth
Made by `python evals/verdicts/table.py --write docs/method/verdicts.md`; do not edit by hand. Exact where a probability can
be computed (n: exact), else simulated with the functions in use (n: runs). "False" is how often the verdict is given where
it is not so; "small" and "large" how often it is given where it is so, at the sample sizes the method asks for. What each
rule needs, and why it is as it is, stands in the docstring of its module (last column).
"""


@dataclass(frozen=True)
class Row:
    """One verdict at one size."""

    verdict: str
    claim: str
    false: str
    small: str
    large: str
    n: str
    module: str

    def line(self) -> str:
        return f"| {self.verdict} | {self.claim} | {self.false} | {self.small} | {self.large} | {self.n} | `{self.module}` |"


def main() -> None:
    """Parse the command line, make the rows, print or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help=f"one of {', '.join(PARTS)}")
    parser.add_argument("--runs", type=float, default=1.0)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    lines = [HEAD]
    for name, make in PARTS.items():
        if options.only in ("", name):
            lines += [f"\n## {name.capitalize()}", "| verdict | claims | false | small | large | n | rule |"]
            lines += ["|---|---|---|---|---|---|---|", *(row.line() for row in make(options.runs))]
    if not options.write:
        print("\n".join(lines[1:]))
    if options.write:
        options.write.write_text("\n".join(lines) + "\n", encoding="utf-8")


def shown(hits: Iterable[bool]) -> str:
    """A share of runs."""
    values = list(hits)
    return f"{np.mean(values):.1%}" if values else "–"


# calibration


def calibration(runs: float) -> Iterable[Row]:
    """Rounds of 8 on one wording, raters who truly agree on so many calls."""
    rule, module = CalibrationRule(resamples=100), "stats/calibration.py"
    times = int(400 * runs)
    for raters, name, draw in (
        (2, "yes/no, shown in half", _binary(0.5)),
        (2, "yes/no, shown in 80 %", _binary(0.8)),
        (3, "yes/no, shown in half", _binary(0.5)),
        (4, "yes/no, shown in half", _binary(0.5)),
        (2, "1-5", _five),
        (3, "1-5", _five),
    ):
        got = {
            truth: [_rounds(truth, raters, draw, rule, seed) for seed in range(times)] for truth in (0.75, 0.85, 0.95)
        }
        by = {truth: [(v[1] == "passed", v[2] == "passed") for v in verdicts] for truth, verdicts in got.items()}
        say = {
            truth: f"{np.mean([a for a, _ in v]):.0%} by 16, {np.mean([b for _, b in v]):.0%} by 24"
            for truth, v in by.items()
        }
        yield Row(
            f"passed: {raters} raters, {name}",
            "raters agree on more than 75 % of calls, beyond chance",
            f"true 75 %: {shown(b for _, b in by[0.75])}",
            f"true 85 %: {say[0.85]}",
            f"true 95 %: {say[0.95]}",
            f"{times} runs a rate",
            module,
        )
        yield Row(
            f"failed: {raters} raters, {name}",
            "raters do not agree on 95 %",
            f"true 95 %: {shown('failed' in v for v in got[0.95])} over three rounds",
            f"true 85 %: {shown('failed' in v for v in got[0.85])}",
            f"true 75 %: {shown('failed' in v for v in got[0.75])}",
            f"{times} runs a rate",
            module,
        )
    for raters in (2, 3, 4):
        for plan in ((8, 8, 8), (12, 12)):
            told = "; ".join(
                f"{p.calls} calls: {'cannot pass yet' if p.needed is None else f'passes with {_calls(p.needed)}, {p.passed_by_then:.0%}'}"
                for p in prospects(plan, 2, 0, raters, rule)
            )
            yield Row(
                f"said before the round: {raters} raters, {'+'.join(map(str, plan))}",
                "yes/no, true 95 %",
                "–",
                "–",
                told,
                "exact",
                module,
            )
    ongoing, two = OngoingRule(), Shares.of_scale(2, 0, 2)
    limit = alarm_limit(two, ongoing)
    chance = {
        t: [float(chance_of_alarm(two, laws_with_mean(two, t)[:1], limit, n)[0]) for n in (25, 50, 150)]
        for t in (0.95, 0.85, 0.75)
    }
    yield Row(
        "fell (ongoing calibration, two raters)",
        "a criterion that passed does not hold any more",
        f"true 95 %: {chance[0.95][2]:.1%} a year (150 calls)",
        f"true 85 %: {chance[0.85][0]:.0%} in 25 calls, {chance[0.85][1]:.0%} in 50, {chance[0.85][2]:.0%} in 150",
        f"true 75 %: {chance[0.75][0]:.0%} in 25 calls, {chance[0.75][1]:.0%} in 50",
        "exact",
        "stats/ongoing.py",
    )


Draw = Callable[[Rng, float, int], RatingTable]


def _binary(prevalence: float) -> Draw:
    def draw(rng: Rng, truth: float, raters: int) -> RatingTable:
        right = (1 + np.sqrt(2 * truth - 1)) / 2
        there = rng.random((8, 1)) < prevalence
        return RatingTable((there == (rng.random((8, raters)) < right)).astype(np.int64), (0, 1), "nominal")

    return draw


def _five(rng: Rng, truth: float, raters: int) -> RatingTable:
    """Levels near a true one, and slips to any level as often as the pairs' agreement (within one point) asks."""
    return RatingTable(_levels(rng, 8, raters, _slips(truth)), (1, 2, 3, 4, 5), "ordinal")


def _levels(rng: Rng, calls: int, raters: int, slips: float) -> NDArray[np.int64]:
    true = rng.integers(0, 5, (calls, 1))
    near = np.clip(true + rng.integers(0, 2, (calls, raters)) * np.where(true < 4, 1, -1), 0, 4)
    return np.where(rng.random((calls, raters)) < slips, rng.integers(0, 5, (calls, raters)), near)


@cache
def _slips(truth: float) -> float:
    """The share of slips at which two raters agree within one point on `truth` of calls, by halving."""
    low, high = 0.0, 1.0
    for _ in range(20):
        middle = (low + high) / 2
        pairs = _levels(np.random.default_rng(0), 100_000, 2, middle)
        agree = float((np.abs(pairs[:, 0] - pairs[:, 1]) <= 1).mean())
        low, high = (middle, high) if agree > truth else (low, middle)
    return low


def _rounds(truth: float, raters: int, draw: Draw, rule: CalibrationRule, seed: int) -> list[str]:
    rng = np.random.default_rng([seed, round(truth * 100), raters])
    tables = [draw(rng, truth, raters) for _ in range(3)]
    tolerance = 1 if len(tables[0].levels) == 5 else 0
    return [judge(tables[: number + 1], tolerance, rule).verdict for number in range(3)]


def _calls(needed: float) -> str:
    """A number of calls; one that is not whole counts calls on which some agree."""
    return f"{needed:.0f}" if needed == round(needed) else f"agreement worth {needed:.1f}"


# profiles and gaps


def profiles(runs: float) -> Iterable[Row]:
    """States at 10 calls (exact) and gaps of teams."""
    rules, module = ProfileRules(), "stats/profiles.py"
    for calls in (10, 20):
        law = {rate: _states(calls, rate, rules) for rate in (0.1, 0.5, 0.7, 0.8, 0.9)}
        yield Row(
            f"consistently present, {calls} calls",
            "shown in 8 of 10 calls or more; a half is ruled out",
            f"true 50 %: {law[0.5]['consistently present']:.1%}",
            f"true 80 %: {law[0.8]['consistently present']:.0%}",
            f"true 90 %: {law[0.9]['consistently present']:.0%}",
            "exact",
            module,
        )
        yield Row(
            f"variable, {calls} calls",
            "neither nearly always nor nearly never",
            f"true 90 %: {law[0.9]['variable']:.1%}",
            f"true 70 %: {law[0.7]['variable']:.0%}",
            f"true 50 %: {law[0.5]['variable']:.0%}",
            "exact",
            module,
        )
    times = int(300 * runs)
    for reps, calls in ((4, 10), (18, 12)):
        made = {rate: [_gaps(seed, reps, calls, rate) for seed in range(times)] for rate in (0.7, 0.5, 0.4)}
        yield Row(
            f"team gap, {reps} reps, {calls} calls",
            "the team is below target (70 %)",
            f"all at target, any of 7 criteria: {shown(bool(t) for t, _ in made[0.7])}",
            f"one criterion at 50 %: {shown('c0' in t for t, _ in made[0.5])}",
            f"one criterion at 40 %: {shown('c0' in t for t, _ in made[0.4])}",
            f"{times} runs a rate",
            "stats/gaps.py",
        )
        yield Row(
            f"own gap, {calls} calls",
            "this rep is below target",
            f"at target: {np.mean([o for _, o in made[0.7]]) / reps / 7:.1%} of rep and criterion",
            f"at 50 %: {binom.cdf(_most(calls), calls, 0.5):.0%}",
            f"at 20 %: {binom.cdf(_most(calls), calls, 0.2):.0%}",
            f"{times} runs; exact",
            "stats/gaps.py",
        )


def _states(calls: int, rate: float, rules: ProfileRules) -> dict[str, float]:
    counts, n = np.arange(calls + 1), np.full(calls + 1, calls)
    codes = states(counts / calls, *exact_ends(counts, n, 1 - 2 * rules.state_error), rules)
    law = binom.pmf(counts, calls, rate)
    return {name: float(law[codes == code].sum()) for code, name in enumerate(STATES)}


def _most(calls: int) -> int:
    counts = np.arange(calls + 1)
    return int(counts[exact_ends(counts, np.full(calls + 1, calls), 0.95)[1] < 0.7].max())


def _gaps(seed: int, reps: int, calls: int, rate: float) -> tuple[set[str], int]:
    """Names of team gaps beyond luck, and how many own gaps; six criteria at target, the first at `rate`."""
    rng = np.random.default_rng([seed, reps, round(100 * rate)])
    yes = rng.binomial(calls, np.array([rate] + [0.7] * 6), (1, reps, 7))
    report = find_gaps(profile(tally(yes, calls), ProfileRules()), GapRules())
    return {gap.criterion for gap in report.team if gap.beyond_luck}, len(report.own)


def tally(yes: NDArray[np.int64], calls: int) -> Tally:
    """Successes (periods, reps, criteria), of `calls` each."""
    levels = np.zeros((*yes.shape, 5), dtype=np.int64)
    levels[..., 0], levels[..., 1] = calls - yes, yes
    nothing = np.zeros(yes.shape, dtype=np.int64)
    measures = tuple(Measure(f"c{at}", BINARY) for at in range(yes.shape[2]))
    return Tally([f"rep {at:02}" for at in range(yes.shape[1])], measures, levels, nothing, nothing)


# movement


def movement(runs: float) -> Iterable[Row]:
    """18 reps, seven yes/no criteria, the two that looked worst coached, three cycles."""
    times = int(60 * runs)
    for calls in (12, 20):
        made = {
            key: [_season(seed, calls, *key) for seed in range(times)]
            for key in ((0.0, 0.0), (0.0, 0.1), (0.0, 0.2), (0.2, 0.0), (0.4, 0.0))
        }
        false = ", ".join(
            f"{'nothing changes' if team == 0 else f'all rise by {team}'}: {np.mean([s.plans for s in made[0.0, team]]):.1%}"
            for team in (0.0, 0.1, 0.2)
        )
        yield Row(
            f"moved, a rep, {calls} calls a cycle",
            "the rep rose beyond luck, regression to the mean and the team's rise",
            f"plans with one: {false}",
            f"rise 0.2: {np.mean([s.moved for s in made[0.2, 0.0]]):.0%} of pairs",
            f"rise 0.4: {np.mean([s.moved for s in made[0.4, 0.0]]):.0%} of pairs",
            f"{times} teams",
            "stats/trends.py",
        )
        yield Row(
            f"not moved, a rep, {calls} calls a cycle",
            "a rise of 0.2 is ruled out",
            f"rise 0.2: {np.mean([s.not_moved for s in made[0.2, 0.0]]):.1%} of pairs",
            "–",
            f"no rise: {np.mean([s.not_moved for s in made[0.0, 0.0]]):.0%} of pairs",
            f"{times} teams",
            "stats/trends.py",
        )
        yield Row(
            f"moved, a criterion over its coached reps, {calls} calls a cycle",
            "coaching on it works, beyond the reps not coached",
            ", ".join(
                f"{'nothing changes' if team == 0 else f'all rise by {team}'}: {np.mean([s.any_criterion for s in made[0.0, team]]):.1%} of teams name one of 7"
                for team in (0.0, 0.1, 0.2)
            ),
            f"rise 0.2: {np.mean([v for s in made[0.2, 0.0] for v in s.criteria]):.0%} of criteria",
            f"rise 0.4: {np.mean([v for s in made[0.4, 0.0] for v in s.criteria]):.0%} of criteria",
            f"{times} teams",
            "stats/criterion_movement.py",
        )
        yield Row(
            f"approach or definition at fault, {calls} calls a cycle",
            "this rep has not moved, and why",
            f"all coached reps rose by 0.2: {np.mean([s.blamed for s in made[0.2, 0.0]]):.1%} of pairs blamed",
            "–",
            f"no rise: {np.mean([s.blamed for s in made[0.0, 0.0]]):.0%} of pairs",
            f"{times} teams",
            "stats/diagnosis.py",
        )


@dataclass(frozen=True)
class _Season:
    """Shares of coached pairs, of plans with a `moved`, and verdicts on criteria."""

    moved: float
    not_moved: float
    plans: float
    blamed: float
    criteria: tuple[bool, ...]
    any_criterion: bool


def _season(seed: int, calls: int, lift: float, team: float) -> _Season:
    from agent.stats.trends import movement as of_reps

    rng = np.random.default_rng([seed, calls, round(100 * lift), round(100 * team)])
    rate = rng.beta(1.5, 2.5, (18, 7))
    before = rng.binomial(calls, rate)
    coached = np.zeros(rate.shape, dtype=bool)
    order = np.argsort(before + rng.random(rate.shape) * 1e-3, axis=1)
    np.put_along_axis(coached, order[:, :2], True, axis=1)
    now = rng.binomial(calls, np.clip(rate + lift * coached + team, 0, 1), (3, 18, 7))
    baseline, cycles = tally(before[None], calls), tally(now, calls)
    table = of_reps(baseline, cycles, moving.NAMES, coached, MovementRules())
    unknown = Undefined(undefined="not measured", n=0)
    faults = [
        diagnose(gather(table, table.reps[r], table.measures[c].id, unknown, unknown), DiagnosisRules()).fault
        for r, c in zip(*np.nonzero(coached), strict=True)
    ]
    rows = criterion_movements(baseline, cycles, moving.NAMES, coached, MovementRules())[-1]
    told = tuple(row.verdict == "moved" for row in rows if isinstance(row.rise, Estimate))
    return _Season(
        moved=float((table.verdict[-1] == MOVED)[coached].mean()),
        not_moved=float((table.verdict[-1] == NOT_MOVED)[coached].mean()),
        plans=float(((table.verdict == MOVED) & coached).any(axis=(0, 2)).mean()),
        blamed=float(np.mean([fault in ("approach", "definition", "both") for fault in faults])),
        criteria=told,
        any_criterion=any(told),
    )


# outcomes


def links(runs: float) -> Iterable[Row]:
    """Seven criteria, 40 deals a rep and time, 12 calls a score, reps drift by 0.3 in log odds."""
    outcomes.RULES = OutcomeRules(permutations=999)
    times, limit = int(80 * runs), 10 * np.log(OutcomeRules().smallest_odds_ratio)
    for reps in (18, 60, 150):
        made = {
            slope: [
                outcomes.one(np.random.default_rng([seed, reps, round(slope * 100)]), reps, 0.3, slope)
                for seed in range(times)
            ]
            for slope in (0.0, limit, 3.0)
        }
        first = {slope: [report.links[0].verdict for report in reports] for slope, reports in made.items()}
        wrong = [any(link.verdict == "association" for link in report.links) for report in made[0.0]]
        yield Row(
            f"association, {reps} reps",
            "more of the criterion goes with more wins",
            f"no link: {shown(wrong)} of teams name one of 7",
            f"odds ratio 1.2: {shown(v == 'association' for v in first[limit])}",
            f"odds ratio 1.35: {shown(v == 'association' for v in first[3.0])}",
            f"{times} teams",
            "stats/outcomes.py",
        )
        yield Row(
            f"none seen, {reps} reps",
            "a link of odds ratio 1.2 a tenth of the scale is ruled out",
            f"odds ratio 1.2: {shown(v == 'none_seen' for v in first[limit])}",
            "–",
            f"no link: {shown(v == 'none_seen' for v in first[0.0])}",
            f"{times} teams",
            "stats/outcomes.py",
        )
    times = int(100 * runs)
    made = {
        key: [_telling(seed, *key) for seed in range(times)]
        for key in ((0.0, 0.0), (1.5, 1.5), (1.5, 0.75), (1.5, 0.0))
    }
    yield Row(
        "fading (learned, not lived), 700 deals a period",
        "scores rose and tell less of wins than before",
        f"no link: {shown(any(v == 'fading' for v in run) for run in made[0.0, 0.0])}, constant link: {shown(any(v == 'fading' for v in run) for run in made[1.5, 1.5])} of seasons, any of 7",
        f"log odds 1.5 to 0.75: {shown(run[0] == 'fading' for run in made[1.5, 0.75])}",
        f"1.5 to 0: {shown(run[0] == 'fading' for run in made[1.5, 0.0])}",
        f"{times} seasons",
        "stats/telling.py",
    )
    yield Row(
        "still tells, 700 deals a period",
        "the link with wins is there after coaching",
        f"no link: {shown(any(v == 'still tells' for v in run) for run in made[0.0, 0.0])} of seasons, any of 7",
        f"log odds 0.75: {shown(run[0] == 'still tells' for run in made[1.5, 0.75])}",
        f"1.5: {shown(run[0] == 'still tells' for run in made[1.5, 1.5])}",
        f"{times} seasons",
        "stats/telling.py",
    )


def _telling(seed: int, before: float, after: float, deals: int = 700) -> list[str]:
    rng = np.random.default_rng([seed, round(100 * before), round(100 * after)])
    rep, late = rng.integers(0, 18, 2 * deals), np.arange(2 * deals) >= deals
    rate = np.clip(rng.beta(2, 3, (18, 7))[rep] + 0.3 * late[:, None], 0, 1)
    score = rng.binomial(3, rate) / 3
    logit = -1 + rng.normal(0, 0.3, 18)[rep] + np.where(late, after, before) * (score[:, 0] - 0.5)
    frame = DealScores(
        outcomes.MEASURES, score, np.ones(score.shape, bool), rng.random(2 * deals) < 1 / (1 + np.exp(-logit)), rep
    )
    none = [Undefined(undefined="no quotes", n=0)] * 7
    return [row.verdict for row in telling(frame, late, TellingRules(), none)]


# patterns, funnel, gate


def others(runs: float) -> Iterable[Row]:
    """Patterns 9 against 9 (exact), reps' funnels, the eval gate."""
    yield Row(
        "distinguishing, 9 won and 9 lost interviews",
        "the behavior goes with this outcome",
        f"same rate on both sides: at most {max(false_naming_rate(r / 100, 9, 9) for r in range(1, 51)):.1%} a pattern",
        f"70 % against 30 %: {_distinguishing(0.7, 0.3):.0%}",
        f"80 % against 20 %: {_distinguishing(0.8, 0.2):.0%}",
        "exact",
        "stats/contrast.py",
    )
    times = int(60 * runs)
    made = {c: [_funnel(seed, c) for seed in range(times)] for c in (0.35, 0.2, 0.1)}
    yield Row(
        "coach this rep's step first, 18 reps, 78 leads each",
        "the rep is behind the team at this step",
        f"all alike: {shown(any(run) for run in made[0.35])} of teams name anybody",
        f"one rep closes 20 % instead of 35 %: {shown(run[0] for run in made[0.2])}",
        f"10 %: {shown(run[0] for run in made[0.1])}",
        f"{times} teams",
        "stats/funnel.py",
    )
    times = int(1000 * runs)
    for cases in (40, cases_needed(8)):
        shares = {
            drops: shown(_gate(seed, cases, drops) for seed in range(times))
            for drops in ((0.0,) * 7, (0.1,) + (0.0,) * 6, (0.1,) * 7)
        }
        yield Row(
            f"worse than before (eval gate), {cases} cases, 7 criteria, 10 % of ratings change anyway",
            "the new prompt is worse",
            f"equally good: {shares[(0.0,) * 7]}",
            f"one criterion drops by .10: {shares[(0.1,) + (0.0,) * 6]}",
            f"all drop by .10: {shares[(0.1,) * 7]}",
            f"{times} runs",
            "stats/drops.py",
        )


def _distinguishing(won_rate: float, lost_rate: float) -> float:
    law = np.outer(binom.pmf(np.arange(10), 9, won_rate), binom.pmf(np.arange(10), 9, lost_rate))
    named = [
        [
            pattern_verdict(Counts(w, 9, k, 9), float(probability_greater(w, 9, k, 9))) == "distinguishing won"
            for k in range(10)
        ]
        for w in range(10)
    ]
    return float(law[np.array(named)].sum())


def _funnel(seed: int, closes: float) -> list[bool]:
    rng = np.random.default_rng([seed, round(100 * closes)])
    rep = np.repeat(np.arange(18), 78)
    steps = np.tile([0.62, 0.67, 0.35], (len(rep), 1))
    steps[rep == 0, 2] = closes
    stage = np.cumprod(rng.random(steps.shape) < steps, axis=1).sum(axis=1)
    day = np.ones(len(rep), dtype=np.int64)
    frame = DealFrame(
        tuple(f"r{at:02}" for at in range(18)),
        ("lead", "meeting", "proposal", "won"),
        rep,
        day,
        day,
        stage,
        np.where(stage == 3, WON, LOST),
    )
    rules = FunnelRules()
    team = funnel(frame, rules)
    return [coach_first(own, team, 18).step is not None for own in funnels_by_rep(frame, rules)]


def _gate(seed: int, cases: int, drops: tuple[float, ...]) -> bool:
    rng = np.random.default_rng([seed, cases, round(100 * sum(drops))])
    rows = []
    for drop in drops:
        worse, better, _ = rng.multinomial(cases, [0.05 + drop, 0.05, 0.9 - drop])
        rows.append(Changes(int(worse), int(better), cases, (int(worse) - int(better)) / cases))
    each, together = judge_drops(rows, [0.05] * 7)
    return together.worse or any(one.worse for one in each)


PARTS: dict[str, Callable[[float], Iterable[Row]]] = {
    "calibration": calibration,
    "profiles": profiles,
    "movement": movement,
    "links": links,
    "others": others,
}

if __name__ == "__main__":
    main()
