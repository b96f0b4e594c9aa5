"""Gaps: criteria a rep is clearly below target on, those the team shares, and how many luck alone would make."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy
from numpy.typing import NDArray
from pydantic import Field

from agent.core.base import Frozen
from agent.core.language import N_
from agent.stats.frame import BoolArray, IntArray, Measure
from agent.stats.intervals import FloatArray, exact_ends, share
from agent.stats.level_means import level_means
from agent.stats.profiles import ABSENT, ProfileTable, score_table, states
from agent.stats.rules import GapRules, ProfileRules
from agent.stats.shrinkage import shrunken_means
from agent.stats.tally import Tally

_RANKED_BY_LINKS = N_(
    "a team gap is shared by {reps} reps or more; ranked by the mean shortfall over all reps times link with losses"
)
_RANKED = N_(
    "a team gap is shared by {reps} reps or more; ranked by the mean shortfall over all reps; "
    "no link with losses is known"
)
FOCUS = 2  # a scorecard is not a plan: nobody changes seven things at once

Severity = Literal["consistently absent", "below target"]


class RepGap(Frozen):
    """One rep clearly below target on one criterion. For a behavior to avoid, "absent" is: not avoided.

    `size` is the distance seen to the target as a part of the scale; `shrunken` the distance to be expected of the next
    calls, allowing for the luck of these (gaps are ranked by it). `by_luck` is the probability that a rep exactly at
    target looks as low as this or lower. `loss_link` is None where it is not known.
    """

    rep: str
    criterion: str
    severity: Severity
    size: float
    shrunken: float
    calls: int
    by_luck: float
    loss_link: float | None
    shared: bool


class TeamGap(Frozen):
    """A gap that several reps share. Either `shared_by` of them are each clearly below target, or that many are below
    it by value and the calls of all reps together are clearly below.

    `reps` are those below target: clearly (`clearly`), or by value if no rep is clearly below. `size` is the mean
    shortfall over all reps with calls (not only those below), each shrunken towards the team, as a share of the scale;
    `calls` counts all their calls. `by_luck` is the probability of at least that much if every rep were exactly at
    target; `beyond_luck` says whether it stays below the rules' `luck` after allowing for all criteria. In a large team
    three reps are soon below together by chance.
    """

    criterion: str
    reps: tuple[str, ...]
    clearly: bool
    of: int
    calls: int
    size: float
    by_luck: float
    beyond_luck: bool
    loss_link: float | None


class GapReport(Frozen):
    """Team gaps first, then every rep's own gaps. Each list is ranked by shrunken size times link with losses; team
    gaps that luck may explain come last.

    `any_by_luck` bounds the probability that a team without a real gap shows at least one team gap; it adds up the luck
    of both ways to one. `own_by_luck` is how many own gaps luck alone would show if the listed reps stood exactly at
    target, and `own_tests` the number of tests: reps times criteria.
    """

    team: tuple[TeamGap, ...]
    own: tuple[RepGap, ...]
    any_by_luck: float = Field(ge=0, le=1)
    own_by_luck: float = Field(ge=0)
    own_tests: int = Field(ge=0)
    note: str
    moved: frozenset[str] = frozenset()
    moved_reps: frozenset[tuple[str, str]] = frozenset()

    @property
    def still_open(self) -> "GapReport":
        """The report without what coaching has already moved: the criteria `moved` of the team and the pairs (rep,
        criterion) `moved_reps`."""
        team = tuple(gap for gap in self.team if gap.criterion not in self.moved)
        own = tuple(gap for gap in self.own if (gap.rep, gap.criterion) not in self.moved_reps)
        return self.model_copy(update={"team": team, "own": own})

    @property
    def focus(self) -> tuple[TeamGap, ...]:
        """What to coach the team on now: the first `FOCUS` gaps that luck does not explain and that have not moved.
        The other gaps wait, because a team that is coached on everything is coached on nothing."""
        return tuple(gap for gap in self.still_open.team if gap.beyond_luck)[:FOCUS]

    def focus_of(self, rep: str) -> tuple[RepGap, ...]:
        """What to coach one rep on now: the first `FOCUS` gaps that the team does not share, or shared ones if there
        are no others. Empty for a rep whose own gaps are not listed."""
        own = tuple(gap for gap in self.still_open.own if gap.rep == rep)
        return (tuple(gap for gap in own if not gap.shared) or own)[:FOCUS]


@dataclass(frozen=True, eq=False)
class _Below:
    """Who is below target, as arrays (reps, criteria): clearly below (`gap`), consistently absent, the distance as
    seen and shrunken, the probability of a gap if exactly at target, and of looking this low or lower if at target.
    `team_p`, (criteria,), is the last for the calls of the whole team."""

    gap: BoolArray
    absent: BoolArray
    size: FloatArray
    shrunken: FloatArray
    chance: FloatArray
    as_low: FloatArray
    n: IntArray
    team_p: FloatArray


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
    links, criteria = dict(loss_links or {}), len(tally.measures)
    listed = [at for at, rep in enumerate(tally.reps) if own_of is None or rep in own_of]
    luck = np.array([poisson_binomial_tail(below.chance[:, c], rules.shared_by) for c in range(criteria)])
    each = below.gap.sum(axis=0) >= rules.shared_by
    left = max(rules.luck - float(luck.sum()), 0.0) / criteria  # what three reps each for themselves cannot spend
    together = (below.team_p <= left) & ((below.size > 0).sum(axis=0) >= rules.shared_by)
    team = [_team_gap(tally, below, int(c), links, rules, bool(together[c])) for c in np.flatnonzero(each | together)]
    own = [
        _rep_gap(tally, below, int(r), int(c), links, bool((each | together)[c]))
        for r, c in zip(*np.nonzero(below.gap), strict=True)
        if int(r) in listed
    ]
    return GapReport(
        team=tuple(
            sorted(team, key=lambda g: (not g.beyond_luck, -_priority(g.size, g.loss_link, links), g.criterion))
        ),
        own=tuple(
            sorted(own, key=lambda g: (g.shared, -_priority(g.shrunken, g.loss_link, links), g.rep, g.criterion))
        ),
        any_by_luck=float(1 - np.prod(1 - np.minimum(luck + left, 1.0))),
        own_by_luck=float(below.chance[listed].sum()),
        own_tests=int((below.n[listed] > 0).sum()),
        note=(_RANKED_BY_LINKS if links else _RANKED).format(reps=rules.shared_by),
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
    n, shape = scores.n[0], scores.n[0].shape
    absent, chance, as_low, shrunken, team_p = (
        np.zeros(shape, bool),
        np.zeros(shape),
        np.ones(shape),
        np.zeros(shape),
        np.ones(shape[1]),
    )
    target = np.array([rules.target[measure.scale] for measure in tally.measures])
    span = np.array([measure.scale.span for measure in tally.measures], dtype=float)
    for at, measure in enumerate(tally.measures):
        levels = tally.levels[0, :, at]
        as_low[:, at] = _p_below(levels, measure, target[at])
        team_p[at] = _p_below(levels.sum(axis=0, keepdims=True), measure, target[at])[0]
        error = (1 - profiles.confidence) / 2
        binary = measure.scale.binary
        chance[:, at] = _chance_below(n[:, at], target[at], profiles.confidence) if binary else error * (n[:, at] > 0)
        shrunken[:, at] = target[at] - shrunken_means(scores.value[0, :, at], scores.variance[0, :, at], n[:, at])
        shown = levels[:, measure.scale.levels.index(profiles.present_level[measure.scale]) :].sum(axis=1)
        ends = exact_ends(shown, n[:, at], profiles.confidence)
        absent[:, at] = states(share(shown, n[:, at]), *ends, profiles) == ABSENT
    gap = (scores.high[0] < target) & (n > 0)
    size = np.where(n > 0, (target - scores.value[0]) / span, 0.0)
    return _Below(gap, absent & gap, size, shrunken / span, chance, as_low, n, team_p)


def _p_below(levels: IntArray, measure: Measure, target: float) -> FloatArray:
    """P(this low or lower | exactly at target) for each row of level counts: exact for yes/no criteria, else by t."""
    n = levels.sum(axis=1)
    if measure.scale.binary:
        return np.where(n > 0, scipy.special.bdtr(levels[:, 1], np.maximum(n, 1), target), 1.0)
    means = level_means(levels[:, : len(measure.scale.levels)], np.array(measure.scale.levels, dtype=float), 0.95)
    error = np.sqrt(means.variance / np.maximum(n, 1))
    return np.where(n > 1, scipy.special.stdtr(np.maximum(n - 1, 1), (means.mean - target) / error), 1.0)


def _chance_below(n: NDArray[np.int64], target: float, confidence: float) -> FloatArray:
    """P(the exact interval lies below `target` | rate = `target`), for each n; (reps,)."""
    known: dict[int, float] = {0: 0.0}
    for calls in np.unique(n[n > 0]):
        seen = np.arange(calls + 1)
        below = int((exact_ends(seen, np.full(len(seen), calls), confidence)[1] < target).sum())
        known[int(calls)] = float(scipy.special.bdtr(below - 1, calls, target)) if below else 0.0
    return np.array([known[int(calls)] for calls in n])


def _team_gap(
    tally: Tally, below: _Below, at: int, links: Mapping[str, float], rules: GapRules, together: bool
) -> TeamGap:
    clearly = np.flatnonzero(below.gap[:, at])
    with_calls = below.n[:, at] > 0
    each = poisson_binomial_tail(below.chance[:, at], len(clearly)) if len(clearly) >= rules.shared_by else 1.0
    by_luck = min(each, float(below.team_p[at])) if together else each
    who = clearly if len(clearly) else np.flatnonzero(below.size[:, at] > 0)
    criterion = tally.measures[at].id
    return TeamGap(
        criterion=criterion,
        reps=tuple(tally.reps[int(r)] for r in who),
        clearly=len(clearly) > 0,
        of=int(with_calls.sum()),
        calls=int(below.n[:, at].sum()),
        size=float(np.maximum(below.shrunken[with_calls, at], 0).mean()),
        by_luck=by_luck,
        beyond_luck=by_luck * len(tally.measures) <= rules.luck,
        loss_link=links.get(criterion),
    )


def _rep_gap(tally: Tally, below: _Below, rep: int, at: int, links: Mapping[str, float], shared: bool) -> RepGap:
    criterion = tally.measures[at].id
    return RepGap(
        rep=tally.reps[rep],
        criterion=criterion,
        severity="consistently absent" if below.absent[rep, at] else "below target",
        size=float(below.size[rep, at]),
        shrunken=float(below.shrunken[rep, at]),
        calls=int(below.n[rep, at]),
        by_luck=float(below.as_low[rep, at]),
        loss_link=links.get(criterion),
        shared=shared,
    )


def _priority(size: float, link: float | None, links: Mapping[str, float]) -> float:
    middle = float(np.median(list(links.values()))) if links else 1.0
    return size * (middle if link is None else link)
