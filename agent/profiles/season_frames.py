"""What is stored, as the frames that statistics take: ratings, baselines, coaching cycles, deals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agent.calls.model import Deal
from agent.core.errors import Advice, InputError
from agent.profiles.model import Baseline, CoachingPeriod
from agent.stats.baseline import BaselineDraw, draw_baseline, manual_baseline
from agent.stats.deals import DealFrame, WinCounts, wins_before_and_after
from agent.stats.frame import BoolArray, CallFrame, IntArray, RatingFrame
from agent.stats.outcomes import ScorePair
from agent.stats.rules import ProfileRules
from agent.stats.tally import Tally, stack


@dataclass(frozen=True, eq=False)
class Cycles:
    """Coaching as arrays: `windows` (cycles, reps, 2) of day numbers, half-open, empty where a rep has no such cycle
    (`own`: who has it);
    `coached` (reps, criteria); `coaching` (reps, 2) from the first day to the day after the last. Reps without cycles
    have the team's own time there. `last` (reps, 2) is each rep's last cycle."""

    names: tuple[str, ...]
    windows: IntArray
    coached: BoolArray
    coaching: IntArray
    last: IntArray

    @property
    def own(self) -> BoolArray:
        """(cycles, reps): who has a cycle of that name."""
        return np.asarray(self.windows[..., 1] > self.windows[..., 0])


class RepsAndCriteria(Protocol):
    """Ratings of any form, as far as cycles go by them."""

    @property
    def reps(self) -> Sequence[str]:
        """Names, by code."""

    @property
    def criteria(self) -> tuple[str, ...]:
        """Ids, by code."""


def cycles_of(frame: RepsAndCriteria, periods: Sequence[CoachingPeriod]) -> Cycles:
    """Cycles of the reps of `frame` on its criteria, in the order they began. InputError where there are none."""
    rep_at = {rep: at for at, rep in enumerate(frame.reps)}
    known = [period for period in periods if period.rep in rep_at]
    if not known:
        raise InputError(
            "no coaching is known for these reps", advice=Advice("coaching import FILE", "/upload?kind=coaching")
        )
    own = [period for period in known if not set(frame.criteria).isdisjoint(period.criteria)]
    if not own:
        named = ", ".join(sorted({criterion for period in known for criterion in period.criteria}))
        raise InputError(
            f"nobody was coached on a criterion of this rubric, but on {named}",
            advice=Advice(text="choose the rubric that they are of", option="--rubric"),
        )
    names, windows = _in_order(own, rep_at)
    has = windows[:, :, 1] > 0
    latest = int(windows[..., 1].max())
    coaching = np.stack(
        [np.where(has, windows[..., 0], latest).min(axis=0), np.where(has, windows[..., 1], 0).max(axis=0)], axis=-1
    )
    uncoached = ~has.any(axis=0)
    coaching[uncoached] = int(windows[..., 0][has].min()), latest
    last_at = np.where(has, windows[..., 1], -1).argmax(axis=0)
    last = windows[last_at, np.arange(len(frame.reps))]
    newest = max(range(len(names)), key=lambda at: (windows[at, has[at], 0].min(), at))
    last[uncoached] = windows[newest][has[newest]].max(axis=0)
    return Cycles(names, windows, _coached(frame, own, rep_at), coaching, last)


def _in_order(periods: Sequence[CoachingPeriod], rep_at: Mapping[str, int]) -> tuple[tuple[str, ...], IntArray]:
    """Names in the order in which cycles began, and each one's window by rep. Every rep's windows rise and share no
    day, whatever the cycles are called: one that a rep has later than others have it gets a place of its own behind the
    others, and a day in two cycles is the earlier one's."""
    begins: dict[str, date] = {}
    for period in periods:
        begins[period.cycle] = min(period.start, begins.get(period.cycle, period.start))
    names = sorted(begins, key=lambda name: (begins[name], name))
    placed: dict[tuple[int, int], tuple[int, int]] = {}
    at: dict[str, tuple[int, int]] = {}  # by rep the place and the end of the cycle before
    for period in sorted(periods, key=lambda one: (one.start, one.end)):
        before, free = at.get(period.rep, (-1, 0))
        start, end = max(period.start.toordinal(), free), period.end.toordinal() + 1
        if start >= end:
            continue
        if period.cycle not in names[before + 1 :]:
            names.append(period.cycle)
        place = names.index(period.cycle, before + 1)
        placed[place, rep_at[period.rep]], at[period.rep] = (start, end), (place, end)
    used = sorted({place for place, _ in placed})
    windows = np.zeros((len(used), len(rep_at), 2), dtype=np.int64)
    for (place, rep), window in placed.items():
        windows[used.index(place), rep] = window
    return tuple(names[place] for place in used), windows


