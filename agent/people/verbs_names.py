"""Renaming reps and buyers, and merging two names into one."""

from agent.app.verb import Who, verb
from agent.people.names import NameChange, NameKind, Names
from agent.text.names import People


@verb(
    "ops_lead",
    audit="name_changed",
    subject=lambda change: change.now,
    facts=lambda change: {"kind": change.kind, "was": change.was, "merged": change.merged, **change.counts},
)
def change_name(who: Who, kind: NameKind, was: str, now: str) -> NameChange:
    """Give a rep or buyer another name everywhere; if somebody already has that name, the two become one."""
    return who.space.store[Names].change(kind, was, now, who.signature)


@verb(
    "ops_lead", audit="name_change_undone", subject=lambda change: change.now, facts=lambda change: {"was": change.was}
)
def undo_name(who: Who, number: int) -> NameChange:
    """Take a change of a name back."""
    return who.space.store[Names].undo(number)


def unknown_rep(who: Who, rep: str) -> str:
    """A warning if an account is for a rep whom no data here names; empty if the rep is named, or as long as no data
    names anybody."""
    known = who.space.store[Names].all("rep") if rep else []
    if not known or rep in known:
        return ""
    like = People(known).like(rep)
    meant = f" Did you mean {' or '.join(like)}?" if like else ""
    return f"No call, interview or deal names a rep “{rep}”, so this account sees nothing until one does.{meant}"
