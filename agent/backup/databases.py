"""Copies of databases that others write to meanwhile: SQLite by its own backup, PostgreSQL by pg_dump."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from agent.core.errors import Advice, ConfigError, GateClosed

_QUIET = 600  # seconds that pg_dump and pg_restore may say nothing


def copy_sqlite(source: Path, target: Path) -> None:
    """One moment of the file and its write-ahead log; whoever writes goes on."""
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
    check_sqlite(target)


def check_sqlite(path: Path) -> None:
    """GateClosed where SQLite finds the file damaged."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            damage = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
    except sqlite3.DatabaseError as error:
        damage = [str(error)]
    if damage != ["ok"]:
        raise GateClosed(f"{path.name} is damaged: {'; '.join(damage)}")


def rows_of(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    quote = connection.dialect.identifier_preparer.quote
    return {
        name: int(connection.execute(text(f"SELECT count(*) FROM {quote(name)}")).scalar_one())
        for name in sorted(inspect(connection).get_table_names())
        if not name.startswith("sqlite_")
    }


@contextmanager
def snapshot(engine: Engine) -> Iterator[tuple[Connection, str]]:
    """One moment of a PostgreSQL database, and its name for pg_dump."""
    with engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection, str(connection.execute(text("SELECT pg_export_snapshot()")).scalar_one())


def dump_postgresql(engine: Engine, name: str, target: Path) -> None:
    """Everything as it was at the snapshot of that name, also the queue of jobs."""
    arguments = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={name}", f"--file={target}"]
    _run(engine, "pg_dump", arguments)


def restore_postgresql(engine: Engine, dump: Path) -> None:
    """Into an empty database. ConfigError where there is something in it."""
    with engine.connect() as connection:
        if inspect(connection).get_table_names():
            place = engine.url.render_as_string(hide_password=True)
            raise ConfigError(
                f"the database {place} is not empty: make a new one, and name it in CLOSEREAD_DATABASE_URL"
            )
    _run(
        engine,
        "pg_restore",
        ["--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={engine.url.database}", dump],
    )


def _run(engine: Engine, program: str, arguments: Sequence[str | Path]) -> None:
    path = shutil.which(program)
    if path is None:
        raise ConfigError(
            f"{program} is not on this machine, which copies PostgreSQL databases",
            advice=Advice(text="install the PostgreSQL client (Debian: apt-get install postgresql-client)"),
        )
    try:
        subprocess.run(
            [path, *arguments], env=_access(engine), capture_output=True, text=True, check=True, timeout=_QUIET
        )
    except subprocess.CalledProcessError as error:
        raise ConfigError(f"{program} failed: {' '.join(error.stderr.split())[:500]}") from error
    except subprocess.TimeoutExpired as error:
        raise ConfigError(f"{program} did not end within {_QUIET} seconds") from error


def _access(engine: Engine) -> Mapping[str, str]:
    """How the program reaches the database: in its environment, where no list of processes shows the password."""
    url = engine.url
    said = {
        "PGHOST": url.host or "",
        "PGPORT": str(url.port or ""),
        "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password or ""),
        "PGDATABASE": url.database or "",
        **{f"PG{name.upper()}": str(value) for name, value in url.query.items() if name.startswith("ssl")},
    }
    return {**os.environ, **{name: value for name, value in said.items() if value}}