def _coached(frame: RepsAndCriteria, periods: Sequence[CoachingPeriod], rep_at: Mapping[str, int]) -> BoolArray:
    at = {criterion: place for place, criterion in enumerate(frame.criteria)}
    coached = np.zeros((len(frame.reps), len(at)), dtype=bool)
    for period in periods:
        for criterion in period.criteria:
            if criterion in at:
                coached[rep_at[period.rep], at[criterion]] = True
    return coached


@dataclass(frozen=True)
class DrawRequest:
    """How baselines are to be drawn: `until` by rep (the day after the last), the seed, and who asks."""

    rubric: str
    until: Mapping[str, date]
    seed: int
    by: str
    at: datetime


def baseline_ends(frame: RatingFrame, periods: Sequence[CoachingPeriod]) -> dict[str, date]:
    """Where each rep's baseline ends: at the first day of coaching (of the team's, for a rep without).

    After the newest call where nobody is coached yet, and for a rep all of whose calls came after coaching began: those
    ratings belong to a later start, for example with another rubric.
    """
    first: dict[str, date] = {}
    for period in periods:
        first[period.rep] = min(period.start, first.get(period.rep, period.start))
    newest = date.fromordinal(int(frame.day.max())) + timedelta(days=1) if len(frame) else date.today()
    team = min(first.values(), default=newest)
    oldest = np.full(len(frame.reps), date.max.toordinal(), dtype=np.int64)
    np.minimum.at(oldest, frame.rep, frame.day)
    ends = {}
    for rep, earliest in zip(frame.reps, oldest, strict=True):
        end = first.get(rep, team)
        ends[rep] = end if earliest < end.toordinal() else newest
    return ends


def drawn(calls: CallFrame, asked: DrawRequest, rules: ProfileRules) -> list[Baseline]:
    """A baseline for each rep that `asked.until` names."""
    result = []
    for until in sorted(set(asked.until.values())):
        for draw in draw_baseline(calls, until, rules, asked.seed):
            if asked.until.get(draw.rep) == until:
                result.append(_record(draw, asked.rubric, asked.by, asked.at))
    return sorted(result, key=lambda baseline: baseline.rep)


def picked(
    calls: CallFrame,
    rep: str,
    chosen: Sequence[str],
    until: date,
    rules: ProfileRules,
    rubric: str,
    by: str,
    at: datetime,
) -> Baseline:
    """A list of calls that a person picked, marked as such."""
    return _record(manual_baseline(calls, rep, tuple(chosen), until, rules), rubric, by, at)


def _record(draw: BaselineDraw, rubric: str, by: str, at: datetime) -> Baseline:
    return Baseline(rubric=rubric, by=by, at=at, **draw.model_dump())


def score_pair(before: Tally, last: Tally) -> ScorePair:
    """Each rep's baseline and last cycle, one period each, as parts of the scale, better being higher."""
    return ScorePair.of(stack([before, last]))


def deal_frame(deals: Sequence[Deal], stages: Sequence[str], reps: Sequence[str] | None = None) -> DealFrame:
    """Deals as a frame, of `reps` only if given."""
    kept = deals if reps is None else [deal for deal in deals if deal.rep in set(reps)]
    strange = sorted({deal.stage for deal in kept} - {"", *stages})
    if strange:
        raise InputError(
            f"deals stand at the stage {strange[0]!r}, which config/stages.yaml does not name under funnel"
        )
    return DealFrame.from_columns(
        stages,
        rep=[deal.rep for deal in kept],
        opened=[deal.opened for deal in kept],
        closed=[deal.closed for deal in kept],
        furthest_stage=[deal.stage for deal in kept],
        outcome=[deal.outcome for deal in kept],
        reps=reps,
    )


def win_counts(
    reps: Sequence[str], deals: Sequence[Deal], stages: Sequence[str], cycles: Cycles, days: int
) -> WinCounts:
    """Won and decided deals of these reps before and after coaching."""
    return wins_before_and_after(deal_frame(deals, stages, reps), cycles.coaching, days)


def call_scores(frame: RatingFrame) -> tuple[NDArray[np.float64], BoolArray]:
    """(calls, criteria): each call's score from 0 to 1 of the scale, and where there is one."""
    shape = (len(frame.calls), len(frame.measures))
    score, known = np.zeros(shape), np.zeros(shape, dtype=bool)
    rated = np.flatnonzero(frame.slot >= 0)
    steps = np.array([m.scale.span for m in frame.measures], dtype=float)
    at = frame.call[rated], frame.criterion[rated]
    score[at], known[at] = frame.slot[rated] / steps[frame.criterion[rated]], True
    return score, known
