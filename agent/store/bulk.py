"""Inserts that are made for every scored call: compiled once, and handed to the driver as they are.

SQLAlchemy's own way from an insert to the driver takes several times the processor time of SQLite's insert.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.engine import Dialect

Row = Mapping[str, object]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row], unless: str = "") -> int:
    """Insert `rows`, which all have the same columns; rows whose column `unless` is there already are left out.

    Values are handed on unchanged: text, numbers and None. Returns how many were new.
    """
    if not rows:
        return 0
    text, order = _compiled(connection.dialect, table, tuple(rows[0]), unless)
    given: Any = [tuple(row[name] for name in order) for row in rows] if order else [dict(row) for row in rows]
    return connection.exec_driver_sql(text, given).rowcount


@cache
def _compiled(dialect: Dialect, table: Table, columns: tuple[str, ...], unless: str) -> tuple[str, tuple[str, ...]]:
    """The statement, and the order of its columns where the driver takes them by position."""
    from sqlalchemy.dialects import postgresql, sqlite

    statement = (postgresql.insert if dialect.name == "postgresql" else sqlite.insert)(table)
    if unless:
        statement = statement.on_conflict_do_nothing(index_elements=[table.c[unless]])
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns))
    return compiled.string, tuple(compiled.positiontup or ())
