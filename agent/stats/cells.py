"""Calls by criteria as one table of codes: for counting many calls that are rated on most criteria."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.core.errors import InputError
from agent.stats.frame import BoolArray, IntArray, Measure
from agent.stats.tally import SLOTS, Tally

_KINDS = SLOTS + 3  # levels, not applicable, failed, and no rating
_UNKNOWN = 255


@dataclass(frozen=True, eq=False)
class CellTable:
    """`rep` and `day` (`date.toordinal()`) are (calls,); `kind` (calls, criteria) is the position of the level in the
    scale, 5 not applicable, 6 failed, 7 no rating."""

    reps: Sequence[str]
    measures: tuple[Measure, ...]
    rep: IntArray
    day: IntArray
    kind: NDArray[np.uint8]

    @classmethod
    def read(
        cls, reps: Sequence[str], measures: tuple[Measure, ...], rep: IntArray, day: IntArray, cells: NDArray[np.uint8]
    ) -> CellTable:
        """From characters (calls, criteria): the digit of the level, `n` not applicable, `f` failed, `.` no rating.

        Raises `InputError` for a level that is not in the criterion's scale.
        """
        kind = np.empty_like(cells)
        for at, measure in enumerate(measures):
            codes = np.full(256, _UNKNOWN, dtype=np.uint8)
            codes[[ord("n"), ord("f"), ord(".")]] = SLOTS, SLOTS + 1, SLOTS + 2
            for slot, level in enumerate(measure.levels):
                codes[ord("0") + level] = slot
            kind[:, at] = codes[cells[:, at]]
            if (strange := cells[kind[:, at] == _UNKNOWN, at]).size:
                raise InputError(f"a rating of {measure.id} is {chr(strange[0])}, which is no level of {measure.scale}")
        return cls(reps, measures, rep, day, kind)

    @property
    def criteria(self) -> tuple[str, ...]:
        """Criterion ids in the order of the columns."""
        return tuple(measure.id for measure in self.measures)

    def tally(self, chosen: Sequence[BoolArray]) -> Tally:
        """Counts over the calls marked in each of `chosen` (calls,), one period each."""
        counts = np.stack([self._counts(np.flatnonzero(marks)) for marks in chosen])
        return Tally(self.reps, self.measures, counts[..., :SLOTS], counts[..., SLOTS], counts[..., SLOTS + 1])

    def inside(self, windows: IntArray) -> list[BoolArray]:
        """For each of `windows` (periods, reps, 2), half-open ranges of days, the calls of each rep in its own."""
        starts, ends = windows[..., 0], windows[..., 1]
        return [
            np.asarray((self.day >= start[self.rep]) & (self.day < end[self.rep]))
            for start, end in zip(starts, ends, strict=True)
        ]

    def _counts(self, calls: IntArray) -> IntArray:
        shape = (len(self.reps), len(self.measures), _KINDS)
        row = self.rep[calls, None] * shape[1] + np.arange(shape[1])
        key = row * _KINDS + self.kind[calls]
        return np.bincount(key.ravel(), minlength=int(np.prod(shape))).reshape(shape)
