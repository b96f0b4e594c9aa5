"""Adding and removing sources, and looking at one now."""

import re
from collections.abc import Mapping

from agent.app.verb import Who, verb
from agent.core.errors import InputError
from agent.db.transcripts import now
from agent.sources import taking
from agent.sources.model import Source, SourceKind, Taken
from agent.sources.store import Sources
from agent.text.dates import DateOrder

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@verb(
    "ops_lead",
    audit="source_added",
    subject=lambda made: made.name,
    facts=lambda made: {"kind": made.kind, "address": taking.shown(made.address)},
)
def add_source(
    who: Who,
    name: str,
    kind: SourceKind,
    address: str,
    *,
    manifest: str = "",
    columns: Mapping[str, str] | None = None,
    speakers: Mapping[str, str] | None = None,
    dates: DateOrder = "",
    minutes: int = 15,
) -> Source:
    """Import new transcripts from `address` at regular intervals while a worker runs. Nothing is imported yet.

    InputError for an invalid name and an address that cannot be read, Conflict if the name is taken.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} cannot be a source's name: write lower-case letters, digits, - and _, at most 40")
    taking.Folder(address)
    source = Source(name, kind, address, who.signature, now(), manifest, columns or {}, speakers or {}, dates, minutes)
    return who.space.store[Sources].add(source)


@verb("ops_lead", audit="source_removed")
def remove_source(who: Who, name: str) -> None:
    """Stop importing from a source; imported transcripts stay. NotFound if there is no source with that name."""
    who.space.store[Sources].remove(name)


@verb(
    "ops_lead",
    audit="source_taken",
    subject=lambda taken: taken.source,
    facts=lambda taken: {"upload": taken.upload, "new": len(taken.stored)} if taken.upload else None,
)
def take_source(who: Who, name: str) -> Taken:
    """Import what is new in a source, as one upload that can be undone. NotFound, and InputError if it cannot be
    read."""
    return taking.take(who, who.space.store[Sources].get(name))
