"""The scales that a criterion can be rated on: all that the program knows of them stands here.

A new scale is one line in `SCALES` and its name in `ScaleName`; everything else (thresholds, tables, forms) asks the object.
Thresholds are shares of the range, so that they mean the same on every scale; config/profiles.yaml and
config/calibration.yaml may set others, scale by scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

ScaleName = Literal["binary", "1-3", "1-5"]


@dataclass(frozen=True)
class Scale:
    """Levels lowest first, one point apart. Two ratings agree if at most `tolerance` points apart. `target` is the share of
    the range asked for, `smallest_change` the smallest rise worth having, also as a share of it."""

    name: ScaleName
    levels: tuple[int, ...]
    tolerance: int
    target: float
    smallest_change: float

    @property
    def lowest(self) -> int:
        """The level that says: not there."""
        return self.levels[0]

    @property
    def highest(self) -> int:
        """The best level."""
        return self.levels[-1]

    @property
    def span(self) -> int:
        """Highest minus lowest level."""
        return self.highest - self.lowest

    @property
    def binary(self) -> bool:
        """Whether there are two levels: absent and present."""
        return len(self.levels) == 2

    @property
    def present_level(self) -> int:
        """The lowest level that shows the behavior well enough: the middle of the scale, or the next above it."""
        return self.lowest + math.ceil(self.span / 2)

    def at(self, share: float) -> float:
        """The rate or mean level at that share of the range."""
        return round(self.lowest + share * self.span, 9)


SCALES: dict[ScaleName, Scale] = {
    scale.name: scale
    for scale in (
        Scale("binary", (0, 1), tolerance=0, target=0.7, smallest_change=0.2),
        Scale("1-3", (1, 2, 3), tolerance=0, target=0.65, smallest_change=0.2),
        Scale("1-5", (1, 2, 3, 4, 5), tolerance=1, target=0.625, smallest_change=0.125),
    )
}
MOST_LEVELS = max(len(scale.levels) for scale in SCALES.values())
