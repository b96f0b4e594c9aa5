"""The stored form of tallies: packed rows, and the mark that says up to which rating they go."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic_core import from_json
from sqlalchemy import Connection, Engine, Executable, delete, func, insert, select, text, update
from sqlalchemy.exc import OperationalError

from agent.db.schema import ratings
from agent.db.schema_tallies import tallies, tally_marks, tally_touched

Key = tuple[str, str]
_ROWS_AT_ONCE = 500
_LOCK_TIMEOUT = "200ms"
_LOCK_NOT_AVAILABLE = "55P03"


@dataclass(eq=False)
class Chunk:
    """One rep's calls of one quarter: ids, days (`date.toordinal()`) and all calls' cells, `width` characters a call."""

    width: int
    calls: list[str]
    days: list[int]
    cells: str
    raters: set[str]

    @classmethod
    def of(cls, body: str) -> Chunk:
        """As stored."""
        found = from_json(body)
        return cls(found["width"], found["calls"], found["days"], found["cells"], set(found["raters"]))

    def body(self) -> str:
        """To store."""
        return json.dumps(
            {
                "width": self.width,
                "calls": self.calls,
                "days": self.days,
                "cells": self.cells,
                "raters": sorted(self.raters),
            }
        )

    def plus(self, other: Chunk) -> Chunk:
        """Both together."""
        return Chunk(
            self.width,
            self.calls + other.calls,
            self.days + other.days,
            self.cells + other.cells,
            self.raters | other.raters,
        )


@dataclass(frozen=True)
class Mark:
    """Ratings and notes up to these numbers are in the packed rows; `at` is when the newest rating was given."""

    seq: int
    touched: int
    at: str


def marked(connection: Connection, rubric: str) -> Mark | None:
    """The mark of a rubric; None where nothing is packed."""
    c = tally_marks.c
    row = connection.execute(select(c.seq, c.touched, c.at).where(c.rubric == rubric)).first()
    return None if row is None else Mark(*row)


def settled(engine: Engine) -> Mark | None:
    """PostgreSQL: numbers below which no transaction is still writing; None where writers are too busy to wait for.

    SHARE waits for every transaction that has inserted and not ended. It is held for the moment of reading only.
    """
    try:
        with engine.begin() as connection:
            connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
            connection.execute(text("LOCK TABLE ratings, calls, tally_touched IN SHARE MODE"))
            seq = connection.execute(select(func.coalesce(func.max(ratings.c.seq), 0))).scalar_one()
            touched = connection.execute(select(func.coalesce(func.max(tally_touched.c.seq), 0))).scalar_one()
            return Mark(seq, touched, "")
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            return None
        raise


def keep(engine: Engine, rubric: str, before: Mark | None, top: Mark, changed: Mapping[Key, Chunk | None]) -> bool:
    """Write changed rows and the mark, unless somebody else moved the mark since `before` was read; whether written."""
    bodies = {key: None if chunk is None else chunk.body() for key, chunk in changed.items()}
    with engine.begin() as connection:
        if not _move_mark(connection, rubric, before, top):
            return False
        own = tallies.c
        if before is None:  # rows without a mark are of nobody knows when
            connection.execute(delete(tallies).where(own.rubric == rubric))
        for rep, quarter in bodies:
            connection.execute(delete(tallies).where(own.rubric == rubric, own.rep == rep, own.quarter == quarter))
        rows = [
            {"rubric": rubric, "rep": rep, "quarter": quarter, "body": body}
            for (rep, quarter), body in bodies.items()
            if body is not None
        ]
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            connection.execute(insert(tallies), rows[start : start + _ROWS_AT_ONCE])
        # The last note stays: SQLite would give its number out again.
        done = select(func.min(tally_marks.c.touched)).scalar_subquery()
        connection.execute(delete(tally_touched).where(tally_touched.c.seq < done))
    return True


def _move_mark(connection: Connection, rubric: str, before: Mark | None, top: Mark) -> bool:
    c = tally_marks.c
    # Not past the last rating: it may have been deleted meanwhile, and SQLite gives its number out again.
    last = connection.execute(select(func.coalesce(func.max(ratings.c.seq), 0))).scalar_one()
    values = {"seq": min(top.seq, last), "touched": top.touched, "at": top.at}
    if before is None:
        connection.execute(_new_mark(connection, rubric))
        before = Mark(-1, -1, "")
    same = (c.rubric == rubric, c.seq == before.seq, c.touched == before.touched)
    return connection.execute(update(tally_marks).where(*same).values(**values)).rowcount == 1


def _new_mark(connection: Connection, rubric: str) -> Executable:
    from sqlalchemy.dialects import postgresql, sqlite

    dialect = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    first = dialect(tally_marks).values(rubric=rubric, seq=-1, touched=-1, at="")
    return first.on_conflict_do_nothing(index_elements=[tally_marks.c.rubric])
