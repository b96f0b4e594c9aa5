"""Ratings as columns, from the packed rows of `agent.ratings.tallies` where they tell the same."""

from __future__ import annotations

import numpy as np

from agent.db.store import Store
from agent.ratings.columns import STATUSES, CallPlaces, RatingColumns, RatingColumnsReader
from agent.ratings.tallies import FAILED, NONE, NOT_APPLICABLE, CallCells, Tallies
from agent.rubrics.model import Rubric


def columns_of(store: Store, rubric: Rubric, rater: str = "", viewer: str = "") -> RatingColumns:
    """The ratings that count against `rubric`, as `viewer` may see them.

    Read from packed rows, a twentieth of the work at millions of ratings, unless one rater is asked for, the store is
    one rep's, or a calibration round is open: packed rows leave out its calls for everybody, whoever has submitted.
    """
    if not rater and store.scope.only_rep is None:
        cells = store[Tallies].profile_counts(rubric)
        if not cells.left_out:
            return unpacked(cells, store[RatingColumnsReader].places())
    return store[RatingColumnsReader].read(rubric.id, [c.id for c in rubric.criteria], rater=rater, viewer=viewer)


def unpacked(cells: CallCells, places: CallPlaces) -> RatingColumns:
    """One row a rating, by call and criterion."""
    order = np.array(sorted(range(len(cells.calls)), key=cells.calls.__getitem__), dtype=np.int64)
    marks = cells.cells[order]
    call, criterion = np.nonzero(marks != NONE)
    found = marks[call, criterion]
    not_applicable, failed = found == NOT_APPLICABLE, found == FAILED
    level = found.astype(np.float64) - ord("0")
    return RatingColumns(
        reps=cells.reps,
        criteria=cells.criteria,
        calls=tuple(cells.calls[at] for at in order),
        rep=cells.rep[order][call],
        criterion=criterion,
        call=call,
        day=cells.day[order][call],
        value=np.where(not_applicable | failed, np.nan, level),
        status=STATUSES,
        status_code=np.where(failed, 2, np.where(not_applicable, 1, 0)),
        places=places,
        raters=tuple(sorted(cells.raters)),
        withheld=(),
    )
