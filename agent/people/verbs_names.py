"""Renaming reps and buyers, and making two names one."""

from __future__ import annotations

from agent.app.verb import Who, verb
from agent.people.names import NameChange, NameKind, Names


@verb(
    "ops_lead",
    audit="name_changed",
    subject=lambda change: change.now,
    facts=lambda change: {"kind": change.kind, "was": change.was, "merged": change.merged, **change.counts},
)
def change_name(who: Who, kind: NameKind, was: str, now: str) -> NameChange:
    """Call a rep or buyer by another name everywhere; where somebody is called so already, the two become one."""
    return who.space.store[Names].change(kind, was, now, who.signature)


@verb(
    "ops_lead", audit="name_change_undone", subject=lambda change: change.now, facts=lambda change: {"was": change.was}
)
def undo_name(who: Who, number: int) -> NameChange:
    """Take a change of a name back."""
    return who.space.store[Names].undo(number)
