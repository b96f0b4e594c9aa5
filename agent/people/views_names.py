"""Names as they are shown outside."""

from datetime import datetime

from pydantic import Field

from agent.app.view import View
from agent.people.names import KnownName, NameChange, NameKind


class NameView(View):
    """A name, in how many calls, interviews, deals and cycles it stands, and whom it may be."""

    name: str
    counts: dict[str, int]
    like: list[str] = Field(description="Names that may be the same person's.")

    @classmethod
    def of(cls, known: KnownName) -> "NameView":
        return cls(name=known.name, counts=dict(known.counts), like=list(known.like))


class NameChangeView(View):
    """`was` became `now`. `merged`: somebody was called so already. `counts` says where the name stood."""

    number: int
    kind: NameKind
    was: str
    now: str
    by: str
    at: datetime
    merged: bool
    counts: dict[str, int]
    undone: datetime | None

    @classmethod
    def of(cls, change: NameChange) -> "NameChangeView":
        return cls(**vars(change))


class NameList(View):
    """Names, by name."""

    items: list[NameView]


class NameHistory(View):
    """Changes of names, the newest first."""

    items: list[NameChangeView]
