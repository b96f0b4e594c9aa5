"""Importing interviews and calls: what is right is stored, and everything that is not is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from agent.calls.store import Calls
from agent.core.errors import CloseReadError, Conflict, InputError
from agent.interviews.store import Interviews

if TYPE_CHECKING:
    from agent.core.transcript import Transcript
    from agent.text.dates import DateOrder
    from agent.workspace import Workspace

Kind = Literal["interview", "call"]


@dataclass(frozen=True)
class Stored:
    """One document that was stored: `how` is `new`, `changed` or `unchanged`; `form` the format it was read in, `notes`
    what its reader ought to know (what was left out, who is heard once)."""

    id: str
    how: str
    form: str
    transcript: Transcript
    notes: tuple[str, ...] = ()


def _ignored(stored: Stored) -> None:
    """Where nobody watches the import."""


@dataclass
class DocumentsImported:
    """What an import did."""

    stored: list[Stored] = field(default_factory=list)
    problems: list[CloseReadError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def done(self) -> Counter[str]:
        """Documents by how they were stored."""
        return Counter(one.how for one in self.stored)

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        documents = [
            {"id": s.id, "how": s.how, "format": s.form, "turns": len(s.transcript.turns), "notes": list(s.notes)}
            for s in self.stored
        ]
        return {"documents": documents, "problems": [str(problem) for problem in self.problems], "notes": self.notes}


def import_documents(
    space: Workspace,
    kind: Kind,
    directory: Path,
    manifest: Path,
    columns: dict[str, str] | None = None,
    speakers: dict[str, str] | None = None,
    reps: Sequence[str] | None = None,
    form: str | None = None,
    on_stored: Callable[[Stored], None] = _ignored,
    dates: DateOrder = "",
) -> DocumentsImported:
    """Read the files that `manifest` names and store those that are right.

    `columns`: their column -> our field; `speakers`: label (or "FILE:label") -> "rep", "buyer" or a name; `reps`: the
    known reps; `form`: a transcript format instead of detecting it; `dates`: the order of dates like 3/4/2026. ImportProblem where the manifest cannot be used.
    """
    from agent.text.intake import load_calls, load_interviews
    from agent.uploads.sales_import import known_reps, new_reps

    load: Callable[..., Any] = load_interviews if kind == "interview" else load_calls
    documents: Any = space.store[Interviews] if kind == "interview" else space.store[Calls]
    known = None if reps is None else list(reps)
    people = known_reps(space)
    intake = load(directory, manifest, columns or {}, speakers or {}, known, format=form, dates=dates, reps=people)
    made = DocumentsImported(problems=list(intake.problems), notes=[*intake.left_out, *new_reps(people)])
    for read_as, notes, document in zip(intake.formats, intake.notes, intake.loaded, strict=True):
        try:
            how = documents.add(document)
        except Conflict as conflict:
            made.problems.append(conflict)
            continue
        made.stored.append(Stored(document.id, how, read_as, document.transcript, notes))
        on_stored(made.stored[-1])
    return made


def roster(path: Path) -> list[str]:
    """The known reps in a text file, one a line. InputError where it cannot be read."""
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}; give a UTF-8 text file with one rep a line") from error
