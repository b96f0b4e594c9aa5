"""What rests on readings by a model: patterns of interviews, and the gate before a new prompt."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
from scipy.stats import binom, hypergeom

from agent.evals.comparing import SURE, sign_test
from agent.stats.contrast import Counts, false_naming_rate, interviews_to_confirm, probability_greater, verdict
from agent.stats.drops import CHANGED, ERROR, Changes, cases_needed, judge_drops, power_of
from evals.verdicts.rates import Rate, Row

CRITERIA = 7


def patterns(runs: float) -> Iterable[Row]:
    """Nine interviews of won and nine of lost deals, exact; and the number of interviews said to confirm."""
    del runs
    module = "stats/contrast.py"
    for a_side in (9, 20):
        worst = max(false_naming_rate(rate / 100, a_side, a_side) for rate in range(1, 51))
        yield Row(
            f"distinguishing, {a_side} won and {a_side} lost interviews",
            "the behavior goes with this outcome",
            (Rate("same rate on both sides, the worst rate up to 50 %", worst, most=0.05),),
            (Rate("70 % against 30 %", _said("distinguishing won", 0.7, 0.3, a_side)),),
            (Rate("80 % against 20 %", _said("distinguishing won", 0.8, 0.2, a_side), least=0.70),),
            module,
        )
        same = max(
            sum(_said(f"leaning {side}", rate, rate, a_side) for side in ("won", "lost"))
            for rate in np.linspace(0.1, 0.5, 9)
        )
        yield Row(
            f"leaning, {a_side} won and {a_side} lost interviews",
            "worth a look; how many luck alone would give stands beside",
            (Rate("same rate on both sides, the worst rate up to 50 %", same),),
            (Rate("70 % against 30 %", _said("leaning won", 0.7, 0.3, a_side)),),
            (Rate("80 % against 20 %", _said("leaning won", 0.8, 0.2, a_side)),),
            module,
        )
    yield Row(
        "so many interviews could confirm it (17 patterns, 9 and 9 interviews, distinguishing)",
        "with so many interviews of each outcome a difference like this stands in four of five cases",
        (),
        (Rate("true 60 % against 30 %", _power_of_the_number(0.6, 0.3)),),
        tuple(
            Rate(f"true {100 * won:.0f} % against {100 * lost:.0f} %", _power_of_the_number(won, lost), least=least)
            for won, lost, least in ((0.7, 0.3, 0.75), (0.7, 0.2, 0.80), (0.8, 0.2, 0.80))
        ),
        module,
    )


def gate(runs: float) -> Iterable[Row]:
    """A new prompt against the old one: 40 test calls and as many as four of five times take."""
    times = max(2, int(2000 * runs))
    none, one, every = (0.0,) * CRITERIA, (0.1,) + (0.0,) * (CRITERIA - 1), (0.1,) * CRITERIA
    enough = cases_needed(CRITERIA + 1)
    yield from comparison()
    for cases in (40, enough):
        yield Row(
            f"closed for being worse (eval gate), {cases} cases, {CRITERIA} criteria",
            "the new prompt is worse by more than what ten in a hundred ratings do by themselves",
            (
                Rate.of("equally good, 10 % change", (_closes(seed, cases, none) for seed in range(times)), most=ERROR),
                Rate.of("5 % change", (_closes(seed, cases, none, 0.05) for seed in range(times)), most=ERROR),
            ),
            (
                Rate.of(
                    "one criterion drops by .10",
                    (_closes(seed, cases, one) for seed in range(times)),
                    least=0.75 if cases == enough else None,
                ),
                Rate("said of it beforehand", power_of(cases, CRITERIA + 1)),
            ),
            (Rate.of("all drop by .10", (_closes(seed, cases, every) for seed in range(times)), least=0.90),),
            "stats/drops.py",
        )


def comparison(cases: int = 40) -> Iterable[Row]:
    """Two runs beside each other, a criterion at a time: `better` and `worse` as `closeread eval compare` says them."""
    equal, some, much = (_compared(cases, CHANGED / 2, CHANGED / 2 + gain) for gain in (0.0, 0.1, 0.2))
    either = 1 - (1 - 2 * equal) ** CRITERIA
    for word, claim, way in (("better", "came closer to", "rises"), ("worse", "went farther from", "drops")):
        yield Row(
            f"{word} (comparison of two runs), {cases} cases",
            f"more ratings {claim} what people said than luck explains",
            (
                Rate("equally good, 10 % change: of criteria", equal, most=SURE / 2),
                Rate(f"any of {CRITERIA} better or worse", either, most=0.10),
            ),
            (Rate(f"the criterion {way} by .10", some),),
            (Rate("by .20", much, least=0.50),),
            "evals/comparing.py",
        )


def _compared(cases: int, worse: float, better: float) -> float:
    """P(`better` is said of one yes/no criterion), exact; `worse` has the same with both exchanged."""
    said = 0.0
    for changed in range(cases + 1):
        closer = np.arange(changed + 1)
        named = [2 * up > changed and sign_test(int(up), changed - int(up)) <= SURE for up in closer]
        law = binom.pmf(closer, changed, better / (better + worse))
        said += float(binom.pmf(changed, cases, worse + better) * law[named].sum())
    return said


@cache
def _verdicts(a_side: int) -> list[list[str]]:
    """By counts of won and of lost interviews that have it."""
    numbers = range(a_side + 1)
    return [
        [
            verdict(Counts(won, a_side, lost, a_side), float(probability_greater(won, a_side, lost, a_side)))
            for lost in numbers
        ]
        for won in numbers
    ]


def _law(a_side: int, won: float, lost: float) -> np.ndarray:
    numbers = np.arange(a_side + 1)
    return np.outer(binom.pmf(numbers, a_side, won), binom.pmf(numbers, a_side, lost))


def _said(word: str, won: float, lost: float, a_side: int) -> float:
    return float(_law(a_side, won, lost)[np.array(_verdicts(a_side)) == word].sum())


def _power_of_the_number(won: float, lost: float, patterns_: int = 17) -> float:
    """How likely a difference so large survives Bonferroni at the number of interviews that is said, over all numbers said
    where the pattern was named from nine and nine."""
    named, law, total, weight = np.array(_verdicts(9)) == "distinguishing won", _law(9, won, lost), 0.0, 0.0
    for counts in zip(*np.nonzero(named), strict=True):
        needed = interviews_to_confirm(Counts(int(counts[0]), 9, int(counts[1]), 9), patterns_)
        if needed is not None:
            total += float(law[counts]) * _survives(needed, won, lost, patterns_)
            weight += float(law[counts])
    return total / weight


@cache
def _survives(a_side: int, won: float, lost: float, patterns_: int) -> float:
    """P(Fisher's exact test is beyond Bonferroni | true rates), as the page judges it."""
    law, beyond = _law(a_side, won, lost), 0.0
    for both in range(1, 2 * a_side):
        of_won = np.arange(max(0, both - a_side), min(both, a_side) + 1)
        chances = hypergeom.pmf(of_won, 2 * a_side, a_side, both)
        p = np.where(chances <= chances[:, None] * (1 + 1e-7), chances, 0).sum(axis=1)
        beyond += float(law[of_won, both - of_won][p * patterns_ <= 0.05].sum())
    return beyond


def _closes(seed: int, cases: int, drops: tuple[float, ...], changed: float = CHANGED) -> bool:
    rng = np.random.default_rng([seed, cases, round(100 * sum(drops))])
    criteria = []
    for drop in drops:
        worse, better, _ = rng.multinomial(cases, [changed / 2 + drop, changed / 2, 1 - changed - drop])
        criteria.append(Changes(int(worse), int(better), cases, (int(worse) - int(better)) / cases))
    each, together = judge_drops(criteria, [0.05] * len(drops))
    return together.worse or any(one.worse for one in each)
