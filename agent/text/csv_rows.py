"""Rows of a table (CSV, TSV or an Excel workbook) with the line each begins at."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from agent.core.errors import ImportProblem
from agent.core.language import N_
from agent.text.importers import workbook
from agent.text.importers.base import MAX_BYTES, Source
from agent.text.importers.csv_table import separated

Row = tuple[int, list[str]]
Rows = tuple[tuple[int, tuple[str, ...]], ...]
_HEADER_ROWS = 20
_KEPT_BYTES = 8_000_000  # of a table that is kept; of larger ones there is no room for four
_MARKS = ",;\t"
_TOTAL = re.compile(r"(grand |sub)totals?\b|(total|totals|count|summe)\s*(\(|$)", re.IGNORECASE)
_WEB_PAGE = re.compile(rb"\s*<(!doctype html|html|table|meta|style)\b", re.IGNORECASE)
MARK_NAMES = {",": "comma", ";": "semicolon", "\t": "tab"}


def csv_source(path: Path) -> Source:
    """The file at `path`. Raises ImportProblem if it cannot be read."""
    try:
        with path.open("rb") as file:
            return Source(str(path), file.read(MAX_BYTES + 1))
    except OSError as error:
        raise ImportProblem(str(path), None, f"the file cannot be read: {error.strerror or error}") from None


def _tables(source: Source) -> tuple[Rows, ...]:
    """The rows that are not blank, as line number and stripped cells: one table for each sheet of a workbook, or one
    for a CSV file.

    Cells of a CSV file are separated by comma, semicolon or tab: as its `sep=` line says, else by the mark that its
    rows use most evenly. The result is cached, since a table is looked at several times before it is stored. Raises
    ImportProblem for a file that is neither.
    """
    if len(source.data) > _KEPT_BYTES:
        return _parsed(source)
    try:
        return _kept(source.data)
    except ImportProblem as problem:
        raise ImportProblem(source.name, problem.line, problem.what, problem.told) from None


@lru_cache(maxsize=4)
def _kept(data: bytes) -> tuple[Rows, ...]:
    return _parsed(Source("", data))


def _parsed(source: Source) -> tuple[Rows, ...]:
    if workbook.FORMAT.sniff(source):
        sheets = (tuple(_sheet_rows(rows)) for rows in workbook.sheets(source))
        return tuple(rows for rows in sheets if rows)
    if _WEB_PAGE.match(source.data[:200].removeprefix(b"\xef\xbb\xbf")):
        hint = "open it in Excel and save it as .xlsx, or export it as CSV"
        raise source.problem(None, "this is a web page that is named like a table", hint)
    readable = _readable(source)
    rows = tuple((line, tuple(map(str.strip, cells))) for line, cells in separated(readable, mark_of(readable)))
    return (rows,) if rows else ()


def _sheet_rows(rows: Sequence[tuple[int, tuple[Any, ...]]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The rows of a sheet, all of the same width: programs write different numbers of empty cells at the ends of
    rows."""
    shown = [(number, [_shown(value) for value in values]) for number, values in rows]
    wide = max((at for _, cells in shown for at, cell in enumerate(cells, 1) if cell), default=0)
    for number, cells in shown:
        yield number, tuple([*cells[:wide], *[""] * (wide - len(cells))])


def mark_of(source: Source) -> str:
    """The mark that separates the cells of a CSV file: the one that most of its first rows have equally often."""
    if workbook.FORMAT.sniff(source):
        return ","  # its cells stand apart already
    first = [line for line in _readable(source).lines[: _HEADER_ROWS * 2] if line.strip()]
    if first and first[0].lower().startswith("sep=") and first[0][4:5]:
        return first[0][4]

    def regular(mark: str) -> tuple[int, int]:
        """How many rows have the mark as often as most do, and how often that is."""
        counts = Counter(count for line in first if (count := line.count(mark)))
        often, rows = counts.most_common(1)[0] if counts else (0, 0)
        return rows, often

    return max(_MARKS, key=regular)


def header_and_rows(source: Source, fits: Callable[[Sequence[str]], bool]) -> tuple[Row | None, list[Row], list[str]]:
    """The header of a table, the rows below it, and what was left out.

    Left out are a title above the header and the feet of reports (rows of one cell at the end, totals). The header is
    the first row that `fits`, else the first with as many cells as a row of the table. Of a workbook the first sheet
    with a row that `fits` is read, else the one with the widest rows.
    """
    tables = _tables(source)
    if not tables:
        return None, [], []
    found = ((rows, at) for rows in tables for at, (_, cells) in enumerate(rows[:_HEADER_ROWS]) if fits(cells))
    rows, at = next(found, (max(tables, key=_wide), None))
    if at is None:
        wide = _wide(rows)
        at = next(i for i, (_, cells) in enumerate(rows) if len(list(filter(None, cells))) * 2 > wide)
    (line, header), end = rows[at], len(rows)
    sheet = workbook.FORMAT.sniff(source)
    while len(header) > 2 and end > at + 1 and _is_foot(rows[end - 1][1], len(header), sheet):
        end -= 1
    left = [_left(row, _ABOVE) for row in rows[:at]] + [_left(row, _BELOW) for row in rows[end:]]
    return (line, list(header)), [(line, list(cells)) for line, cells in rows[at + 1 : end]], left


def _wide(rows: Rows) -> int:
    """The largest number of filled cells in one of the first rows."""
    return max(len(list(filter(None, cells))) for _, cells in rows[:_HEADER_ROWS])


def _is_foot(cells: Sequence[str], width: int, sheet: bool) -> bool:
    """Whether a last row is the foot of a report: a single cell, or a total beside empty cells. In a `sheet` all
    rows have the same width, so there empty cells tell nothing by themselves."""
    filled = list(filter(None, cells))
    short = len(filled) < 2 and (len(cells) < width or sheet)
    return short or (_TOTAL.match(filled[0]) is not None and len(filled) * 2 <= width)


_ABOVE = N_("line {line}, above the header, was left out: {words}")
_BELOW = N_("line {line}, below the table, was left out: {words}")


def _left(row: tuple[int, Sequence[str]], where: str) -> str:
    return where.format(line=row[0], words=repr(" ".join(filter(None, row[1]))[:60]))


def _readable(source: Source) -> Source:
    """A table's text in UTF-8, whatever Excel and Salesforce saved it in: UTF-16 without a mark, or Windows-1252."""
    data = source.data
    if b"\0" in data[:200] and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"PK")):
        encoding = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be" if data[:1] == b"\0" else ""
    else:
        encoding = "" if _is_utf8(data) or data.startswith((b"\xff\xfe", b"\xfe\xff")) else "cp1252"
    if not encoding or (encoding == "cp1252" and b"\0" in data):
        return source
    try:
        return replace(source, data=data.decode(encoding).encode())
    except UnicodeDecodeError:
        return source


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _shown(cell: Any) -> str:
    """A workbook's cell as a CSV file would have it: days as 2026-03-31, whole numbers without ".0"."""
    match cell:
        case None:
            return ""
        case datetime():
            return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
        case date():
            return cell.isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
        case _:
            return str(cell).strip()
