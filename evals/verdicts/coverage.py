"""How often intervals that claim 95 % hold the truth, at 8 to 40 units.

    python -m evals.verdicts.coverage [--runs 200] [--write docs/method/coverage.md]

Exact for shares (all counts enumerated), simulated else. "Withheld" is the share of runs without an interval.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from agent.core.statistic import Estimate, Statistic
from agent.stats.agreement.alpha import krippendorff_alpha
from agent.stats.agreement.icc import icc
from agent.stats.agreement.kappas import cohen_kappa, gwet_ac
from agent.stats.agreement.plain import weighted_agreement
from agent.stats.bootstrap import Resampling
from agent.stats.intervals import exact_ends, newcombe_ends, wilson_ends
from agent.stats.level_means import level_means
from agent.stats.means import mean_of_units
from agent.stats.rating_table import RatingTable

SIZES = (8, 12, 16, 40, 60, 200)
PAGE = Path(__file__).resolve().parents[2] / "docs/method/coverage.md"
Rng = np.random.Generator
Z = 1.959963984540054
BY_PEOPLE = "\n## What was tried"
HEAD = """# What intervals cover
Made by `python -m evals.verdicts.coverage --write docs/method/coverage.md`; do not edit by hand. Every interval claims 95 %.
Those that hold the truth less or more often carry another name where they are shown: "cautious" (level means, weighted and
chance-corrected agreement), "exact" (never less than 95 %) or "rough range" (the bootstrap of intraclass correlations below 200
units; "roughly 0.10 to 0.80", `~` in narrow tables). Wilson's and Newcombe's hold on the average over true rates, and least at
the one named. "Withheld" is the share of runs without an interval: nobody used two levels, so that nothing can be corrected.

| interval | of | 8 | 12 | 16 | 40 | 60 | 200 | n |
|---|---|---|---|---|---|---|---|---|"""


def main() -> None:
    """Parse the command line, simulate, print or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    lines = [HEAD, *shares(), *means(options.runs * 10), *agreement(options.runs)]
    if options.write:
        by_people = options.write.read_text(encoding="utf-8").partition(BY_PEOPLE)
        options.write.write_text("\n".join(lines) + "\n" + "".join(by_people[1:]), encoding="utf-8")
    else:
        print("\n".join(lines))


def shares() -> Iterable[str]:
    """Mean and least coverage over true rates of 5 to 95 %."""
    rates = np.linspace(0.05, 0.95, 19)
    for name, ends in (
        ("exact (Clopper-Pearson)", lambda k, n: exact_ends(k, n, 0.95)),
        ("Wilson", lambda k, n: wilson_ends(k, n, Z)),
    ):
        cells = []
        for n in SIZES:
            k = np.arange(n + 1)
            low, high = ends(k, np.full(n + 1, n))
            cells.append(_spread([binom.pmf(k, n, p)[(low <= p) & (p <= high)].sum() for p in rates]))
        yield f"| {name} | share | {' | '.join(cells)} | exact |"
    cells = []
    for n in SIZES:
        a, b = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
        low, high = newcombe_ends(a, np.full_like(a, n), b, np.full_like(b, n), Z)
        law = [binom.pmf(np.arange(n + 1), n, p) for p in rates]
        held = [
            np.outer(law[i], law[j])[(low <= q - p + 1e-12) & (q - p - 1e-12 <= high)].sum()
            for i, p in enumerate(rates)
            for j, q in enumerate(rates)
        ]
        cells.append(_spread(held))
    yield f"| Newcombe | difference of two shares | {' | '.join(cells)} | exact |"


def _spread(held: list[float]) -> str:
    return f"{100 * np.mean(held):.0f} % (least {100 * min(held):.0f} %)"


