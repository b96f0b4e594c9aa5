"""Figures that took long to compute, under a key made from everything they were computed from: they never go stale."""

from sqlalchemy import Engine, delete, select

from agent.core.people import Scope
from agent.db.schema_server import computed
from agent.db.transcripts import now

_KEPT = 20  # of one kind


class Computed:
    """Keeps texts by kind and key. Whoever asks first computes them; any row may be deleted at any time."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine = engine

    def get(self, kind: str, key: str) -> str | None:
        """The stored text; None if there is none."""
        c = computed.c
        with self._engine.connect() as connection:
            return connection.execute(select(c.body).where(c.kind == kind, c.key == key)).scalar()

    def newest(self, kind: str) -> str | None:
        """The text stored last of a kind, whatever its key; None if there is none."""
        c = computed.c
        with self._engine.connect() as connection:
            query = select(c.body).where(c.kind == kind).order_by(c.at.desc(), c.key).limit(1)
            return connection.execute(query).scalar()

    def put(self, kind: str, key: str, body: str) -> None:
        """Store `body`; of this kind only the newest others stay."""
        from sqlalchemy.dialects import postgresql, sqlite

        c = computed.c
        with self._engine.begin() as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            row = insert(computed).values(kind=kind, key=key, at=now(), body=body)
            connection.execute(row.on_conflict_do_nothing())  # somebody else computed the same
            newest = select(c.key).where(c.kind == kind).order_by(c.at.desc(), c.key).limit(_KEPT)
            connection.execute(delete(computed).where(c.kind == kind, c.key.not_in(newest)))
