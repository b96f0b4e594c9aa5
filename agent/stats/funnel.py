"""The funnel: conversion from stage to stage with intervals, against a rule of thumb, and what goes with it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import scipy
from numpy.typing import NDArray

from agent.core.base import Frozen
from agent.core.errors import InputError
from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.stats.deals import OPEN, DealFrame
from agent.stats.frame import BoolArray, Measure
from agent.stats.intervals import clopper_pearson
from agent.stats.multiplicity import holm
from agent.stats.rank_correlation import spearman
from agent.stats.rules import FunnelRules, OutcomeRules

_NAMED = 0.05  # over all funnels and steps that are looked at

FloatArray = NDArray[np.float64]
Against = Literal["above", "below", "in line", "cannot tell", "no yardstick"]
_AGAINST = N_("above"), N_("below"), N_("in line"), N_("cannot tell"), N_("no yardstick")


class Step(Frozen):
    """From one stage to a later one: how many decided there went on. `against` sets it beside the yardstick.

    `between`: where deals do not say how far they came, the conversion is only known to lie between the share if all of
    them had stopped here and the share if none had; then there is no conversion and no verdict.
    """

    start: str
    end: str
    conversion: Statistic
    between: tuple[float, float] | None
    yardstick: float | None
    against: Against


class Funnel(Frozen):
    """The steps between neighboring stages, and those that the rule of thumb is about. `who` is a rep, empty for the
    team.

    `unknown` counts deals that do not say how far they came: they reached the first stage, and may have reached later
    ones.
    """

    who: str
    reached: tuple[tuple[str, int], ...]
    open: int
    unknown: int
    steps: tuple[Step, ...]
    rule_steps: tuple[Step, ...]


class FirstStep(Frozen):
    """Where coaching would gain most, and a sentence that says why. `step` is None if no step is clearly below its
    yardstick.

    `wins_missing` is the number of wins at the yardstick minus those now, with an interval that comes from the
    conversion's.
    """

    step: Step | None
    wins_missing: Statistic
    reason: str


class StageLink(Frozen):
    """How reps' scores on a criterion that belongs to a stage go with their conversion out of that stage."""

    stage: str
    criterion: str
    correlation: Statistic
    p_holm: float
    verdict: Literal["association", "cannot_tell"]


def funnel(deals: DealFrame, rules: FunnelRules, rep: str | None = None) -> Funnel:
    """The funnel of one rep or the team.

    A deal that reached a stage and is still open there has neither gone on nor stopped,
    and is not counted at that step.
    """
    foreign = sorted(set(rules.rule_of_thumb) - set(deals.stages))
    if foreign:
        raise InputError(f"the rule of thumb names the stage {foreign[0]!r}; known are {', '.join(deals.stages)}")
    points = sorted((list(deals.stages).index(stage), count) for stage, count in rules.rule_of_thumb.items())
    mine = np.ones(len(deals), bool) if rep is None else np.asarray(deals.rep) == list(deals.reps).index(rep)
    stage, is_open = np.asarray(deals.stage)[mine], np.asarray(deals.outcome)[mine] == OPEN
    neighbors = [(at, at + 1, None) for at in range(len(deals.stages) - 1)]
    by_rule = [(a, b, high / low) for (a, low), (b, high) in pairwise(points)]
    unknown = int((stage < 0).sum())
    return Funnel(
        who=rep or "",
        reached=tuple(
            (name, int((stage >= at).sum()) + (0 if at else unknown)) for at, name in enumerate(deals.stages)
        ),
        open=int(is_open.sum()),
        unknown=unknown,
        steps=tuple(_step(deals.stages, stage, is_open, a, b, y, rules) for a, b, y in neighbors),
        rule_steps=tuple(_step(deals.stages, stage, is_open, a, b, y, rules) for a, b, y in by_rule),
    )


def funnels_by_rep(deals: DealFrame, rules: FunnelRules) -> tuple[Funnel, ...]:
    """One funnel for each rep, in the order of `deals.reps`."""
    return tuple(funnel(deals, rules, rep) for rep in deals.reps)


