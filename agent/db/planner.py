"""Tells SQLite how its tables are filled, so that it chooses the index that leads to few rows.

Without that it guesses: asked for fifty calls' ratings against one rubric it would scan all of the rubric's ratings,
half a second among 800,000. PostgreSQL finds out by itself (autovacuum).
"""

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import OperationalError

from agent.core.errors import ConfigError
from agent.db.schema import ratings

_FROM = 10_000  # ratings; with fewer any way is quick, and nothing is written
_GROWN = 4  # times: until then what was told is near enough
_LOOKED_AT = 400  # rows of each index: milliseconds however large a table is, and near enough (sqlite.org/lang_analyze)
# Of an index of the ratings, if the index that came last is known: where it is not, all is told once more. Of an
# empty table nothing is ever told.
_TOLD = (
    "SELECT stat FROM sqlite_stat1 WHERE idx = 'ix_ratings_rubric_at'"
    " AND (EXISTS (SELECT 1 FROM sqlite_stat1 WHERE idx = 'ix_counting_rubric_day') OR NOT EXISTS "
    "(SELECT 1 FROM counting))"
)
_IS_TOLD = "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'"


def tell_planner(engine: Engine) -> bool:
    """Analyze the tables if they have grown much since the last time; returns whether it was done. Skipped if nothing
    can be written: only speed depends on it."""
    if engine.dialect.name != "sqlite":
        return False
    with engine.connect() as connection:
        if not _has_grown(connection):
            return False
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"PRAGMA analysis_limit={_LOOKED_AT}")
            connection.exec_driver_sql("ANALYZE")
    except (OperationalError, ConfigError):
        return False
    return True


def _has_grown(connection: Connection) -> bool:
    newest = connection.execute(select(func.max(ratings.c.seq))).scalar() or 0
    if newest < _FROM:
        return False
    told = connection.exec_driver_sql(_TOLD).scalar() if connection.exec_driver_sql(_IS_TOLD).scalar() else None
    return told is None or newest > _GROWN * int(str(told).split()[0])
