"""CSV or TSV with one turn a row and a header that names a speaker and a text column (a time column if there is one)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from agent.text.importers.base import Format, Line, Source
from agent.text.importers.rows import columns_of, row_lines


def _delimiter(source: Source) -> str:
    first = next((row for row in source.lines if row.strip()), "")
    return max(",;\t|", key=first.count)


def _sniff(source: Source) -> bool:
    first = next((row for row in source.lines if row.strip()), "")
    cells = first.lstrip("\ufeff").split(_delimiter(source))
    return len(cells) > 1 and columns_of([cell.strip().strip('"') for cell in cells]) is not None


def _rows(source: Source) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(source.text, newline=""), delimiter=_delimiter(source), strict=True)
    begin = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise source.problem(begin, f"not CSV: {error}", "look for a quotation mark that is not closed") from None
        if any(cell.strip() for cell in cells):
            yield begin, cells
        begin = reader.line_num + 1


def _read(source: Source) -> list[Line]:
    rows = list(_rows(source))
    columns = columns_of(rows[0][1]) if rows else None
    if columns is None:
        hint = "its first row names the columns: speaker, text and, if there is one, start"
        raise source.problem(1, "a table of turns needs a speaker and a text column", hint)
    return row_lines(source, columns, rows[1:])


FORMAT = Format("csv", "CSV or TSV, one turn a row", (".csv", ".tsv"), _sniff, _read)
