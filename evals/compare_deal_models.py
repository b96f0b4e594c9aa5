"""Which model of deals within reps can be believed: false alarms, coverage and power of four, by simulation.

    python evals/compare_deal_models.py [--runs 400] [--seed 1]

One criterion, true scores seen through a dozen calls before and a dozen after. The true slope of log odds on the score
is 0 or 2.5 for the whole scale; reps drift for other reasons with a standard deviation of 0 or 0.5 on that scale.
False alarm: a two-sided p at or below 0.05 with slope 0. "SE ratio": mean standard error by the slope's real spread;
1 is honest, below 1 is too sure. The variational fit is slow and gets a quarter of the runs.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, stdtr

from agent.core.statistic import Undefined
from agent.stats.deal_model import fit_within

FloatArray = NDArray[np.float64]
Answer = tuple[float, float, float] | None  # slope, standard error, p


@dataclass(frozen=True)
class World:
    """A team with deals before and after: arrays are (2, reps)."""

    score: FloatArray
    won: NDArray[np.int64]
    decided: NDArray[np.int64]

    @property
    def reps(self) -> int:
        return self.score.shape[1]

    def deals(self) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
        """One row a deal: won, (1, time, score, rep's mean score), rep; ordered by rep."""
        mean = self.score.mean(axis=0)
        rows, outcomes, groups = [], [], []
        for rep in range(self.reps):
            for time in (0, 1):
                n, won = int(self.decided[time, rep]), int(self.won[time, rep])
                rows += [[1.0, time, self.score[time, rep], mean[rep]]] * n
                outcomes += [1.0] * won + [0.0] * (n - won)
                groups += [rep] * n
        return np.array(outcomes), np.array(rows), np.array(groups)


def make(rng: np.random.Generator, reps: int, deals: int, slope: float, drift: float) -> World:
    """One team. Half of the reps are coached and rise by 0 to 0.6."""
    before = rng.beta(2, 3, reps)
    after = np.clip(before + np.where(rng.random(reps) < 0.5, rng.uniform(0, 0.6, reps), 0), 0, 0.97)
    true = np.stack([before, after])
    base = rng.normal(-2.3, 0.5, reps) + np.stack([np.zeros(reps), 0.2 + rng.normal(0, drift, reps)])
    decided = rng.poisson(deals, (2, reps)) + 1
    return World(rng.binomial(12, true) / 12, rng.binomial(decided, expit(base + slope * true)), decided)


def within(world: World, dispersed: bool) -> Answer:
    """The model in use, or the same with its dispersion and t left out."""
    time = np.repeat([0.0, 1.0], world.reps)
    fit = fit_within(
        world.won.reshape(-1),
        world.decided.reshape(-1),
        np.column_stack([time, world.score.reshape(-1)]),
        np.tile(np.arange(world.reps), 2),
    )
    if isinstance(fit, Undefined):
        return None
    if dispersed:
        return float(fit.slope[1]), fit.error(1), fit.p(1)
    error = float(np.sqrt(fit.covariance[1, 1]))
    return float(fit.slope[1]), error, float(2 * stdtr(1e6, -abs(float(fit.slope[1])) / error))


def gee(world: World, small: bool) -> Answer:
    """Population-averaged logistic model with reps as clusters, scores within reps apart from their means."""
    import statsmodels.api as sm

    won, rows, rep = world.deals()
    model = sm.GEE(won, rows, groups=rep, family=sm.families.Binomial(), cov_struct=sm.cov_struct.Exchangeable())
    fit = model.fit(cov_type="bias_reduced" if small else "robust")
    slope, error = float(fit.params[2]), float(fit.bse[2])
    return slope, error, float(2 * stdtr(world.reps - 4 if small else 1e6, -abs(slope) / error))


def bayes(world: World) -> Answer:
    """Logistic mixed model with a random intercept a rep, by mean-field variational Bayes."""
    from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM

    won, rows, rep = world.deals()
    groups = np.eye(world.reps)[rep]
    np.random.seed(0)  # fit_vb starts from the global generator
    fit = BinomialBayesMixedGLM(won, rows, groups, np.zeros(world.reps, dtype=int)).fit_vb()
    slope, error = float(fit.fe_mean[2]), float(fit.fe_sd[2])
    return slope, error, float(2 * stdtr(1e6, -abs(slope) / error))


MODELS: dict[str, Callable[[World], Answer]] = {
    "within reps, dispersion, t (used)": lambda world: within(world, True),
    "within reps, z (conditional logit)": lambda world: within(world, False),
    "GEE, robust, z": lambda world: gee(world, False),
    "GEE, bias-reduced, t": lambda world: gee(world, True),
    "BinomialBayesMixedGLM, variational": bayes,
}


def main() -> None:
    """Parse the command line, simulate, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"seed {options.seed}, 40 deals a rep and time\n")
    print("| model | reps | drift | runs | false alarms, slope 0 | SE ratio, slope 0 | found, slope 2.5 | no answer |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, model in MODELS.items():
        for reps in (18, 60):
            for drift in (0.0, 0.5):
                runs = options.runs // 4 if model is bayes else options.runs  # a third of a second each
                print(row(name, model, reps, drift, runs, options.seed), flush=True)


def row(name: str, model: Callable[[World], Answer], reps: int, drift: float, runs: int, seed: int) -> str:
    """One line of the table."""
    found: dict[float, list[Answer]] = {}
    for slope in (0.0, 2.5):
        rng = np.random.default_rng([seed, reps, int(drift * 10), int(slope * 10)])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # statsmodels warns of what the table counts
            found[slope] = [model(make(rng, reps, 40, slope, drift)) for _ in range(runs)]
    null, real = ([a for a in found[s] if a is not None] for s in (0.0, 2.5))
    ratio = np.mean([a[1] for a in null]) / np.std([a[0] for a in null])
    alarms, power = (np.mean([a[2] <= 0.05 for a in part]) for part in (null, real))
    missing = sum(a is None for part in found.values() for a in part)
    return (
        f"| {name} | {reps} | {drift} | {runs} | {100 * alarms:.1f} % | {ratio:.2f} | {100 * power:.0f} % | {missing} |"
    )


if __name__ == "__main__":
    main()
