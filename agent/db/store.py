"""One workspace's database: everything a team has imported, concluded and rated."""

from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import Engine

from agent.core.people import Scope
from agent.db.database import open_database
from agent.db.planner import tell_planner


class Collection(Protocol):
    """What a slice keeps in the database: made from the engine and from what its reader may see."""

    def __init__(self, engine: Engine, scope: Scope) -> None: ...


C = TypeVar("C", bound=Collection)


class Store:
    """The workspace's collections on one database, as far as `scope` covers them: `store[Calls].get(ident)`.

    `Store.open` covers everything: for the owner of the database. For a signed-in person: `seen_by`.
    """

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self.engine, self.scope = engine, scope
        self._made: dict[type[Any], Any] = {}

    def __getitem__(self, kind: type[C]) -> C:
        """The collection of this class, made when it is first asked for."""
        if kind not in self._made:
            self._made[kind] = kind(self.engine, self.scope)
        return cast(C, self._made[kind])

    @classmethod
    def open(cls, url: str) -> "Store":
        """The store at a SQLAlchemy database URL, brought up to date."""
        engine = open_database(url)
        tell_planner(engine)
        return cls(engine, Scope.everything())

    def seen_by(self, scope: Scope) -> "Store":
        """The same database as `scope` sees it."""
        return Store(self.engine, scope)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
