"""One workspace's database: everything a team has imported, concluded and rated."""

from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import Engine

from agent.core.people import Scope
from agent.db.database import open_database
from agent.db.planner import tell_planner


class Collection(Protocol):
    """One kind of thing that a slice stores, made from the engine and from what its reader may see."""

    def __init__(self, engine: Engine, scope: Scope) -> None: ...


C = TypeVar("C", bound=Collection)


class Store:
    """All collections of a workspace's database, limited to what `scope` covers: `store[Calls].get(ident)`.

    `Store.open` covers everything and is for the owner of the database; `seen_by` makes the store of a signed-in
    person.
    """

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self.engine, self.scope = engine, scope
        self._made: dict[type[Any], Any] = {}

    def __getitem__(self, kind: type[C]) -> C:
        """The collection of this class; it is made when it is first asked for."""
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
        """The same database, limited to what `scope` may see."""
        return Store(self.engine, scope)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
