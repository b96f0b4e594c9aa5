"""Excel workbooks (XLSX) with one turn a row, on the first sheet that has a speaker and a text column. By openpyxl."""

import io
import warnings
from collections.abc import Iterable
from typing import Any
from zipfile import BadZipFile

from agent.core.lazy import lazy
from agent.text.importers.archive import check_bounds, holds, sizes
from agent.text.importers.base import PARSER_FAULTS, Format, Line, Source
from agent.text.importers.rows import header_of, table_lines

openpyxl = lazy("openpyxl")

_MAIN = "xl/workbook.xml"
_MAX_ROWS = 60_000  # of a table of deals or ratings; a transcript has fewer
_MAX_SHEET = 10 * 2**20
_MAX_CELLS = 4_000_000  # empty ones too: a row that claims the last column has 16,384
_Row = tuple[int, tuple[Any, ...]]


def _sniff(source: Source) -> bool:
    return holds(source, _MAIN)


def holds_turns(source: Source) -> bool:
    """Whether the file is a workbook with a sheet of turns, and not a table about something else. Raises the same
    errors as `sheets`."""
    return _sniff(source) and any(header_of(rows) is not None for rows in sheets(source))


def _read(source: Source) -> list[Line]:
    if any(size > _MAX_SHEET for name, size in sizes(source) if name.startswith("xl/worksheets/")):
        raise source.problem(None, f"a sheet is larger than {_MAX_SHEET // 2**20} MB", "leave only the turns in it")
    for rows in sheets(source):
        if found := header_of(rows):
            return table_lines(source, rows, *found)
    hint = "the first row of a sheet names the columns: speaker, text and, if there is one, start"
    raise source.problem(1, "no sheet has a speaker and a text column", hint)


def sheets(source: Source) -> list[list[_Row]]:
    """The rows of each sheet that are not empty, with their numbers. Raises ImportProblem for a broken workbook."""
    check_bounds(source)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # on styles and extensions that hold no words
            book = openpyxl.load_workbook(io.BytesIO(source.data), read_only=True, data_only=True)
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # a claimed million empty columns would be filled in
            return [_filled(source, sheet.iter_rows(values_only=True)) for sheet in book.worksheets]
    except (BadZipFile, openpyxl.utils.exceptions.InvalidFileException, *PARSER_FAULTS) as error:
        what = f"this workbook cannot be opened ({type(error).__name__})"
        raise source.problem(None, what, "open it in Excel and save it again as .xlsx") from None


def _filled(source: Source, rows: Iterable[tuple[Any, ...]]) -> list[_Row]:
    """The rows that are not empty. Their number is bounded: a single row that claims the number 999,999,999,999
    makes the library deliver as many empty ones above it."""
    filled: list[_Row] = []
    cells = 0
    for number, row in enumerate(rows, start=1):
        if number > _MAX_ROWS:
            raise source.problem(number, f"a sheet has more than {_MAX_ROWS} rows", "leave only the turns in it")
        cells += len(row)
        if cells > _MAX_CELLS:
            raise source.problem(number, f"a sheet has more than {_MAX_CELLS:,} cells", "leave only the turns in it")
        if any(cell not in (None, "") for cell in row):
            filled.append((number, row))
    return filled


FORMAT = Format("xlsx", "Excel workbooks, one turn a row", (".xlsx", ".xlsm"), _sniff, _read)
