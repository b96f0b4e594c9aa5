"""A mark of all that the figures of a season rest on: as long as it stays, so do the figures."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Connection, Engine, func, select

from agent.db import blindness
from agent.db.schema import adjudications, baselines, calls, coaching, deals, ratings, round_log
from agent.db.schema_tallies import tally_touched

# Looking at a round, drafting in it and going on with it change no figure.
_TELLING = ("opened", "imported", "submitted", "corrected", "adjudicated", "closed")


def season_mark(engine: Engine, rubric: str) -> str:
    """A digest that changes with any rating, correction, call, baseline of `rubric`, coaching cycle, deal or round.

    It tells nothing of what is stored, so it is the same for everybody. A call whose deal or stage alone was put right
    shows with the next rating.
    """
    digest = sha256(rubric.encode())
    with engine.connect() as connection:
        for number in (*_ends(connection), *_counts(connection, rubric)):
            digest.update(f"|{number}".encode())
        for call in sorted(blindness.running_rounds(connection)):
            digest.update(f"|{call}".encode())
        for table in (coaching, deals):
            digest.update(repr(connection.execute(select(table).order_by(*table.primary_key)).all()).encode())
    return digest.hexdigest()


def _ends(connection: Connection) -> list[int]:
    """The last number of what is only appended to."""
    columns = (ratings.c.seq, tally_touched.c.seq, adjudications.c.seq)
    queries = [select(func.max(column)) for column in columns]
    queries.append(select(func.max(round_log.c.seq)).where(round_log.c.kind.in_(_TELLING)))
    return [connection.execute(query).scalar() or 0 for query in queries]


def _counts(connection: Connection, rubric: str) -> list[int]:
    drawn = select(func.max(baselines.c.seq)).where(baselines.c.rubric == rubric)
    known = select(func.count()).select_from(calls)
    return [connection.execute(query).scalar() or 0 for query in (drawn, known)]
