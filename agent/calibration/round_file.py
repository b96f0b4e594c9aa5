"""Ratings of calibration rounds as CSV: one row a rating, with the words it rests on where there are any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.core.errors import ImportProblem, UsageError
from agent.text.csv_rows import csv_rows, csv_source
from agent.text.importers.base import Source

FIELDS = ("round", "call_id", "rater", "criterion", "value", "turn", "quote", "reason")


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One rating as the file has it; a cell or column that is not there is empty text."""

    line: int
    round: str
    call_id: str
    rater: str
    criterion: str
    value: str
    turn: str
    quote: str
    reason: str


def read_round_rows(path: Path, needed: Sequence[str], renames: Mapping[str, str] | None = None) -> list[RoundRow]:
    """All rows of the CSV file at `path`. `renames` maps their column names to our fields; other columns are ignored.

    Raises ImportProblem, with file and line, for a column or cell of `needed` that is missing (an empty value means:
    not rated), a row of the wrong length, and a file without rows. UsageError for a field that we do not have.
    """
    source = csv_source(path)
    table = csv_rows(source)
    line, header = next(table, (1, []))
    places = _places(source, line, header, needed, renames or {})
    rows = []
    for number, cells in table:
        if len(cells) != len(header):
            raise source.problem(number, f"this row has {len(cells)} cells, the header {len(header)}")
        row = {field: cells[places[field]] if field in places else "" for field in FIELDS}
        empty = [field for field in needed if field != "value" and not row[field]]
        if empty:
            raise source.problem(number, f"{empty[0]} is empty", f"every row names {', '.join(needed)}")
        rows.append(RoundRow(line=number, **row))
    if not rows:
        raise source.problem(None, "there are no ratings", "the first line names the columns, each other one a rating")
    return rows


def _places(
    source: Source, line: int, header: Sequence[str], needed: Sequence[str], renames: Mapping[str, str]
) -> dict[str, int]:
    unknown = sorted(set(renames.values()) - set(FIELDS))
    if unknown:
        raise UsageError(f"--map names {unknown[0]!r}, which is no field; the fields are {', '.join(FIELDS)}")
    names = [renames.get(name, name) for name in header]
    for field in FIELDS:
        if names.count(field) > 1:
            raise source.problem(line, f"two columns are {field!r}", "rename one, or name the right one with --map")
    missing = [field for field in needed if field not in names]
    if missing:
        hint = f"the columns are: {', '.join(header)}" if header else "the file is empty"
        raise source.problem(line, f"there is no column {missing[0]!r}", f'{hint}; --map "THEIRS={missing[0]}"')
    return {field: names.index(field) for field in FIELDS if field in names}


def rated_once(path: Path, rows: Sequence[RoundRow]) -> None:
    """Raises ImportProblem where a rater rated one criterion of one call of one round twice."""
    first: dict[tuple[str, str, str, str], int] = {}
    for row in rows:
        before = first.setdefault((row.round, row.call_id, row.rater, row.criterion), row.line)
        if before != row.line:
            what = f"{row.rater or 'this rater'} rated {row.criterion} of {row.call_id} already on line {before}"
            raise ImportProblem(str(path), row.line, what, "one rating each: delete one of the rows")
