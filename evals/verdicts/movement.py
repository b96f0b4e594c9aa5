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
    for calls in (12, 20):
        still = {team: [season(seed, calls, 0.0, team) for seed in range(times)] for team in TEAM_RISES}
        rose = {lift: [season(seed, calls, lift, 0.0) for seed in range(times)] for lift in (0.2, 0.4)}
        yield from _of_a_rep(calls, still, rose)
        yield from _of_a_criterion(calls, still, rose)
        yield Row(
            f"approach, definition or both at fault, {calls} calls a cycle",
            "this rep has not moved, and why",
            (Rate.of("all coached reps rose by 0.2, of pairs", _all(s.blamed for s in rose[0.2]), most=0.01),),
            (),
            (Rate.of("no rise, of pairs", _all(s.blamed for s in still[0.0])),),
            "stats/diagnosis.py",
        )


Seasons = dict[float, list["Season"]]


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
        "coaching on it works, beyond the reps not coached",
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
    blamed: tuple[bool, ...]
    criteria_moved: tuple[bool, ...]
    criteria_still: tuple[bool, ...]


def season(seed: int, calls: int, lift: float, team: float) -> Season:
    """Coached criteria rise by `lift`, everything of everybody by `team`."""
    rng = np.random.default_rng([seed, calls, round(100 * lift), round(100 * team)])
    rate = rng.beta(1.5, 2.5, (REPS, CRITERIA))
    before = rng.binomial(calls, rate)
    coached = np.zeros(rate.shape, dtype=bool)
    order = np.argsort(before + rng.random(rate.shape) * 1e-3, axis=1)
    np.put_along_axis(coached, order[:, :2], True, axis=1)
    now = rng.binomial(calls, np.clip(rate + lift * coached + team, 0, 1), (len(CYCLES), REPS, CRITERIA))
    baseline, cycles, rules = tally(before[None], calls), tally(now, calls), MovementRules()
    table = of_reps(baseline, cycles, CYCLES, coached, rules)
    unknown = Undefined(undefined="not measured", n=0)
    faults = [
        diagnose(gather(table, table.reps[r], table.measures[c].id, unknown, unknown), DiagnosisRules()).fault
        for r, c in zip(*np.nonzero(coached), strict=True)
    ]
    told = [
        row
        for row in criterion_movements(baseline, cycles, CYCLES, coached, rules)[-1]
        if isinstance(row.rise, Estimate)
    ]
    return Season(
        moved=tuple((table.verdict[-1] == MOVED)[coached].tolist()),
        not_moved=tuple((table.verdict[-1] == NOT_MOVED)[coached].tolist()),
        plans=tuple(((table.verdict == MOVED) & coached).any(axis=(0, 2)).tolist()),
        blamed=tuple(fault in ("approach", "definition", "both") for fault in faults),
        criteria_moved=tuple(row.verdict == "moved" for row in told),
        criteria_still=tuple(row.verdict == "not_moved" for row in told),
    )
