"""The table every agreement statistic reads: units x raters, with the scale's levels and how they are compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Level = int | float | str
Metric = Literal["nominal", "ordinal", "interval", "ratio"]
IntArray = NDArray[np.int64]

MISSING = -1  # nobody judged, or no judgement came out
NOT_APPLICABLE = -2  # judged: the criterion does not apply to this unit


@dataclass(frozen=True, eq=False)
class RatingTable:
    """Ratings of units (rows) by raters (columns) on one scale.

    `codes` holds positions in `levels`, `MISSING` or `NOT_APPLICABLE`. `levels` are all levels of the scale, lowest
    first where they have an order, also those nobody used: they come from the criterion, never from the ratings.
    `metric` says what may be compared: nominal (same or not), ordinal (order), interval (differences), ratio.
    """

    codes: IntArray
    levels: tuple[Level, ...]
    metric: Metric

    def __post_init__(self) -> None:
        codes = np.array(self.codes, dtype=np.int64)
        codes.flags.writeable = False
        object.__setattr__(self, "codes", codes)
        if codes.ndim != 2:
            raise ValueError(f"codes are units x raters, not {codes.ndim}-dimensional")
        if not self.levels or len(set(self.levels)) != len(self.levels):
            raise ValueError("a scale has at least one level, each once")
        if codes.size and (codes.min() < NOT_APPLICABLE or codes.max() >= len(self.levels)):
            raise ValueError("a code is a position in levels, MISSING or NOT_APPLICABLE")
        if self.metric in ("interval", "ratio") and not self.numeric:
            raise ValueError(f"levels of {self.metric} scale are numbers")
        if self.metric != "nominal" and self.numeric and np.any(np.diff(self.points) <= 0):
            raise ValueError("levels stand lowest first")

    @property
    def numeric(self) -> bool:
        """Whether all levels are numbers."""
        return not any(isinstance(level, str) for level in self.levels)

    @property
    def points(self) -> NDArray[np.float64]:
        """Where each level lies: its number, or its position where levels are words. Shape (levels,).

        Numbers are taken as they are, so that a level that nobody used and nobody named (a 3 between 2 and 4) still
        keeps its neighbours two points apart.
        """
        return np.array(self.levels if self.numeric else range(len(self.levels)), dtype=float)

    @property
    def counts(self) -> NDArray[np.float64]:
        """How many raters chose each level, shape (units, levels)."""
        return np.stack([(self.codes == k).sum(axis=1) for k in range(len(self.levels))], axis=1).astype(float)

    @property
    def raters(self) -> int:
        """How many raters gave at least one level."""
        return int(np.any(self.codes >= 0, axis=0).sum())

    @property
    def overlap(self) -> int:
        """How many units have levels from at least two raters."""
        return int(((self.codes >= 0).sum(axis=1) >= 2).sum())

    def applicability(self) -> "RatingTable":
        """The same judgements as yes/no: does the criterion apply to this unit (1) or not (0)?"""
        applies = np.where(self.codes >= 0, 1, np.where(self.codes == NOT_APPLICABLE, 0, MISSING))
        return RatingTable(applies, (0, 1), "nominal")


def rating_table(rows: Sequence[Sequence[Level | None]], levels: Sequence[Level], metric: Metric) -> RatingTable:
    """A table from rows of units and columns of raters that hold the levels themselves, None if missing. ValueError
    for a value that is no level."""
    position = {level: code for code, level in enumerate(levels)}
    try:
        codes = [[MISSING if cell is None else position[cell] for cell in row] for row in rows]
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is not a level of this scale: {list(levels)}") from None
    return RatingTable(np.array(codes, dtype=np.int64), tuple(levels), metric)
