"""A season from packed counts: what `season.load` gives, without reading every rating.

Calls of a calibration round that is not closed are left out for everybody, so nothing depends on who looks and there
is no look to log. Calls stand in the same order as there: a draw with the same seed draws the same calls.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.app.telling import Note, unsaid
from agent.core.errors import InputError
from agent.profiles.store_baselines import Baselines
from agent.ratings.columns import RatingColumnsReader
from agent.ratings.tallies import Tallies

if TYPE_CHECKING:
    from agent.coaching.model import Baseline
    from agent.core.statistic import Statistic
    from agent.profiles.season import Loaded
    from agent.ratings.tallies import CallCells
    from agent.rubrics.model import Rubric
    from agent.stats.frame import RatingFrame
    from agent.workspace import Workspace


def packed(space: Workspace, note: Note = unsaid, rubric: str = "") -> Loaded:
    """The rated calls against a rubric (id or label; the one in use if empty). InputError without any."""
    from agent.profiles.season import Loaded, rubric_in_use
    from agent.profiles.season_frames import rating_frame
    from agent.ratings.packed_columns import unpacked
    from agent.stats.frame import CallFrame

    found = rubric_in_use(space, rubric)
    cells = space.store[Tallies].profile_counts(found)
    for left in cells.left_out:
        note(str(left))
    if not cells.calls:
        raise InputError(f"{found.label} has no ratings yet; score calls, or import ratings")
    columns = unpacked(cells, space.store[RatingColumnsReader].places())
    frame = rating_frame(columns, found)
    return Loaded(found, columns, frame, CallFrame.of_ratings(frame, columns.places.stage_of), note)


def recorded_baselines(space: Workspace, loaded: Loaded) -> list[Baseline]:
    """The recorded baselines of the reps with ratings. None is drawn here: reading changes nothing."""
    known = set(loaded.frame.reps)
    return [baseline for baseline in space.store[Baselines].current(loaded.rubric.id) if baseline.rep in known]


def rating_frame_of(
    cells: CallCells, rubric: Rubric, *, baseline_only: bool = False, criteria: Collection[str] | None = None
) -> RatingFrame:
    """Packed counts as a frame; of the baseline calls or of some criteria alone if asked for."""
    import numpy as np

    from agent.ratings.tallies import FAILED, NOT_APPLICABLE
    from agent.stats.frame import Measure, RatingFrame

    kept = np.flatnonzero(cells.in_baseline) if baseline_only else np.arange(len(cells.calls))
    order = np.array(sorted(kept.tolist(), key=cells.calls.__getitem__), dtype=np.int64)
    wanted = [at for at, one in enumerate(rubric.criteria) if criteria is None or one.id in criteria]
    marks = cells.cells[order][:, wanted]
    status = np.full(marks.shape, -1, dtype=np.int64)
    status[(marks >= ord("0")) & (marks <= ord("9"))] = 0
    status[marks == NOT_APPLICABLE], status[marks == FAILED] = 1, 2
    call, criterion = np.nonzero(status >= 0)
    given = status[call, criterion]
    return RatingFrame(
        reps=cells.reps,
        measures=tuple(Measure.of(rubric.criteria[at]) for at in wanted),
        calls=[cells.calls[at] for at in order.tolist()],
        rep=cells.rep[order][call],
        criterion=criterion,
        call=call,
        day=cells.day[order][call],
        value=np.where(given == 0, marks[call, criterion].astype(float) - ord("0"), np.nan),
        status=given,
    )


@dataclass(frozen=True)
class Totals:
    """Weighted totals over the baseline calls, by rep (only of reps with any), and the team's; `source` of the weights."""

    reps: dict[str, Statistic]
    team: Statistic
    source: str


def totals_of(cells: CallCells, rubric: Rubric) -> Totals:
    """Totals with the rubric's weights. Undefined where no criterion has a weight."""
    import numpy as np

    from agent.core.statistic import Undefined
    from agent.stats.totals import WeightSet, rep_totals, team_total

    source = f"rubric {rubric.label}"
    if not any(criterion.weight for criterion in rubric.criteria):
        none = Undefined(undefined=f"no criterion of {rubric.label} has a weight")
        return Totals({}, none, source)
    frame = rating_frame_of(cells, rubric, baseline_only=True)
    weights = WeightSet(weights={c.id: c.weight for c in rubric.criteria}, source=source)
    found = rep_totals(frame, np.ones(len(frame.calls), dtype=bool), weights)
    return Totals({one.rep: one.total for one in found}, team_total(found).total, source)
