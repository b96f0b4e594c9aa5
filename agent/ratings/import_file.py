"""Ratings made elsewhere as CSV: call_id, date, rep, criterion, value, status; also stage, deal, period."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from agent.core.errors import Advice, ImportProblem
from agent.core.language import N_, NN_
from agent.rubrics.model import Criterion, Rubric
from agent.text.csv_rows import csv_source, header_and_rows
from agent.text.dates import DateOrder, column_order, read_past_day
from agent.text.names import People
from agent.text.tables import Table, collected, filled, folded_id, open_table

NEEDED = ("call_id", "date", "rep", "criterion", "value")
FIELDS = (*NEEDED, "status", "stage", "deal", "period")
_STATUSES = {
    "": "",
    "rated": "rated",
    **dict.fromkeys(("not_applicable", "not applicable", "n/a", "na"), "not_applicable"),
    "failed": "failed",
}
_NO_CRITERION = N_("{label} has no criterion {criterion}")
_LEFT_OUT = NN_("{n} row is left out", "{n} rows are left out")


class CallFacts(NamedTuple):
    """What the file says of a call. `date` is ISO 8601."""

    date: str
    rep: str
    stage: str
    deal: str
    period: str


class GivenRating(NamedTuple):
    """One rating; `value` is None unless `status` is "rated"."""

    call: str
    criterion: str
    status: str
    value: int | None


@dataclass(slots=True)
class RatingIntake:
    """Calls by id, ratings in the file's order, and one problem for each row (or unknown criterion) left out."""

    calls: dict[str, CallFacts] = field(default_factory=dict)
    ratings: list[GivenRating] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_ratings(
    path: Path,
    rubric: Rubric,
    renames: Mapping[str, str] | None = None,
    dates: DateOrder = "",
    people: People | None = None,
    known_as: Callable[[Iterable[str]], Mapping[str, str]] | None = None,
) -> RatingIntake:
    """The ratings of the file that fit `rubric`; `known_as` gives the ids of calls that are named otherwise. Raises
    ImportProblem only where the file as a whole cannot be used."""
    table = _opened(path, [c.id for c in rubric.criteria], renames or {})
    days = column_order(table.column("date"), dates)
    reader = _Reader(table, {c.id: c for c in rubric.criteria}, days, people or People())
    if known_as is not None:
        reader.ids_of_calls = known_as(set(table.column("call_id")))
    intake = reader.read()
    for criterion, (line, count) in reader.unknown.items():
        known = ", ".join(c.id for c in rubric.criteria)
        rows = _LEFT_OUT[count != 1].format(n=count)
        what = f"{_NO_CRITERION.format(label=rubric.label, criterion=repr(criterion))}; {rows}"
        intake.problems.append(
            table.problem(line, what, Advice(text=f"it has {known}; choose another rubric", option="--rubric"))
        )
    return intake


def _opened(path: Path, criteria: Sequence[str], renames: Mapping[str, str]) -> Table:
    try:
        return open_table(path, FIELDS, NEEDED, renames)
    except ImportProblem:
        # A scorecard may well have a column for each criterion: no column of it could be named `criterion`.
        head, _, _ = header_and_rows(csv_source(path), lambda cells: "call_id" in cells)
        scored = [name for name in (head[1] if head else ()) if folded_id(name, criteria) in criteria]
        if not scored or head is None:
            raise
        what = f"this table has a column for each criterion ({', '.join(scored)})"
        hint = f"write a row for each call and criterion, with the columns {', '.join(NEEDED)}"
        raise ImportProblem(str(path), head[0], what, hint) from None


class _Reader:
    """One pass over the rows; each spelling of a date or value is parsed once."""

    def __init__(self, table: Table, criteria: Mapping[str, Criterion], dates: DateOrder, people: People) -> None:
        self._table, self._criteria, self._dates = table, criteria, dates
        self._ids = tuple(criteria)
        self._people = people
        self.ids_of_calls: Mapping[str, str] = {}
        self._days: dict[str, str] = {}
        self._seen: dict[tuple[str, str], int] = {}
        self._levels = {c.id: {str(level): level for level in c.levels} for c in criteria.values()}
        self.unknown: dict[str, tuple[int, int]] = {}

    def read(self) -> RatingIntake:
        intake = RatingIntake(notes=list(self._table.left_out))
        _, intake.problems = collected(
            self._table.source, self._table, lambda line, cells: self._row(line, cells, intake)
        )
        return intake

    def _row(self, line: int, cells: list[str], intake: RatingIntake) -> None:
        call, criterion = self._filled(cells, "call_id"), folded_id(self._filled(cells, "criterion"), self._ids)
        call = self.ids_of_calls.get(call, call)
        facts = CallFacts(
            self._day(self._filled(cells, "date")),
            self._people.one(self._filled(cells, "rep")),
            self._cell(cells, "stage"),
            self._cell(cells, "deal"),
            self._cell(cells, "period"),
        )
        if criterion not in self._criteria:
            first, count = self.unknown.get(criterion, (line, 0))
            self.unknown[criterion] = (first, count + 1)
            return
        status, value = self._judged(cells, criterion)
        if (before := intake.calls.get(call)) is not None and before != facts:
            raise ValueError(f"{call} has another date, rep, stage, deal or period on an earlier line; a call has one")
        if (first := self._seen.setdefault((call, criterion), line)) != line:
            raise ValueError(f"{criterion} of {call} is rated already on line {first}; keep the rating that counts")
        intake.calls[call] = facts
        intake.ratings.append(GivenRating(call, criterion, status, value))

    def _judged(self, cells: list[str], criterion: str) -> tuple[str, int | None]:
        written, value = self._cell(cells, "status").lower(), self._cell(cells, "value")
        status = _STATUSES.get(written)
        if status is None:
            raise ValueError(f"the status {written!r} is not rated, not_applicable or failed")
        if not status:
            status = _STATUSES.get(value.lower(), "rated") or "rated"
        if status != "rated":
            return status, None
        level = self._levels[criterion].get(re.sub(r"[.,]0+$", "", value))
        if level is None:
            levels = ", ".join(self._levels[criterion])
            raise ValueError(
                f"{value!r} is not a level of {criterion} ({levels}); for no rating write the status not_applicable"
            )
        return "rated", level

    def _cell(self, cells: list[str], name: str) -> str:
        at = self._table.places.get(name)
        return "" if at is None else cells[at]

    def _filled(self, cells: list[str], name: str) -> str:
        return filled({name: cells[self._table.places[name]]}, name)

    def _day(self, written: str) -> str:
        if written not in self._days:
            self._days[written] = read_past_day(written, self._dates).isoformat()
        return self._days[written]
