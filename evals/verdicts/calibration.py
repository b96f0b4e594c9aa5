"""Calibration: the pooled sequential rule, the gate by criterion, marks and ongoing calibration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from agent.calibration.gate import mark_after
from agent.rubrics.model import Mark
from agent.stats.calibration import CalibrationRule, judge, prospects
from agent.stats.ongoing import OngoingRule, alarm_limit, chance_of_alarm, drift
from agent.stats.rating_table import RatingTable
from agent.stats.sequential import Shares, laws_with_mean
from evals.verdicts.rates import Rate, Row

Rng = np.random.Generator
Draw = Callable[[Rng, float, int], RatingTable]
"""One round of 8 calls by so many raters who truly agree on a share of calls."""

RULE = CalibrationRule()
MODULE = "stats/calibration.py"
CRITERIA = 7


def rows(runs: float) -> Iterable[Row]:
    """Three rounds of 8 on one wording, raters who truly agree on 75, 85 or 95 % of calls."""
    yield from rounds(runs)
    yield from guessing(runs)
    yield from before_a_round()
    yield from gate(runs)
    yield from marks(runs)
    yield from marks_by_the_week(runs)
    yield from ongoing()
    yield from between_alarms(runs)


def rounds(runs: float) -> Iterable[Row]:
    """The verdict after 8, 16 and 24 calls."""
    times = max(2, int(1000 * runs))
    for raters, name, draw, least in cases():
        got = {truth: [path(seed, truth, raters, draw) for seed in range(times)] for truth in (0.75, 0.85, 0.95)}

        def passed(truth: float, at: int, got: dict[float, list[list[str]]] = got) -> list[bool]:
            return [one[at] == "passed" for one in got[truth]]

        yield Row(
            f"passed: {raters} raters, {name}",
            "raters agree on more than 75 % of calls, beyond chance",
            (Rate.of("true 75 %", passed(0.75, 2), most=RULE.error),),
            (Rate.of("true 85 %, by 16 calls", passed(0.85, 1)), Rate.of("by 24", passed(0.85, 2))),
            (Rate.of("true 95 %, by 16 calls", passed(0.95, 1)), Rate.of("by 24", passed(0.95, 2), least=least)),
            MODULE,
        )
        failed = {truth: ["failed" in one for one in got[truth]] for truth in got}
        yield Row(
            f"failed: {raters} raters, {name}",
            "raters do not agree on 95 %",
            (Rate.of("true 95 %, over three rounds", failed[0.95], most=3 * RULE.failing_error),),
            (Rate.of("true 85 %", failed[0.85]),),
            (Rate.of("true 75 %", failed[0.75]),),
            MODULE,
        )
        if name == "yes/no, shown in half" and raters < 4:
            yield from between(got, raters)


def cases() -> Iterable[tuple[int, str, Draw, float]]:
    """How many raters, on which scale and calls, and how often at least they pass by 24 calls at a true 95 %."""
    return (
        (2, "yes/no, shown in half", binary(0.5), 0.80),
        (2, "yes/no, shown in 80 %", binary(0.8), 0.75),
        (2, "yes/no, shown in 90 %", binary(0.9), 0.50),
        (2, "yes/no, shown in 90 %, drawn half and half by a reading right on 80 %", half_and_half, 0.80),
        (3, "yes/no, shown in half", binary(0.5), 0.90),
        (4, "yes/no, shown in half", binary(0.5), 0.95),
        (2, "1-5", five, 0.80),
        (3, "1-5", five, 0.80),
        (4, "1-5", five, 0.80),
        (3, "1-3", three, 0.80),
        (4, "1-3", three, 0.80),
    )


def between(got: dict[float, list[list[str]]], raters: int) -> Iterable[Row]:
    """The two verdicts between passed and failed. No error is bounded: they ask for more calls and claim nothing else."""
    provisional, not_yet = (
        {truth: [one[0] == verdict for one in got[truth]] for truth in got}
        for verdict in ("provisional", "not there yet")
    )
    yield Row(
        f"provisional, after 8 calls: {raters} raters",
        "85 % is reached; more calls are to confirm it",
        (Rate.of("true 75 %", provisional[0.75]),),
        (Rate.of("true 85 %", provisional[0.85]),),
        (Rate.of("true 95 %", provisional[0.95]),),
        MODULE,
    )
    yield Row(
        f"not there yet, after 8 calls: {raters} raters",
        "85 % is not reached, and it may be luck",
        (Rate.of("true 95 %", not_yet[0.95]),),
        (Rate.of("true 85 %", not_yet[0.85]),),
        (Rate.of("true 75 %", not_yet[0.75]),),
        MODULE,
    )


def guessing(runs: float) -> Iterable[Row]:
    """Two raters who guess, each yes in the same share of calls: what the part of the rule against chance is for."""
    times = max(2, int(2000 * runs))
    cases = []
    for share in (0.5, 0.7, 0.9):
        verdicts = [path(seed, share, 2, guesses)[-1] for seed in range(times)]
        cases.append(Rate.of(f"yes in {100 * share:.0f} %", (v == "passed" for v in verdicts), most=0.005))
    yield Row(
        "passed: 2 raters who guess, 24 calls",
        "agreement is more than chance",
        tuple(cases),
        (),
        (),
        MODULE,
    )


def before_a_round() -> Iterable[Row]:
    """What is said before a round is opened: the probability to have passed by then, at a true 95 %."""
    for raters in (2, 3, 4):
        for plan in ((8, 8, 8), (12, 12)):
            told = tuple(
                Rate(
                    f"{p.calls} calls, cannot pass yet"
                    if p.needed is None
                    else f"{p.calls} calls, passes with {calls(p.needed)}",
                    p.passed_by_then,
                )
                for p in prospects(plan, 2, 0, raters, RULE)
            )
            name = f"said before the round: {raters} raters, rounds of {' and '.join(map(str, plan))}"
            yield Row(name, "what its number of calls can achieve (yes/no, true 95 %)", (), (), told, MODULE)


def gate(runs: float) -> Iterable[Row]:
    """`rubric deploy` after three rounds of 8: the criteria that passed, of seven that are judged apart."""
    times = max(2, int(150 * runs))
    for raters in (2, 3):
        shares = {}
        for truth in (0.75, 0.85, 0.95):
            taken = [
                [path(1000 * run + at, truth, raters, binary(0.5))[-1] == "passed" for at in range(CRITERIA)]
                for run in range(times)
            ]
            shares[truth] = taken
        each = {truth: [one for run in runs_ for one in run] for truth, runs_ in shares.items()}
        yield Row(
            f"in use after 24 calls (gate by criterion), {raters} raters, 7 criteria",
            "each criterion in use has passed for itself; the others do not stop it",
            (
                Rate.of("true 75 %: of criteria", each[0.75], most=RULE.error),
                Rate.of("any of the seven", map(any, shares[0.75])),
            ),
            (Rate.of("true 85 %: of criteria", each[0.85]),),
            (
                Rate.of("true 95 %: of criteria", each[0.95], least=0.80 if raters == 2 else 0.90),
                Rate.of("all seven", map(all, shares[0.95])),
            ),
            "calibration/gate.py",
        )


def marks(runs: float) -> Iterable[Row]:
    """A criterion that goes into use as provisional after 8 calls, and what the two rounds after it make of it."""
    times = max(2, int(1000 * runs))
    used: dict[float, list[list[str]]] = {}
    for truth in (0.75, 0.85, 0.95):
        paths = [path(seed, truth, 2, binary(0.5)) for seed in range(times)]
        used[truth] = [one for one in paths if one[0] == "provisional"]
    ends = {truth: [mark_at_end(one) for one in used[truth]] for truth in used}
    confirmed = {truth: [mark is None for mark in ends[truth]] for truth in ends}
    withdrawn = {truth: [mark == "withdrawn" for mark in ends[truth]] for truth in ends}
    yield Row(
        "provisional criterion confirmed by 24 calls, 2 raters",
        "raters agree on more than 75 %",
        (Rate.of("true 75 %", confirmed[0.75]),),
        (Rate.of("true 85 %", confirmed[0.85]),),
        (Rate.of("true 95 %", confirmed[0.95], least=0.75),),
        "calibration/gate.py",
    )
    yield Row(
        "provisional criterion withdrawn by 24 calls, 2 raters",
        "95 % is ruled out",
        (Rate.of("true 95 %", withdrawn[0.95], most=0.10),),
        (Rate.of("true 85 %", withdrawn[0.85]),),
        (Rate.of("true 75 %", withdrawn[0.75]),),
        "calibration/gate.py",
    )


def marks_by_the_week(runs: float) -> Iterable[Row]:
    """The same with three double-rated calls a week after the first round of 8, for eight weeks."""
    times = max(2, int(300 * runs))
    ends: dict[float, list[Mark | None]] = {}
    for truth in (0.75, 0.85, 0.95):
        ends[truth] = [end for seed in range(times) for end in _weeks(seed, truth)]
    for word, mark, most, least in (("confirmed", None, None, 0.75), ("withdrawn", "withdrawn", 0.05, None)):
        got = {truth: [end == mark for end in ends[truth]] for truth in ends}
        false, large = (0.75, 0.95) if mark is None else (0.95, 0.75)
        yield Row(
            f"provisional criterion {word} by eight weeks of 3 calls, 2 raters",
            "raters agree on more than 75 %" if mark is None else "95 % is ruled out",
            (Rate.of(f"true {100 * false:.0f} %", got[false], most=most),),
            (Rate.of("true 85 %", got[0.85]),),
            (Rate.of(f"true {100 * large:.0f} %", got[large], least=least),),
            "calibration/gate.py",
        )


def _weeks(seed: int, truth: float) -> Iterable[Mark | None]:
    """The mark after eight weeks of a criterion that went into use as provisional; nothing if it did not."""
    rng, draw = np.random.default_rng([seed, round(truth * 100), 8]), binary(0.5)
    held = [draw(rng, truth, 2)]
    if judge(held, 0, RULE).verdict != "provisional":
        return
    mark: Mark | None = "provisional"
    for _ in range(8):
        week = draw(rng, truth, 2)
        held.append(RatingTable(week.codes[:3], week.levels, week.metric))
        mark = mark_after(mark, judge(held, 0, RULE).verdict)
        if mark is None:  # from now on ongoing calibration has a rule of its own
            break
    yield mark


def mark_at_end(verdicts: Sequence[str]) -> Mark | None:
    """The mark after all rounds, of a criterion that went into use with the first."""
    mark: Mark | None = "provisional"
    for verdict in verdicts[1:]:
        mark = mark_after(mark, verdict)  # type: ignore[arg-type]
    return mark


def between_alarms(runs: float) -> Iterable[Row]:
    """What is said of a criterion that has not fallen. No error is bounded: `watch` asks for a look, `holds` for nothing."""
    times, calls, shares, rule = max(2, int(1000 * runs)), 50, Shares.of_scale(2, 0, 2), OngoingRule()
    said = {
        truth: [
            drift(
                (np.random.default_rng([seed, round(100 * truth)]).random(calls) < truth).tolist(), shares, rule
            ).verdict
            for seed in range(times)
        ]
        for truth in (0.75, 0.85, 0.95)
    }

    def given(verdict: str, case: str, truth: float) -> tuple[Rate]:
        return (Rate.of(case, (one == verdict for one in said[truth])),)

    yield Row(
        f"holds (ongoing calibration), after {calls} calls, 2 raters",
        "nothing speaks against it so far",
        given("holds", "true 75 %", 0.75),
        given("holds", "true 85 %", 0.85),
        given("holds", "true 95 %", 0.95),
        "stats/ongoing.py",
    )
    yield Row(
        f"watch (ongoing calibration), after {calls} calls, 2 raters",
        "half of the way to the limit: look at these calls together",
        given("watch", "true 95 %", 0.95),
        given("watch", "true 85 %", 0.85),
        given("watch", "true 75 % (most have fallen by then)", 0.75),
        "stats/ongoing.py",
    )


def ongoing() -> Iterable[Row]:
    """After a criterion has passed: three double-rated calls a week, 150 a year."""
    rule = OngoingRule()
    for raters in (2, 3):
        shares = Shares.of_scale(2, 0, raters)
        limit = alarm_limit(shares, rule)

        def fell(truth: float, after: int, shares: Shares = shares, limit: int = limit) -> float:
            return float(chance_of_alarm(shares, laws_with_mean(shares, truth)[:1], limit, after)[0])

        yield Row(
            f"fell (ongoing calibration), {raters} raters",
            "a criterion that passed does not hold any more",
            (Rate("true 95 %, in a year of 150 calls", fell(0.95, 150), most=rule.error),),
            tuple(Rate(f"true 85 %, in {n} calls", fell(0.85, n)) for n in (25, 50, 150)),
            (
                Rate("true 75 %, in 25 calls", fell(0.75, 25)),
                Rate("in 50", fell(0.75, 50), least=0.90),
            ),
            "stats/ongoing.py",
        )


# raters


@cache
def path(seed: int, truth: float, raters: int, draw: Draw) -> list[str]:
    """The verdict after each of three rounds."""
    rng = np.random.default_rng([seed, round(truth * 100), raters])
    tables = [draw(rng, truth, raters) for _ in range(3)]
    tolerance = 1 if len(tables[0].levels) == 5 else 0
    return [judge(tables[: number + 1], tolerance, RULE).verdict for number in range(3)]


@cache
def binary(prevalence: float) -> Draw:
    """Yes/no, shown in so many calls; each rater is right as often as the pairs' agreement asks."""
    return lambda rng, truth, raters: _seen(rng, np.full((8, 1), prevalence), truth, raters)


