"""CSV or TSV with one turn a row and a header that names a speaker and a text column (a
time column if there is one)."""

import csv
import io
import re
from collections.abc import Iterator

from agent.text.importers.base import Format, Line, Source
from agent.text.importers.rows import Columns, columns_of, guessed_columns, header_of, row_lines, table_lines

_TOP, _HEADER_ROWS = 40, 20
_MAX_COLUMNS = 1_000
_RULE = re.compile(r":?-{3,}:?")  # Markdown's line below a header


def _best(row: str) -> str:
    return max(",;\t|", key=row.count)


def _header_columns(row: str, mark: str) -> Columns | None:
    if row.count(mark) > _MAX_COLUMNS:
        return None
    cells = row.lstrip("\ufeff").split(mark)
    return columns_of([cell.strip().strip('"') for cell in cells]) if len(cells) > 1 else None


def _sniff(source: Source) -> bool:
    filled = [row for row in source.lines[:_TOP] if row.strip()]
    return any(_header_columns(row, _best(row)) for row in filled[:_HEADER_ROWS])


def is_table(source: Source) -> bool:
    """Whether a file whose name says it is a table is one, whatever its columns: its first rows have the same number
    of cells, more than one."""
    filled = [row for row in source.lines[:_TOP] if row.strip()]
    wide = filled[0].count(_best(filled[0])) if filled else 0
    return (
        source.suffix in FORMAT.suffixes and wide > 0 and all(row.count(_best(filled[0])) >= wide for row in filled[:5])
    )


def separated(source: Source, mark: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, but for the line that tells Excel the `mark`, each with the line it begins at."""
    reader = csv.reader(io.StringIO(source.text, newline=""), delimiter=mark, strict=True)
    begin = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise source.problem(begin, f"not CSV: {error}", "look for a quotation mark that is not closed") from None
        if any(cell.strip() for cell in cells) and not (begin == 1 and cells[0].lower().startswith("sep=")):
            yield begin, cells
        begin = reader.line_num + 1


def _rows(source: Source) -> Iterator[tuple[int, list[str]]]:
    # The first row that is a header, else the first, tells what separates the cells.
    filled = [row for row in source.lines[:_TOP] if row.strip()]
    header = next((row for row in filled if _header_columns(row, _best(row))), filled[0] if filled else "")
    for line, cells in separated(source, _best(header)):
        if len(cells) > _MAX_COLUMNS:
            raise source.problem(line, f"a row has more than {_MAX_COLUMNS} cells", "this is no table of turns")
        if not all(_RULE.fullmatch(cell.strip()) for cell in cells if cell.strip()):
            yield line, cells


def _read(source: Source) -> list[Line]:
    rows = list(_rows(source))
    found = header_of(rows)
    guessed = guessed_columns([cells for _, cells in rows]) if found is None and len(rows) > 2 else None
    if guessed:
        return row_lines(source, guessed, rows)
    if found is None:
        named = f"; this one has {', '.join(rows[0][1])[:80]}" if rows else ""
        hint = "its first row names the columns: speaker, text and, if there is one, start"
        raise source.problem(1, f"a table of turns needs a speaker column and a text column{named}", hint)
    return table_lines(source, rows, *found)


FORMAT = Format("csv", "CSV or TSV, one turn a row", (".csv", ".tsv"), _sniff, _read)
