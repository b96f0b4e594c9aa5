"""Weights, funnel and stage links: how often each says something that is not so.

python evals/simulate_deals.py [--runs 200] [--seed 1]
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.special import expit

from agent.core.scale import BINARY
from agent.stats.deals import LOST, WON, DealFrame
from agent.stats.frame import Measure
from agent.stats.funnel import RepScores, coach_first, funnel, stage_links
from agent.stats.rules import FunnelRules, OutcomeRules, WeightRules
from agent.stats.weights import DealScores, propose_weights

CRITERIA = 7
MEASURES = tuple(Measure(f"criterion_{at + 1}", BINARY) for at in range(CRITERIA))
STAGES = ("lead", "meeting", "proposal", "won")
Rng = np.random.Generator


def main() -> None:
    """Parse the command line, simulate, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    print_weights(rng, options.runs)
    print_funnel(rng, options.runs * 10)
    print_stage_links(rng, options.runs * 2)


def print_weights(rng: Rng, runs: int) -> None:
    """Weights proposed when nothing foretells winning, and when the first criterion does (log odds 1.5 over its scale)."""
    print(f"Weights ({runs} runs a row, {CRITERIA} criteria, three calls a deal, 20 % won)\n")
    print("| criteria that matter | deals | proposed | first gets the largest weight | another beyond chance |")
    print("|---|---|---|---|---|")
    for slope in (0.0, 1.5):
        for deals in (200, 600, 1400):
            made = [
                propose_weights(scored(rng, deals, slope), WeightRules(resamples=100, repeats=2)) for _ in range(runs)
            ]
            proposed = [proposal for proposal in made if proposal.proposed]
            first = [max(p.weights, key=lambda w: w.weight).criterion == MEASURES[0].id for p in proposed]
            other = [any(w.beyond_chance for w in p.weights[int(slope > 0) :]) for p in proposed]
            largest = f"{100 * np.mean(first):.0f} %" if slope and first else "-"
            among = f"{100 * np.mean(other):.0f} % of those" if other else "-"
            print(
                f"| {int(slope > 0)} | {deals} | {100 * (len(proposed) / runs):.1f} % | {largest} | {among} |",
                flush=True,
            )


def scored(rng: Rng, deals: int, slope: float) -> DealScores:
    """Deals of 18 reps with scores from three calls; a tenth of the scores is missing."""
    rep = rng.integers(0, 18, deals)
    rate = np.clip(rng.beta(2, 3, (18, CRITERIA))[rep] + rng.normal(0, 0.15, (deals, CRITERIA)), 0, 1)
    score = rng.binomial(3, rate) / 3
    won = rng.random(deals) < expit(-1.4 + slope * (score[:, 0] - 0.4))
    return DealScores(MEASURES, score, rng.random(score.shape) > 0.1, won, rep)


def print_funnel(rng: Rng, runs: int) -> None:
    """A team exactly at 10-3-1: how often a step is called below or above, and a place to coach first is named."""
    print(f"\nFunnel exactly at 10-3-1 ({runs} runs a row)\n")
    print("| leads | a step below | a step above | a step to coach first is named |")
    print("|---|---|---|---|")
    for leads in (50, 300, 1400):
        below, above, named = 0, 0, 0
        for _ in range(runs):
            made = funnel(deals_at(rng, np.zeros(leads, dtype=np.int64), 1, np.array([0.6, 0.5, 1 / 3])), FunnelRules())
            below += sum(step.against == "below" for step in made.rule_steps)
            above += sum(step.against == "above" for step in made.rule_steps)
            named += coach_first(made).step is not None
        print(
            f"| {leads} | {100 * (below / runs / 2):.1f} % | {100 * (above / runs / 2):.1f} % | {100 * (named / runs):.1f} % |",
            flush=True,
        )


def deals_at(rng: Rng, rep: np.ndarray, reps: int, conversions: np.ndarray) -> DealFrame:
    """Decided deals that pass each step with its probability; `conversions` is (steps,) or (deals, steps)."""
    passed = rng.random((len(rep), 3)) < conversions
    stage = np.cumprod(passed, axis=1).sum(axis=1)
    day = np.ones(len(rep), dtype=np.int64)
    outcome = np.where(stage == 3, WON, LOST)
    return DealFrame(tuple(f"rep {at:02}" for at in range(reps)), STAGES, rep, day, day, stage, outcome)


def print_stage_links(rng: Rng, runs: int) -> None:
    """Criteria of a stage against conversion there: none linked, or the first (log odds 2 over its scale)."""
    print(f"\nStage links ({runs} runs a row, four criteria at two stages, 70 deals a rep)\n")
    print("| linked | reps | the linked one named | any other named |")
    print("|---|---|---|---|")
    for slope in (0.0, 2.0):
        for reps in (18, 60):
            said = [stage_verdicts(int(rng.integers(2**31)), reps, slope) for _ in range(runs)]
            hit = sum(run[0] == "association" for run in said)
            other = sum("association" in run[int(slope > 0) :] for run in said)
            named = f"{100 * (hit / runs):.0f} %" if slope else "-"
            print(f"| {int(slope > 0)} | {reps} | {named} | {100 * (other / runs):.1f} % |", flush=True)


def stage_verdicts(seed: int, reps: int, slope: float) -> list[str]:
    """Of four criteria at two stages; the first goes with the conversion there by so many log odds over its scale."""
    rng = np.random.default_rng([seed, reps, round(100 * slope)])
    where = {m.id: STAGES[at // 2] for at, m in enumerate(MEASURES[:4])}
    true, rep = rng.beta(2, 3, (reps, CRITERIA)), np.repeat(np.arange(reps), 70)
    first = expit(0.5 + rng.normal(0, 0.3, reps) + slope * (true[:, 0] - 0.4))
    steps = np.column_stack([first, np.full(reps, 0.65), np.full(reps, 0.35)])[rep]
    seen = RepScores(MEASURES, rng.binomial(12, true) / 12, np.ones(true.shape, dtype=bool))
    rules = OutcomeRules(permutations=1999)
    return [link.verdict for link in stage_links(deals_at(rng, rep, reps, steps), seen, where, rules)]


if __name__ == "__main__":
    main()
