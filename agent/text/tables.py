"""Tables (CSV or Excel) with named columns: columns found by name or by map, and one problem for
each row that cannot be used."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from agent.core.errors import Advice, ImportProblem, UsageError
from agent.core.language import N_
from agent.text.columns import map_options
from agent.text.csv_rows import MARK_NAMES, csv_source, header_and_rows, mark_of
from agent.text.dates import TwoWays
from agent.text.importers.base import Source

Row = TypeVar("Row")
Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """An opened table: where each field stands, its rows, and the lines that are no rows."""

    source: Source
    places: dict[str, int]
    width: int
    rows: tuple[tuple[int, list[str]], ...]
    left_out: tuple[str, ...] = ()

    def problem(self, line: int | None, what: str, hint: str | Advice = "") -> ImportProblem:
        """An ImportProblem about one line of this table, for the caller to raise."""
        return self.source.problem(line, what, hint)

    def column(self, *fields: str) -> list[str]:
        """All cells of these fields."""
        places = [self.places[field] for field in fields if field in self.places]
        return [cells[at] for _, cells in self.rows for at in places if at < len(cells)]

    def __iter__(self) -> Iterator[tuple[int, list[str] | ImportProblem]]:
        """Line number and cells of each row; the problem instead, if a row has too many cells."""
        for line, cells in self.rows:
            yield line, cells if len(cells) == self.width else wrong_width(self.source, line, cells, self.width)


def wrong_width(source: Source, line: int, cells: Sequence[str], width: int) -> ImportProblem:
    """The problem of a row that has not as many cells as the header."""
    mark = MARK_NAMES.get(mark_of(source), "comma")
    what = f"this row has {len(cells)} cells, the header {width}"
    return source.problem(line, what, f"put quotation marks around a cell that holds a {mark}")


@dataclass(slots=True)
class Intake(Generic[Row]):
    """The rows that could be read, in the file's order, the problems of those that could not, and notes."""

    rows: list[Row] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def open_table(path: Path, fields: Sequence[str], needed: Sequence[str], renames: Mapping[str, str]) -> Table:
    """The table in the file at `path`. `renames` maps the file's column names to our fields; other columns are ignored.

    A column that says two things is mapped to both, separated by a comma. A title above the header and the feet of a
    report are left out. A map's column that is not in the file is no fault if its field is not needed: maps are shared
    between exports.
    Raises ImportProblem where the file cannot be read or a needed column is missing; UsageError for an unknown field.
    """
    mapped = {_folded(theirs): tuple(map(str.strip, ours.split(","))) for theirs, ours in renames.items()}
    unknown = sorted({name for ours in mapped.values() for name in ours} - set(fields))
    if unknown:
        raise UsageError(f"{unknown[0]!r} is no field that a column can be; the fields are {', '.join(fields)}")
    source = csv_source(path)

    def fits(cells: Sequence[str]) -> bool:
        named = {name for cell in cells for name in mapped.get(_folded(cell), (_folded(cell),))}
        return set(needed) <= named

    header, rows, left = header_and_rows(source, fits)
    if header is None:
        raise source.problem(None, "the file is empty", f"its first line names the columns: {', '.join(needed)} …")
    places = _places(source, *header, fields, needed, mapped)
    return Table(source, places, len(header[1]), tuple(rows), tuple(left))


def named_table(path: Path, columns: Sequence[str]) -> Table:
    """The table in the file at `path`, whose columns are called exactly so.

    Raises ImportProblem where the file cannot be read, or one of `columns` is missing or there twice.
    """
    source = csv_source(path)
    head, rows, left_out = header_and_rows(source, lambda cells: set(columns) <= set(cells))
    if head is None:
        raise source.problem(None, "the file is empty", "its first line names the columns")
    line, header = head
    for name in columns:
        if name not in header:
            raise source.problem(line, f"there is no column {name!r}", f"the columns are: {', '.join(header)}")
        if header.count(name) > 1:
            raise source.problem(line, f"two columns are called {name!r}", "rename one")
    return Table(source, {name: header.index(name) for name in columns}, len(header), tuple(rows), tuple(left_out))


