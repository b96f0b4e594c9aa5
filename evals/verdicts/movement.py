"""Movement of a rep, of a criterion over its coached reps, and what missing movement is laid to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from agent.core.statistic import Estimate, Undefined
from agent.stats.criterion_movement import criterion_movements
from agent.stats.diagnosis import diagnose, gather
from agent.stats.rules import DiagnosisRules, MovementRules
from agent.stats.trends import MOVED, NOT_MOVED
from agent.stats.trends import movement as of_reps
from evals.verdicts.profiles import tally
from evals.verdicts.rates import Rate, Row

REPS, CRITERIA, CYCLES = 18, 7, ("cycle_1", "cycle_2", "cycle_3")
TEAM_RISES = (0.0, 0.05, 0.1, 0.2)


def rows(runs: float) -> Iterable[Row]:
    """18 reps, seven yes/no criteria, the two that looked worst coached, three cycles; after the last of them."""
    times = max(2, int(200 * runs))
    yield from of_small_teams(times)
    for calls in (12, 20):
        still = {team: [season(seed, calls, 0.0, team) for seed in range(times)] for team in TEAM_RISES}
        rose = {lift: [season(seed, calls, lift, 0.0) for seed in range(times)] for lift in (0.2, 0.4)}
        yield from _of_a_rep(calls, still, rose)
        yield from _of_a_criterion(calls, still, rose)
        half = [season(seed, calls, 0.4, 0.0, half=True) for seed in range(times)]
        yield Row(
            f"approach, or both, at fault, {calls} calls a cycle",
            "this rep has not moved, and others did",
            (
                Rate.of("all coached reps rose by 0.2, of pairs", _faults(rose[0.2], "approach", "both"), most=0.01),
                Rate.of("no rep rose, of pairs", _faults(still[0.0], "approach", "both"), most=0.01),
            ),
            (),
            (Rate.of("every other rep rose by 0.4, of pairs that did not", _faults(half, "approach", "both")),),
            "stats/diagnosis.py",
        )
        yield Row(
            f"definition, or both, at fault, {calls} calls a cycle",
            "nobody coached on it moves (raters' agreement not known here)",
            (Rate.of("all coached reps rose by 0.2, of pairs", _faults(rose[0.2], "definition", "both"), most=0.01),),
            (),
            (Rate.of("no rise, of pairs", _faults(still[0.0], "definition", "both")),),
            "stats/diagnosis.py",
        )


Seasons = dict[float, list["Season"]]


def of_small_teams(times: int) -> Iterable[Row]:
    """The criterion's verdict where half of a small team is coached on each criterion, those whose baseline looked worse."""
    for reps in (6, 8, 12):
        told = {lift: [_small_team(seed, reps, lift) for seed in range(times)] for lift in (0.0, 0.2, 0.4)}
        yield Row(
            f"moved, a criterion over its coached reps, team of {reps}, half coached, 12 calls a cycle",
            "coached reps rose more than the others, beyond luck",
            (Rate.of("nothing changes, teams that name one of 7", map(any, told[0.0]), most=0.05),),
            (Rate.of("rise 0.2, of criteria", _all(told[0.2])),),
            (Rate.of("rise 0.4, of criteria", _all(told[0.4]), least=0.90 if reps == 12 else None),),
            "stats/criterion_movement.py",
        )


