"""What the verbs after the scores share: which rubric, its ratings as a frame, and baselines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.app.telling import Note, unsaid
from agent.coaching.store import Coaching
from agent.core.errors import InputError
from agent.profiles.store_baselines import Baselines
from agent.ratings.columns import RatingColumnsReader
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.coaching.model import Baseline
    from agent.ratings.columns import RatingColumns
    from agent.rubrics.model import Rubric
    from agent.stats.frame import CallFrame, RatingFrame
    from agent.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Loaded:
    """A rubric and its ratings; `note` takes what there is to say beside the numbers made from them."""

    rubric: Rubric
    columns: RatingColumns
    frame: RatingFrame
    calls: CallFrame
    note: Note


def load(space: Workspace, note: Note, rubric: str = "", rater: str = "", viewer: str = "") -> Loaded:
    """The ratings against a rubric that `viewer` may see, each call and criterion once. InputError without any.

    `note` is told what was withheld from `viewer`, and which rubric was taken where none is named.
    """
    from agent.profiles.season_frames import rating_frame
    from agent.ratings.packed_columns import columns_of
    from agent.stats.frame import CallFrame

    found = rubric_in_use(space, rubric, note)
    columns = columns_of(space.store, found, rater, viewer)
    for withheld in columns.withheld:
        note(str(withheld))
    if not len(columns.call):
        raise InputError(
            f"{found.label} has no ratings{f' by {rater}' if rater else ''}; run: closeread score run, or: closeread "
            "ratings import FILE"
        )
    frame = rating_frame(columns, found)
    return Loaded(found, columns, frame, CallFrame.of_ratings(frame, columns.places.stage_of), note)


def rubric_in_use(space: Workspace, reference: str = "", note: Note = unsaid) -> Rubric:
    """The rubric named; else the newest with ratings, before others one that has all criteria people are coached on."""
    if reference:
        return space.store[Rubrics].get(reference)
    rated = space.store[RatingColumnsReader].rated_rubrics()
    newest_first = [stored.rubric for stored in reversed(space.store[Rubrics].all())]
    coached = {criterion for period in space.store[Coaching].periods() for criterion in period.criteria}
    with_ratings = [rubric for rubric in newest_first if rubric.id in rated]
    fitting = [rubric for rubric in with_ratings if coached <= {c.id for c in rubric.criteria}]
    found = next(iter([*fitting, *with_ratings]), None) or space.store[Rubrics].get()
    if found.id != newest_first[0].id:
        note(f"rubric {found.label} (choose another with --rubric)")
    return found


def baselines(space: Workspace, loaded: Loaded) -> list[Baseline]:
    """The recorded baselines; reps without one get theirs drawn and recorded now, which is said."""
    recorded = space.store[Baselines].current(loaded.rubric.id)
    missing = sorted(set(loaded.frame.reps) - {baseline.rep for baseline in recorded})
    if missing:
        new = draw(space, loaded, missing, seed=0)
        space.store[Baselines].add(new)
        loaded.note(f"baselines of {len(new)} reps drawn with seed 0 and recorded (see: closeread baseline show)")
        recorded = [*recorded, *new]
    known = set(loaded.frame.reps)
    return sorted((b for b in recorded if b.rep in known), key=lambda baseline: baseline.rep)


def draw(
    space: Workspace, loaded: Loaded, reps: Sequence[str], seed: int, until: str = "", by: str = ""
) -> list[Baseline]:
    """Baselines of `reps`, not recorded yet. `until` is the first day that does not belong to them."""
    from datetime import UTC, datetime

    from agent.profiles.season_frames import DrawRequest, baseline_ends, drawn
    from agent.text.dates import read_day

    ends = baseline_ends(loaded.frame, space.store[Coaching].periods())
    if until:
        try:
            ends = dict.fromkeys(ends, read_day(until))
        except ValueError as error:
            raise InputError(f"--until: {error}") from error
    asked = DrawRequest(loaded.rubric.id, {rep: ends[rep] for rep in reps}, seed, by, datetime.now(UTC))
    return drawn(loaded.calls, asked, space.rules.profiles)


def the_rep(known: Sequence[str], rep: str) -> str:
    """`rep` as it is written in the workspace. InputError names those there are."""
    folded = {name.casefold(): name for name in known}
    found = folded.get(rep.strip().casefold())
    if found is None:
        raise InputError(f"there is no rep {rep!r} with ratings; there are {', '.join(known)}")
    return found
