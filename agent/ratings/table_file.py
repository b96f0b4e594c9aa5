"""A table of ratings in long form: one row a rating, with columns for unit, rater and value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.app.telling import Note, unsaid
from agent.core.errors import Advice, ImportProblem
from agent.text.importers.base import Source
from agent.text.tables import named_table


@dataclass(frozen=True, slots=True)
class RatingRow:
    """One rating as the file has it; `value` is empty where it is missing."""

    line: int
    unit: str
    rater: str
    value: str


def read_rating_rows(
    path: Path, *, unit: str, rater: str, value: str, where: Mapping[str, str] | None = None, note: Note = unsaid
) -> list[RatingRow]:
    """All ratings of the CSV file at `path`, by the names of its columns.

    `where` keeps only rows with that value in that column. Raises ImportProblem, with file and line, for a column that
    is not there, a row of the wrong length, a rating without unit or rater, and a unit rated twice by one rater.
    """
    where = where or {}
    table = named_table(path, (unit, rater, value, *where))
    for left in table.left_out:
        note(left)
    rows: list[RatingRow] = []
    for line, cells in table:
        if isinstance(cells, ImportProblem):
            raise cells
        row = {name: cells[at] for name, at in table.places.items()}
        if all(row[column] == wanted for column, wanted in where.items()):
            rows.append(RatingRow(line, row[unit], row[rater], row[value]))
    _check(table.source, rows, unit, rater, bool(where))
    return rows


def _check(source: Source, rows: Sequence[RatingRow], unit: str, rater: str, filtered: bool) -> None:
    if not rows:
        hint = Advice(text="there is only a header")
        if filtered:
            hint = Advice(text="no row has what was asked for", option="--where COLUMN=VALUE")
        raise source.problem(None, "there are no ratings", hint)
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        for name, cell in ((unit, row.unit), (rater, row.rater)):
            if not cell:
                raise source.problem(row.line, f"{name} is empty", "every rating names its unit and its rater")
        if (before := first.setdefault((row.unit, row.rater), row.line)) != row.line:
            raise _rated_twice(source, row, before)


def _rated_twice(source: Source, row: RatingRow, before: int) -> ImportProblem:
    what = f"{row.rater!r} rated {row.unit!r} already on line {before}"
    return source.problem(
        row.line, what, Advice(text="if the file holds several criteria, choose one", option="--where COLUMN=VALUE")
    )
