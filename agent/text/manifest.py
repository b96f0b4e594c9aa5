"""The table (CSV or Excel) that says what each interview or call is: date, outcome, rep, account, stage …

A manifest's own column names are kept apart from ours by `--map "Opportunity Owner=rep"`: their column = our field.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Generic, TypeVar

from agent.core.base import content_id
from agent.core.errors import Advice, ImportProblem, UsageError
from agent.text.columns import map_options
from agent.text.csv_rows import header_and_rows
from agent.text.dates import DateOrder, TwoWays, column_order, read_past_day
from agent.text.importers import Source, read_source
from agent.text.names import folded
from agent.text.outcomes import Ending, Outcome, ending_of, outcome_of
from agent.text.tables import collected, wrong_width

INTERVIEW_REQUIRED = ("file", "date", "outcome", "buyer", "rep")
CALL_REQUIRED = ("file", "date", "rep")
INTERVIEW_FIELDS = (*INTERVIEW_REQUIRED, "interview_id", "account", "stage", "interviewer", "kind", "speakers")
CALL_FIELDS = (*CALL_REQUIRED, "call_id", "customer", "account", "industry", "stage", "deal", "speakers")
_ALIASES = {"stage_reached": "stage", "deal_id": "deal"}
_ALIAS = 200  # characters of a file's name that are kept
_WORD = re.compile(r"[^\W\d_]{2,}")

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class InterviewRow:
    """One row about an interview. `line` is its line in the manifest; `details` holds the columns that are no field.
    `notes` tells whether the interview is written as notes, None if the row does not say. `speakers` maps labels to
    role words or names."""

    line: int
    id: str
    alias: str
    file: str
    date: date
    outcome: Outcome
    buyer: str
    rep: str
    account: str = ""
    stage: str = ""
    interviewer: str = ""
    ending: Ending = ""
    notes: bool | None = None
    speakers: dict[str, str] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)

    @property
    def buyers(self) -> tuple[str, ...]:
        """The buyers' names; the manifest separates several by semicolons."""
        return tuple(name for part in self.buyer.split(";") if (name := part.strip()))


@dataclass(frozen=True, slots=True)
class CallRow:
    """One row about a call. `line` is its line in the manifest; `details` holds the columns that are no field."""

    line: int
    id: str
    alias: str
    file: str
    date: date
    rep: str
    customer: str = ""
    account: str = ""
    industry: str = ""
    stage: str = ""
    deal: str = ""
    speakers: dict[str, str] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest(Generic[Row]):
    """The rows that can be used, in the file's order, and one problem for each that cannot.

    `files` names every file of any row, usable or not; `left_out` tells which lines are no rows.
    """

    name: str
    rows: tuple[Row, ...]
    problems: tuple[ImportProblem, ...]
    files: frozenset[str]
    left_out: tuple[str, ...] = ()


def pairs(option: str, written: Sequence[str]) -> dict[str, str]:
    """`left=right` values of a command-line option as a dict. Raises UsageError for one without both sides."""
    given: dict[str, str] = {}
    for text in written:
        left, sign, right = text.rpartition("=")
        if not (sign and left.strip() and right.strip()):
            raise UsageError(f'{option} wants LEFT=RIGHT, for example {option} "Speaker 1=rep"; got {text!r}')
        given[left.strip()] = right.strip()
    return given


def read_interview_manifest(
    at: Path | Source, mapping: Mapping[str, str] | None = None, dates: DateOrder = ""
) -> Manifest[InterviewRow]:
    """The interviews that the table lists; `mapping` renames columns to fields, `dates` orders dates like 3/4/2026.

    Raises ImportProblem when the file as a whole is unusable: not readable, no header, a column missing.
    """
    return _read(at, INTERVIEW_FIELDS, INTERVIEW_REQUIRED, mapping or {}, _interview_row, dates)


def read_call_manifest(
    at: Path | Source, mapping: Mapping[str, str] | None = None, dates: DateOrder = ""
) -> Manifest[CallRow]:
    """The calls that the table lists. Arguments and errors as for interviews."""
    return _read(at, CALL_FIELDS, CALL_REQUIRED, mapping or {}, _call_row, dates)


@dataclass(frozen=True, slots=True)
class _Cells:
    """One row's cells by field; `details` are the cells of other columns, by the column's own name."""

    where: str
    line: int
    fields: dict[str, str]
    details: dict[str, str]
    dates: DateOrder

    def problem(self, what: str, hint: str | Advice = "") -> ImportProblem:
        return ImportProblem(self.where, self.line, what, hint)

    def needed(self, name: str) -> str:
        value = self.fields.get(name, "")
        if not value.strip("; "):
            raise self.problem(f"{name} is empty in this row", "every row needs one")
        if not value.strip("."):
            raise self.problem(f"{name} is {value!r}, which no address can hold", "write the name")
        return value


