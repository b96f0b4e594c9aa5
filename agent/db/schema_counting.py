"""The table of what counts: one row a call and rubric, written in the transaction of each rating.

One character a criterion, in the rubric's order, so that a hundred thousand calls are read in a twentieth of a second.
`cells` says what counts: the digit of the level, `n` not applicable, `f` failed, `.` nothing. `sources` says by which
part of the rule (`agent.ratings.rule`): the first letter of the source, `?` where a calibration round is split, `.`
nothing. Calls of a blind calibration round have no row. All of it follows from other tables and can be written anew.
"""

from collections.abc import Sequence

from sqlalchemy import Column, Connection, ForeignKey, Index, Table, Text, UniqueConstraint, delete, insert, select

from agent.db.columns import texts
from agent.db.schema import LONG, calls, metadata

counting = Table(
    "counting",
    metadata,
    # A new number at each change, never given out again: count and sum of the numbers tell whether anything changed.
    Column("seq", LONG, primary_key=True, autoincrement=True),
    Column("call", ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    *texts(rubric=40, rep=200, day=10),
    Column("cells", Text, nullable=False),
    Column("sources", Text, nullable=False),
    UniqueConstraint("call", "rubric", name="uq_counting_call_rubric"),
    sqlite_autoincrement=True,
)
# Holds all that counts by rep and day need, so that they are read from the index alone.
Index("ix_counting_rubric", counting.c.rubric, counting.c.rep, counting.c.day, counting.c.cells)
# Tells the first and the last day, and how many calls count on each.
Index("ix_counting_rubric_day", counting.c.rubric, counting.c.day)

SPLIT, NONE = "?", "."


def moved(connection: Connection, ids: Sequence[str]) -> None:
    """Update the rows of these calls after their rep or day was changed. Call it in the same transaction."""
    c = counting.c
    fresh = select(c.call, c.rubric, calls.c.rep, calls.c.date, c.cells, c.sources).join(calls, calls.c.id == c.call)
    rows = connection.execute(fresh.where(c.call.in_(ids))).all()
    if rows:
        connection.execute(delete(counting).where(c.call.in_(ids)))
        names = ("call", "rubric", "rep", "day", "cells", "sources")
        connection.execute(insert(counting), [dict(zip(names, row, strict=True)) for row in rows])
