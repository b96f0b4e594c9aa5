"""Coaching cycles, as a person writes them down."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import quote

from agent.calls.store import Calls
from agent.core.errors import Advice, InputError
from agent.core.language import _
from agent.profiles.model import CoachingPeriod, overlap
from agent.profiles.store import Baselines, CoachingPeriods
from agent.rubrics.store import Rubrics
from agent.workspace import Workspace

USUAL_DAYS = 30


def checked_cycle(
    space: Workspace, rep: str, cycle: str, start: date, end: date, criteria: Sequence[str]
) -> CoachingPeriod:
    """One cycle, not stored yet. InputError for what does not fit."""
    if not cycle.strip():
        raise InputError("give the cycle a name, for example cycle_1")
    if end < start:
        raise InputError(_("the cycle ends on {end}, before it starts on {start}", end=end, start=start))
    if not criteria:
        raise InputError("choose the criteria that are coached in this cycle")
    rubrics = known_criteria(space)
    unknown = [ident for ident in criteria if ident not in rubrics]
    if unknown:
        raise InputError(
            _(
                "no rubric here has a criterion {unknown}; there are {rubrics}",
                unknown=repr(unknown[0]),
                rubrics=", ".join(rubrics),
            )
        )
    made = CoachingPeriod(rep=rep, cycle=cycle.strip(), start=start, end=end, criteria=tuple(criteria))
    for known in space.store[CoachingPeriods].all():
        if (why := overlap(known, made)) and known.cycle != made.cycle:
            raise InputError(
                _("{why}; a call belongs to one cycle", why=why),
                advice=Advice("coaching list", f"/coaching/{quote(rep, safe='')}#cycles"),
            )
    return made


def baseline_calls_in(space: Workspace, periods: Sequence[CoachingPeriod]) -> dict[str, int]:
    """By rep how many calls of the recorded baselines lie in these cycles: they count in the cycle alone, never in
    both. Of baselines against a rubric with a criterion of the cycle."""
    found: dict[str, set[str]] = {}
    for stored in space.store[Rubrics].all():
        here = {criterion.id for criterion in stored.rubric.criteria}
        own = [one for one in periods if not here.isdisjoint(one.criteria)]
        drawn = {one.rep: one.calls for one in space.store[Baselines].current(stored.rubric.id)} if own else {}
        facts = space.store[Calls].facts(call for one in own for call in drawn.get(one.rep, ()))
        for one in own:
            inside = {c for c in drawn.get(one.rep, ()) if c in facts and one.start <= facts[c].date <= one.end}
            if inside:
                found.setdefault(one.rep, set()).update(inside)
    return {rep: len(calls) for rep, calls in sorted(found.items())}


def shared_note(shared: Mapping[str, int]) -> str:
    """What is said of baseline calls that lie in a cycle which is entered or imported; empty without any."""
    if not shared:
        return ""
    who = ", ".join(f"{count} of {rep}" for rep, count in shared.items())
    return _(
        "baseline calls that lie in a cycle count in the cycle alone: {who}; draw these baselines anew for "
        "more calls from before it",
        who=who,
    )


def next_cycle(periods: Sequence[CoachingPeriod], today: date) -> tuple[str, date, date]:
    """Name, first and last day that the form for a rep's next cycle begins with: after
    the last one, of usual length."""
    after = max((period.end + timedelta(days=1) for period in periods), default=today)
    start = max(after, today)
    return f"cycle_{len(periods) + 1}", start, start + timedelta(days=USUAL_DAYS - 1)


def known_criteria(space: Workspace) -> list[str]:
    """The criteria of all rubrics."""
    return sorted({c.id for stored in space.store[Rubrics].all() for c in stored.rubric.criteria})