def half_and_half(rng: Rng, truth: float, raters: int) -> RatingTable:
    """A behavior of 90 % of calls; four calls that a reading right on 80 % has found it in, and four that it has not."""
    found, not_found = 0.9 * 0.8 / (0.9 * 0.8 + 0.1 * 0.2), 0.9 * 0.2 / (0.9 * 0.2 + 0.1 * 0.8)
    return _seen(rng, np.repeat([[found], [not_found]], 4, axis=0), truth, raters)


def _seen(rng: Rng, shown: NDArray[np.float64], truth: float, raters: int) -> RatingTable:
    right = (1 + np.sqrt(2 * truth - 1)) / 2
    there = rng.random((8, 1)) < shown
    return RatingTable((there == (rng.random((8, raters)) < right)).astype(np.int64), (0, 1), "nominal")


def guesses(rng: Rng, share: float, raters: int) -> RatingTable:
    """Everybody says yes in that share of calls, whatever the call."""
    return RatingTable((rng.random((8, raters)) < share).astype(np.int64), (0, 1), "nominal")


def five(rng: Rng, truth: float, raters: int) -> RatingTable:
    """Levels near a true one, and slips to any level as often as the pairs' agreement (within one point) asks."""
    return RatingTable(_levels(rng, 8, raters, _slips(truth)), (1, 2, 3, 4, 5), "ordinal")


