"""Patterns as people edited them: renamed, merged, split, rejected, and edits taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.core.errors import Conflict, InputError, NotFound
from agent.interviews.store import Interviews
from agent.patterns.store import Extractions
from agent.patterns.store_edits import PatternEdits

if TYPE_CHECKING:
    from agent.interviews.model import Pattern
    from agent.patterns.edits import EditedPatterns
    from agent.patterns.edits_model import PatternChange, Resettled
    from agent.workspace import Workspace


def current(space: Workspace) -> EditedPatterns:
    """The newest extraction with its edits: what every figure and every draft goes by. NotFound without one."""
    from agent.patterns.edits import edited

    extraction = space.store[Extractions].newest()
    edits = space.store[PatternEdits].of(extraction.codebook.id)
    interviews = space.store[Interviews].all(extraction.patterns.interviews) if edits else []
    return edited(extraction, interviews, edits)


def by_any_id(space: Workspace) -> dict[str, Pattern]:
    """Patterns by every id that they or what was merged into them ever had: criteria keep the id they were drafted of."""
    found = current(space)
    known = {p.id: p for p in (*found.extraction.patterns.patterns, *(r.pattern for r in found.rejected))}
    for gone in found.gone:
        into = found.gone[gone]
        while into in found.gone:
            into = found.gone[into]
        known[gone] = known[into]
    return known


def rename(space: Workspace, pattern: str, name: str, by: str = "") -> EditedPatterns:
    """Give a pattern another name."""
    from agent.patterns.edits_model import Renamed

    found = current(space)
    if found.pattern(pattern).name == name:
        raise InputError(f"{pattern} has this name already")
    return _add(space, found, Renamed(pattern=pattern, name=name), by)


def merge(space: Workspace, patterns: Sequence[str], name: str, behavior: str, by: str = "") -> EditedPatterns:
    """Make one pattern of several. It is the newest of what is returned; see `made`."""
    from agent.patterns.edits_model import Merged

    if len(set(patterns)) < 2:
        raise InputError("choose at least two patterns to merge")
    found = current(space)
    into = _new_id(found, name)
    change = Merged(patterns=tuple(dict.fromkeys(patterns)), into=into, name=name, behavior=behavior)
    return _add(space, found, change, by)


def split(
    space: Workspace,
    pattern: str,
    name: str,
    behavior: str,
    observations: Sequence[str],
    settled: Sequence[Resettled],
    by: str = "",
) -> EditedPatterns:
    """Give some observations of a pattern to a new one. `settled` has an answer for every interview it is present in."""
    from agent.patterns.edits import check_split
    from agent.patterns.edits_model import Split

    if not observations:
        raise InputError("choose the observations that go to the new pattern")
    found = current(space)
    change = Split(
        pattern=found.pattern(pattern).id,
        into=_new_id(found, name),
        name=name,
        behavior=behavior,
        observations=tuple(dict.fromkeys(observations)),
        settled=tuple(settled),
    )
    check_split(found, change)
    return _add(space, found, change, by)


def reject(space: Workspace, pattern: str, reason: str, by: str = "") -> EditedPatterns:
    """Leave a pattern out of everything that follows."""
    from agent.patterns.edits_model import Rejected

    return _add(space, current(space), Rejected(pattern=pattern, reason=reason), by)


def undo(space: Workspace, number: int, by: str = "") -> EditedPatterns:
    """Take an edit back. NotFound if there is none; Conflict where it was taken back before or a later one needs it."""
    from agent.patterns.edits_model import Undone

    found = current(space)
    edit = next((e for e in found.edits if e.number == number), None)
    if edit is None or isinstance(edit.change, Undone):
        raise NotFound(f"there is no edit {number} of these patterns that could be taken back")
    if number in found.undone:
        raise Conflict(f"edit {number} was taken back already")
    try:
        return _add(space, found, Undone(edit=number), by)
    except InputError as error:
        raise Conflict(f"a later edit builds on this one: {error}; take that back first") from error


def made(found: EditedPatterns) -> str:
    """The id of the pattern that the newest edit made or changed; empty for one that was taken back."""
    change = found.edits[-1].change
    return str(getattr(change, "into", "") or getattr(change, "pattern", ""))


def _add(space: Workspace, found: EditedPatterns, change: PatternChange, by: str) -> EditedPatterns:
    """Store a change that fits what was before it."""
    from datetime import UTC, datetime

    from agent.patterns.edits import edited
    from agent.patterns.edits_model import PatternEdit

    interviews = space.store[Interviews].all(found.raw.patterns.interviews)
    patterns = found.raw.patterns
    tried = PatternEdit(number=found.last + 1, pattern_set=patterns.id, by=by, at=datetime.now(UTC), change=change)
    edited(found.raw, interviews, [*found.edits, tried])
    edit = space.store[PatternEdits].add(patterns.id, found.raw.codebook.id, change, by, found.last)
    return edited(found.raw, interviews, [*found.edits, edit])


def _new_id(found: EditedPatterns, name: str) -> str:
    from agent.patterns.merging import slug, unique

    ever = (
        {e.id for e in found.raw.codebook.entries} | {e.id for e in found.extraction.codebook.entries} | {*found.gone}
    )
    ever |= {str(into) for e in found.edits if (into := getattr(e.change, "into", ""))}
    return unique(slug(name)[:100], ever)
