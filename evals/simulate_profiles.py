"""Profiles, gaps, totals and corrected rates: how often each says something that is not so.

    python evals/simulate_profiles.py [--runs 2000] [--seed 1]

States are computed exactly (binomial); the rest is simulated with --runs runs a row.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.special import ndtr
from scipy.stats import binom

from agent.core.scale import BINARY, SCALES
from agent.core.statistic import Estimate, Statistic
from agent.stats.correction import ErrorCounts, rogan_gladen
from agent.stats.frame import Measure, RatingFrame
from agent.stats.gaps import find_gaps
from agent.stats.intervals import exact_ends
from agent.stats.profiles import STATES, profile, states
from agent.stats.rules import GapRules, ProfileRules
from agent.stats.tally import Tally
from agent.stats.totals import WeightSet, rep_totals

RULES = ProfileRules()
Rng = np.random.Generator


def main() -> None:
    """Parse the command line, compute and simulate, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print_states()
    rng = np.random.default_rng(options.seed)
    print_gaps(rng, options.runs // 4)
    print_totals(rng, options.runs // 4)
    print_rogan_gladen(rng, options.runs)


def print_states() -> None:
    """Exact probability of each state, by true rate and number of calls."""
    print("State of a rep by the true rate (exact; rates above 0.5 mirror those below)\n")
    print("| true rate | calls | " + " | ".join(STATES) + " |")
    print("|---|---|---|---|---|---|")
    for rate in (0.05, 0.2, 0.4, 0.5):
        for calls in (3, 10, 12, 20, 60):
            seen = np.arange(calls + 1)
            ends = exact_ends(seen, np.full(calls + 1, calls), RULES.confidence)
            state = states(seen / calls, *ends, RULES)
            chance = np.bincount(state, binom.pmf(seen, calls, rate), len(STATES))
            print(f"| {rate} | {calls} | " + " | ".join(f"{100 * share:.1f} %" for share in chance) + " |")


def print_gaps(rng: Rng, runs: int) -> None:
    """A team whose reps are all exactly at target: how often a gap and a team gap is seen, and what was announced."""
    print(f"\nGaps when every rep is exactly at target ({runs} teams a row, six binary criteria, two 1-5)\n")
    print(
        "| reps | calls | a rep's criterion called a gap, binary | 1-5 | any team gap | announced | any beyond luck |"
    )
    print("|---|---|---|---|---|---|---|")
    measures = tuple(Measure(f"b{i}", BINARY) for i in range(6)) + tuple(
        Measure(f"f{i}", SCALES["1-5"]) for i in range(2)
    )
    rules = GapRules()
    for reps, calls in ((4, 12), (18, 12), (18, 20), (100, 12)):
        binary, five, team, said, beyond = [], [], [], [], []
        for _ in range(runs):
            report = find_gaps(profile(at_target(rng, reps, calls, measures, rules), RULES), rules)
            of = [gap.criterion[0] for gap in report.own]
            binary.append(of.count("b") / (6 * reps))
            five.append(of.count("f") / (2 * reps))
            team.append(bool(report.team))
            said.append(report.any_by_luck)
            beyond.append(any(gap.beyond_luck for gap in report.team))
        shares = f"{100 * np.mean(binary):.1f} % | {100 * np.mean(five):.1f} % | {100 * np.mean(team):.1f} % | {100 * np.mean(said):.1f} % | {100 * np.mean(beyond):.1f} %"
        print(f"| {reps} | {calls} | {shares} |", flush=True)


def at_target(rng: Rng, reps: int, calls: int, measures: tuple[Measure, ...], rules: GapRules) -> Tally:
    """Counts of reps whose true rate or mean level is the target."""
    counts = np.zeros((1, reps, len(measures), 5), dtype=np.int64)
    counts[0, :, :6, 1] = rng.binomial(calls, rules.target[BINARY], (reps, 6))
    counts[0, :, :6, 0] = calls - counts[0, :, :6, 1]
    counts[0, :, 6:] = rng.multinomial(calls, shares_with_mean(rules.target[SCALES["1-5"]]), (reps, 2))
    nothing = np.zeros(counts.shape[:3], dtype=np.int64)
    return Tally(tuple(f"rep {i:03}" for i in range(reps)), measures, counts, nothing, nothing)


def shares_with_mean(mean: float) -> np.ndarray:
    """Shares of five levels whose mean is `mean`: a scattered normal, its middle found by halving."""
    low, high = 0.0, 6.0
    for _ in range(60):
        middle = (low + high) / 2
        shares = np.diff(np.concatenate([[0.0], ndtr(np.arange(1.5, 5) - middle), [1.0]]))
        low, high = (middle, high) if shares @ np.arange(1, 6) < mean else (low, middle)
    return shares


def print_totals(rng: Rng, runs: int) -> None:
    """How often the interval of a weighted total holds the true total; ratings of one call hang together."""
    print(f"\nWeighted totals: intervals that hold the truth ({runs} frames of 20 reps a row)\n")
    print("| calls | ratings of a call hang together | held | too high | too low |")
    print("|---|---|---|---|---|")
    weights = WeightSet(weights={"a": 3.0, "b": 1.0, "c": 1.0, "d": -1.0}, source="simulation")
    for calls in (10, 20):
        for shared in (0.0, 1.0):
            truth = 0.5  # all rates are one half, so the total is too, whatever the weights
            found = [
                t.total
                for _ in range(runs)
                for t in rep_totals(together(rng, calls, shared), np.ones(20 * calls, bool), weights)
            ]
            print(f"| {calls} | {'yes' if shared else 'no'} | {held(found, truth)} |", flush=True)


def together(rng: Rng, calls: int, shared: float) -> RatingFrame:
    """Twenty reps; with `shared` above 0 a good call is good on several criteria."""
    n = 20 * calls
    mood = rng.normal(0, 1, (n, 1)) * shared * np.array([1, 1, 1, -1])
    values = (mood + rng.normal(0, 1, (n, 4)) > 0).astype(float)
    call, criterion = np.repeat(np.arange(n), 4), np.tile(np.arange(4), n)
    measures = tuple(Measure(name, BINARY, -1 if name == "d" else 1) for name in "abcd")
    zeros = np.zeros(4 * n, dtype=np.int64)
    names = tuple(map(str, range(n)))
    reps = tuple(f"rep {i:02}" for i in range(20))
    return RatingFrame(reps, measures, names, call // calls, criterion, call, zeros + 1, values.reshape(-1), zeros)


def print_rogan_gladen(rng: Rng, runs: int) -> None:
    """How often the corrected interval holds the true rate, and what the uncorrected share would have said."""
    print(f"\nRates corrected for the model's errors ({runs} runs a row)\n")
    print(
        "| true rate | sensitivity, specificity | suite, calls | held | too high | too low | mean of corrected | of raw |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for rate in (0.05, 0.3, 0.7):
        for sensitivity, specificity in ((0.9, 0.9), (0.8, 0.95)):
            for suite, calls in ((40, 60), (150, 400)):
                found, raw = [], []
                for _ in range(runs):
                    errors = ErrorCounts(
                        present_found=int(rng.binomial(suite, sensitivity)),
                        present=suite,
                        absent_left=int(rng.binomial(suite, specificity)),
                        absent=suite,
                    )
                    positives = int(rng.binomial(calls, rate * sensitivity + (1 - rate) * (1 - specificity)))
                    found.append(rogan_gladen(positives, calls, errors, draws=400, seed=int(rng.integers(1 << 30))))
                    raw.append(positives / calls)
                means = f"{mean(found):.3f} | {np.mean(raw):.3f}"
                print(
                    f"| {rate} | {sensitivity}, {specificity} | {suite} + {suite}, {calls} | {held(found, rate)} | {means} |",
                    flush=True,
                )


def mean(found: list[Statistic]) -> float:
    """Mean of the estimates there are."""
    return float(np.mean([e.value for e in found if isinstance(e, Estimate)]))


def held(found: list[Statistic], truth: float) -> str:
    """Shares of intervals that hold the truth, lie above it and lie below it, of those that exist."""
    ends = [(e.low, e.high) for e in found if isinstance(e, Estimate) and e.low is not None and e.high is not None]
    low, high = np.array(ends).T
    above, below = float((low > truth + 1e-9).mean()), float((high < truth - 1e-9).mean())
    return f"{100 * (1 - above - below):.1f} % | {100 * above:.1f} % | {100 * below:.1f} %"


if __name__ == "__main__":
    main()
