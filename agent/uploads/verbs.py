"""Storing what is staged, as one upload that can be taken back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from agent.calls.store import Calls
from agent.core.errors import Conflict, InputError
from agent.interviews.store import Interviews
from agent.rubrics.store import Rubrics
from agent.uploads.checking import Checked, Line, check, problem_line
from agent.uploads.model import Upload, UploadedDocument
from agent.uploads.store import Uploads

if TYPE_CHECKING:
    from agent.uploads.staging import Staged, StagingArea
    from agent.workspace import Workspace


@dataclass(frozen=True)
class StoredUpload:
    """What was stored, and what was not. `upload` is None where nothing was; then nothing has changed."""

    upload: Upload | None
    counts: Counter[str]
    problems: tuple[Line, ...]


def store(space: Workspace, area: StagingArea, staged: Staged, by: str) -> StoredUpload:
    """Store what is right. Files with problems, and those nothing is known about, stay staged; else all are removed.

    InputError where there is nothing that could be stored.
    """
    checked = check(space, area, staged)
    if not checked.storable and not checked.counts["unchanged"]:
        first = f": {checked.problems[0].what}" if checked.problems else ""
        raise InputError(f"there is nothing here that could be stored{first}")
    done = _documents(space, staged, checked, by) if checked.documents else _table(space, area, staged, checked, by)
    if not done.problems and not checked.waiting:
        area.discard(staged.id)
    return done


def _documents(space: Workspace, staged: Staged, checked: Checked, by: str) -> StoredUpload:
    documents: Any = space.store[Interviews] if staged.kind == "interview" else space.store[Calls]
    planned = [_noted(d.id, how, file) for d, how, file in checked.documents if how != "unchanged"]
    upload = None
    if planned:
        files = len(checked.documents)
        source = staged.manifest or f"{files} {'file' if files == 1 else 'files'}"
        upload = space.store[Uploads].begin(staged.kind, by, source, planned)
    counts, stored, problems = Counter[str](), [], list(checked.problems)
    for document, _, file in checked.documents:
        try:
            how = documents.add(document)
        except Conflict as error:  # somebody else stored other words under this id since we looked
            problems.append(Line(file, "problem", str(error), document.id))
            continue
        counts[how] += 1
        if how != "unchanged":
            stored.append(_noted(document.id, how, file))
    counts["problems"] = len(problems)
    if upload is not None:
        upload = space.store[Uploads].settle(upload.id, stored, counts)
    return StoredUpload(upload, counts, tuple(problems))


def _noted(ident: str, how: str, file: str) -> UploadedDocument:
    became: Literal["new", "changed"] = "new" if how == "new" else "changed"
    return UploadedDocument(id=ident, how=became, file=file)


def _table(space: Workspace, area: StagingArea, staged: Staged, checked: Checked, by: str) -> StoredUpload:
    from agent.uploads import sales_import

    assert checked.columns is not None
    path: Path = area.folder(staged.id) / staged.manifest
    renames = checked.columns.renames
    match staged.kind:
        case "deals":
            made, _ = sales_import.import_deals(space, path, renames, staged.dates, staged.preset)
        case "ratings":
            rubric = space.store[Rubrics].get(staged.rubric)
            made, _ = sales_import.import_ratings(space, path, rubric, renames, staged.dates)
        case _:
            made, _ = sales_import.import_coaching(space, path, renames, staged.dates)
    problems = [problem_line(problem, area, staged) for problem in made.problems]
    counts = Counter(made.done) + Counter(problems=len(problems))
    upload = space.store[Uploads].begin(staged.kind, by, staged.manifest)
    return StoredUpload(space.store[Uploads].settle(upload.id, (), counts), counts, tuple(problems))
