"""How many calls of each rep got each level of each criterion: all that most statistics need of the ratings.

Counts add up. A day's counts can be kept and new days appended; any period is then a difference of running sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.core.errors import InputError
from agent.core.scale import MOST_LEVELS
from agent.stats.frame import FAILED, NOT_APPLICABLE, BoolArray, IntArray, Measure, RatingFrame

FloatArray = NDArray[np.float64]

SLOTS = MOST_LEVELS
_KINDS = SLOTS + 2  # and one place each for not applicable and failed


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts of calls. `levels` is (periods, reps, criteria, slots): slot i holds the i-th lowest level of the scale.

    `not_applicable` and `failed` are (periods, reps, criteria); neither is ever part of `rated`.
    """

    reps: Sequence[str]
    measures: tuple[Measure, ...]
    levels: IntArray
    not_applicable: IntArray
    failed: IntArray

    @property
    def rated(self) -> IntArray:
        """Calls with a level, (periods, reps, criteria): the denominator of every rate and mean."""
        return np.asarray(self.levels.sum(axis=-1))

    @property
    def _places(self) -> IntArray:
        """0 for the lowest level of each scale, 1 for the next, and so on."""
        return np.arange(self.levels.shape[-1])

    @property
    def binary(self) -> BoolArray:
        """Which criteria are rated absent or present."""
        return np.array([m.scale.binary for m in self.measures])

    def parts(self) -> tuple[FloatArray, BoolArray]:
        """Mean scores as parts of the scale, 0 lowest and 1 highest, (periods, reps, criteria), and where there are any."""
        n, steps = self.rated, np.array([m.scale.span for m in self.measures])
        return (self.levels @ self._places) / np.maximum(n, 1) / steps, n > 0

    def sampling_variance(self) -> FloatArray:
        """Of each mean score as a part of the scale (as in `parts`), unbiased; that of a rate of 1/2 with one call."""
        value, _ = self.parts()
        n, steps = self.rated, np.array([m.scale.span for m in self.measures])
        squares = (self.levels @ self._places**2) / np.maximum(n, 1) / steps**2
        return np.where(n > 1, (squares - value**2) / np.maximum(n - 1, 1), 0.25)

    def at_least(self, slot: IntArray) -> IntArray:
        """Calls rated at the criterion's `slot` (criteria,) or above, (periods, reps, criteria)."""
        reached = self._places >= slot[:, None]
        return np.asarray((self.levels * reached).sum(axis=-1))

    def period(self, index: int) -> Tally:
        """One period alone, its axis kept."""
        at = slice(index, index + 1)
        return Tally(self.reps, self.measures, self.levels[at], self.not_applicable[at], self.failed[at])

    def periods(self, chosen: BoolArray) -> Tally:
        """Only the periods marked in `chosen`."""
        return Tally(self.reps, self.measures, self.levels[chosen], self.not_applicable[chosen], self.failed[chosen])

    def of(self, reps: Sequence[int]) -> Tally:
        """Only the reps at these places."""
        at = np.asarray(reps, dtype=np.int64)
        names = [self.reps[int(rep)] for rep in at]
        return Tally(names, self.measures, self.levels[:, at], self.not_applicable[:, at], self.failed[:, at])

    def running(self) -> Tally:
        """Each period together with all before it."""
        parts = (np.cumsum(part, axis=0) for part in (self.levels, self.not_applicable, self.failed))
        return Tally(self.reps, self.measures, *parts)

    def oriented(self) -> Tally:
        """The same counts with the scale turned over for behaviors to avoid: higher is then better everywhere."""
        levels = self.levels.copy()
        for at, measure in enumerate(self.measures):
            if measure.direction < 0:
                used = len(measure.scale.levels)
                levels[..., at, :used] = self.levels[..., at, used - 1 :: -1]
        return Tally(self.reps, self.measures, levels, self.not_applicable, self.failed)


