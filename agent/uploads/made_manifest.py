"""A manifest made from files: an Excel file with a row for each transcript, what its name
gives away, and who speaks."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from agent.core.errors import ImportProblem
from agent.core.lazy import lazy
from agent.text.importers import Reader, reading_of
from agent.text.shelf import Shelf
from agent.text.survey import survey
from agent.uploads.model import UploadKind
from agent.uploads.tables import FIELDS

openpyxl = lazy("openpyxl")

_DAY = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_TABLES = (".csv", ".tsv", ".xlsx")
OUTCOMES = ("won", "lost", "no decision", "churned")


@dataclass(frozen=True)
class MadeRow:
    """One transcript: what is known of it by our fields, who speaks in it, and why it cannot be read, if so."""

    file: str
    known: dict[str, str] = field(default_factory=dict)
    heard: tuple[str, ...] = ()
    problem: str = ""


def guessed(name: str) -> dict[str, str]:
    """What a file's name gives away: a day, won or lost."""
    stem = PurePosixPath(name).stem.casefold()
    values: dict[str, str] = {}
    if day := _DAY.search(stem):
        values["date"] = "-".join(day.groups())
    words = set(re.split(r"[^a-z]+", name.casefold()))
    if len(outcome := words & {"won", "lost"}) == 1:
        values["outcome"] = outcome.pop()
    return values


def made_rows(
    kind: UploadKind, at: Path | Shelf, reps: Iterable[str] = (), reader: Reader = reading_of
) -> Iterator[MadeRow]:
    """A row for every transcript of a folder, zip or shelf; of a call the rep too, where one rep alone is heard."""
    known = {rep.casefold(): rep for rep in reps}
    for one in survey(at, reader=reader):
        if isinstance(one.found, ImportProblem):
            if PurePosixPath(one.file).suffix.lower() not in _TABLES:  # tables that hold no turns are no transcripts
                yield MadeRow(one.file, guessed(one.file), (), str(one.found.what))
            continue
        facts, heard = guessed(one.file), one.found.speakers
        theirs = [known[name.casefold()] for name in heard if name.casefold() in known]
        if kind == "call" and len(theirs) == 1:
            facts["rep"] = theirs[0]
        yield MadeRow(one.file, facts, heard)


def manifest_workbook(kind: UploadKind, rows: Sequence[MadeRow]) -> bytes:
    """The rows as a manifest to correct, and on a second sheet who is heard in each file, which no import reads."""
    columns = [name for name in FIELDS[kind].all if name not in ("interview_id", "call_id")]
    book = openpyxl.Workbook()
    sheet, beside = book.worksheets[0], book.create_sheet("who speaks")
    sheet.title = "manifest"
    sheet.append(columns)
    beside.append(["file", "heard", "problem"])
    for row in rows:
        _append(sheet, [row.file if name == "file" else row.known.get(name, "") for name in columns])
        _append(beside, [row.file, "; ".join(row.heard), row.problem])
    for page in (sheet, beside):
        page.freeze_panes = "A2"
        for number, cell in enumerate(page[1], 1):
            cell.font = openpyxl.styles.Font(bold=True)
            wide = cell.value in ("file", "heard", "problem")
            page.column_dimensions[openpyxl.utils.get_column_letter(number)].width = 30 if wide else 16
    if "outcome" in columns:
        letter = openpyxl.utils.get_column_letter(columns.index("outcome") + 1)
        choice = openpyxl.worksheet.datavalidation.DataValidation(
            type="list", formula1=f'"{",".join(OUTCOMES)}"', allow_blank=True
        )
        choice.add(f"{letter}2:{letter}{len(rows) + 1}")
        sheet.add_data_validation(choice)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _append(sheet: Any, values: Sequence[str]) -> None:
    """A row of texts: a name that begins with = is no formula."""
    # A file whose name holds control characters is not found by this name; the row then says so, and nothing breaks.
    sheet.append([openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("\ufffd", value) for value in values])
    for cell in sheet[sheet.max_row]:
        if cell.value:
            cell.data_type = "s"