def _read(
    at: Path | Source,
    fields: Sequence[str],
    required: Sequence[str],
    mapping: Mapping[str, str],
    make: Callable[[_Cells], Row],
    dates: DateOrder,
) -> Manifest[Row]:
    source = at if isinstance(at, Source) else read_source(at)

    def fits(cells: Sequence[str]) -> bool:
        return set(required) <= {_field(mapping.get(cell, cell)) for cell in cells}

    head, body, left = header_and_rows(source, fits)
    if head is None:
        raise source.problem(
            None, "the manifest is empty", f"its first line names the columns: {', '.join(required)} …"
        )
    line, header = head
    columns = _columns(source, line, header, fields, required, mapping)
    days = [
        cells[i]
        for i, (name, known) in enumerate(columns)
        if known and name == "date"
        for _, cells in body
        if i < len(cells)
    ]
    return _rows(source, columns, body, make, column_order(days, dates), tuple(left))


def _columns(
    source: Source,
    line: int,
    header: Sequence[str],
    fields: Sequence[str],
    required: Sequence[str],
    mapping: Mapping[str, str],
) -> list[tuple[str, bool]]:
    """For each column the field it fills and True, or its own name and False where it goes to the details."""
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise source.problem(line, f"two columns are called {twice[0]!r}", "rename one")
    renamed = _renamed(source, line, header, fields, mapping)
    taken = set(renamed.values())
    columns: list[tuple[str, bool]] = []
    for name in header:
        own = renamed.get(name) or (field if (field := _field(name)) in fields and field not in taken else None)
        taken |= {own} if own else set()
        columns.append((own, True) if own else (name, False))
    missing = [name for name in required if name not in taken]
    if missing:
        raise source.problem(line, *_how_to_map(missing, header))
    return columns


def _renamed(
    source: Source, line: int, header: Sequence[str], fields: Sequence[str], mapping: Mapping[str, str]
) -> dict[str, str]:
    renamed: dict[str, str] = {}
    for column, written in mapping.items():
        if (name := _field(written)) not in fields:
            raise UsageError(
                f"{column!r} cannot be the field {written!r}: there is none; there are {', '.join(fields)}"
            )
        if column not in header:
            hint = f"the columns are: {', '.join(filter(None, header))}"
            raise source.problem(line, f"there is no column {column!r} in the manifest", hint)
        if name in renamed.values():
            raise UsageError(f"two columns are to be the field {name!r}")
        renamed[column] = name
    return renamed


def _field(column: str) -> str:
    name = re.sub(r"[\s_-]+", "_", column.strip().lower())
    return _ALIASES.get(name, name)


def _how_to_map(missing: Sequence[str], header: Sequence[str]) -> tuple[str, Advice]:
    columns = "column" if len(missing) == 1 else "columns"
    hint = Advice(
        text=f"add it, or say which of yours it is: {', '.join(header)}",
        option=map_options(header, missing),
        there="choose the column under Columns",
    )
    return f"the {columns} {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing", hint


def _rows(
    source: Source,
    columns: Sequence[tuple[str, bool]],
    body: Sequence[tuple[int, list[str]]],
    make: Callable[[_Cells], Row],
    dates: DateOrder,
    left_out: tuple[str, ...],
) -> Manifest[Row]:
    seen: dict[tuple[str, str], int] = {}
    files: set[str] = set()

    def one(line: int, cells: list[str]) -> Row:
        if any(cells[len(columns) :]):
            raise wrong_width(source, line, cells, len(columns))
        filled = [*cells, *[""] * (len(columns) - len(cells))]
        fields = {name: cell for (name, known), cell in zip(columns, filled, strict=False) if known}
        details = {
            name: cell for (name, known), cell in zip(columns, filled, strict=False) if not known and name and cell
        }
        row = _Cells(source.name, line, fields, details, dates)
        files.add(row.fields.get("file", ""))
        return _once(row, make(row), seen)

    rows, problems = collected(source, body, one)
    return Manifest(source.name, tuple(rows), tuple(problems), frozenset(files), left_out)


def _once(cells: _Cells, row: Row, seen: dict[tuple[str, str], int]) -> Row:
    """The row, unless an earlier one has its id or its file."""
    for kind, value in (("id", _id(cells)), ("file", cells.fields["file"])):
        if (before := seen.setdefault((kind, value.casefold()), cells.line)) != cells.line:
            raise cells.problem(f"the {kind} {value!r} stands already on line {before}", "each is listed once")
    return row


