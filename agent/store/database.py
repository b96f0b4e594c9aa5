"""Opening a database: connection settings, and the migrations that bring it up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError

from agent.errors import ConfigError

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0004"


def open_database(url: str) -> Engine:
    """An engine on `url`, migrated to the newest schema. `ConfigError` where it cannot be opened or is too new."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_settings)
    try:
        with engine.connect() as connection:
            if _version(connection) != HEAD:
                _migrate(engine)
    except DatabaseError as error:
        shown = engine.url.render_as_string(hide_password=True)
        raise ConfigError(
            f"the database {shown} cannot be opened: {error.orig}; check that it is a Closeread database"
        ) from error
    return engine


def _sqlite_settings(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")  # readers never wait for a writer
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _version(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if version is None else str(version)


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise ConfigError(f"the database was written by a newer Closeread: {error}; upgrade the program") from error