@dataclass(frozen=True, eq=False)
class DayTally:
    """Counts by day, (reps, criteria, days, slots + 2), beginning with the day number `first_day`."""

    reps: Sequence[str]
    measures: tuple[Measure, ...]
    first_day: int
    counts: NDArray[np.int32]

    def plus(self, other: DayTally) -> DayTally:
        """Both together. Reps and criteria must be the same, in the same order."""
        if tuple(self.reps) != tuple(other.reps) or self.measures != other.measures:
            raise InputError("day counts of different reps or criteria cannot be added")
        first = min(self.first_day, other.first_day)
        last = max(t.first_day + t.counts.shape[2] for t in (self, other))
        counts = np.zeros((*self.counts.shape[:2], last - first, _KINDS), dtype=np.int32)
        for part in (self, other):
            start = part.first_day - first
            counts[:, :, start : start + part.counts.shape[2]] += part.counts
        return DayTally(self.reps, self.measures, first, counts)

    def over(self, windows: IntArray) -> Tally:
        """Counts in half-open ranges of days. `windows` is (periods, reps, 2); ranges may overlap or be empty."""
        reps, criteria, days, _ = self.counts.shape
        running = np.zeros((reps, criteria, days + 1, _KINDS), dtype=np.int64)
        np.cumsum(self.counts, axis=2, out=running[:, :, 1:])
        at = np.clip(windows - self.first_day, 0, days)
        rep, criterion = np.arange(reps)[:, None], np.arange(criteria)[None, :]
        sums = np.stack([running[rep, criterion, w[:, 1, None]] - running[rep, criterion, w[:, 0, None]] for w in at])
        return Tally(self.reps, self.measures, sums[..., :SLOTS], sums[..., SLOTS], sums[..., SLOTS + 1])


def tally_days(frame: RatingFrame) -> DayTally:
    """Counts of all ratings by rep, criterion and day, in one pass."""
    shape = (len(frame.reps), len(frame.measures))
    if not len(frame):
        return DayTally(frame.reps, frame.measures, 1, np.zeros((*shape, 0, _KINDS), dtype=np.int32))
    first, last = int(frame.day.min()), int(frame.day.max())
    days = last - first + 1
    key = frame.rep.astype(np.int64)
    for size, code in ((shape[1], frame.criterion), (days, frame.day - first), (_KINDS, _kind(frame))):
        key *= size
        key += code
    counts = np.bincount(key, minlength=shape[0] * shape[1] * days * _KINDS)
    return DayTally(frame.reps, frame.measures, first, counts.reshape(*shape, days, _KINDS).astype(np.int32))


def tally_calls(frame: RatingFrame, chosen: BoolArray) -> Tally:
    """Counts over the calls marked in `chosen` (calls,), as one period. `RatingFrame.chosen` makes the marks."""
    kept = chosen[frame.call]
    shape = (len(frame.reps), len(frame.measures), _KINDS)
    key = (frame.rep[kept].astype(np.int64) * shape[1] + frame.criterion[kept]) * _KINDS + _kind(frame)[kept]
    sums = np.bincount(key, minlength=shape[0] * shape[1] * _KINDS).reshape(1, *shape)
    return Tally(frame.reps, frame.measures, sums[..., :SLOTS], sums[..., SLOTS], sums[..., SLOTS + 1])


def stack(tallies: Sequence[Tally]) -> Tally:
    """Periods one after the other."""
    first = tallies[0]
    return Tally(
        first.reps,
        first.measures,
        np.concatenate([t.levels for t in tallies]),
        np.concatenate([t.not_applicable for t in tallies]),
        np.concatenate([t.failed for t in tallies]),
    )


def _kind(frame: RatingFrame) -> NDArray[np.int8]:
    """Slot of the level, or the place of not applicable or failed."""
    status = np.asarray(frame.status)
    return np.select([status == NOT_APPLICABLE, status == FAILED], [SLOTS, SLOTS + 1], default=frame.slot).astype(
        np.int8
    )
