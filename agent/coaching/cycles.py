"""Coaching cycles, as a person writes them down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from agent.calls.store import Calls
from agent.coaching.store import Coaching
from agent.core.errors import InputError
from agent.profiles.model import CoachingPeriod
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.workspace import Workspace

USUAL_DAYS = 30


def add_cycle(
    space: Workspace, rep: str, cycle: str, start: date, end: date, criteria: Sequence[str]
) -> CoachingPeriod:
    """Store one cycle; one of the same rep and name is replaced. InputError for what does not fit, Forbidden for who may
    not coach."""
    if rep not in space.store[Calls].reps():
        raise InputError(f"there is no rep {rep!r} with a call")
    if not cycle.strip():
        raise InputError("give the cycle a name, for example cycle_1")
    if end < start:
        raise InputError(f"the cycle ends on {end}, before it starts on {start}")
    if not criteria:
        raise InputError("choose the criteria that are coached in this cycle")
    known = known_criteria(space)
    unknown = [ident for ident in criteria if ident not in known]
    if unknown:
        raise InputError(f"no rubric here has a criterion {unknown[0]!r}")
    made = CoachingPeriod(rep=rep, cycle=cycle.strip(), start=start, end=end, criteria=tuple(criteria))
    space.store[Coaching].add_periods([made])
    return made


def next_cycle(periods: Sequence[CoachingPeriod], today: date) -> tuple[str, date, date]:
    """Name, first and last day that the form for a rep's next cycle begins with: after the last one, of usual length."""
    after = max((period.end + timedelta(days=1) for period in periods), default=today)
    start = max(after, today)
    return f"cycle_{len(periods) + 1}", start, start + timedelta(days=USUAL_DAYS - 1)


def known_criteria(space: Workspace) -> list[str]:
    """The criteria of all rubrics."""
    return sorted({c.id for stored in space.store[Rubrics].all() for c in stored.rubric.criteria})
