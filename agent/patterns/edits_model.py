"""What people change in extracted patterns. Edits are appended and applied on reading; none is ever removed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from agent.core.base import Frozen

Name = Annotated[str, Field(min_length=1, max_length=200)]
Wording = Annotated[str, Field(min_length=1, max_length=2000)]
Ident = Annotated[str, Field(min_length=1, max_length=200)]


class Renamed(Frozen):
    """A pattern has another name. Its behavior stays: the codings are of that wording."""

    kind: Literal["renamed"] = "renamed"
    pattern: Ident
    name: Name


class Merged(Frozen):
    """Patterns became the pattern `into`, which is present in an interview where any of them is."""

    kind: Literal["merged"] = "merged"
    patterns: tuple[Ident, ...] = Field(min_length=2, max_length=20)
    into: Ident
    name: Name
    behavior: Wording


class Resettled(Frozen):
    """What a person decided for one interview when a pattern was split: is the old one present, is the new one?"""

    interview: Ident
    stays: bool
    goes: bool


class Split(Frozen):
    """A pattern gave some of its observations to the new pattern `into`; a person settled the interviews anew."""

    kind: Literal["split"] = "split"
    pattern: Ident
    into: Ident
    name: Name
    behavior: Wording
    observations: tuple[Ident, ...] = Field(min_length=1, max_length=1000)
    settled: tuple[Resettled, ...] = Field(max_length=1000)


class Rejected(Frozen):
    """A pattern is not to be used. It is kept, shown as rejected, and counted in every correction."""

    kind: Literal["rejected"] = "rejected"
    pattern: Ident
    reason: Wording


class Undone(Frozen):
    """An earlier edit no longer holds."""

    kind: Literal["undone"] = "undone"
    edit: int = Field(ge=1)


PatternChange = Annotated[Renamed | Merged | Split | Rejected | Undone, Field(discriminator="kind")]


class PatternEdit(Frozen):
    """One edit: what was changed, by whom, and which patterns they had in front of them. `number` orders all edits."""

    number: int = Field(ge=1)
    pattern_set: str
    by: str
    at: datetime
    change: PatternChange
