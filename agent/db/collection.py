"""The base class of what slices store in the database, with short forms of the usual queries."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, Executable, Row

from agent.core.people import Scope


class Collection:
    """One kind of thing that a slice stores, limited to what its reader may see (`scope`)."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def _rows(self, query: Executable) -> Sequence[Any]:
        with self._engine.connect() as connection:
            return connection.execute(query).all()

    def _first(self, query: Executable) -> Row[Any] | None:
        with self._engine.connect() as connection:
            return connection.execute(query).first()

    def _values(self, query: Executable) -> Sequence[Any]:
        """The first column of all rows."""
        with self._engine.connect() as connection:
            return connection.execute(query).scalars().all()

    def _value(self, query: Executable) -> Any:
        """The first column of the first row; None where there is none."""
        with self._engine.connect() as connection:
            return connection.execute(query).scalar()

    def _do(self, statement: Executable) -> int:
        """Run a statement in a transaction of its own; returns how many rows it touched."""
        with self._engine.begin() as connection:
            return int(connection.execute(statement).rowcount)
