"""What somebody brought in at once, so that it can be taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from agent.core.base import Frozen

UploadKind = Literal["interview", "call", "deals", "ratings", "coaching"]
DocumentState = Literal["new", "changed", "removed", "restored"]


class UploadedDocument(Frozen):
    """An interview or call that an upload added or changed, and what has become of it since."""

    id: str
    how: DocumentState
    file: str = ""


class Upload(Frozen):
    """One upload. `counts` are what came in, by `new`, `changed`, `unchanged` and `problems`.

    `source` names the file or the number of files. `undone` is when all of it was taken back.
    """

    id: str
    kind: UploadKind
    by: str
    at: datetime
    undone: datetime | None = None
    source: str = ""
    counts: dict[str, int] = Field(default_factory=dict)
    documents: tuple[UploadedDocument, ...] = ()

    @property
    def open(self) -> tuple[UploadedDocument, ...]:
        """What could still be taken back."""
        return tuple(one for one in self.documents if one.how in ("new", "changed"))

    @property
    def undoable(self) -> bool:
        """Whether this is a kind of upload that can be taken back, and something of it is left."""
        return self.kind in ("interview", "call") and bool(self.open)


class TakenBack(Frozen):
    """What taking back an upload did. `kept` says for each document that stays what rests on it."""

    removed: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    kept: dict[str, str] = Field(default_factory=dict)