def coach_first(own: Funnel, yardstick: Funnel | None = None, looks: int = 1) -> FirstStep:
    """The step with most wins missing among those clearly below their yardstick.

    Steps of the rule of thumb, or with another funnel (the team's, a peer group's) each neighboring step against that
    one's conversion. Wins missing: the wins there would be at the yardstick, all other steps as they are, less those
    now. `looks` is how many funnels are looked at (reps of a team): one is clearly below if it would be so in at most 5
    % of times over all funnels and steps, were everybody at the yardstick (Bonferroni; the exact one-sided tail).
    """
    steps = own.rule_steps if yardstick is None else _steps_against(own.steps, yardstick.steps)
    tests = max(looks, 1) * max(len(steps), 1)
    low = [step for step in steps if _p_below(step) * tests <= _NAMED]
    if not low:
        below = any(step.against == "below" for step in steps)
        why = N_("no step is clearly below its yardstick")
        if below:
            why = N_("no step is clearly below its yardstick, allowing for all reps and steps that are looked at")
        none = Undefined(undefined=why)
        return FirstStep(step=None, wins_missing=none, reason=none.undefined)
    wins = own.reached[-1][1]
    missing = [_missing(step, wins) for step in low]
    # a step nobody passed says no number of wins, and comes first
    at = max(range(len(low)), key=lambda i: m.value if isinstance(m := missing[i], Estimate) else math.inf)
    chosen = low[at].model_copy(update={"against": "below"})
    return FirstStep(step=chosen, wins_missing=missing[at], reason=_why(chosen, missing[at]))


@dataclass(frozen=True, eq=False)
class RepScores:
    """Scores of reps, (reps, criteria), and which of them are known. Reps are in the order of the deal frame."""

    measures: Sequence[Measure]
    value: FloatArray
    known: BoolArray


def stage_links(
    deals: DealFrame, scores: RepScores, stage_of: Mapping[str, str], rules: OutcomeRules
) -> tuple[StageLink, ...]:
    """For each criterion that belongs to a stage: reps' scores against their conversion out of that stage.

    Spearman's correlation over reps, Holm over all criteria looked at.
    """
    pairs = [(m.id, at, stage_of[m.id]) for at, m in enumerate(scores.measures) if stage_of.get(m.id)]
    links = [_link(deals, scores, at, stage, rules) for _, at, stage in pairs]
    adjusted = holm([p for _, p in links])
    return tuple(
        StageLink(
            stage=stage,
            criterion=criterion,
            correlation=correlation,
            p_holm=float(p),
            verdict="association" if p <= 1 - rules.confidence else "cannot_tell",
        )
        for (criterion, _, stage), (correlation, _), p in zip(pairs, links, adjusted, strict=True)
    )


def _link(deals: DealFrame, scores: RepScores, at: int, stage: str, rules: OutcomeRules) -> tuple[Statistic, float]:
    if stage not in deals.stages[:-1]:
        raise InputError(f"stage {stage!r} is not one that deals go on from; known are {', '.join(deals.stages[:-1])}")
    position = deals.stages.index(stage)
    # Deals that went on from the stage, and all decided there, by rep.
    reached, is_open = np.asarray(deals.stage), np.asarray(deals.outcome) == OPEN
    beyond = reached > position
    ended = beyond | ((reached == position) & ~is_open)
    rep, reps = np.asarray(deals.rep), len(deals.reps)
    passed, decided = np.bincount(rep[beyond], minlength=reps), np.bincount(rep[ended], minlength=reps)
    used = scores.known[:, at] & (decided > 0)
    if (np.asarray(deals.stage) < 0).any():
        return Undefined(undefined=N_("some deals do not say how far they came"), n=int(used.sum())), 1.0
    if int(used.sum()) < rules.min_reps:
        n = int(used.sum())
        return Undefined(
            undefined=N_("{n} reps with scores and deals at {stage}; {needed} are needed").format(
                n=n, stage=stage, needed=rules.min_reps
            ),
            n=n,
        ), 1.0
    rate = passed[used] / decided[used]
    return spearman(scores.value[used, at], rate, rules.permutations, rules.seed)


