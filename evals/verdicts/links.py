"""What goes with the win rate, and scores that are learned instead of lived."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from agent.core.statistic import Undefined
from agent.stats.rules import OutcomeRules
from agent.stats.telling import TellingRules, telling
from agent.stats.weights import DealScores
from evals import simulate_outcomes as outcomes
from evals.verdicts.rates import Rate, Row

DEALS = 700  # in each period


def rows(runs: float) -> Iterable[Row]:
    """Seven criteria, 40 deals a rep and time, 12 calls a score, reps drift by 0.3 in log odds."""
    for reps in (18, 60, 150):
        yield from of_a_team(reps, max(2, int(200 * runs)))
    yield from learned(max(2, int(200 * runs)))


def of_a_team(reps: int, times: int) -> Iterable[Row]:
    """One criterion goes with winning by an odds ratio of 1.2 or 1.35 a tenth of the scale, or none does."""
    rules = OutcomeRules(permutations=999)
    limit = 10 * float(np.log(rules.smallest_odds_ratio))
    made = {
        slope: [
            outcomes.one(np.random.default_rng([seed, reps, round(slope * 100)]), reps, 0.3, slope, rules)
            for seed in range(times)
        ]
        for slope in (0.0, limit, 3.0)
    }
    first = {slope: [report.links[0].verdict for report in reports] for slope, reports in made.items()}
    named = [any(link.verdict == "association" for link in report.links) for report in made[0.0]]
    yield Row(
        f"association, {reps} reps",
        "more of the criterion goes with more wins",
        (Rate.of("no link, teams that name one of 7", named, most=1 - rules.confidence),),
        (Rate.of("odds ratio 1.2", (v == "association" for v in first[limit])),),
        (Rate.of("odds ratio 1.35", (v == "association" for v in first[3.0])),),
        "stats/outcomes.py",
    )
    yield Row(
        f"none seen, {reps} reps",
        "a link of odds ratio 1.2 a tenth of the scale is ruled out",
        (Rate.of("odds ratio 1.2", (v == "none_seen" for v in first[limit]), most=0.05),),
        (),
        (Rate.of("no link", (v == "none_seen" for v in first[0.0])),),
        "stats/outcomes.py",
    )


def learned(times: int) -> Iterable[Row]:
    """Scores rise by 0.3; the log odds of winning over the scale are one thing before coaching and another after."""
    none, constant, half, gone = (0.0, 0.0), (1.5, 1.5), (1.5, 0.75), (1.5, 0.0)
    made = {key: [_telling(seed, *key) for seed in range(times)] for key in (none, constant, half, gone)}
    yield Row(
        f"fading (learned, not lived), {DEALS} deals a period",
        "scores rose and tell less of wins than before",
        tuple(
            Rate.of(f"{case}, any of 7", ("fading" in run for run in made[key]), most=0.05)
            for case, key in (("no link", none), ("constant link", constant))
        ),
        (Rate.of("log odds 1.5 to 0.75", (run[0] == "fading" for run in made[half])),),
        (Rate.of("1.5 to 0", (run[0] == "fading" for run in made[gone]), least=0.55),),
        "stats/telling.py",
    )
    yield Row(
        f"still tells, {DEALS} deals a period",
        "the link with wins is there after coaching",
        (Rate.of("no link, any of 7", ("still tells" in run for run in made[none]), most=0.05),),
        (Rate.of("log odds 0.75", (run[0] == "still tells" for run in made[half])),),
        (Rate.of("1.5", (run[0] == "still tells" for run in made[constant]), least=0.90),),
        "stats/telling.py",
    )


def _telling(seed: int, before: float, after: float) -> list[str]:
    rng = np.random.default_rng([seed, round(100 * before), round(100 * after)])
    rep, late = rng.integers(0, 18, 2 * DEALS), np.arange(2 * DEALS) >= DEALS
    rate = np.clip(rng.beta(2, 3, (18, 7))[rep] + 0.3 * late[:, None], 0, 1)
    score = rng.binomial(3, rate) / 3
    logit = -1 + rng.normal(0, 0.3, 18)[rep] + np.where(late, after, before) * (score[:, 0] - 0.5)
    won = rng.random(2 * DEALS) < 1 / (1 + np.exp(-logit))
    frame = DealScores(outcomes.MEASURES, score, np.ones(score.shape, bool), won, rep)
    none = [Undefined(undefined="no quotes", n=0)] * 7
    return [row.verdict for row in telling(frame, late[:, None], TellingRules(), none)]