def three(rng: Rng, truth: float, raters: int) -> RatingTable:
    """A true level of three, and slips to any of them as often as the pairs' agreement asks."""
    right = np.sqrt((3 * truth - 1) / 2)
    seen = np.where(rng.random((8, raters)) < right, rng.integers(0, 3, (8, 1)), rng.integers(0, 3, (8, raters)))
    return RatingTable(seen, (1, 2, 3), "ordinal")


def _levels(rng: Rng, number: int, raters: int, slips: float) -> NDArray[np.int64]:
    true = rng.integers(0, 5, (number, 1))
    near = np.clip(true + rng.integers(0, 2, (number, raters)) * np.where(true < 4, 1, -1), 0, 4)
    return np.where(rng.random((number, raters)) < slips, rng.integers(0, 5, (number, raters)), near)


@cache
def _slips(truth: float) -> float:
    """The share of slips at which two raters agree within one point on `truth` of calls, by halving."""
    low, high = 0.0, 1.0
    for _ in range(20):
        middle = (low + high) / 2
        pairs = _levels(np.random.default_rng(0), 100_000, 2, middle)
        agree = float((np.abs(pairs[:, 0] - pairs[:, 1]) <= 1).mean())
        low, high = (middle, high) if agree > truth else (low, middle)
    return low


def calls(needed: float) -> str:
    """A number of calls; one that is not whole counts calls on which some agree."""
    return f"{needed:.0f}" if needed == round(needed) else f"agreement worth {needed:.1f}"
