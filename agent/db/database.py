"""Opening a database: connection settings, the migrations that bring it up to date, and transactions that outlive a
restart of the server.

Two processes that open the same old database at once migrate it once: each takes the write lock first and looks again.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError

from agent.core.errors import Advice, ConfigError, DiskFull
from agent.core.extras import install
from agent.core.lazy import lazy
from agent.db.sqlite import SqliteEngine, sqlite_engine

alembic_command = lazy("alembic.command")
alembic_config = lazy("alembic.config")
alembic_util = lazy("alembic.util")

R = TypeVar("R")
Guard = Callable[[Connection], bool]
"""A part of a transaction that says whether the rest may take place."""

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0030"

# Seconds a transaction is tried again while the server is away, and the longest wait between two tries.
PATIENCE = 60.0
_LONGEST_WAIT = 2.0
# Any number, the same in every process: PostgreSQL's advisory locks are named by numbers.
_MIGRATION_LOCK = 0x636C6F7365
# SQLSTATE: serialization failure, deadlock, the server is shutting down, crashed, or is starting.
_PASSING = frozenset({"40001", "40P01", "57P01", "57P02", "57P03"})
_POSTGRESQL: dict[str, Any] = {
    "hide_parameters": True,  # an error's words go into logs, and parameters are transcripts
    "pool_size": 8,
    "max_overflow": 24,
    "pool_pre_ping": True,  # a connection that died while it lay in the pool is replaced, not handed out
    "connect_args": {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "connect_timeout": 10},
}


def database_url(url: str) -> URL:
    """`url` for SQLAlchemy; `postgres://` and `postgresql://` mean the psycopg driver. ConfigError if it is no URL."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError(
            "CLOSEREAD_DATABASE_URL is not a database URL; write postgresql://user:password@host/name"
        ) from error
    if parsed.drivername in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def open_database(url: str) -> Engine:
    """An engine for `url`, with the database migrated to the newest schema. `ConfigError` if it cannot be opened or
    its schema is newer than this program's."""
    engine = _engine(database_url(url))
    event.listen(engine, "handle_error", _say_what_the_place_refuses)
    try:
        with engine.connect() as connection:
            current = _version(connection) == HEAD
        if not current:
            _migrate(engine)
    except DatabaseError as error:
        engine.dispose()
        raise ConfigError(_cannot_open(engine, error)) from error
    return engine


def bare_engine(url: str) -> Engine:
    """An engine for a database as it is, without migrating it."""
    return _engine(database_url(url))


def transact(engine: Engine, work: Callable[[Connection], R], patience: float = PATIENCE) -> R:
    """Run `work` in one transaction. If the server went away or another transaction was in its way, try again for up to
    `patience` seconds.

    Only for work that may be done twice: if the connection breaks during the commit, nobody can tell whether it took
    place. The wait blocks the other tasks of the event loop: while the database is away they could not store anything
    either.
    """
    return _patiently(engine.begin, work, patience)


def read(engine: Engine, work: Callable[[Connection], R], patience: float = PATIENCE) -> R:
    """Like `transact`, for work that changes nothing: on SQLite it does not wait for a writer."""
    return _patiently(engine.connect, work, patience)


def _patiently(
    opened: Callable[[], AbstractContextManager[Connection]], work: Callable[[Connection], R], patience: float
) -> R:
    give_up = time.monotonic() + patience
    wait = 0.05
    while True:
        try:
            with opened() as connection:
                return work(connection)
        except DBAPIError as error:
            if not passing(error) or time.monotonic() + wait > give_up:
                raise
        time.sleep(wait)
        wait = min(_LONGEST_WAIT, wait * 2)


def state_mark(engine: Engine) -> object:
    """What is another one after each commit, of whatever process: what was read before holds while it is the same."""
    if isinstance(engine, SqliteEngine):
        return engine.commits() if engine.url.database else object()
    # Which transactions are visible: two equal snapshots show the same rows.
    return read(engine, lambda connection: connection.execute(text("SELECT pg_current_snapshot()::text")).scalar())


def passing(error: DBAPIError) -> bool:
    """Whether the error is temporary, so that the same transaction may succeed a little later."""
    state = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated or state in _PASSING:
        return True
    # The server refuses connections while it restarts; libpq gives such an error no SQLSTATE.
    kind = type(error.orig)
    return state is None and kind.__name__ == "OperationalError" and kind.__module__.startswith("psycopg")


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "postgresql":
        return sqlite_engine(create_engine(url, hide_parameters=True))
    try:
        return create_engine(url, **_POSTGRESQL)
    except ModuleNotFoundError as error:
        what = f"{error.name} is missing, through which PostgreSQL is reached"
        raise ConfigError(what, advice=install("postgresql")) from error


def _say_what_the_place_refuses(context: ExceptionContext) -> None:
    url = context.engine.url.render_as_string(hide_password=True) if context.engine is not None else "the database"
    if refused := refused_by_place(context.original_exception, url):
        raise refused from context.original_exception


def refused_by_place(error: BaseException | None, url: str) -> ConfigError | None:
    """The error to raise if the place of the database refused: the disk is full, or it may only be read. None for
    any other error."""
    if DiskFull.is_said_by(error):
        return DiskFull.at(url)
    said = getattr(error, "sqlite_errorcode", None) or 0
    if said & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        text = "give this user the right to write there, or copy its folder to a place where they have it"
        return ConfigError(f"this user may not write the database {url}", advice=Advice(text=text))
    return None


def _cannot_open(engine: Engine, error: DatabaseError) -> str:
    shown = engine.url.render_as_string(hide_password=True)
    if engine.dialect.name == "sqlite":
        return f"the database {shown} cannot be opened: {error.orig}; check that it is a Closeread database"
    said = " ".join(str(error.orig).split())
    return f"the database {shown} cannot be opened: {said}; check that the server runs and CLOSEREAD_DATABASE_URL"


def _version(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if version is None else str(version)


def _migrate(engine: Engine) -> None:
    config = alembic_config.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        # Keep other processes from migrating until this transaction ends.
        if connection.dialect.name != "sqlite":  # there every transaction of `begin` has the write lock already
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        if _version(connection) == HEAD:
            return
        config.attributes["connection"] = connection
        try:
            alembic_command.upgrade(config, "head")
        except alembic_util.CommandError as error:
            raise ConfigError(f"the database was written by a newer Closeread: {error}; upgrade the program") from error
