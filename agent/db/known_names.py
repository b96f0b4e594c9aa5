"""The facts of every call and interview, for finding names in them."""

from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Engine, select

from agent.db.raw_rows import raw_column
from agent.db.schema import calls, interviews


def known_bodies(engine: Engine) -> Iterator[dict[str, Any]]:
    """The facts of each call and interview, without the words."""
    for table in (calls, interviews):
        with engine.connect() as connection:
            bodies = raw_column(connection, select(table.c.body))
        for body in bodies:
            yield from_json(body)
