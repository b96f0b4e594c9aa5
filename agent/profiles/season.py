"""Everything that figures on one rubric are made from: what counts, baselines and cycles. All figures begin here."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from agent.app.telling import Note, unsaid
from agent.app.verb import Who
from agent.core.errors import Advice, InputError
from agent.core.language import _
from agent.core.people import Scope
from agent.core.wording import days
from agent.db.store import Store
from agent.profiles.model import Baseline, CoachingPeriod
from agent.profiles.population import ALL, BASELINE, LAST_DAYS, Population
from agent.profiles.season_frames import Cycles, cycles_of
from agent.profiles.store import Baselines, CoachingPeriods
from agent.ratings.counted import CountedCalls, Counting, Uncounted
from agent.rubrics.in_use import InUse, in_use, in_use_of
from agent.rubrics.model import Rubric
from agent.stats.frame import BoolArray, CallFrame, IntArray, Measure, RatingFrame
from agent.stats.remembered import remembered
from agent.stats.tally import SLOTS, Tally
from agent.stats.trends import MovementTable, movement
from agent.workspace import Workspace

T = TypeVar("T")
_KINDS = SLOTS + 3  # levels, not applicable, failed, and nothing
known_movement = remembered(8)(movement)  # most pages about reps need it, of the same calls


@dataclass(frozen=True, eq=False)
class Season:
    """What counts against a rubric, of all reps. Each part is read when it is first asked for.

    It is the whole team's whoever looks: a rep's verdict needs the others' spread. Whoever makes a figure of it for a
    rep takes out what is about others.
    """

    space: Workspace
    using: InUse

    @property
    def rubric(self) -> Rubric:
        """Which rubric."""
        return self.using.rubric

    @cached_property
    def _whole(self) -> Store:
        return Store(self.space.store.engine, Scope.everything())

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """The criteria, as counting takes them."""
        return tuple(Measure.of(criterion) for criterion in self.rubric.criteria)

    @property
    def criteria(self) -> tuple[str, ...]:
        """Ids of the criteria."""
        return tuple(measure.id for measure in self.measures)

    @cached_property
    def reps(self) -> tuple[str, ...]:
        """Everybody on whose calls something counts, by name."""
        return self._whole[Counting].reps(self.rubric)

    @cached_property
    def baselines(self) -> tuple[Baseline, ...]:
        """The recorded baselines of these reps, by name. None is drawn here: reading changes nothing."""
        known = set(self.reps)
        return tuple(one for one in self._whole[Baselines].current(self.rubric.id) if one.rep in known)

    @cached_property
    def periods(self) -> tuple[CoachingPeriod, ...]:
        """The coaching cycles of these reps."""
        known = set(self.reps)
        return tuple(one for one in self._whole[CoachingPeriods].all() if one.rep in known)

    @property
    def cycles(self) -> tuple[str, ...]:
        """The names of the coaching cycles, in the order they began; for a rep those of the own ones."""
        shown = sorted(self._shown_periods(), key=lambda one: (one.start, one.cycle))
        return tuple(dict.fromkeys(one.cycle for one in shown))

    def _shown_periods(self) -> list[CoachingPeriod]:
        """The cycles that whoever looks may know of: a rep, the own ones."""
        only = self.space.store.scope.only_rep
        return [one for one in self.periods if only in (None, one.rep)]

    @cached_property
    def uncounted(self) -> Uncounted:
        """What was rated and is in no figure."""
        return self.space.store[Counting].uncounted(self.rubric)

    @cached_property
    def as_of(self) -> str:
        """When the newest rating was stored, ISO 8601; empty without any."""
        return self._whole[Counting].as_of(self.rubric)

    @property
    def without_baseline(self) -> tuple[str, ...]:
        """Reps with ratings and no recorded baseline."""
        return tuple(sorted(set(self.reps) - {one.rep for one in self.baselines}))

    def calls_of(self, rep: str) -> int:
        """How many calls of a rep count."""
        return self._whole[Counting].calls_of(self.rubric, rep)

    # ------------------------------------------------------------------------------------------ populations

    def usual(self, asked: Population) -> Population:
        """`asked`, or where nothing was asked for how reps do now."""
        return asked if asked.kind else self.current

    @cached_property
    def current(self) -> Population:
        """What everything goes by where nothing else is asked for: how reps do now, not how they did before coaching
        began. The last days with calls, else the last cycle, if half of the reps have enough calls in it; else the
        baselines; else all calls. For a rep, by the own calls and cycles alone."""
        enough, ends = self.space.rules.profiles.min_calls, self._ends
        only = self.space.store.scope.only_rep
        seen = np.array([only in (None, rep) for rep in self.reps], dtype=bool)
        begun = [one for one in self._shown_periods() if ends[1] is not None and one.start <= ends[1]]
        cycles = [Population("cycle", cycle=one.cycle) for one in sorted(begun, key=lambda one: one.start)[-1:]]
        for population in (LAST_DAYS, *cycles) if begun else ():
            calls = np.bincount(self.counted(population).rep, minlength=len(self.reps))[seen]
            if 2 * int((calls >= enough).sum()) >= len(calls):
                return population
        return BASELINE if self.baselines else ALL

    @cached_property
    def _ends(self) -> tuple[date | None, date | None]:
        return self._whole[Counting].ends(self.rubric)

    def title(self, asked: Population) -> str:
        """The population in words, with its days."""
        population = self.usual(asked)
        windows = self._windows(population)
        used = windows[windows[:, 1] > windows[:, 0]]
        named = population.words or _("last {n} days with calls", n=population.days)
        if not len(used):
            return _("{calls}: no calls", calls=named)
        first, last = date.fromordinal(int(used[:, 0].min())), date.fromordinal(int(used[:, 1].max()) - 1)
        return f"{named}, {days(first, last)}"

    def counted(self, asked: Population) -> CountedCalls:
        """What counts on the calls of a population."""
        population = self.usual(asked)
        if population not in self._known_counts:
            self._known_counts[population] = self._counted(population)
        return self._known_counts[population]

    @cached_property
    def _known_counts(self) -> dict[Population, CountedCalls]:
        return {}

    def _counted(self, population: Population) -> CountedCalls:
        counting = self._whole[Counting]
        if population.kind == "baseline":
            return counting.calls(self.rubric, sorted({call for one in self.baselines for call in one.calls}))
        windows = self._windows(population)
        found = self._between(windows)
        return found.chosen(inside(found, windows)) if population.kind == "cycle" else found

    def holds(self, asked: Population, rep: str, call: str, day: date) -> bool:
        """Whether a rep's call of that day is in the population."""
        population = self.usual(asked)
        if population.kind == "baseline":
            return any(call in one.calls for one in self.baselines if one.rep == rep)
        start, end = self._windows_of(population)[self.reps.index(rep)]
        return bool(start <= day.toordinal() < end)

    def _windows_of(self, population: Population) -> IntArray:
        if population not in self._known_windows:
            self._known_windows[population] = self._windows(population)
        return self._known_windows[population]

    def once(self, name: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made once for this season, which is one answer's."""
        if name not in self._made:
            self._made[name] = make()
        made: T = self._made[name]
        return made

    @cached_property
    def _made(self) -> dict[Hashable, Any]:
        return {}

    @cached_property
    def _known_windows(self) -> dict[Population, IntArray]:
        return {}

    def tally(self, asked: Population) -> Tally:
        """Counts over a population, as one period."""
        found = self.counted(asked)
        return tally_of(found, self.measures, [np.ones(len(found.rep), dtype=bool)])

    def tally_in(self, windows: IntArray) -> Tally:
        """Counts in windows (periods, reps, 2) of day numbers, half-open."""
        periods, places = np.nonzero(windows[..., 1] > windows[..., 0])
        days = [
            (self.reps[place], date.fromordinal(int(start)), date.fromordinal(int(end) - 1))
            for place, (start, end) in zip(places, windows[periods, places], strict=True)
        ]
        found, window = self._whole[Counting].windows(self.rubric, days)
        return tally_of(found, self.measures, [periods[window] == one for one in range(len(windows))])

    @cached_property
    def held_against_baselines(self) -> tuple[CoachingPeriod, ...]:
        """The cycles without those that were over before the first call of their rep's baseline: such a
        baseline is no time before them."""
        found, begun = self.counted(BASELINE), dict[str, int]()
        for rep, day in zip(found.rep.tolist(), found.day.tolist(), strict=True):
            name = found.reps[rep]
            begun[name] = min(day, begun.get(name, day))
        return tuple(one for one in self.periods if one.end.toordinal() >= begun.get(one.rep, 0))

    @cached_property
    def coaching(self) -> Cycles:
        """The cycles that are held against the baselines. InputError without any."""
        if self.periods and not self.held_against_baselines:
            raise InputError(
                "every coaching cycle was over before the calls of the baselines",
                advice=Advice(
                    "coaching list",
                    "/profiles",
                    "enter the cycles since then, or draw baselines from the days before coaching",
                ),
            )
        return cycles_of(self, self.held_against_baselines)

    @cached_property
    def before_and_in_cycles(self) -> tuple[Tally, Tally]:
        """Counts over the baselines, and in the cycles that are held against them."""
        windows = self.coaching.windows
        return self.tally_before(windows), self.tally_in(windows)

    @cached_property
    def movement(self) -> MovementTable | None:
        """Movement of all reps against the baselines: every verdict on a rep and a criterion is of this table. None
        where nobody was coached on this rubric since a baseline. A rep is shown the own rows alone."""
        if not any(not set(self.criteria).isdisjoint(one.criteria) for one in self.held_against_baselines):
            return None
        cycles = self.coaching
        before, now = self.before_and_in_cycles
        return known_movement(before, now, cycles.names, cycles.coached, self.space.rules.movement, own=cycles.own)

    def tally_before(self, windows: IntArray) -> Tally:
        """Counts over the baselines without the calls on or after the first day of a coaching cycle of their rep
        (`windows` as for `tally_in`): a call is from before coaching or from a cycle, never both."""
        found = self.counted(BASELINE)
        return tally_of(found, self.measures, [~since_coaching(found, windows)])

    def not_before(self, windows: IntArray) -> dict[str, tuple[int, int]]:
        """By rep how many baseline calls are not from before coaching: in a cycle, where
        alone they count, and after one."""
        found = self.counted(BASELINE)
        late, inside_one = since_coaching(found, windows), in_any(found, windows)
        shared, after = (
            np.bincount(found.rep[marks], minlength=len(found.reps)) for marks in (inside_one, late & ~inside_one)
        )
        return {found.reps[at]: (int(shared[at]), int(after[at])) for at in np.flatnonzero(shared + after)}

    def tally_since(self, day: date | None) -> Tally:
        """Counts over all calls from a day on."""
        found = self._whole[Counting].days(self.rubric, day)
        return tally_of(found, self.measures, [np.ones(len(found.rep), dtype=bool)])

    def _between(self, windows: IntArray) -> CountedCalls:
        used = windows[windows[:, 1] > windows[:, 0]]
        if not len(used):
            return self._whole[Counting].calls(self.rubric, [])
        ends = date.fromordinal(int(used[:, 0].min())), date.fromordinal(int(used[:, 1].max()) - 1)
        return self._whole[Counting].days(self.rubric, *ends)

    def _windows(self, population: Population) -> IntArray:
        """Day numbers (reps, 2), half-open; both the same where a rep has no such period."""
        windows = np.zeros((len(self.reps), 2), dtype=np.int64)
        at = {rep: place for place, rep in enumerate(self.reps)}
        match population.kind:
            case "baseline":
                for one in self.baselines:
                    windows[at[one.rep]] = one.start.toordinal(), one.end.toordinal()
            case "cycle":
                for period in self._shown_periods():
                    if period.cycle == population.cycle:
                        windows[at[period.rep]] = period.start.toordinal(), period.end.toordinal() + 1
                if not windows.any():
                    known = ", ".join(self.cycles) or "none yet"
                    raise InputError(
                        f"there is no period {population.cycle!r}; there are baseline, all, a number of days (30d), "
                        f"and the cycles: {known}"
                    )
            case _:
                first, last = self._ends
                if first is not None and last is not None:
                    begin = first if population.kind == "all" else last - timedelta(days=population.days - 1)
                    windows[:] = begin.toordinal(), last.toordinal() + 1
        return windows

    # ------------------------------------------------------------------------------------------ frames

    @cached_property
    def frame(self) -> RatingFrame:
        """All that counts, call by call with ids: for draws, deals and moments. Reading
        it takes long for many calls."""
        return frame_of(self._whole[Counting].calls(self.rubric), self.measures)

    def frame_on(self, criteria: Collection[str]) -> RatingFrame:
        """The same on some criteria alone."""
        return frame_of(self._whole[Counting].calls(self.rubric), self.measures, criteria)

    @cached_property
    def calls(self) -> CallFrame:
        """The calls that a baseline may rest on, with their stages: those of `frame` that lie in no coaching cycle of
        their rep on this rubric, since a call is from before coaching or from a cycle, never both."""
        whole = CallFrame.of_ratings(self.frame, self._whole[Counting].stages())
        coached = any(not set(self.criteria).isdisjoint(period.criteria) for period in self.periods)
        return whole.outside(cycles_of(self, self.periods).windows) if coached else whole

    @cached_property
    def deals(self) -> Mapping[str, str]:
        """The deal of each call that names one."""
        return self._whole[Counting].deals()


def season_of(who: Who) -> Season:
    """What counts against the rubric in use, the same for all parts of one answer."""
    return who.keep("season", lambda: Season(who.space, in_use_of(who)))


def season(space: Workspace, note: Note = unsaid, rubric: str = "") -> Season:
    """What counts against a rubric (id or label; the one in use if empty). `note` is told which rubric was taken where
    there are several, and what is left out."""
    found = Season(space, in_use(space.store, rubric))
    if found.using.others or found.using.marks:
        note(str(found.using))
    for line in found.uncounted:
        note(line)
    return found


def rated_season(space: Workspace, note: Note = unsaid, rubric: str = "") -> Season:
    """As `season`. InputError where nothing counts."""
    found = season(space, note, rubric)
    if not found.reps:
        raise InputError(
            f"{found.rubric.label} has no ratings that count",
            advice=Advice(f"score run --rubric {found.rubric.id}", "/jobs/new/score"),
        )
    return found


def the_rep(known: Sequence[str], rep: str) -> str:
    """`rep` as it is written in the workspace. InputError names those there are."""
    folded = {name.casefold(): name for name in known}
    found = folded.get(rep.strip().casefold())
    if found is None:
        raise InputError(f"there is no rep {rep!r} with ratings; there are {', '.join(known)}")
    return found


def inside(found: CountedCalls, windows: IntArray) -> BoolArray:
    """Which calls lie in their rep's window; `windows` (reps, 2) are day numbers, half-open."""
    starts, ends = windows[found.rep, 0], windows[found.rep, 1]
    return np.asarray((found.day >= starts) & (found.day < ends))


def in_any(found: CountedCalls, windows: IntArray) -> BoolArray:
    """Which calls lie in one of their rep's windows (periods, reps, 2)."""
    marks = np.zeros(len(found.rep), dtype=bool)
    for one in windows:
        marks |= inside(found, one)
    return marks


def since_coaching(found: CountedCalls, windows: IntArray) -> BoolArray:
    """Which calls are of the first day of their rep's first window (periods, reps, 2) or later."""
    has = windows[..., 1] > windows[..., 0]
    first = np.where(has, windows[..., 0], np.iinfo(np.int64).max).min(axis=0)
    return np.asarray(found.day >= first[found.rep])


def tally_of(found: CountedCalls, measures: tuple[Measure, ...], chosen: Sequence[BoolArray]) -> Tally:
    """Counts over the calls marked in each of `chosen` (calls,), one period each."""
    kind = _kinds(found, measures)
    shape = (len(found.reps), len(measures), _KINDS)
    periods = []
    for marks in chosen:
        calls = np.flatnonzero(marks)
        row = found.rep[calls, None] * shape[1] + np.arange(shape[1])
        key = row * _KINDS + kind[calls]
        periods.append(np.bincount(key.ravel(), minlength=int(np.prod(shape))).reshape(shape))
    counts = np.stack(periods)
    return Tally(found.reps, measures, counts[..., :SLOTS], counts[..., SLOTS], counts[..., SLOTS + 1])


def _kinds(found: CountedCalls, measures: tuple[Measure, ...]) -> Any:
    """(calls, criteria): the place of the level in its scale, then not applicable, failed, and nothing."""
    kind = np.empty_like(found.cells)
    for at, measure in enumerate(measures):
        codes = np.full(256, _KINDS, dtype=np.uint8)
        codes[[ord("n"), ord("f"), ord(".")]] = SLOTS, SLOTS + 1, SLOTS + 2
        for slot, level in enumerate(measure.scale.levels):
            codes[ord("0") + level] = slot
        kind[:, at] = codes[found.cells[:, at]]
        if (strange := found.cells[kind[:, at] == _KINDS, at]).size:
            raise InputError(f"a rating of {measure.id} is {chr(strange[0])}, which is no level of {measure.scale}")
    return kind


def frame_of(
    found: CountedCalls, measures: tuple[Measure, ...], criteria: Collection[str] | None = None
) -> RatingFrame:
    """Calls by criteria as one row a rating; on some criteria alone, if given. Calls without a rating are left out."""
    wanted = [at for at, one in enumerate(measures) if criteria is None or one.id in criteria]
    marks = found.cells[:, wanted]
    status = np.full(marks.shape, -1, dtype=np.int64)
    status[(marks >= ord("0")) & (marks <= ord("9"))] = 0
    status[marks == ord("n")], status[marks == ord("f")] = 1, 2
    used = np.flatnonzero((status >= 0).any(axis=1))
    call, criterion = np.nonzero(status[used] >= 0)
    given, at = status[used][call, criterion], used[call]
    return RatingFrame(
        reps=found.reps,
        measures=tuple(measures[place] for place in wanted),
        calls=[found.calls[place] for place in used.tolist()] if found.calls else [""] * len(used),
        rep=found.rep[at],
        criterion=criterion,
        call=call,
        day=found.day[at],
        value=np.where(given == 0, marks[at, criterion].astype(float) - ord("0"), np.nan),
        status=given,
    )
