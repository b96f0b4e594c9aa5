"""How often a pattern without any difference is called distinguishing, and how often a real one is found.

    python evals/simulate_patterns.py [--simulations 20000] [--seed 1]

Prints the tables of docs/method/patterns.md. The exact rates come from enumerating all pairs of counts; the simulated
ones draw interviews, and stand beside them as a check.
"""

from __future__ import annotations

import argparse

import numpy as np

from agent.stats.contrast import Counts, bar, false_naming_rate, probability_greater, verdict

SIDES = (5, 7, 9, 12, 20)
BASE_RATES = (0.1, 0.2, 0.3, 0.4, 0.5)
REAL = ((0.7, 0.2), (0.8, 0.2), (0.8, 0.1), (0.9, 0.3))


def verdicts(rate_won: float, rate_lost: float, side: int, simulations: int, seed: int) -> dict[str, float]:
    """Share of each verdict over `simulations` studies with `side` interviews an outcome."""
    rng = np.random.default_rng(seed)
    won, lost = rng.binomial(side, rate_won, simulations), rng.binomial(side, rate_lost, simulations)
    pairs, counts = np.unique(np.stack([won, lost]), axis=1, return_counts=True)
    shares: dict[str, float] = {}
    for (w, k), count in zip(pairs.T, counts, strict=True):
        said = verdict(Counts(int(w), side, int(k), side), float(probability_greater(int(w), side, int(k), side)))
        shares[said] = shares.get(said, 0.0) + count / simulations
    return shares


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print("No difference: called distinguishing, exact (simulated)\n")
    print("| interviews a side | bar |" + "".join(f" base rate {rate:g} |" for rate in BASE_RATES))
    print("|---|---|" + "---|" * len(BASE_RATES))
    for side in SIDES:
        cells = []
        for rate in BASE_RATES:
            shares = verdicts(rate, rate, side, options.simulations, options.seed)
            named = sum(share for said, share in shares.items() if said.startswith("distinguishing"))
            cells.append(f"{100 * false_naming_rate(rate, side, side):.1f} % ({100 * named:.1f} %)")
        print(f"| {side} | {bar(side, side):.4f} | " + " | ".join(cells) + " |")
    print("\nA real difference: called distinguishing / leaning on the right side\n")
    print("| won, lost |" + "".join(f" {side} a side |" for side in SIDES))
    print("|---|" + "---|" * len(SIDES))
    for rate_won, rate_lost in REAL:
        cells = []
        for side in SIDES:
            shares = verdicts(rate_won, rate_lost, side, options.simulations, options.seed)
            cells.append(
                f"{100 * shares.get('distinguishing won', 0):.0f} % / {100 * shares.get('leaning won', 0):.0f} %"
            )
        print(f"| {rate_won:g}, {rate_lost:g} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
