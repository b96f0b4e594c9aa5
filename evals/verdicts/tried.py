"""Intervals of chance-corrected agreement that were tried: how often each holds the truth at 8 to 40 calls of two raters.

    python -m evals.verdicts.tried [--runs 400]

Percentile bootstrap; BCa (bias-corrected and accelerated); t with a jackknifed standard error; the same on Fisher's z; and the
interval of plain agreement (Wilson's or the exact one) carried through the correction for chance, with chance as it is in these
ratings. The last is what is in use. For ICC(1) also that from the F distribution.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from unittest import mock

import numpy as np
from numpy.typing import NDArray
from scipy.stats import f, norm, t

from agent.core.statistic import Estimate, Statistic
from agent.stats.agreement import preconditions
from agent.stats.agreement.alpha import krippendorff_alpha
from agent.stats.agreement.icc import icc
from agent.stats.agreement.kappas import cohen_kappa, gwet_ac
from agent.stats.bootstrap import ZERO, Resampling, UnitSums, estimate
from agent.stats.intervals import exact_ends, wilson_ends
from agent.stats.rating_table import RatingTable
from evals.verdicts.coverage import binary, five

Floats = NDArray[np.float64]
Ends = tuple[float, float]
Rng = np.random.Generator
SIZES, RESAMPLES, Z = (8, 12, 16, 40), 400, 1.959963984540054
HEAD = "| statistic | method | 8 | 12 | 16 | 40 | n |\n|---|---|---|---|---|---|---|"


def main() -> None:
    """Parse the command line, simulate, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=400)
    print("\n".join(table(parser.parse_args().runs)))


def table(runs: int) -> Iterator[str]:
    """A line for each statistic and method."""
    yield HEAD
    two: list[tuple[str, Callable[..., Statistic]]] = [
        ("alpha", krippendorff_alpha),
        ("kappa", cohen_kappa),
        ("AC1", gwet_ac),
    ]
    cases: list[tuple[str, Callable[[Rng, int], RatingTable], list[tuple[str, Callable[..., Statistic]]]]] = [
        ("yes/no, shown in half", lambda rng, n: binary(rng, n, 0.5), two),
        ("yes/no, shown in 85 %", lambda rng, n: binary(rng, n, 0.85), two),
        ("1-5", five, [two[0], two[1], ("ICC(1)", icc)]),
    ]
    for name, draw, statistics in cases:
        large = draw(np.random.default_rng(0), 100_000)
        for title, of in statistics:
            truth = of(large, None)
            assert isinstance(truth, Estimate)
            yield from _lines(f"{title}; {name}", draw, of, truth.value, runs)


def _lines(
    name: str, draw: Callable[[Rng, int], RatingTable], of: Callable[..., Statistic], truth: float, runs: int
) -> Iterator[str]:
    held: dict[str, dict[int, list[bool]]] = {}
    for n in SIZES:
        rng = np.random.default_rng(n)
        for _ in range(runs):
            for method, (low, high) in intervals(draw(rng, n), of, rng).items():
                held.setdefault(method, {}).setdefault(n, []).append(low - 1e-9 <= truth <= high + 1e-9)
    for method, by_size in held.items():
        cells = [_cell(by_size.get(n, []), runs) for n in SIZES]
        yield f"| {name} | {method} | {' | '.join(cells)} | {runs} |"


def _cell(held: list[bool], runs: int) -> str:
    without = 1 - len(held) / runs
    return (
        f"{100 * np.mean(held):.0f} %{f', {100 * without:.0f} % withheld' if without else ''}" if held else "withheld"
    )


def intervals(ratings: RatingTable, of: Callable[..., Statistic], rng: Rng) -> dict[str, Ends]:
    """By method; one that has nothing to say is left out."""
    kept: list[UnitSums] = []

    def keep(sums: UnitSums, resampling: Resampling | None) -> Statistic:
        kept.append(sums)
        return estimate(sums, None)

    with mock.patch.object(preconditions, "estimate", keep):  # the sums that the statistic is a fraction of
        found = of(ratings, None)
    if not isinstance(found, Estimate):
        return {}
    made = _resampled(kept[0], found.value, rng)
    if of is icc:
        made |= _by_f(ratings)
    elif ratings.metric == "nominal" or of is not krippendorff_alpha:
        made |= _carried(ratings, found.value)
    match of(ratings):
        case Estimate(low=float(low), high=float(high)) if of is not icc:
            made["in use"] = low, high
    return made