def _step(
    stages: Sequence[str],
    stage: NDArray[np.integer],
    is_open: BoolArray,
    start: int,
    end: int,
    yardstick: float | None,
    rules: FunnelRules,
) -> Step:
    """The conversion from stage `start` to stage `end`.

    A deal lost at an unknown stage (-1) reached the first stage and was not won. It may have stopped before this step,
    at it or after it. So the share is smallest if all such deals stopped here, and largest if all went on, or, at the
    last step, if none came as far.
    """
    lost, running = int(((stage < 0) & ~is_open).sum()), int(((stage < 0) & is_open).sum())
    passed = int((stage >= end).sum())
    stopped = int(((stage >= start) & (stage < end) & ~is_open).sum())
    between: tuple[float, float] | None = None
    if end == len(stages) - 1:  # all of them are won or not, wherever they stopped
        running = 0
        if start == 0:
            stopped, lost = stopped + lost, 0
    if lost or running:
        least, most = passed + stopped + lost, passed + stopped
        if end < len(stages) - 1:
            most += lost + running
        gone = passed + (most - passed - stopped)
        between = (passed / least if least else 0.0, gone / most if most else 1.0)
    conversion: Statistic = clopper_pearson(passed, passed + stopped, rules.confidence)
    if between is not None:
        conversion = Undefined(
            undefined=N_("{n} deals do not say how far they came").format(n=lost + running), n=passed + stopped
        )
    return Step(
        start=stages[start],
        end=stages[end],
        conversion=conversion,
        between=between,
        yardstick=yardstick,
        against=_beside(conversion, yardstick),
    )


def _beside(conversion: Statistic, yardstick: float | None) -> Against:
    """The conversion compared with the yardstick. `in line`: the whole interval is within a fifth of the yardstick.
    `cannot tell`: the interval includes the yardstick and is wider than that."""
    match conversion, yardstick:
        case _, None:
            return "no yardstick"
        case Estimate(low=float(low), high=float(high)), float(mark):
            if high < mark:
                return "below"
            if low > mark:
                return "above"
            return "in line" if low >= 0.8 * mark and high <= 1.2 * mark else "cannot tell"
        case _:
            return "cannot tell"


def _steps_against(own: Sequence[Step], others: Sequence[Step]) -> list[Step]:
    marks = [s.conversion.value if isinstance(s.conversion, Estimate) else None for s in others]
    return [
        step.model_copy(update={"yardstick": mark, "against": _beside(step.conversion, mark)})
        for step, mark in zip(own, marks, strict=True)
    ]


def _p_below(step: Step) -> float:
    """P(that few or fewer deals went on | conversion at the yardstick), exact; 1 without a conversion or a
    yardstick."""
    if not isinstance(step.conversion, Estimate) or step.yardstick is None:
        return 1.0
    passed = round(step.conversion.value * step.conversion.n)
    return float(scipy.special.bdtr(passed, step.conversion.n, min(step.yardstick, 1.0)))


def _missing(step: Step, wins: int) -> Statistic:
    """The wins missing at this step; the interval comes from putting each end of the conversion's interval in its
    place."""
    conversion = step.conversion
    if not isinstance(conversion, Estimate) or conversion.value == 0 or step.yardstick is None:
        return Undefined(undefined=N_("nobody has passed it"))
    if conversion.low is None or conversion.high is None or conversion.low == 0:
        return Undefined(undefined=N_("too few went on to say how many wins are missing"), n=conversion.n)
    per_win = [wins * (step.yardstick / share - 1) for share in (conversion.value, conversion.high, conversion.low)]
    value, low, high = per_win
    return Estimate(
        value=value,
        n=conversion.n,
        low=low,
        high=high,
        confidence=conversion.confidence,
        method="wins at the yardstick less those now; from the interval of the conversion",
    )


def _why(step: Step, missing: Statistic) -> str:
    match missing:
        case Estimate(low=float(low), high=float(high)):
            gain = N_("wins missing: {low} to {high}").format(low=f"{max(low, 0):.0f}", high=f"{high:.0f}")
        case Estimate(value=value):
            gain = N_("about {n} wins missing").format(n=f"{value:.0f}")
        case Undefined(undefined=why):
            gain = why
    match step.conversion, step.yardstick:
        case Estimate(value=value, n=n), float(mark):
            said = N_("{start} to {end}: {share} of {n} went on, the yardstick is {mark}; {gain}")
            shares = {"share": f"{100 * value:.0f} %", "mark": f"{100 * mark:.0f} %"}
            return said.format(start=step.start, end=step.end, n=n, gain=gain, **shares)
        case _:
            return N_("{start} to {end}: {gain}").format(start=step.start, end=step.end, gain=gain)