def _interview_row(cells: _Cells) -> InterviewRow:
    get = cells.fields.get
    file, day = _file(cells), _date(cells)  # in the order in which problems are told
    written = cells.needed("outcome")
    outcome, ending = outcome_of(written), ending_of(written)
    if outcome is None and not ending:
        raise cells.problem(
            f"the outcome {written!r} is neither won nor lost", "write won, lost, no decision or churned"
        )
    kind = get("kind", "")
    notes = is_notes(kind)
    said, own = _speakers(cells)
    own |= {"kind": kind} if notes is None else {}  # a column of that name that says something else
    return InterviewRow(
        line=cells.line,
        id=_id(cells),
        alias=_alias(cells),
        file=file,
        date=day,
        outcome=outcome or "lost",
        ending=ending,
        buyer=cells.needed("buyer"),
        rep=cells.needed("rep"),
        account=get("account", ""),
        stage=get("stage", ""),
        interviewer=get("interviewer", ""),
        notes=notes if kind else None,
        speakers=said,
        details=own | cells.details,
    )


def _call_row(cells: _Cells) -> CallRow:
    get = cells.fields.get
    said, own = _speakers(cells)
    return CallRow(
        line=cells.line,
        id=_id(cells),
        alias=_alias(cells),
        file=_file(cells),
        date=_date(cells),
        rep=cells.needed("rep"),
        customer=get("customer", ""),
        account=get("account", ""),
        industry=get("industry", ""),
        stage=get("stage", ""),
        deal=get("deal", ""),
        speakers=said,
        details=own | cells.details,
    )


def _id(cells: _Cells) -> str:
    get = cells.fields.get
    given, file = get("interview_id") or get("call_id"), get("file", "")
    if given:
        return cells.needed("interview_id" if get("interview_id") else "call_id")
    stem = PurePosixPath(file).stem
    names = (get(field, "") for field in ("rep", "buyer", "customer", "account", "interviewer"))
    return id_without_names(file) if holds_a_name(stem, names) else stem


def _alias(cells: _Cells) -> str:
    """The file's name, if the id had to differ from it; else empty."""
    file = cells.fields.get("file", "")
    return PurePosixPath(file).stem[:_ALIAS] if _id(cells) == id_without_names(file) else ""


def holds_a_name(text: str, names: Iterable[str]) -> bool:
    """Whether `text` contains a part of one of the names: four letters or more anywhere, or a shorter part as a
    whole word."""
    said = folded(text)
    words = set(_WORD.findall(said))
    named = [_WORD.findall(folded(name)) for name in names]
    parts = {part for name in named for part in (*name, "".join(name))}
    return any(part in words or (len(part) > 3 and part in said) for part in parts)


def id_without_names(file: str) -> str:
    """An id for a file whose name tells who speaks. Ids stand in addresses, logs and exports, which a deletion
    cannot reach. The same file name always gives the same id."""
    return content_id("file", [file])


def _file(cells: _Cells) -> str:
    """The file's path below the directory. A way out of it (`..`, an absolute path, a drive) is refused."""
    name = cells.needed("file")
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    if posix.is_absolute() or windows.drive or windows.root or ".." in windows.parts or "\0" in name:
        raise cells.problem(
            f"the file {name!r} is outside the directory", "name it relative to the directory, without .."
        )
    return name


def _speakers(cells: _Cells) -> tuple[dict[str, str], dict[str, str]]:
    """Who is who in the row's file, as `Speaker 1=rep; Speaker 2=Ann Lee`; a cell that
    says anything else is a detail."""
    written = cells.fields.get("speakers", "")
    parts = [part.rpartition("=") for part in written.split(";") if part.strip()]
    if all(sign and label.strip() and who.strip() for label, sign, who in parts):
        return {label.strip(): who.strip() for label, _, who in parts}, {}
    return {}, {"speakers": written}


def is_notes(written: str) -> bool | None:
    """What a cell says about the form of an interview: True for notes, False for a conversation, None for anything
    unknown."""
    word = folded(written).replace("-", "").rstrip("s")
    return True if word in ("note", "email", "mail") else False if word in ("", "conversation", "transcript") else None


def _date(cells: _Cells) -> date:
    """The row's day. Raises TwoWays if the order of day and month stays open for the whole column."""
    try:
        return read_past_day(cells.needed("date"), cells.dates)
    except TwoWays:
        raise
    except ValueError as error:
        what, _, hint = str(error).partition("; ")
        raise cells.problem(what, hint) from None
