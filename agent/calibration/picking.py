"""Choosing calls for a calibration round: spread over reps, stages and how the calls were rated before."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from agent.core.errors import InputError
from agent.ratings.model import Rated, Rating
from agent.rubrics.model import Criterion, Rubric

UNRATED = "not rated"


def performance(ratings: Sequence[Rating], rubrics: Sequence[Rubric]) -> dict[str, float]:
    """Mean height of a call's ratings on their scales, 0 to 1, over all raters and criteria. Calls rated only."""
    criteria = {(rubric.id, c.id): c for rubric in rubrics for c in rubric.criteria}
    heights: dict[str, list[float]] = {}
    for rating in ratings:
        criterion = criteria.get((rating.provenance.rubric, rating.criterion))
        if criterion is not None and isinstance(rating.judgement, Rated):
            heights.setdefault(rating.call, []).append(_height(criterion, rating.judgement.value))
    return {call: sum(values) / len(values) for call, values in heights.items()}


def _height(criterion: Criterion, value: int) -> float:
    low, high = criterion.levels[0], criterion.levels[-1]
    share = (value - low) / (high - low)
    return 1 - share if criterion.weight < 0 else share


def bands(heights: Mapping[str, float]) -> dict[str, str]:
    """The third of all rated calls that each belongs to: low, middle, high."""
    ordered = sorted(heights, key=lambda call: (heights[call], call))
    names = ("low", "middle", "high")
    return {call: names[3 * place // len(ordered)] for place, call in enumerate(ordered)}


class Placed(Protocol):
    """What choosing needs of a call."""

    @property
    def id(self) -> str: ...
    @property
    def rep(self) -> str: ...
    @property
    def stage(self) -> str: ...


def pick_calls(
    calls: Sequence[Placed], count: int, used: Collection[str], heights: Mapping[str, float], seed: int
) -> list[str]:
    """Ids of `count` calls that were in no round, in the order of their ids.

    One after the other: the call whose rep, stage and band of performance are in the fewest calls chosen so far;
    `seed` decides between equals. The order tells nothing about performance. InputError where too few are left.
    """
    free = [call for call in calls if call.id not in used]
    if len(free) < count:
        raise InputError(
            f"{count} calls are wanted and {len(free)} of {len(calls)} were in no calibration round yet; "
            "import more calls, or ask for fewer with --pick"
        )
    random.Random(seed).shuffle(free)
    band = bands(heights)
    taken: Counter[tuple[str, ...]] = Counter()
    chosen: list[str] = []
    for _ in range(count):
        best = min(free, key=lambda call: sum(taken[trait] for trait in _traits(call, band)))
        free.remove(best)
        taken.update(_traits(best, band))
        chosen.append(best.id)
    return sorted(chosen)


def _traits(call: Placed, band: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Each on its own and all together, so that one rep is not seen at one stage only."""
    height = band.get(call.id, UNRATED)
    return [("rep", call.rep), ("stage", call.stage), ("band", height), ("all", call.rep, call.stage, height)]
