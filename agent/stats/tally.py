"""How many calls of each rep got each level of each criterion: all that most statistics need of the ratings.

`agent.ratings.counted` reads them from the counting table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.core.scale import MOST_LEVELS
from agent.stats.frame import BoolArray, IntArray, Measure

FloatArray = NDArray[np.float64]

SLOTS = MOST_LEVELS


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
        """The position of each slot on its scale: 0 for the lowest level, 1 for the next, and so on."""
        return np.arange(self.levels.shape[-1])

    @property
    def binary(self) -> BoolArray:
        """Which criteria have a yes/no scale, (criteria,)."""
        return np.array([m.scale.binary for m in self.measures])

    def parts(self) -> tuple[FloatArray, BoolArray]:
        """Mean scores as shares of the scale (0 lowest, 1 highest), (periods, reps, criteria), and which of them
        have calls."""
        n, steps = self.rated, np.array([m.scale.span for m in self.measures])
        return (self.levels @ self._places) / np.maximum(n, 1) / steps, n > 0

    def sampling_variance(self) -> FloatArray:
        """The unbiased sampling variance of each mean score as a share of the scale (see `parts`). With a single
        call, that of a rate of 1/2."""
        value, _ = self.parts()
        n, steps = self.rated, np.array([m.scale.span for m in self.measures])
        squares = (self.levels @ self._places**2) / np.maximum(n, 1) / steps**2
        return np.where(n > 1, (squares - value**2) / np.maximum(n - 1, 1), 0.25)

    def at_least(self, slot: IntArray) -> IntArray:
        """Calls rated at the criterion's `slot` (criteria,) or above, (periods, reps, criteria)."""
        reached = self._places >= slot[:, None]
        return np.asarray((self.levels * reached).sum(axis=-1))

    def period(self, index: int) -> Tally:
        """One period alone; the axis of periods is kept."""
        at = slice(index, index + 1)
        return Tally(self.reps, self.measures, self.levels[at], self.not_applicable[at], self.failed[at])

    def periods(self, chosen: BoolArray) -> Tally:
        """Only the periods marked in `chosen`."""
        return Tally(self.reps, self.measures, self.levels[chosen], self.not_applicable[chosen], self.failed[chosen])

    def of(self, reps: Sequence[int]) -> Tally:
        """Only the reps at these positions."""
        at = np.asarray(reps, dtype=np.int64)
        names = [self.reps[int(rep)] for rep in at]
        return Tally(names, self.measures, self.levels[:, at], self.not_applicable[:, at], self.failed[:, at])

    def running(self) -> Tally:
        """Each period added to all periods before it."""
        parts = (np.cumsum(part, axis=0) for part in (self.levels, self.not_applicable, self.failed))
        return Tally(self.reps, self.measures, *parts)

    def oriented(self) -> Tally:
        """The same counts with the scales of behaviors to avoid turned over, so that higher is better everywhere."""
        levels = self.levels.copy()
        for at, measure in enumerate(self.measures):
            if measure.direction < 0:
                used = len(measure.scale.levels)
                levels[..., at, :used] = self.levels[..., at, used - 1 :: -1]
        return Tally(self.reps, self.measures, levels, self.not_applicable, self.failed)


def stack(tallies: Sequence[Tally]) -> Tally:
    """The periods of several tallies, one after the other."""
    first = tallies[0]
    return Tally(
        first.reps,
        first.measures,
        np.concatenate([t.levels for t in tallies]),
        np.concatenate([t.not_applicable for t in tallies]),
        np.concatenate([t.failed for t in tallies]),
    )
