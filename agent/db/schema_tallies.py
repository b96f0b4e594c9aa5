"""The tables of tallies: what counts on each call, packed, so that a page need not read every rating.

Everything here follows from ratings and calls and may be deleted at any time. Triggers (migration 0006) note calls
whose rep or day changed and calls that lost ratings, and keep a mark from pointing past the last rating.
"""

from __future__ import annotations

from sqlalchemy import Column, String, Table, Text

from agent.db.schema import LONG, metadata

# One row a rubric, rep and quarter ("2026-Q3"): small enough to be written anew each day, few enough to be read at once.
tallies = Table(
    "tallies",
    metadata,
    Column("rubric", String(40), primary_key=True),
    Column("rep", String(200), primary_key=True),
    Column("quarter", String(7), primary_key=True),
    Column("body", Text, nullable=False),
)

# Ratings up to `seq` are in the tallies; `at` is when the newest of them was given.
tally_marks = Table(
    "tally_marks",
    metadata,
    Column("rubric", String(40), primary_key=True),
    Column("seq", LONG, nullable=False),
    Column("touched", LONG, nullable=False),
    Column("at", String(40), nullable=False),
)

tally_touched = Table(
    "tally_touched",
    metadata,
    Column("seq", LONG, primary_key=True, autoincrement=True),
    Column("call", String(200), nullable=False),
)
