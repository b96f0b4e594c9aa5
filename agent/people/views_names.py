"""Names as they are shown outside."""

from pydantic import Field

from agent.app.view import View
from agent.people.names import NameChange


class NameView(View):
    """A name, in how many calls, interviews, deals and cycles it stands, and whom it may be."""

    name: str
    counts: dict[str, int]
    like: list[str] = Field(description="Names that may be the same person's.")


class NameChangeView(NameChange, View):
    """`was` became `now`. `merged`: somebody was called so already. `counts` says where the name stood."""


class NameList(View):
    """Names, by name."""

    items: list[NameView]


class NameHistory(View):
    """Changes of names, the newest first."""

    items: list[NameChangeView]