def _values(sums: UnitSums, totals: Floats) -> Floats:
    above, below = sums.fraction(totals)
    out = np.full(len(above), np.nan)
    return np.divide(above, below, out=out, where=below > ZERO)


def _resampled(sums: UnitSums, value: float, rng: Rng) -> dict[str, Ends]:
    rows, made = sums.per_unit, dict[str, Ends]()
    n = len(rows)
    drawn = _values(sums, rng.multinomial(n, np.full(n, 1 / n), RESAMPLES) @ rows)
    good, left_out = np.sort(drawn[~np.isnan(drawn)]), _values(sums, rows.sum(axis=0) - rows)
    known = not np.isnan(left_out).any() and np.ptp(left_out) > ZERO
    if len(good) > 0.975 * RESAMPLES and good[0] != good[-1]:
        made["percentile bootstrap"] = float(np.quantile(good, 0.025)), float(np.quantile(good, 0.975))
        if known:
            made["BCa"] = _bca(good, left_out, value)
    if known:
        reach = float(t.ppf(0.975, n - 1)) * np.sqrt((n - 1) / n)
        spread = reach * float(np.sqrt(((left_out - left_out.mean()) ** 2).sum()))
        made["t, jackknife"] = value - spread, value + spread
        if abs(value) < 1 - ZERO:
            z, at = np.arctanh(np.clip(left_out, -0.9999, 0.9999)), float(np.arctanh(value))
            spread = reach * float(np.sqrt(((z - z.mean()) ** 2).sum()))
            made["t on Fisher's z"] = float(np.tanh(at - spread)), float(np.tanh(at + spread))
    return made


def _bca(good: Floats, left_out: Floats, value: float) -> Ends:
    """Efron 1987, Journal of the American Statistical Association 82:171-185."""
    below = ((good < value).sum() + 0.5 * (good == value).sum()) / len(good)
    bias, apart = norm.ppf(np.clip(below, 1e-4, 1 - 1e-4)), left_out.mean() - left_out
    skew = (apart**3).sum() / (6 * (apart**2).sum() ** 1.5)
    low, high = (norm.cdf(bias + (bias + end) / (1 - skew * (bias + end))) for end in (-Z, Z))
    return float(np.quantile(good, low)), float(np.quantile(good, high))


def _carried(ratings: RatingTable, value: float) -> dict[str, Ends]:
    """Wilson's interval of plain agreement, freed of chance as it is here."""
    if value >= 1:
        return {}
    n, agreeing = len(ratings.codes), int((ratings.codes[:, 0] == ratings.codes[:, 1]).sum())
    chance = (agreeing / n - value) / (1 - value)
    made = {}
    for name, (low, high) in (
        ("Wilson, carried", wilson_ends(np.array([agreeing]), np.array([n]), Z)),
        ("exact, carried", exact_ends(np.array([agreeing]), np.array([n]), 0.95)),
    ):
        made[name] = (float(low[0]) - chance) / (1 - chance), (float(high[0]) - chance) / (1 - chance)
    return made


def _by_f(ratings: RatingTable) -> dict[str, Ends]:
    """Shrout and Fleiss 1979, for ICC(1)."""
    scores = ratings.codes.astype(float)
    n, k = scores.shape
    mean = scores.mean(axis=1)
    between = k * ((mean - mean.mean()) ** 2).sum() / (n - 1)
    within = ((scores - mean[:, None]) ** 2).sum() / (n * (k - 1))
    if within == 0:
        return {}
    low = between / within / f.ppf(0.975, n - 1, n * (k - 1))
    high = between / within * f.ppf(0.975, n * (k - 1), n - 1)
    return {"F": (float((low - 1) / (low + k - 1)), float((high - 1) / (high + k - 1)))}


if __name__ == "__main__":
    main()
