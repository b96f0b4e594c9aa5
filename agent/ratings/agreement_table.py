"""Judgements of several raters as the table that agreement is counted on."""

from collections.abc import Mapping
from typing import assert_never

import numpy as np

from agent.ratings.model import Failed, Judgement, NotApplicable, Rated
from agent.rubrics.model import Criterion
from agent.stats.rating_table import MISSING, NOT_APPLICABLE, RatingTable


def criterion_table(criterion: Criterion, judgements: Mapping[tuple[str, str], Judgement]) -> RatingTable:
    """The table of one criterion from its judgements by (call, rater); calls and raters are sorted. A failed rating is
    missing: it says nothing about the call. Whoever shows the table also shows how many failed."""
    calls, raters = sorted({call for call, _ in judgements}), sorted({rater for _, rater in judgements})
    codes = np.full((len(calls), len(raters)), MISSING)
    for (call, rater), judgement in judgements.items():
        codes[calls.index(call), raters.index(rater)] = _code(criterion, judgement)
    return RatingTable(codes, criterion.levels, criterion.scale.metric)


def _code(criterion: Criterion, judgement: Judgement) -> int:
    match judgement:
        case Rated():
            if judgement.value not in criterion.levels:
                raise ValueError(f"{judgement.value} is not a level of {criterion.id}: {list(criterion.levels)}")
            return criterion.levels.index(judgement.value)
        case NotApplicable():
            return NOT_APPLICABLE
        case Failed():
            return MISSING
        case _:
            assert_never(judgement)
