"""What somebody brought in at once, so that it can be taken back."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from agent.core.base import Frozen

UploadKind = Literal["interview", "call", "deals", "ratings", "coaching"]
DocumentState = Literal["new", "changed", "removed", "restored"]


class UploadedDocument(Frozen):
    """What an upload added or changed (an interview, a call, a deal, a cycle, or a call with ratings), and
    what has become of it since."""

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
        """Whether something of it is left that could be taken back."""
        return bool(self.open)


class TakenBack(Frozen):
    """What taking back an upload did, or would do. `kept` says for each thing that stays what rests on it, `along` what
    would go with those of them on which only models' readings rest, if that is wanted."""

    removed: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    kept: dict[str, str] = Field(default_factory=dict)
    along: dict[str, str] = Field(default_factory=dict)
