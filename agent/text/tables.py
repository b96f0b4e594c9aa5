"""CSV files with named columns: columns found by name or by map, and one problem for each row that cannot be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from agent.core.errors import ImportProblem, UsageError
from agent.text.csv_rows import csv_rows, csv_source
from agent.text.importers.base import Source

Row = TypeVar("Row")
Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file: where each field stands."""

    source: Source
    places: dict[str, int]
    width: int
    rows: Iterator[tuple[int, list[str]]]

    def problem(self, line: int | None, what: str, hint: str = "") -> ImportProblem:
        """Something wrong with one line."""
        return self.source.problem(line, what, hint)

    def __iter__(self) -> Iterator[tuple[int, list[str] | ImportProblem]]:
        """Line and cells of each row, or the problem with its length."""
        for line, cells in self.rows:
            if len(cells) == self.width:
                yield line, cells
            else:
                what = f"this row has {len(cells)} cells, the header {self.width}"
                yield line, self.problem(line, what, "put quotation marks around a cell that holds a comma")


@dataclass(slots=True)
class Intake(Generic[Row]):
    """What could be read, in the file's order, and what could not and why."""

    rows: list[Row] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)


def open_table(path: Path, fields: Sequence[str], needed: Sequence[str], renames: Mapping[str, str]) -> Table:
    """The CSV file at `path`. `renames` maps their column names to our fields; other columns are ignored.

    A column that says two things is mapped to both, separated by a comma.

    A map's column that is not in the file is no fault if its field is not needed: maps are shared between exports.
    Raises ImportProblem where the file cannot be read or a needed column is missing; UsageError for an unknown field.
    """
    mapped = {_folded(theirs): tuple(map(str.strip, ours.split(","))) for theirs, ours in renames.items()}
    unknown = sorted({name for ours in mapped.values() for name in ours} - set(fields))
    if unknown:
        raise UsageError(f"--map names {unknown[0]!r}, which is no field; the fields are {', '.join(fields)}")
    source = csv_source(path)
    rows = csv_rows(source)
    line, header = next(rows, (1, []))
    if not header:
        raise source.problem(None, "the file is empty", f"its first line names the columns: {', '.join(needed)} …")
    return Table(source, _places(source, line, header, fields, needed, mapped), len(header), rows)


def read_rows(table: Table, make: Callable[[int, Cells], Row]) -> Intake[Row]:
    """`make` of every row, given its line and its cells by field; an ImportProblem or ValueError of it is collected."""
    intake: Intake[Row] = Intake()
    for line, cells in table:
        if isinstance(cells, ImportProblem):
            intake.problems.append(cells)
            continue
        try:
            intake.rows.append(make(line, {name: cells[at] for name, at in table.places.items()}))
        except ImportProblem as problem:
            intake.problems.append(problem)
        except ValueError as wrong:
            intake.problems.append(table.problem(line, str(wrong)))
    return intake


def filled(cells: Cells, name: str) -> str:
    """The cell of a field that every row needs. `ValueError` where it is empty."""
    value = cells.get(name, "")
    if not value:
        raise ValueError(f"{name} is empty; every row needs one")
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
                raise source.problem(line, f"two columns are {ours!r}", "rename one, or name the right one with --map")
            places[ours] = at
    missing = [name for name in needed if name not in places]
    if missing:
        hint = f'the columns are: {", ".join(header)}; rename one of them: --map "THEIRS={missing[0]}"'
        raise source.problem(line, f"there is no column {missing[0]!r}", hint)
    return places


def _folded(name: str) -> str:
    return re.sub(r"[^\w]+", "_", name.strip().lower()).strip("_")


def over(preset: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """A preset's map with a person's own laid over it: a field that the person maps is taken from the preset."""
    claimed = {name.strip() for ours in own.values() for name in ours.split(",")}
    kept: dict[str, str] = {}
    for theirs, ours in preset.items():
        left = [name.strip() for name in ours.split(",") if name.strip() not in claimed]
        if left and theirs not in own:
            kept[theirs] = ",".join(left)
    return {**kept, **own}
