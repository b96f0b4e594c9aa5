"""How often does movement say `moved`, `not_moved` or `cannot_tell`, if the true change is known?

    python evals/simulate_movement.py [--runs 400] [--seed 1]

A team of 18 reps, five binary criteria and two with five levels, three cycles. Each rep is coached on the two criteria
that looked worst in the baseline (the pick that regression to the mean deceives) or on two at random. Coached criteria
stand at baseline plus the true change in all three cycles; nothing else changes. A rate stays within 0 and 1, a level is cut
to the scale when it is rated, so near an end the mean rises by less. Rates are spread over reps as
Beta(1.5, 2.5), mean levels as a normal around 3. Two rows depart from what the verdict assumes of a team: "two camps" are
reps at a rate of 0.15 or 0.75 and at a mean level of 2 or 4, and five reps are too few to learn any spread from.

Shares are of verdicts on coached criteria; "in a plan" is a rep with at least one `moved` in any cycle, "in the team" a
team with at least one such rep.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from agent.core.scale import BINARY as YES_NO
from agent.core.scale import SCALES
from agent.stats.frame import Measure
from agent.stats.rules import MovementRules
from agent.stats.tally import Tally
from agent.stats.trends import CANNOT_TELL, MOVED, NOT_MOVED, MovementTable, movement

CYCLES = 3
MEASURES = tuple(Measure(f"yes_no_{at}", YES_NO) for at in range(5)) + tuple(
    Measure(f"five_{at}", SCALES["1-5"]) for at in range(2)
)
BINARY = np.array([m.scale.binary for m in MEASURES])
NAMES = tuple(f"cycle_{at + 1}" for at in range(CYCLES))
RULES = MovementRules()


@dataclass(frozen=True)
class Case:
    """One row of the table. `change` is a part of the smallest change worth having."""

    calls: int
    change: float
    picked_worst: bool
    reps: int = 18
    camps: bool = False

    @property
    def team(self) -> str:
        return f"{self.reps} reps" + (", two camps" if self.camps else "")


def main() -> None:
    """Parse the command line, simulate, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"{options.runs} teams a row, two criteria coached, three cycles, seed {options.seed}\n")
    print("| team | calls a period | true change | coached on | scale | moved | not moved | cannot tell |", end="")
    print(" any `moved` in a plan | in the team |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for case in cases():
        key = (case.calls, round(case.change * 100), int(case.picked_worst), case.reps, int(case.camps))
        rng = np.random.default_rng([options.seed, *key])  # a row does not change when others are added
        for line in rows(case, [one(rng, case) for _ in range(options.runs)]):
            print(line, flush=True)


def cases() -> Iterable[Case]:
    """No change with both ways of picking, then changes of one to four times the smallest worth having."""
    for calls in (8, 12, 20, 40):
        for worst in (True, False):
            yield Case(calls, 0.0, worst)
    for calls in (12, 20):
        yield Case(calls, 0.0, True, camps=True)
        yield Case(calls, 0.0, True, reps=5)
    for calls in (12, 20, 80):
        for change in (1.0, 2.0, 3.0):
            yield Case(calls, change, True)


def one(rng: np.random.Generator, case: Case) -> MovementTable:
    """One team: baseline, pick, three cycles at the changed level."""
    shape = (case.reps, len(MEASURES))
    rate, level = rng.beta(1.5, 2.5, shape), rng.normal(3, 0.6, shape)
    if case.camps:
        upper = rng.random(shape) < 0.5
        rate, level = np.where(upper, 0.75, 0.15), np.where(upper, 4.0, 2.0)
    baseline = draw(rng, rate[None], level[None], case.calls)
    coached = pick(rng, baseline, case.picked_worst)
    smallest = np.array([RULES.smallest_change[m.scale] for m in MEASURES])
    lift = coached * case.change * smallest
    now = draw(
        rng,
        np.repeat(np.clip(rate + lift, 0, 1)[None], CYCLES, axis=0),
        np.repeat((level + lift)[None], CYCLES, axis=0),
        case.calls,
    )
    return movement(baseline, now, NAMES, coached, RULES)


def draw(rng: np.random.Generator, rate: NDArray[np.float64], level: NDArray[np.float64], calls: int) -> Tally:
    """Counts of `calls` calls for every period, rep and criterion; one call's level scatters by 1 around the mean."""
    counts = np.zeros((*rate.shape, 5), dtype=np.int64)
    yes = rng.binomial(calls, rate)
    counts[..., 0], counts[..., 1] = calls - yes, yes
    edges = ndtr(np.arange(1.5, 5) - level[..., None])
    shares = np.diff(np.concatenate([np.zeros((*level.shape, 1)), edges, np.ones((*level.shape, 1))], axis=-1), axis=-1)
    counts[:, :, ~BINARY] = rng.multinomial(calls, shares)[:, :, ~BINARY]
    nothing = np.zeros(rate.shape, dtype=np.int64)
    return Tally(tuple(f"rep {at:02}" for at in range(rate.shape[1])), MEASURES, counts, nothing, nothing)


def pick(rng: np.random.Generator, baseline: Tally, worst: bool) -> NDArray[np.bool_]:
    """Two criteria a rep: lowest score as a part of the scale, or at random."""
    span = np.array([m.scale.span for m in MEASURES])
    score = (baseline.levels[0] @ np.arange(5)) / baseline.rated[0] / span + rng.random(baseline.rated[0].shape) * 1e-6
    order = np.argsort(score if worst else rng.random(score.shape), axis=1)
    coached = np.zeros(score.shape, dtype=bool)
    np.put_along_axis(coached, order[:, :2], True, axis=1)
    return coached


def rows(case: Case, tables: list[MovementTable]) -> Iterable[str]:
    """A line for each scale, over all coached cells."""
    plans = np.array([((t.verdict == MOVED) & t.coached).any(axis=(0, 2)) for t in tables])
    families = f"{100 * plans.mean():.1f} % | {100 * (plans.any(axis=1).mean()):.0f} %"
    for scale, columns in ((YES_NO, BINARY), (SCALES["1-5"], ~BINARY)):
        verdicts = np.concatenate([t.verdict[:, t.coached & columns].reshape(-1) for t in tables])
        if not verdicts.size:
            continue  # few runs, and nobody was coached on this scale
        shares = " | ".join(f"{100 * ((verdicts == which).mean()):.1f} %" for which in (MOVED, NOT_MOVED, CANNOT_TELL))
        smallest = RULES.smallest_change[scale]
        picked = "the worst two" if case.picked_worst else "two at random"
        change = f"{case.change * smallest:+.1f}"
        yield f"| {case.team} | {case.calls} | {change} | {picked} | {scale} | {shares} | {families} |"


if __name__ == "__main__":
    main()