def read_rows(table: Table, make: Callable[[int, Cells], Row]) -> Intake[Row]:
    """Calls `make` with the line and the cells (by field) of every row. An ImportProblem or ValueError that it
    raises is collected."""

    def by_field(line: int, cells: Sequence[str]) -> Row:
        return make(line, {name: cells[at] for name, at in table.places.items()})

    return Intake(*collected(table.source, table, by_field), list(table.left_out))


def collected(
    source: Source, rows: Iterable[tuple[int, list[str] | ImportProblem]], make: Callable[[int, list[str]], Row]
) -> tuple[list[Row], list[ImportProblem]]:
    """What `make` returns for each line and its cells, and the problems: those that stand in `rows`, and what `make`
    raises as ImportProblem or ValueError."""
    made: list[Row] = []
    problems: list[ImportProblem] = []
    open_dates: list[tuple[int, TwoWays]] = []
    for line, cells in rows:
        if isinstance(cells, ImportProblem):
            problems.append(cells)
            continue
        try:
            made.append(make(line, cells))
        except ImportProblem as problem:
            problems.append(problem)
        except TwoWays as either:
            open_dates.append((line, either))
        except ValueError as wrong:
            problems.append(source.problem(line, str(wrong)))
    return made, problems + _asked_once(source, open_dates)


_MORE_ROWS = N_("{n} more rows have such dates")


def _asked_once(source: Source, rows: Sequence[tuple[int, TwoWays]]) -> list[ImportProblem]:
    """One problem for all rows whose dates can be read in two ways: the question is asked once for the column."""
    if not rows:
        return []
    what, _, hint = str(rows[0][1]).partition("; ")
    more = _MORE_ROWS.format(n=len(rows) - 1) if len(rows) > 1 else ""
    return [
        source.problem(
            rows[0][0],
            "; ".join(filter(None, (what, more))),
            Advice(text=hint, option="--dates month_first (or day_first)"),
        )
    ]


def filled(cells: Cells, name: str) -> str:
    """The cell of a field that every row needs. `ValueError` if it is empty."""
    value = cells.get(name, "")
    if not value:
        raise ValueError(f"{name} is empty in this row; every row needs one")
    if not value.strip("."):
        raise ValueError(f"{name} is {value!r}, which no address can hold; write the name")
    return value


def _places(
    source: Source,
    line: int,
    header: Sequence[str],
    fields: Sequence[str],
    needed: Sequence[str],
    mapped: Mapping[str, tuple[str, ...]],
) -> dict[str, int]:
    names = [_folded(written) for written in header]
    taken = {ours for name in names for ours in mapped.get(name, ())}
    places: dict[str, int] = {}
    for at, name in enumerate(names):
        own = (name,) if name in fields and name not in taken else ()
        for ours in mapped.get(name, own):
            if ours in places:
                raise source.problem(
                    line,
                    f"two columns are {ours!r}",
                    Advice(
                        text="rename one, or say which is the right one",
                        option='--map "THEIRS=OURS"',
                        there="choose the column under Columns",
                    ),
                )
            places[ours] = at
    missing = [name for name in needed if name not in places]
    if missing:
        hint = Advice(
            text=f"the columns are: {', '.join(header)}; rename one of them",
            option=map_options(header, missing, stage_too="stage" in fields),
            there="choose the column under Columns",
        )
        raise source.problem(line, f"there is no column {missing[0]!r}", hint)
    return places


def _folded(name: str) -> str:
    return re.sub(r"[^\w]+", "_", name.strip().lower()).strip("_")


def over(preset: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """A preset's column map, overridden by a person's own map: a field that the person maps is removed from the
    preset."""
    claimed = {name.strip() for ours in own.values() for name in ours.split(",")}
    kept: dict[str, str] = {}
    for theirs, ours in preset.items():
        left = [name.strip() for name in ours.split(",") if name.strip() not in claimed]
        if left and theirs not in own:
            kept[theirs] = ",".join(left)
    return {**kept, **own}


def folded_id(name: str, known: Sequence[str]) -> str:
    """The `known` id that `name` is another spelling of ("Objection Handling" for objection_handling)."""
    if name in known:
        return name
    return next((ident for ident in known if _folded(ident) == _folded(name)), name)
