"""The table that describes staged files: which file it is, what its columns mean, or what was typed into the form."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from agent.core.errors import ImportProblem, InputError
from agent.core.language import _
from agent.outcomes.deal_file import COACHING_FIELDS, DEAL_FIELDS, DEAL_NEEDED
from agent.ratings.import_file import FIELDS as RATING_FIELDS
from agent.ratings.import_file import NEEDED as RATING_NEEDED
from agent.settings import shipped
from agent.speech.hearing_files import HeardFolder, Recorded
from agent.text.columns import Preview, guess, preview
from agent.text.importers import Source, csv_table, read_source, workbook
from agent.text.importers.base import RECORDINGS
from agent.text.manifest import CALL_FIELDS, CALL_REQUIRED, INTERVIEW_FIELDS, INTERVIEW_REQUIRED
from agent.uploads.model import UploadKind
from agent.uploads.staging import Staged, StagingArea
from agent.workspace import Workspace

FORM = "the form"
"""The name of the table that is made from the form."""
_TABLES = (".csv", ".tsv", ".xlsx", ".xlsm")


@dataclass(frozen=True)
class Fields:
    """The fields of one row: those that are needed, and all in the order in which the page lists them."""

    needed: tuple[str, ...]
    all: tuple[str, ...]


FIELDS: dict[UploadKind, Fields] = {
    "interview": Fields(INTERVIEW_REQUIRED, INTERVIEW_FIELDS),
    "call": Fields(CALL_REQUIRED, CALL_FIELDS),
    "deals": Fields(DEAL_NEEDED, DEAL_FIELDS),
    "ratings": Fields(RATING_NEEDED, RATING_FIELDS),
    "coaching": Fields(COACHING_FIELDS, COACHING_FIELDS),
}
# What the form asks for each file. Files have no columns that could be mapped, so these are few.
FORM_FIELDS: dict[str, tuple[str, ...]] = {
    "interview": ("outcome", "date", "buyer", "rep", "account", "stage", "kind"),
    "call": ("date", "rep", "customer", "account", "stage", "deal"),
}


@dataclass(frozen=True)
class Columns:
    """A staged table: its name, first rows, and the column of each field (those that are known)."""

    name: str
    table: Preview
    fields: Fields
    chosen: dict[str, str]

    @property
    def missing(self) -> tuple[str, ...]:
        """Needed fields without a column."""
        return tuple(field for field in self.fields.needed if field not in self.chosen)

    @property
    def renames(self) -> dict[str, str]:
        """Their column -> our field, as the importers take it; two fields separated by a comma
        where one column fills both."""
        renamed: dict[str, str] = {}
        for field, column in self.chosen.items():
            renamed[column] = f"{renamed[column]},{field}" if column in renamed else field
        return renamed


def preset(space: Workspace, name: str) -> str:
    """Check the name of a CRM's column map; empty is none. InputError for an unknown one: it becomes part of a path."""
    there = presets(space)
    if name and name not in there:
        raise InputError(
            _("there is no map of the columns of {name}; there are: {there}", name=repr(name), there=", ".join(there))
        )
    return name


def preset_columns(space: Workspace, name: str) -> dict[str, str]:
    """Our field -> the column of a CRM's export; empty where no CRM is named."""
    if not name:
        return {}
    columns = space.settings.export_map(preset(space, name)).columns
    return {field.strip(): theirs for theirs, ours in columns.items() for field in ours.split(",")}


def presets(space: Workspace) -> list[str]:
    """The names of all column maps: the shipped ones and the workspace's own."""
    folders = (space.settings.workspace / "config" / "maps", shipped("config") / "maps")
    return sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})


def candidates(area: StagingArea, staged: Staged) -> list[str]:
    """Staged files that are tables."""
    return [name for name in area.names(staged.id) if PurePosixPath(name).suffix.lower() in _TABLES]


def choose_table(area: StagingArea, staged: Staged) -> str:
    """The staged table that fits the kind best, empty if none does.

    Of transcripts that are tables themselves none has columns for what a manifest needs.
    """
    best, most = "", 1
    for name in candidates(area, staged):
        try:
            columns = columns_of(area, staged, name)
        except ImportProblem:
            continue
        fitting = sum(field in columns.chosen for field in columns.fields.needed)
        if fitting > most and (staged.kind not in FORM_FIELDS or "file" in columns.chosen):
            best, most = name, fitting
    return best


def columns_of(area: StagingArea, staged: Staged, name: str) -> Columns:
    """The table's columns: as the person mapped them, else guessed. Raises ImportProblem where it cannot be read."""
    fields, table = FIELDS[staged.kind], preview(source_of(area, staged, name), FIELDS[staged.kind].needed)
    files = [other for other in area.names(staged.id) if other != name]
    if staged.manifest == name and staged.columns:
        chosen = {field: column for field, column in staged.columns.items() if column in table.header}
    else:
        chosen = guess(table, fields.all, files)
    return Columns(name, table, fields, chosen)


def source_of(area: StagingArea, staged: Staged, name: str) -> Source:
    """A staged file under the name that the person knows. Raises ImportProblem where it is gone."""
    if name not in area.names(staged.id):
        raise ImportProblem(name, None, "this file is not among those you brought", "bring it again")
    return Source(name, read_source(area.folder(staged.id) / name).data)


def transcripts(area: StagingArea, staged: Staged) -> list[str]:
    """Staged files that are read as transcripts: all but the manifest and other tables without turns."""
    tables = {name for name in candidates(area, staged) if not _holds_turns(area, staged, name)}
    return [name for name in area.names(staged.id) if name != staged.manifest and name not in tables]


def recordings(area: StagingArea, staged: Staged) -> list[Recorded]:
    """Staged recordings."""
    folder = area.folder(staged.id)
    return [Recorded(n, folder / n) for n in area.names(staged.id) if PurePosixPath(n).suffix.lower() in RECORDINGS]


def unheard(area: StagingArea, staged: Staged) -> list[Recorded]:
    """Those of them that are still to be heard."""
    heard = HeardFolder(area.kept(staged.id))
    return [file for file in recordings(area, staged) if heard.waits(file)]


def _holds_turns(area: StagingArea, staged: Staged, name: str) -> bool:
    try:
        source = source_of(area, staged, name)
        return workbook.holds_turns(source) if workbook.FORMAT.sniff(source) else csv_table.FORMAT.sniff(source)
    except ImportProblem:  # no text at all: it is named where the files are read
        return True


def form_table(staged: Staged, files: Sequence[str]) -> Source:
    """What was filled into the form as a manifest: a row for each of `files` that has anything."""
    fields = FORM_FIELDS[staged.kind]
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(("file", *fields))
    for name in filled_in(staged, files):
        rows.writerow((name, *(staged.facts[name].get(field) or staged.shared.get(field, "") for field in fields)))
    return Source(FORM, out.getvalue().encode())


def filled_in(staged: Staged, files: Sequence[str]) -> list[str]:
    """The files for which something was typed into the form, in the order of its rows."""
    return [name for name in files if any(staged.facts.get(name, {}).values())]
