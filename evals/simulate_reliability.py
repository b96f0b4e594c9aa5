"""How often does a criterion get each verdict, if the raters' true agreement is known?

    python evals/simulate_reliability.py --simulations 2000 --seed 1

Raters are simulated, judged by the rule of agent/stats/reliability.py with the thresholds of --config, and the shares
of verdicts printed as Markdown. Over several rounds a team stops when it has passed and goes on with new calls
otherwise; the true agreement stays as it is, which is the worst case for a false pass.

Binary: each call shows the behavior with probability --prevalence; each rater sees it rightly with a probability that
makes any two raters agree on the stated share of calls. 1-5: one rater's levels are spread evenly; the other's is
within one point with the stated probability, every such level equally likely, and else one of the levels farther off.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import yaml

from agent.core.scale import BINARY, SCALES, Scale
from agent.stats.rating_table import RatingTable
from agent.stats.reliability import Thresholds, agreements_needed, judge, least_calls_to_pass

VERDICTS = ("passed", "provisional", "failed", "no information")
ROUNDS = 3
Draw = Callable[[np.random.Generator, int, float], RatingTable]


def main() -> None:
    """Parse the command line, simulate, print."""
    options = _parser().parse_args()
    thresholds = Thresholds.model_validate(yaml.safe_load(options.config.read_text(encoding="utf-8")))
    draws: dict[Scale, Draw] = {BINARY: _binary(options.raters, options.prevalence)}
    if options.raters == 2 and options.prevalence == 0.5:
        draws[SCALES["1-5"]] = _five_levels
    print(f"{options.simulations} simulations a row, {options.raters} raters, seed {options.seed}\n")
    print("| scale | true agreement | calls a round | " + _header("1 round") + " | " + _header("up to 3") + " |")
    print("|---|---|---|" + "---|" * (2 * len(VERDICTS)))
    for scale, draw in draws.items():
        for truth in options.agreement:
            for calls in options.calls:
                # a stream of its own for every row: a row does not change when others are added
                rng = np.random.default_rng([options.seed, calls, round(truth * 1000), len(scale.levels)])
                rows = [_rounds(rng, draw, scale, calls, truth, thresholds) for _ in range(options.simulations)]
                first, last = (Counter(verdicts) for verdicts in zip(*rows, strict=True))
                print(f"| {scale} | {truth:.0%} | {calls} | {_shares(first)} | {_shares(last)} |", flush=True)
    if options.needed:
        _print_needed(thresholds)


def _rounds(
    rng: np.random.Generator, draw: Draw, scale: Scale, calls: int, truth: float, thresholds: Thresholds
) -> tuple[str, str]:
    """The verdict of the first round and of the round a team stopped at."""
    verdicts: list[str] = []
    while len(verdicts) < ROUNDS and "passed" not in verdicts:
        table = draw(rng, calls, truth)
        verdicts.append(judge(table, scale, thresholds, round_number=len(verdicts) + 1).verdict)
    return verdicts[0], verdicts[-1]


def _binary(raters: int, prevalence: float) -> Draw:
    def draw(rng: np.random.Generator, calls: int, truth: float) -> RatingTable:
        right = (1 + np.sqrt(2 * truth - 1)) / 2  # right² + (1 - right)² = truth
        shown = rng.random((calls, 1)) < prevalence
        seen_rightly = rng.random((calls, raters)) < right
        return RatingTable((shown == seen_rightly).astype(np.int64), BINARY.levels, BINARY.metric)

    return draw


def _five_levels(rng: np.random.Generator, calls: int, truth: float) -> RatingTable:
    first = rng.integers(0, 5, calls)
    near = rng.random(calls) < truth
    distance = np.abs(np.arange(5)[None, :] - first[:, None])
    allowed = (distance <= 1) == near[:, None]
    second = np.argmax(allowed * rng.random((calls, 5)), axis=1)  # one of the allowed levels, each equally likely
    return RatingTable(np.column_stack([first, second]), SCALES["1-5"].levels, "ordinal")


def _header(rounds: str) -> str:
    return " | ".join(f"{rounds}: {verdict}" for verdict in VERDICTS)


def _shares(counts: Counter[str]) -> str:
    return " | ".join(f"{counts[verdict] / counts.total():.1%}" for verdict in VERDICTS)


def _print_needed(thresholds: Thresholds) -> None:
    print(
        "\n| round | error spent | fewest calls to pass | " + " | ".join(f"of {n}" for n in (16, 20, 24, 32, 40)) + " |"
    )
    print("|---|---|---|" + "---|" * 5)
    for number in range(1, ROUNDS + 3):
        needed = (agreements_needed(n, thresholds, number) for n in (16, 20, 24, 32, 40))
        cells = " | ".join("cannot pass" if n is None else str(n) for n in needed)
        spent = thresholds.error_in_round(number)
        print(f"| {number} | {spent:.3%} | {least_calls_to_pass(thresholds, number)} | {cells} |")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    config = Path(__file__).resolve().parent.parent / "config" / "calibration.yaml"
    parser.add_argument("--config", type=Path, default=config, help="thresholds")
    parser.add_argument("--simulations", type=int, default=2000, help="simulated criteria a row")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--raters", type=int, default=2, help="other than 2: binary only")
    parser.add_argument("--prevalence", type=float, default=0.5, help="other than 0.5: binary only")
    parser.add_argument("--agreement", type=float, nargs="+", default=[0.75, 0.85, 0.95])
    parser.add_argument("--calls", type=int, nargs="+", default=[5, 8, 16, 40])
    parser.add_argument("--needed", action="store_true", help="also print how many calls must agree")
    return parser


if __name__ == "__main__":
    main()
