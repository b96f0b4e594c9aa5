"""What storing staged files would do, file by file, without storing anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from agent.calls.store import Calls
from agent.core.errors import CloseReadError, ImportProblem, NotFound, UsageError
from agent.interviews.store import Interviews
from agent.uploads.staging import Staged, StagingArea
from agent.uploads.tables import FORM, Columns, columns_of, filled_in, form_table, source_of, transcripts

if TYPE_CHECKING:
    from agent.calls.model import Call
    from agent.interviews.model import Interview
    from agent.text.importers import Source
    from agent.text.unmatched import Unmatched
    from agent.workspace import Workspace

How = Literal["new", "changed", "unchanged", "problem"]


@dataclass(frozen=True)
class Line:
    """What becomes of one file or row. `number` is a line of `file`; `hint` says what to do about a problem."""

    file: str
    how: How
    what: str
    id: str = ""
    number: int | None = None
    hint: str = ""


@dataclass
class Checked:
    """What storing would do. `waiting` are files that nothing is known about yet, `strangers` those whose speakers are."""

    lines: list[Line] = field(default_factory=list)
    documents: list[tuple[Interview | Call, How, str]] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    strangers: list[Unmatched] = field(default_factory=list)
    columns: Columns | None = None
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def problems(self) -> list[Line]:
        """What would not be stored."""
        return [line for line in self.lines if line.how == "problem"]

    @property
    def storable(self) -> int:
        """How many files or rows would be stored or are there already."""
        return self.counts["new"] + self.counts["changed"]


def check(space: Workspace, area: StagingArea, staged: Staged) -> Checked:
    """Read everything that is staged. What is wrong with the table as a whole is a problem too, not an error."""
    found = Checked()
    try:
        if staged.kind in ("interview", "call"):
            _documents(space, area, staged, found)
        else:
            _table(space, area, staged, found)
    except (ImportProblem, UsageError, NotFound) as error:
        found.lines.append(problem_line(error, area, staged))
    found.counts.update(Counter(line.how for line in found.lines if line.how == "problem"))
    return found


def problem_line(error: CloseReadError, area: StagingArea, staged: Staged, files: Sequence[str] = ()) -> Line:
    """A problem under the name of the person's own file; `files` are the rows of the form, where one was filled in."""
    if not isinstance(error, ImportProblem):
        return Line(staged.manifest, "problem", str(error))
    folder = f"{area.folder(staged.id)}/"
    where, number = error.where.removeprefix(folder), error.line
    if where == FORM and number is not None and 0 <= number - 2 < len(files):
        where, number = files[number - 2], None
    return Line(where, "problem", error.what.replace(folder, ""), "", number, on_page(error.hint))


def without_labels(line: Line) -> Line:
    """The problem of a file that names no speaker at all: there is nothing that the page could ask about."""
    hint = (
        "write the speaker's name before the words of each turn, as in  Ann: …, or export the transcript with speaker "
        "labels (WebVTT, Word, Teams, Zoom, Gong, …), and bring the file again"
    )
    return replace(line, what="no speaker: no line of this file says who speaks", number=None, hint=hint)


def on_page(hint: str) -> str:
    """A hint as it holds on the page: the importers name options of the command line."""
    for option, instead in (
        ("--map", "choose the column under Columns"),
        ("--speakers", "say it under Who speaks"),
        ("--rubric", "choose another rubric"),
        ("--format", "export it again as text or WebVTT"),
    ):
        if option in hint:
            return instead
    return hint


def manifest_of(area: StagingArea, staged: Staged, found: Checked) -> Source:
    """The table that describes the files: the person's own, else what the form says. Fills in columns and waiting."""
    files = transcripts(area, staged)
    if staged.manifest:
        found.columns = columns_of(area, staged, staged.manifest)
        return source_of(area, staged, staged.manifest)
    told = filled_in(staged, files)
    found.waiting = [name for name in files if name not in told]
    return form_table(staged, files)


