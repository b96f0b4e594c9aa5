"""Staged files as they would be imported: what was said about them on the page, put together for the import."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from agent.app.verb import Who
from agent.core.errors import CloseReadError, ImportProblem, NotFound, UsageError
from agent.core.language import N_, _
from agent.speech.hearing_files import HeardFolder, HeardReader
from agent.text.importers import Source
from agent.text.importers.turns import NOBODY
from agent.text.shelf import Loose
from agent.text.unmatched import Unmatched, heard
from agent.uploads import verbs
from agent.uploads.reading import Brought, Checked, ImportLine, KeptReadings, check
from agent.uploads.staging import Staged, StagingArea
from agent.uploads.tables import FORM, FORM_FIELDS, columns_of, filled_in, form_table, source_of, transcripts
from agent.workspace import Workspace


def check_staged(space: Workspace, area: StagingArea, staged: Staged) -> Checked:
    """What storing the staged files would do. Each file is read once, however often one looks before it is stored."""
    files = transcripts(area, staged)
    name = staged.manifest or f"{len(files)} {'file' if len(files) == 1 else 'files'}"
    checked, of_files = Checked(staged.kind, name), staged.kind in FORM_FIELDS
    told, shelf = filled_in(staged, files), Loose(area.folder(staged.id))

    def in_words(error: CloseReadError) -> ImportLine:
        line = problem_line(error, area, staged, told)
        if (
            isinstance(error, ImportProblem)
            and f'"{NOBODY}=' in error.told.option
            and error.where not in _asked(shelf, checked)
        ):
            return _without_labels(line)
        return line

    if not files if of_files else not staged.manifest:
        return checked
    try:
        table = _table_of(area, staged, checked, files)
        missing = checked.columns.missing if checked.columns and not staged.preset else ()
        if missing:
            what = _("no column is chosen for: {missing}", missing=", ".join(missing))
            raise ImportProblem(table.name, 1, what, "choose them under Columns")
    except (ImportProblem, UsageError, NotFound) as error:
        checked.lines.append(in_words(error))
        return checked
    brought = Brought(
        kind=staged.kind,
        name=name,
        table=table if of_files else area.folder(staged.id) / staged.manifest,
        shelf=shelf if of_files else None,
        columns=checked.columns.renames if checked.columns else {},
        speakers=staged.speakers,
        dates=staged.dates,
        preset=staged.preset,
        rubric=staged.rubric,
        notes=staged.notes,
        reader=_reader(area, staged),
    )
    check(space, brought, checked, in_words)
    checked.lines = [line for line in checked.lines if line.how != "problem" or line.file not in checked.waiting]
    return checked


def _reader(area: StagingArea, staged: Staged) -> HeardReader:
    return HeardReader(HeardFolder(area.kept(staged.id)), KeptReadings(area.kept(staged.id), area.names(staged.id)))


def _asked(shelf: Loose, checked: Checked) -> set[str]:
    """The files whose speakers the page asks about."""
    return {source.name for one in checked.strangers if (source := shelf.get(one.file)) is not None}


def _without_labels(line: ImportLine) -> ImportLine:
    """The problem of a file that names no speaker at all: there is nothing that the page could ask about."""
    hint = N_(
        "write the speaker's name before the words of each turn, as in  Ann: …, or export the transcript with speaker "
        "labels (WebVTT, Word, Teams, Zoom, Gong, …), and bring the file again. If it is notes or an e-mail of one "
        "voice, press the button here; for many files write  notes  in a column kind of the table, "
        "or choose it under They are"
    )
    return replace(line, what=N_("no speaker: no line of this file says who speaks"), number=None, hint=hint)


def store_staged(who: Who, area: StagingArea, staged: Staged) -> verbs.StoredUpload:
    """Store what is right. Files with problems, and those nothing is known about, stay staged; else all are removed."""
    checked = check_staged(who.space, area, staged)
    done = verbs.bring_in(who, checked)
    if not done.problems and not checked.waiting:
        area.discard(staged.id)
    return done


def heard_in(area: StagingArea, staged: Staged, file: str) -> Unmatched | None:
    """Who speaks in one staged interview or call as things stand; None where nothing says what the
    file is, or it cannot be read."""
    if staged.kind not in FORM_FIELDS:
        return None
    kind: Literal["interview", "call"] = "interview" if staged.kind == "interview" else "call"
    checked = Checked(staged.kind, "")
    try:
        table = _table_of(area, staged, checked, transcripts(area, staged))
        columns = checked.columns.renames if checked.columns else {}
        reader = _reader(area, staged)
        return heard(
            kind,
            Loose(area.folder(staged.id)),
            table,
            file,
            columns,
            staged.speakers,
            reader=reader,
            dates=staged.dates,
        )
    except (ImportProblem, UsageError, NotFound):
        return None


def _table_of(area: StagingArea, staged: Staged, checked: Checked, files: Sequence[str]) -> Source:
    """The table: the person's own, else what the form says of each file. Fills in columns and waiting."""
    if staged.manifest:
        checked.columns = columns_of(area, staged, staged.manifest)
        return source_of(area, staged, staged.manifest)
    told = filled_in(staged, files)
    checked.waiting = [name for name in files if name not in told]
    return form_table(staged, files)


def _more(error: CloseReadError) -> str:
    said = error.advice.on_a_page() if error.advice else ""
    return f"; {said}" if said else ""


def problem_line(error: CloseReadError, area: StagingArea, staged: Staged, told: Sequence[str]) -> ImportLine:
    """A problem under the name of the person's own file; `told` are the rows of the form, where one was filled in."""
    if not isinstance(error, ImportProblem):
        return ImportLine(staged.manifest, "problem", f"{error}{_more(error)}")
    folder = f"{area.folder(staged.id)}/"
    where, number = error.where.removeprefix(folder), error.line
    if where == FORM and number is not None and 0 <= number - 2 < len(told):
        where, number = told[number - 2], None
    return ImportLine(
        where, "problem", error.what.replace(folder, ""), "", number, error.told.on_a_page(), error.told.label
    )
