"""How often does the outcome link say `association`, `none_seen` or `cannot_tell`, if the truth is known?

    python evals/simulate_outcomes.py [--runs 400] [--seed 1] [--alternatives]

Seven criteria; each rep is coached on two and rises there by 0 to 0.7. Scores are seen through a dozen calls before and
a dozen at the end, deals through 40 a rep and time. Either no criterion has to do with winning, or the first has: log
odds of winning rise by --slope over its whole scale. Reps drift for other reasons (standard deviation in log odds).

`--alternatives` also shows what the model alone, or the rank correlation alone, would have named.
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np
from scipy.special import expit

from agent.core.scale import BINARY
from agent.stats.deals import WinCounts
from agent.stats.frame import Measure
from agent.stats.multiplicity import holm
from agent.stats.outcomes import OutcomeReport, ScorePair, outcome_links
from agent.stats.rules import OutcomeRules

CRITERIA = 7
CALLS = 12
DEALS = 40
MEASURES = tuple(Measure(f"criterion_{at + 1}", BINARY) for at in range(CRITERIA))
# fewer permutations than in use: a run's p is less exact, the shares over runs are not
RULES = OutcomeRules(permutations=4999)


def main() -> None:
    """Parse the command line, simulate, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slope", type=float, default=2.5)
    parser.add_argument("--alternatives", action="store_true")
    options = parser.parse_args()
    print(f"{options.runs} runs a row, seed {options.seed}, {CRITERIA} criteria, {DEALS} deals a rep and time\n")
    print(
        "| linked criteria | reps | drift | linked one named | any other named | each other: association / none seen |"
    )
    print("|---|---|---|---|---|---|")
    for slope in (0.0, options.slope):
        for reps in (18, 60, 200):
            for drift in (0.0, 0.5):
                rng = np.random.default_rng([options.seed, reps, int(10 * drift), int(10 * slope)])
                reports = [one(rng, reps, drift, slope) for _ in range(options.runs)]
                print(row(reports, reps, drift, slope > 0), flush=True)
                if options.alternatives:
                    print_alternatives(reports, slope > 0)


def one(rng: np.random.Generator, reps: int, drift: float, slope: float, rules: OutcomeRules = RULES) -> OutcomeReport:
    """One team through its coaching."""
    before = rng.beta(2, 3, (reps, CRITERIA))
    coached = np.argsort(rng.random((reps, CRITERIA)), axis=1) < 2
    after = np.clip(before + coached * rng.uniform(0, 0.7, (reps, 1)), 0, 0.97)
    true = np.stack([before, after])
    log_odds = rng.normal(-2.3, 0.4, reps) + np.stack([np.zeros(reps), rng.normal(0.1, drift, reps)])
    log_odds += slope * true[:, :, 0]
    decided = rng.poisson(DEALS, (2, reps)) + 1
    wins = WinCounts(rng.binomial(decided, expit(log_odds)), decided, 0)
    seen = rng.binomial(CALLS, true) / CALLS
    error = seen * (1 - seen) / (CALLS - 1)
    return outcome_links(MEASURES, ScorePair(seen, np.ones((reps, CRITERIA), dtype=bool), error), wins, rules)


def row(reports: list[OutcomeReport], reps: int, drift: float, linked: bool) -> str:
    """Shares over runs, and over criteria without a link."""
    others = [report.links[1 if linked else 0 :] for report in reports]
    named = [report.links[0].verdict == "association" and report.links[0].direction == 1 for report in reports]
    wrong = np.mean([any(link.verdict == "association" for link in links) for links in others])
    verdicts = Counter(link.verdict for links in others for link in links)
    total = sum(verdicts.values())
    each = f"{100 * (verdicts['association'] / total):.1f} % / {100 * (verdicts['none_seen'] / total):.0f} %"
    hit = f"{100 * np.mean(named):.0f} %" if linked else "-"
    return f"| {int(linked)} of {CRITERIA} | {reps} | {drift} | {hit} | {100 * wrong:.1f} % | {each} |"


def print_alternatives(reports: list[OutcomeReport], linked: bool) -> None:
    """The same runs under other rules: one reading alone, or the model's p with the correlation's interval beside it."""
    for name, column in (("model alone", "p_model"), ("rank correlation alone", "p_correlation")):
        adjusted = np.array([holm([getattr(link, column) for link in report.links]) for report in reports])
        report_rule(name, adjusted <= 0.05, linked)
    model = np.array([holm([link.p_model for link in report.links]) for report in reports])
    rank = np.array([[link.p_correlation for link in report.links] for report in reports])
    report_rule("model over the family, rank correlation at 5 % unadjusted", (model <= 0.05) & (rank <= 0.05), linked)


def report_rule(name: str, named: np.ndarray, linked: bool) -> None:
    """One line: how often the linked criterion and any other is named."""
    hit = f"{100 * (named[:, 0].mean()):.0f} %" if linked else "-"
    print(f"    {name}: linked {hit}, any other {100 * (named[:, int(linked) :].any(axis=1).mean()):.1f} %")


if __name__ == "__main__":
    main()
