"""The funnel: steps against the rule of thumb, whose step to coach first, and how many wins are missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from agent.core.statistic import Estimate
from agent.stats.funnel import FirstStep, coach_first, funnel, funnels_by_rep
from agent.stats.rules import FunnelRules, WeightRules
from agent.stats.weights import propose_weights
from evals.simulate_deals import deals_at, scored, stage_verdicts
from evals.verdicts.rates import Rate, Row

RULES = FunnelRules()
AT_THE_MARK = (0.6, 0.5, 1 / 3)  # 10-3-1 over three steps; the first two make lead to proposal
REPS, LEADS = 18, 78
CLOSES = 0.35
MODULE = "stats/funnel.py"


def rows(runs: float) -> Iterable[Row]:
    """One team, then 18 reps."""
    times = max(2, int(1000 * runs))
    for leads in (300, 1400):
        yield from of_a_team(leads, times)
    yield from of_reps(max(2, int(400 * runs)))
    yield from of_stages(max(2, int(400 * runs)))
    yield from of_weights(max(2, int(60 * runs)))


def of_a_team(leads: int, times: int) -> Iterable[Row]:
    """A team whose share from lead to proposal is so many times that of the rule of thumb, the rest at it."""
    factors = (1.0, 0.8, 0.6, 1.2, 1.5)
    made = {factor: [_team(seed, leads, factor) for seed in range(times)] for factor in factors}

    def said(word: str, factor: float) -> list[bool]:
        return [team.against == word for team in made[factor]]

    error = (1 - RULES.confidence) / 2
    yield Row(
        f"below (a step of the funnel), {leads} leads",
        "fewer go on than the rule of thumb has",
        (Rate.of("at the rule", said("below", 1.0), most=error),),
        (Rate.of("0.8 times as many", said("below", 0.8)),),
        (Rate.of("0.6 times", said("below", 0.6), least=0.90),),
        MODULE,
    )
    yield Row(
        f"above (a step of the funnel), {leads} leads",
        "more go on than the rule of thumb has",
        (Rate.of("at the rule", said("above", 1.0), most=error),),
        (Rate.of("1.2 times as many", said("above", 1.2)),),
        (Rate.of("1.5 times", said("above", 1.5), least=0.90),),
        MODULE,
    )
    yield Row(
        f"in line (a step of the funnel), {leads} leads",
        "within a fifth of the rule of thumb",
        (
            Rate.of("0.8 times as many", said("in line", 0.8), most=error),
            Rate.of("1.2 times", said("in line", 1.2), most=error),
        ),
        (),
        (Rate.of("at the rule", said("in line", 1.0)),),
        MODULE,
    )
    yield Row(
        f"coach this step first, team, {leads} leads",
        "the team gains most here",
        (Rate.of("all at the rule, any step named", (team.first.step is not None for team in made[1.0]), most=0.05),),
        (Rate.of("0.8 times as many", (team.names_it for team in made[0.8])),),
        (Rate.of("0.6 times", (team.names_it for team in made[0.6]), least=0.90),),
        MODULE,
    )


@dataclass(frozen=True)
class _Team:
    against: str
    first: FirstStep

    @property
    def names_it(self) -> bool:
        return self.first.step is not None and self.first.step.start == "lead"


def _team(seed: int, leads: int, factor: float) -> _Team:
    rng = np.random.default_rng([seed, leads, round(100 * factor)])
    steps = np.array([AT_THE_MARK[0] * factor, *AT_THE_MARK[1:]])
    made = funnel(deals_at(rng, np.zeros(leads, dtype=np.int64), 1, steps), RULES)
    return _Team(made.rule_steps[0].against, coach_first(made))


def of_reps(times: int) -> Iterable[Row]:
    """18 reps with 78 leads each; all alike but the first, who closes fewer of his proposals."""
    made = {closes: [_reps(seed, closes) for seed in range(times)] for closes in (CLOSES, 0.2, 0.1)}
    first = {closes: [run[0] for run in made[closes]] for closes in made}
    yield Row(
        f"coach this rep's step first, {REPS} reps, {LEADS} leads each",
        "the rep is behind the team at this step",
        (Rate.of("all alike, teams that name anybody", (any(s.step for s in run) for run in made[CLOSES]), most=0.05),),
        (Rate.of("one rep closes 20 % instead of 35 %", (s.step is not None for s in first[0.2])),),
        (Rate.of("10 %", (s.step is not None for s in first[0.1])),),
        MODULE,
    )
    named = [one for one in first[0.1] if isinstance(one.wins_missing, Estimate)]
    yield Row(
        "wins missing, of a rep who is named",
        "the range holds what is missing",
        (),
        (),
        (Rate.of("one rep closes 10 % instead of 35 %", map(_held, named)),) if named else (),
        MODULE,
    )


def of_stages(times: int) -> Iterable[Row]:
    """Four criteria of two stages against the conversion there, 70 deals a rep."""
    for reps in (18, 60):
        none, linked = ([stage_verdicts(seed, reps, slope) for seed in range(times)] for slope in (0.0, 2.0))
        yield Row(
            f"association with the conversion of its stage, {reps} reps",
            "reps who do more of it bring more deals beyond this stage",
            (Rate.of("no link, any of 4", ("association" in run for run in none), most=0.05),),
            (),
            (Rate.of("log odds 2 over the scale", (run[0] == "association" for run in linked)),),
            MODULE,
        )


def of_weights(times: int) -> Iterable[Row]:
    """Seven criteria, three calls a deal, a fifth of the deals won; the first foretells winning or none does."""
    rules = WeightRules(resamples=100, repeats=2)
    for deals in (600, 1400):
        none, much = (
            [
                propose_weights(scored(np.random.default_rng([seed, deals]), deals, slope), rules)
                for seed in range(times)
            ]
            for slope in (0.0, 1.5)
        )
        yield Row(
            f"weights are proposed, {deals} deals",
            "scores foretell wins, better than equal weights and than none",
            (Rate.of("nothing foretells", (one.proposed for one in none), most=0.05),),
            (),
            (Rate.of("log odds 1.5 over the scale", (one.proposed for one in much)),),
            "stats/weights.py",
        )


def _reps(seed: int, closes: float) -> list[FirstStep]:
    rng = np.random.default_rng([seed, round(100 * closes)])
    rep = np.repeat(np.arange(REPS), LEADS)
    steps = np.tile([0.62, 0.67, CLOSES], (len(rep), 1))
    steps[rep == 0, 2] = closes
    frame = deals_at(rng, rep, REPS, steps)
    team = funnel(frame, RULES)
    return [coach_first(own, team, REPS) for own in funnels_by_rep(frame, RULES)]


def _held(first: FirstStep) -> bool:
    """Whether the true share of the first rep lies in the interval that the range of wins is made from."""
    found = first.step.conversion if first.step else None
    return (
        isinstance(found, Estimate)
        and found.low is not None
        and found.high is not None
        and found.low <= 0.1 <= found.high
    )
