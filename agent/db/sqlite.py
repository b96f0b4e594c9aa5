"""SQLite as the store uses it: readers never wait, writers queue."""

import sqlite3
import time
from contextlib import AbstractContextManager
from functools import cached_property
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, event

_BEGIN = "sqlite_begin"


class SqliteEngine(Engine):
    """`begin()` is for writing and holds the write lock from its start; `connect()` is for reading and never waits.

    A transaction that reads first and then writes would have to upgrade. If another wrote in between, SQLite refuses
    that at once, whatever the busy timeout ("database is locked"). With the lock taken first, writers queue instead.
    """

    @cached_property
    def _writing(self) -> Engine:
        return self.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})  # the same pool and events

    @cached_property
    def _watching(self) -> tuple[sqlite3.Connection, Lock]:
        return sqlite3.connect(self.url.database or "", timeout=30, check_same_thread=False), Lock()

    def begin(self) -> AbstractContextManager[Connection]:  # type: ignore[override]
        """A writing transaction."""
        return self._writing.begin()

    def commits(self) -> int:
        """Another number after each commit, of whatever process: SQLite tells a connection of those of all others, so
        the one that is asked here never writes."""
        connection, lock = self._watching
        with lock:
            return int(connection.execute("PRAGMA data_version").fetchone()[0])

    def dispose(self, close: bool = True) -> None:
        """Close all connections."""
        super().dispose(close)
        if watching := vars(self).pop("_watching", None):
            watching[0].close()


def sqlite_engine(made: Engine) -> SqliteEngine:
    """`made` with our settings and transactions; both engines share one pool of connections."""
    engine = SqliteEngine(made.pool, made.dialect, made.url, hide_parameters=made.hide_parameters)
    event.listen(engine, "connect", _settings)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    # On the driver's own connection: SQLAlchemy's overhead costs more than the statement.
    driver: Any = connection.connection.driver_connection
    statement = connection.get_execution_options().get(_BEGIN, "BEGIN")
    try:
        driver.execute(statement)
    except sqlite3.Error:
        connection.exec_driver_sql(statement)  # once more, so that the error is reported like all others


def _to_wal(cursor: Any) -> None:
    """Switch to WAL mode, so that readers never wait for a writer. If several processes open a fresh file together,
    SQLite refuses the switch to all but one, whatever the time-out, so it is tried again."""
    give_up = time.monotonic() + 30
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
        time.sleep(0.05)


def _settings(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # else the driver begins by itself: deferred, and only before the first change
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")  # first: the next line needs exclusive access to the file
    _to_wal(cursor)
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