def _small_team(seed: int, reps: int, lift: float) -> tuple[bool, ...]:
    rng = np.random.default_rng([seed, reps, round(100 * lift)])
    rate = rng.beta(1.5, 2.5, (reps, CRITERIA))
    before = rng.binomial(12, rate)
    order = np.argsort(before + rng.random(rate.shape) * 1e-3, axis=0)
    coached = np.zeros(rate.shape, dtype=bool)
    np.put_along_axis(coached, order[: reps // 2], True, axis=0)
    now = rng.binomial(12, np.clip(rate + lift * coached, 0, 1), (len(CYCLES), reps, CRITERIA))
    told = criterion_movements(tally(before[None], 12), tally(now, 12), CYCLES, coached, MovementRules())
    return tuple(row.verdict == "moved" for row in told[-1])


def _faults(seasons: list[Season], *named: str) -> list[bool]:
    return [one in named for each in seasons for one in each.faults]


def _of_a_rep(calls: int, still: Seasons, rose: Seasons) -> Iterable[Row]:
    nominal = (1 - MovementRules().confidence) / 2
    yield Row(
        f"moved, a rep, {calls} calls a cycle",
        "the rep rose beyond luck, regression to the mean and the team's rise",
        tuple(
            Rate.of(
                f"{_team(team)}, plans with one",
                _all(s.plans for s in seasons),
                # What is taken off the team's rise is taken off only where it is seen, so a small one is not.
                most=nominal if team == 0 else 0.08,
            )
            for team, seasons in still.items()
        ),
        (Rate.of("rise 0.2, of pairs", _all(s.moved for s in rose[0.2])),),
        (Rate.of("rise 0.4, of pairs", _all(s.moved for s in rose[0.4]), least=0.65),),
        "stats/trends.py",
    )
    yield Row(
        f"not moved, a rep, {calls} calls a cycle",
        "a rise of 0.2 is ruled out",
        (Rate.of("rise 0.2, of pairs", _all(s.not_moved for s in rose[0.2]), most=0.025),),
        (),
        (Rate.of("no rise, of pairs", _all(s.not_moved for s in still[0.0])),),
        "stats/trends.py",
    )


def _of_a_criterion(calls: int, still: Seasons, rose: Seasons) -> Iterable[Row]:
    yield Row(
        f"moved, a criterion over its coached reps, {calls} calls a cycle",
        "coached reps rose more than the others, beyond luck",
        tuple(
            Rate.of(
                f"{_team(team)}, teams that name one of 7",
                (any(s.criteria_moved) for s in seasons),
                most=MovementRules().criterion_error,
            )
            for team, seasons in still.items()
        ),
        (Rate.of("rise 0.2, of criteria", _all(s.criteria_moved for s in rose[0.2]), least=0.40),),
        (Rate.of("rise 0.4, of criteria", _all(s.criteria_moved for s in rose[0.4]), least=0.90),),
        "stats/criterion_movement.py",
    )
    yield Row(
        f"not moved, a criterion over its coached reps, {calls} calls a cycle",
        "a rise of 0.2 is ruled out",
        (Rate.of("rise 0.2, of criteria", _all(s.criteria_still for s in rose[0.2]), most=0.05),),
        (),
        (Rate.of("no rise, of criteria", _all(s.criteria_still for s in still[0.0])),),
        "stats/criterion_movement.py",
    )


def _team(rise: float) -> str:
    return "nothing changes" if rise == 0 else f"all rise by {rise}"


def _all(of: Iterable[tuple[bool, ...]]) -> list[bool]:
    return [one for each in of for one in each]


@dataclass(frozen=True)
class Season:
    """What is said after three cycles: of each coached pair of rep and criterion, each rep's plan (over all cycles), and
    each criterion that has reps enough."""

    moved: tuple[bool, ...]
    not_moved: tuple[bool, ...]
    plans: tuple[bool, ...]
    faults: tuple[str, ...]
    criteria_moved: tuple[bool, ...]
    criteria_still: tuple[bool, ...]


def season(seed: int, calls: int, lift: float, team: float, *, half: bool = False) -> Season:
    """Coached criteria rise by `lift`, everything of everybody by `team`. With `half` only those of every other rep rise,
    and what is laid to a fault is told of the rest."""
    rng = np.random.default_rng([seed, calls, round(100 * lift), round(100 * team)])
    rate = rng.beta(1.5, 2.5, (REPS, CRITERIA))
    before = rng.binomial(calls, rate)
    coached = np.zeros(rate.shape, dtype=bool)
    order = np.argsort(before + rng.random(rate.shape) * 1e-3, axis=1)
    np.put_along_axis(coached, order[:, :2], True, axis=1)
    rising = coached & (np.arange(REPS)[:, None] % 2 == 0) if half else coached
    now = rng.binomial(calls, np.clip(rate + lift * rising + team, 0, 1), (len(CYCLES), REPS, CRITERIA))
    baseline, cycles, rules = tally(before[None], calls), tally(now, calls), MovementRules()
    table = of_reps(baseline, cycles, CYCLES, coached, rules)
    unknown = Undefined(undefined="not measured", n=0)
    told = [
        row
        for row in criterion_movements(baseline, cycles, CYCLES, coached, rules)[-1]
        if isinstance(row.rise, Estimate)
    ]
    moved = {row.criterion for row in told if row.verdict == "moved"}
    asked = coached & ~rising if half else coached
    faults = [
        diagnose(
            gather(table, table.reps[r], ident, unknown, unknown, criterion_moved=ident in moved), DiagnosisRules()
        ).fault
        for r, c in zip(*np.nonzero(asked), strict=True)
        for ident in [table.measures[c].id]
    ]
    return Season(
        moved=tuple((table.verdict[-1] == MOVED)[coached].tolist()),
        not_moved=tuple((table.verdict[-1] == NOT_MOVED)[coached].tolist()),
        plans=tuple(((table.verdict == MOVED) & coached).any(axis=(0, 2)).tolist()),
        faults=tuple(faults),
        criteria_moved=tuple(row.verdict == "moved" for row in told),
        criteria_still=tuple(row.verdict == "not_moved" for row in told),
    )