def heard_in(area: StagingArea, staged: Staged, file: str) -> Unmatched | None:
    """Who speaks in one staged interview or call as things stand; None where nothing says what the file is, or it cannot
    be read."""
    from agent.text.shelf import Loose
    from agent.text.unmatched import heard

    if staged.kind not in ("interview", "call"):
        return None
    found = Checked()
    kind: Literal["interview", "call"] = "interview" if staged.kind == "interview" else "call"
    try:
        manifest = manifest_of(area, staged, found)
        renames = found.columns.renames if found.columns else {}
        return heard(kind, Loose(area.folder(staged.id)), manifest, file, renames, staged.speakers)
    except (ImportProblem, UsageError, NotFound):
        return None


def _documents(space: Workspace, area: StagingArea, staged: Staged, found: Checked) -> None:
    from agent.text.importers.turns import NOBODY
    from agent.text.intake import load_calls, load_interviews
    from agent.text.manifest import read_call_manifest, read_interview_manifest
    from agent.text.shelf import Loose
    from agent.text.unmatched import unmatched
    from agent.uploads.sales_import import known_reps

    if not transcripts(area, staged):
        return
    manifest = manifest_of(area, staged, found)
    renames = found.columns.renames if found.columns else {}
    if found.columns and found.columns.missing:
        missing = ", ".join(found.columns.missing)
        raise ImportProblem(manifest.name, 1, f"no column is chosen for: {missing}", "choose them under Columns")
    kind: Literal["interview", "call"] = "interview" if staged.kind == "interview" else "call"
    load: Any = load_interviews if kind == "interview" else load_calls
    read: Any = read_interview_manifest if kind == "interview" else read_call_manifest
    shelf, names = (
        Loose(area.folder(staged.id)),
        {row.id: row.file for row in read(manifest, renames, staged.dates).rows},
    )
    intake = load(shelf, manifest, renames, staged.speakers, dates=staged.dates, reps=known_reps(space))
    found.strangers, _ = unmatched(kind, shelf, manifest, renames, staged.speakers, nameless=True)
    for document, form, notes in zip(intake.loaded, intake.formats, intake.notes, strict=True):
        _document(space, staged, document, (names[document.id], form), found)
        if notes and found.lines[-1].how != "problem":
            found.lines[-1] = replace(found.lines[-1], what="; ".join((found.lines[-1].what, *notes)))
    files = filled_in(staged, transcripts(area, staged))
    asked = {source.name for one in found.strangers if (source := shelf.get(one.file)) is not None}
    for problem in intake.problems:
        if problem.where not in found.waiting:
            line = problem_line(problem, area, staged, files)
            found.lines.append(
                without_labels(line) if f'"{NOBODY}=' in problem.hint and problem.where not in asked else line
            )


def _document(
    space: Workspace, staged: Staged, document: Interview | Call, read_as: tuple[str, str], found: Checked
) -> None:
    stored: Any = space.store[Interviews] if staged.kind == "interview" else space.store[Calls]
    file, form = read_as
    how: How = "new"
    try:
        before = stored.get(document.id)
        how = "unchanged" if before == document else "changed"
        if before.transcript.id != document.transcript.id:
            what = f"{document.id} is already stored with other words"
            hint = f"give it another {staged.kind}_id, or take the earlier upload back"
            found.lines.append(Line(file, "problem", what, document.id, None, hint))
            return
    except NotFound:
        pass
    found.counts[how] += 1
    found.documents.append((document, how, file))
    people = ", ".join(f"{n} ({r})" for n, r in document.transcript.roles.items())
    turns = len(document.transcript.turns)
    what = f"{form}, {turns} {'turn' if turns == 1 else 'turns'}: {people}"
    found.lines.append(Line(file, how, what, document.id))


def _table(space: Workspace, area: StagingArea, staged: Staged, found: Checked) -> None:
    """Deals, ratings or coaching cycles: rows of one table."""
    from agent.uploads.table_checking import check_table

    if not staged.manifest:
        return
    found.columns = columns_of(area, staged, staged.manifest)
    if found.columns.missing and not staged.preset:
        missing = ", ".join(found.columns.missing)
        raise ImportProblem(staged.manifest, 1, f"no column is chosen for: {missing}", "choose them under Columns")
    path: Path = area.folder(staged.id) / staged.manifest
    counts, problems = check_table(space, staged, path, found.columns.renames)
    found.counts.update(counts)
    found.lines += [problem_line(problem, area, staged) for problem in problems]
