"""A scale says by itself all that the thresholds need."""

from __future__ import annotations

from typing import get_args

import pytest

from agent.core.scale import MOST_LEVELS, SCALES, Scale, ScaleName
from agent.rubrics.model import LEVELS


def test_every_name_is_a_scale_and_the_table_is_made_of_them() -> None:
    assert tuple(SCALES) == get_args(ScaleName)
    assert {name: scale.levels for name, scale in SCALES.items()} == LEVELS
    assert MOST_LEVELS == 5


@pytest.mark.parametrize(
    ("levels", "present", "target"),
    [
        ((0, 1), 1, 0.7),
        ((1, 2, 3), 2, 2.4),
        ((1, 2, 3, 4), 3, 3.1),
        ((1, 2, 3, 4, 5), 3, 3.8),
        (tuple(range(1, 8)), 4, 5.2),
    ],
)
def test_thresholds_follow_from_the_range(levels: tuple[int, ...], present: int, target: float) -> None:
    scale = Scale("1-5", levels, tolerance=0, target=0.7, smallest_change=0.2)
    assert (scale.present_level, scale.at(scale.target)) == (present, pytest.approx(target))
    assert scale.binary == (len(levels) == 2)
    assert (scale.lowest, scale.highest, scale.span) == (levels[0], levels[-1], levels[-1] - levels[0])
