"""Ratings as columns, counted in one pass: the slow and plain way beside which the program's counts are held.

The program counts in its database (`agent.ratings.counted`); tests and benches count what they have made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.stats.frame import FAILED, NOT_APPLICABLE, BoolArray, IntArray, Measure, RatingFrame
from agent.stats.tally import SLOTS, Tally

_KINDS = SLOTS + 2  # and one place each for not applicable and failed


@dataclass(frozen=True, eq=False)
class DayTally:
    """Counts by day, (reps, criteria, days, slots + 2), beginning with the day number `first_day`."""

    reps: Sequence[str]
    measures: tuple[Measure, ...]
    first_day: int
    counts: NDArray[np.int32]

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


def _kind(frame: RatingFrame) -> NDArray[np.int8]:
    """Slot of the level, or the place of not applicable or failed."""
    status = np.asarray(frame.status)
    return np.select([status == NOT_APPLICABLE, status == FAILED], [SLOTS, SLOTS + 1], default=frame.slot).astype(
        np.int8
    )