def means(runs: int) -> Iterable[str]:
    """Mean levels of differently used 1-5 scales, and leniency."""
    levels = np.arange(1.0, 6.0)
    for name, law in (
        ("even", [0.2] * 5),
        ("mostly 5", [0.02, 0.03, 0.05, 0.2, 0.7]),
        ("1 or 5", [0.375, 0, 0, 0, 0.625]),
        ("mostly 3", [0.05, 0.2, 0.5, 0.2, 0.05]),
    ):
        cells = []
        for n in SIZES:
            found = level_means(np.random.default_rng(n).multinomial(n, law, runs), levels, 0.95)
            truth = float(np.array(law) @ levels)
            cells.append(f"{100 * (np.mean((found.low <= truth) & (truth <= found.high))):.0f} %")
        yield f"| padded t (cautious) | mean level, {name} | {' | '.join(cells)} | {runs} |"
    for name, truth, draw in (
        ("one yes/no criterion", 0.15, lambda r, n: (r.random(n) < 0.2) * 1.0 - (r.random(n) < 0.05)),
        (
            "over seven",
            0.07,
            lambda r, n: (r.random((n, 7)) < 0.15).mean(axis=1) - (r.random((n, 7)) < 0.08).mean(axis=1),
        ),
    ):
        cells = [_held(lambda r, n=n, d=draw: mean_of_units(d(r, n), "x"), truth, runs // 4, n) for n in SIZES]
        yield f"| t | leniency, {name} | {' | '.join(cells)} | {runs // 4} |"


def agreement(runs: int) -> Iterable[str]:
    """Chance-corrected and weighted agreement of two raters."""
    how = Resampling()
    tables: list[tuple[str, Callable[[Rng, int], RatingTable], list[tuple[str, Callable[..., Statistic]]]]] = [
        (
            "yes/no, 85 % agree, shown in half",
            lambda r, n: binary(r, n, 0.5),
            [("alpha", krippendorff_alpha), ("kappa", cohen_kappa), ("AC1", gwet_ac)],
        ),
        (
            "yes/no, 85 % agree, shown in 85 %",
            lambda r, n: binary(r, n, 0.85),
            [("alpha", krippendorff_alpha), ("kappa", cohen_kappa), ("AC1", gwet_ac)],
        ),
        (
            "yes/no, 85 % agree, shown in 95 %",
            lambda r, n: binary(r, n, 0.95),
            [("alpha", krippendorff_alpha), ("kappa", cohen_kappa), ("AC1", gwet_ac)],
        ),
        (
            "1-5, 85 % within one point",
            five,
            [
                ("alpha", krippendorff_alpha),
                ("kappa", cohen_kappa),
                ("quadratic kappa", lambda t, how: cohen_kappa(t, how, "quadratic")),
                ("ICC(1)", icc),
                ("weighted agreement", weighted_agreement),
            ],
        ),
    ]
    for name, draw, statistics in tables:
        large = draw(np.random.default_rng(0), 100_000)
        for title, of in statistics:
            known = of(large, None)
            assert isinstance(known, Estimate)
            cells = [_held(lambda r, n=n, o=of, d=draw: o(d(r, n), how), known.value, runs, n) for n in SIZES]
            kind = "padded t (cautious)" if of is weighted_agreement else "carried (cautious)"
            kind = "bootstrap (rough range below 200)" if of is icc else kind
            yield f"| {kind} | {title}; {name} | {' | '.join(cells)} | {runs} |"


def _held(draw: Callable[[Rng], Statistic], truth: float, runs: int, seed: int) -> str:
    rng, held, withheld = np.random.default_rng(seed), [], 0
    for _ in range(runs):
        match draw(rng):
            case Estimate(low=float(low), high=float(high)):
                held.append(low - 1e-9 <= truth <= high + 1e-9)
            case _:
                withheld += 1
    without = f", {100 * (withheld / runs):.0f} % withheld" if withheld else ""
    return f"{100 * np.mean(held):.0f} %{without}" if held else "withheld"


def binary(rng: Rng, calls: int, prevalence: float) -> RatingTable:
    """Two raters who agree on 85 % of yes/no calls; `prevalence` of the calls show it."""
    right = (1 + np.sqrt(0.7)) / 2
    there = rng.random((calls, 1)) < prevalence
    return RatingTable((there == (rng.random((calls, 2)) < right)).astype(np.int64), (0, 1), "nominal")


def five(rng: Rng, calls: int) -> RatingTable:
    """Two raters on 1-5, within one point on 85 % of calls."""
    first = rng.integers(0, 5, calls)
    near = rng.random(calls) < 0.85
    distance = np.abs(np.arange(5) - first[:, None])
    second: NDArray[np.int64] = np.argmax(((distance <= 1) == near[:, None]) * rng.random((calls, 5)), axis=1)
    return RatingTable(np.column_stack([first, second]), (1, 2, 3, 4, 5), "ordinal")


if __name__ == "__main__":
    main()
