"""Databases as earlier programs left them, made by the migrations of their time."""

import sqlite3
from contextlib import closing

from alembic import command
from alembic.config import Config

from agent.db.database import MIGRATIONS, bare_engine


def older_database(path, revision, newer, tables):
    """A database as it was at `revision`, with the rows of `tables` of a newer one as far as it had columns for them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = bare_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ATTACH ? AS newer", (str(newer),))
        for table in tables:
            known = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
            columns = ", ".join(f'"{name}"' for name in known)
            connection.execute(f"DELETE FROM main.{table}")
            connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")
        connection.commit()
