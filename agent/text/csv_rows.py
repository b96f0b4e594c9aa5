"""Rows of a CSV file with the line each begins at."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from agent.core.errors import ImportProblem
from agent.text.importers.base import MAX_BYTES, Source


def csv_source(path: Path) -> Source:
    """The file at `path`. Raises ImportProblem if it cannot be read."""
    try:
        with path.open("rb") as file:
            return Source(str(path), file.read(MAX_BYTES + 1))
    except OSError as error:
        raise ImportProblem(str(path), None, f"the file cannot be read: {error.strerror or error}") from None


def csv_rows(source: Source) -> Iterator[tuple[int, list[str]]]:
    """Line number and stripped cells of each row that is not blank. Comma, semicolon or tab: what the header has most.

    Raises ImportProblem for what is not CSV.
    """
    header = next((line for line in source.lines if line.strip()), "")
    reader = csv.reader(io.StringIO(source.text, newline=""), delimiter=max(",;\t", key=header.count), strict=True)
    begin = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise source.problem(begin, f"not CSV: {error}", "look for a quotation mark that is not closed") from None
        if any(cell.strip() for cell in cells):
            yield begin, [cell.strip() for cell in cells]
        begin = reader.line_num + 1
