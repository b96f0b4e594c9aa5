"""Reads the table of what counts (`agent.ratings.recount` writes it): calls by criteria, as arrays.

Calls of a blind calibration round are not in it, so nothing here depends on who looks, and there is no look to log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, Integer, Select, String, column, func, select, values

from agent.core.language import ngettext
from agent.db import blindness
from agent.db.collection import Collection
from agent.db.raw_rows import raw_rows
from agent.db.schema import calls, ratings, round_calls, rubrics
from agent.db.schema_counting import SPLIT, counting
from agent.db.scoping import own
from agent.ratings.recount import recount_rubric
from agent.rubrics.model import Rubric

_AT_ONCE = 5_000  # calls in one question
_c = counting.c


@dataclass(frozen=True, eq=False)
class CountedCalls:
    """What counts on some calls. `rep` (a place in `reps`) and `day` (`date.toordinal()`) are (calls,), `cells` (calls,
    criteria) holds the digit of the level, `n` for not applicable, `f` for failed, `.` for nothing.

    `reps` are all with any counted call, whichever calls were asked for: arrays of two questions fit together. `calls`
    is empty where ids were not asked for.
    """

    reps: tuple[str, ...]
    calls: list[str]
    rep: NDArray[np.int64]
    day: NDArray[np.int64]
    cells: NDArray[np.uint8]

    def chosen(self, marks: NDArray[np.bool_]) -> "CountedCalls":
        """Only the marked calls."""
        at = np.flatnonzero(marks)
        ids = [self.calls[place] for place in at.tolist()] if self.calls else []
        return CountedCalls(self.reps, ids, self.rep[at], self.day[at], self.cells[at])


@dataclass(frozen=True)
class LeftOut:
    """Calls that are in no figure because their calibration round is blind."""

    round: int
    calls: int

    def __str__(self) -> str:
        """One sentence."""
        return ngettext(
            "{n} call is left out as long as calibration round {round} is blind",
            "{n} calls are left out as long as calibration round {round} is blind",
            self.calls,
            n=self.calls,
            round=self.round,
        )


@dataclass(frozen=True)
class Uncounted:
    """What is in no figure, and why: blind rounds, and ratings on which the people of a round differ."""

    blind: tuple[LeftOut, ...]
    splits: int

    def __iter__(self) -> Any:
        """The sentences to say beside the figures."""
        yield from map(str, self.blind)
        if self.splits:
            yield ngettext(
                "{n} rating counts as nothing: its raters differ in a calibration round and nobody has settled it",
                "{n} ratings count as nothing: their raters differ in a calibration round and nobody has settled it",
                self.splits,
                n=self.splits,
            )


class Counting(Collection):
    """What counts in the workspace; for a rep, on their own calls."""

    def rated_rubrics(self) -> set[str]:
        """Ids of stored rubrics against which something counts."""
        query = own(select(_c.seq).where(_c.rubric == rubrics.c.id), _c.rep, self._scope)
        return set(self._values(select(rubrics.c.id).where(query.exists())))

    def reps(self, rubric: Rubric) -> tuple[str, ...]:
        """Everybody on whose calls something counts, by name."""
        query = own(select(_c.rep).where(_c.rubric == rubric.id).distinct(), _c.rep, self._scope)
        names = tuple(sorted(self._values(query)))
        return names if names or not self._recounted(rubric.id) else self.reps(rubric)

    def calls(self, rubric: Rubric, only: Sequence[str] | None = None) -> CountedCalls:
        """What counts on the calls `only` (default: all), with their ids."""
        query = own(select(_c.rep, _c.day, _c.cells, _c.call).where(_c.rubric == rubric.id), _c.rep, self._scope)
        reps = self.reps(rubric)
        with self._engine.connect() as connection:
            if only is None:
                rows = raw_rows(connection, query)
            else:
                parts = (only[start : start + _AT_ONCE] for start in range(0, len(only), _AT_ONCE))
                rows = [row for part in parts for row in raw_rows(connection, query.where(_c.call.in_(part)))]
        rows.sort(key=lambda row: row[3])
        return _arrays(reps, len(rubric.criteria), rows, with_ids=True)

    def days(self, rubric: Rubric, first: date | None = None, last: date | None = None) -> CountedCalls:
        """What counts on all calls, or on calls from `first` to `last`, both included; without ids, and many times
        faster."""
        cells = func.aggregate_strings(_c.cells, "")
        query = own(select(_c.rep, _c.day, cells).where(_c.rubric == rubric.id), _c.rep, self._scope)
        if first is not None:
            query = query.where(_c.day >= first.isoformat())
        if last is not None:
            query = query.where(_c.day <= last.isoformat())
        reps = self.reps(rubric)
        if first is not None or last is not None:  # rep by rep the index holds all that is read
            query = query.where(_c.rep.in_(reps))
        with self._engine.connect() as connection:
            rows = raw_rows(connection, query.group_by(_c.rep, _c.day))
        return _arrays(reps, len(rubric.criteria), rows, with_ids=False)

    def windows(
        self, rubric: Rubric, windows: Sequence[tuple[str, date, date]]
    ) -> tuple[CountedCalls, NDArray[np.int64]]:
        """What counts on calls of a rep from a first to a last day, both included, of many such windows; and the
        place of each call's window among them. Put together by the database, so without ids, and with the
        window's first day as their day."""
        days = [(at, rep, first.isoformat(), last.isoformat()) for at, (rep, first, last) in enumerate(windows)]
        names = column("at", Integer), column("whose", String), column("since", String), column("until", String)
        reps, width, rows = self.reps(rubric), len(rubric.criteria), list[tuple[int, str]]()
        with self._engine.connect() as connection:
            for start in range(0, len(days) if reps else 0, _AT_ONCE):
                w = values(*names, name="w").data(days[start : start + _AT_ONCE]).cte("windows").c
                inside = (_c.rubric == rubric.id, _c.rep == w.whose, _c.day.between(w.since, w.until))
                query = own(select(w.at, func.aggregate_strings(_c.cells, "")).where(*inside), _c.rep, self._scope)
                rows += raw_rows(connection, query.group_by(w.at))
        found = _arrays(reps, width, [(*days[at][1:3], cells) for at, cells in rows], with_ids=False)
        places = np.array([at for at, _cells in rows], dtype=np.int64)
        return found, np.repeat(places, [len(cells) // width for _at, cells in rows])

    def ends(self, rubric: Rubric) -> tuple[date | None, date | None]:
        """The days of the first and the last call on which something counts."""
        day = own(select(_c.day).where(_c.rubric == rubric.id), _c.rep, self._scope).limit(
            1
        )  # each an end of the index
        first, last = self._value(day.order_by(_c.day)), self._value(day.order_by(_c.day.desc()))
        return (None, None) if first is None else (date.fromisoformat(first), date.fromisoformat(last))

    def stages(self) -> dict[str, str]:
        """The stage of each call that has one."""
        return self._named(calls.c.stage)

    def deals(self) -> dict[str, str]:
        """The deal of each call that names one."""
        return self._named(calls.c.deal)

    def _named(self, column: Column[str]) -> dict[str, str]:
        query = own(select(calls.c.id, column).where(column != ""), calls.c.rep, self._scope)
        with self._engine.connect() as connection:
            return dict(raw_rows(connection, query))

    def calls_of(self, rubric: Rubric, rep: str) -> int:
        query = own(select(func.count()).where(_c.rubric == rubric.id, _c.rep == rep), _c.rep, self._scope)
        return int(self._value(query))

    def uncounted(self, rubric: Rubric) -> Uncounted:
        """What does not count although it was rated: splits and blind rounds; for a rep, on their own calls."""
        splits = select(_c.sources).where(_c.call.in_(select(round_calls.c.call)), _c.rubric == rubric.id)
        with self._engine.connect() as connection:
            split = sum(text.count(SPLIT) for text in connection.execute(own(splits, _c.rep, self._scope)).scalars())
            blind = {call: r.number for call, r in blindness.running_rounds(connection).items() if r.blind}
            if not blind:
                return Uncounted((), split)
            rated = select(ratings.c.call).join(calls, calls.c.id == ratings.c.call).distinct()
            rated = own(rated, calls.c.rep, self._scope).where(ratings.c.call.in_(blind), ratings.c.rubric == rubric.id)
            numbers = [blind[call] for call in connection.execute(rated).scalars()]
        return Uncounted(tuple(LeftOut(number, numbers.count(number)) for number in sorted(set(numbers))), split)

    def as_of(self, rubric: Rubric) -> str:
        """When the newest rating against a rubric was stored, ISO 8601 in UTC; empty without any."""
        newest = select(ratings.c.at).where(ratings.c.rubric == rubric.id).order_by(ratings.c.seq.desc()).limit(1)
        return str(self._value(newest) or "")

    def mark(self, rubric: str) -> tuple[int, ...]:
        """Numbers that change whenever something that counts against the rubric of that id changes."""
        numbers = func.count(), func.coalesce(func.max(_c.seq), 0), func.coalesce(func.sum(_c.seq), 0)
        with self._engine.connect() as connection:
            return tuple(int(one) for one in connection.execute(select(*numbers).where(_c.rubric == rubric)).one())

    def _recounted(self, rubric: str) -> bool:
        """Count ratings that were stored before the rubric itself; returns whether there were any."""
        query: Select[Any] = select(ratings.c.seq).where(ratings.c.rubric == rubric, ratings.c.draw == 0).limit(1)
        counted = select(_c.seq).where(_c.rubric == rubric).limit(1)
        with self._engine.connect() as connection:
            if connection.execute(query).first() is None or connection.execute(counted).first() is not None:
                return False
        with self._engine.begin() as connection:
            recount_rubric(connection, rubric)
            return connection.execute(counted).first() is not None


def _arrays(reps: tuple[str, ...], width: int, rows: Sequence[Sequence[str]], *, with_ids: bool) -> CountedCalls:
    """The arrays of rows of rep, day, the cells of one or more calls, and the call's id if there is one."""
    at = {rep: place for place, rep in enumerate(reps)}
    ordinal = {day: date.fromisoformat(day).toordinal() for day in {row[1] for row in rows}}
    times = np.array([len(row[2]) // width for row in rows], dtype=np.int64)
    text = "".join([row[2] for row in rows]).encode("ascii")
    return CountedCalls(
        reps,
        [row[3] for row in rows] if with_ids else [],
        np.repeat(np.array([at[row[0]] for row in rows], dtype=np.int64), times),
        np.repeat(np.array([ordinal[row[1]] for row in rows], dtype=np.int64), times),
        np.frombuffer(text, dtype=np.uint8).reshape(-1, width),
    )
