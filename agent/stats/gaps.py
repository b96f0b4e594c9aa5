"""Gaps: criteria a rep is clearly below target on, those the team shares, and how many luck alone would make."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from agent.core.base import Frozen
from agent.stats.frame import BoolArray, IntArray, Measure
from agent.stats.profiles import ABSENT, ProfileTable, Scores, score_table, states
from agent.stats.rules import GapRules, ProfileRules
from agent.stats.shares import FloatArray, exact_ends
from agent.stats.tally import Tally

FOCUS = 2  # a scorecard is not a plan: nobody changes seven things at once

Severity = Literal["consistently absent", "below target"]


class RepGap(Frozen):
    """One rep clearly below target on one criterion. For a behavior to avoid, "absent" is: not avoided.

    `size` is the distance to the target as a part of the scale. `loss_link` is None where it is not known.
    """

    rep: str
    criterion: str
    severity: Severity
    size: float
    calls: int
    loss_link: float | None
    shared: bool


class TeamGap(Frozen):
    """A gap that several reps share. `by_luck` is the probability that as many reps or more look below target when
    every rep is exactly at target, at the calls each has; `beyond_luck` whether that stays below the rules' `luck` when
    all criteria are allowed for. With many reps three are soon together by chance."""

    criterion: str
    reps: tuple[str, ...]
    of: int
    size: float
    by_luck: float
    beyond_luck: bool
    loss_link: float | None


class GapReport(Frozen):
    """Team gaps first, then every rep's own; each list is ranked by size times link with losses, team gaps that luck may
    have made last.

    `any_by_luck` is the probability that a team without a real gap shows at least one team gap.
    """

    team: tuple[TeamGap, ...]
    own: tuple[RepGap, ...]
    any_by_luck: float = Field(ge=0, le=1)
    note: str

    @property
    def focus(self) -> tuple[TeamGap, ...]:
        """What to coach the team on now: the first `FOCUS` gaps that luck would not make. The rest are below target and
        wait: a team that is coached on everything is coached on nothing."""
        return tuple(gap for gap in self.team if gap.beyond_luck)[:FOCUS]

    def focus_of(self, rep: str) -> tuple[RepGap, ...]:
        """What to coach one rep on now: the first `FOCUS` gaps that the team does not share; the shared ones only where
        there are no others. Empty for a rep whose own gaps are not listed."""
        own = tuple(gap for gap in self.own if gap.rep == rep)
        return (tuple(gap for gap in own if not gap.shared) or own)[:FOCUS]


@dataclass(frozen=True, eq=False)
class _Below:
    """(reps, criteria): who is below target, who consistently absent, by how much, and the chance of it at target."""

    gap: BoolArray
    absent: BoolArray
    size: FloatArray
    chance: FloatArray
    n: IntArray


def find_gaps(
    table: ProfileTable,
    rules: GapRules,
    loss_links: Mapping[str, float] | None = None,
    own_of: Container[str] | None = None,
) -> GapReport:
    """Gaps of all reps from their profiles; own gaps are listed of the reps `own_of` only, if given.

    `loss_links` gives per criterion how strongly its absence goes with losing (a log odds ratio or a difference in
    prevalence; one kind for all, 0 or more). Criteria without one rank as the median of those known.
    """
    tally = table.tally.oriented()
    below = _below(tally, table.rules, rules)
    links = dict(loss_links or {})
    luck = [poisson_binomial_tail(below.chance[:, c], rules.shared_by) for c in range(len(tally.measures))]
    shared = below.gap.sum(axis=0) >= rules.shared_by
    team = [_team_gap(tally, below, int(c), links, rules.luck) for c in np.flatnonzero(shared)]
    own = [
        _rep_gap(tally, below, int(r), int(c), links, bool(shared[c]))
        for r, c in zip(*np.nonzero(below.gap), strict=True)
        if own_of is None or tally.reps[int(r)] in own_of
    ]
    return GapReport(
        team=tuple(
            sorted(team, key=lambda g: (not g.beyond_luck, -_priority(g.size, g.loss_link, links), g.criterion))
        ),
        own=tuple(sorted(own, key=lambda g: (g.shared, -_priority(g.size, g.loss_link, links), g.rep, g.criterion))),
        any_by_luck=float(1 - np.prod(1 - np.array(luck))),
        note=f"a team gap is shared by {rules.shared_by} reps or more; ranked by size"
        + (" times link with losses" if links else "; no link with losses is known"),
    )


def poisson_binomial_tail(chances: FloatArray, at_least: int) -> float:
    """P(at least that many successes) of independent trials with these chances, exact by convolution."""
    if at_least <= 0:
        return 1.0
    fewer = np.zeros(at_least)  # P(0), P(1) … P(at_least - 1) successes so far
    fewer[0], reached = 1.0, 0.0  # summed where it arises: 1 - sum(fewer) would lose small probabilities
    for chance in chances:
        moved = fewer * chance
        reached += float(moved[-1])
        fewer -= moved
        fewer[1:] += moved[:-1]
    return min(reached, 1.0)


def _below(tally: Tally, profiles: ProfileRules, rules: GapRules) -> _Below:
    scores = score_table(tally, profiles.confidence)
    n = scores.n[0]
    gap, absent, size, chance = np.zeros(n.shape, bool), np.zeros(n.shape, bool), np.zeros(n.shape), np.zeros(n.shape)
    for at, measure in enumerate(tally.measures):
        target = rules.target[measure.scale]
        upper, chance[:, at] = _upper_end(tally, scores, at, measure, target, profiles.confidence)
        gap[:, at] = (upper < target) & (n[:, at] > 0)
        size[:, at] = (target - scores.value[0, :, at]) / measure.span
        slot = np.array([measure.levels.index(profiles.present_level[measure.scale])])
        shown = tally.levels[0, :, at, int(slot[0]) :].sum(axis=-1)
        absent[:, at] = states(*exact_ends(shown, n[:, at], profiles.confidence), profiles) == ABSENT
    return _Below(gap, absent & gap, size, chance, n)


def _upper_end(
    tally: Tally, scores: Scores, at: int, measure: Measure, target: float, confidence: float
) -> tuple[FloatArray, FloatArray]:
    """Upper end of each rep's interval, and the probability that it lies below target for a rep at target.

    Exact for binary criteria; for means it is the nominal error of the interval's upper end.
    """
    n = scores.n[0, :, at]
    if measure.scale != "binary":
        return scores.high[0, :, at], np.where(n > 0, (1 - confidence) / 2, 0.0)
    upper = exact_ends(tally.levels[0, :, at, 1], n, confidence)[1]
    return upper, _chance_below(n, target, confidence)


def _chance_below(n: NDArray[np.int64], target: float, confidence: float) -> FloatArray:
    """P(the exact interval lies below `target` | rate = `target`), for each n."""
    from scipy.special import bdtr

    known: dict[int, float] = {0: 0.0}
    for calls in np.unique(n[n > 0]):
        seen = np.arange(calls + 1)
        below = int((exact_ends(seen, np.full(len(seen), calls), confidence)[1] < target).sum())
        known[int(calls)] = float(bdtr(below - 1, calls, target)) if below else 0.0
    return np.array([known[int(calls)] for calls in n])


def _team_gap(tally: Tally, below: _Below, at: int, links: Mapping[str, float], luck: float) -> TeamGap:
    who = np.flatnonzero(below.gap[:, at])
    criterion = tally.measures[at].id
    by_luck = poisson_binomial_tail(below.chance[:, at], len(who))
    return TeamGap(
        criterion=criterion,
        reps=tuple(tally.reps[int(r)] for r in who),
        of=int((below.n[:, at] > 0).sum()),
        size=float(below.size[who, at].mean()),
        by_luck=by_luck,
        beyond_luck=by_luck * len(tally.measures) <= luck,
        loss_link=links.get(criterion),
    )


def _rep_gap(tally: Tally, below: _Below, rep: int, at: int, links: Mapping[str, float], shared: bool) -> RepGap:
    criterion = tally.measures[at].id
    return RepGap(
        rep=tally.reps[rep],
        criterion=criterion,
        severity="consistently absent" if below.absent[rep, at] else "below target",
        size=float(below.size[rep, at]),
        calls=int(below.n[rep, at]),
        loss_link=links.get(criterion),
        shared=shared,
    )


def _priority(size: float, link: float | None, links: Mapping[str, float]) -> float:
    middle = float(np.median(list(links.values()))) if links else 1.0
    return size * (middle if link is None else link)
