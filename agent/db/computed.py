"""Figures that took long to compute, under a key made from everything they were computed from: they never go stale."""

from sqlalchemy import Column, Select, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from agent.db.collection import Collection
from agent.db.schema_server import computed
from agent.db.transcripts import now

_KEPT = 20  # of one kind
_c = computed.c


class Computed(Collection):
    """A cache of texts by kind and key. Whoever asks first computes a text and stores it; any row may be deleted at
    any time."""

    def get(self, kind: str, key: str) -> str | None:
        """The stored text; None if there is none."""
        text: str | None = self._value(select(_c.body).where(_c.kind == kind, _c.key == key))
        return text

    def newest(self, kind: str) -> str | None:
        """The text of a kind that was stored last, whatever its key; None if there is none."""
        text: str | None = self._value(_newest(_c.body, kind).limit(1))
        return text

    def put(self, kind: str, key: str, body: str) -> None:
        """Store `body`, and delete the oldest texts of this kind beyond a fixed number."""
        with self._engine.begin() as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            row = insert(computed).values(kind=kind, key=key, at=now(), body=body)
            connection.execute(row.on_conflict_do_nothing())  # somebody else computed the same
            newest = _newest(_c.key, kind).limit(_KEPT)
            connection.execute(delete(computed).where(_c.kind == kind, _c.key.not_in(newest)))


def _newest(column: Column[str], kind: str) -> Select[str]:
    return select(column).where(_c.kind == kind).order_by(_c.at.desc(), _c.key)
