"""What people changed in the patterns. Appended to and read; the newest extraction with its edits is what counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Engine, Row, func, insert, select

from agent.core.errors import Conflict
from agent.core.people import Scope
from agent.db.database import transact
from agent.db.schema import extractions
from agent.db.schema_server import pattern_edits
from agent.db.scoping import check_run, sees_team
from agent.db.transcripts import now
from agent.patterns.edits_model import PatternChange, PatternEdit

_c = pattern_edits.c
_CHANGE: TypeAdapter[PatternChange] = TypeAdapter(PatternChange)


class PatternEdits:
    """Edits, oldest first. They hold for a codebook: deciding single codings makes another pattern set of the same one."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def of(self, codebook: str) -> list[PatternEdit]:
        """All edits of patterns of this codebook, undone ones too; none for a rep."""
        if not sees_team(self._scope):
            return []
        with self._engine.connect() as connection:
            rows = connection.execute(select(pattern_edits).where(_holds_for(codebook)).order_by(_c.seq)).all()
        return [_edit(row) for row in rows]

    def add(self, pattern_set: str, codebook: str, change: PatternChange, by: str, after: int) -> PatternEdit:
        """Append an edit of the patterns as they were after the edit `after` (0: as extracted).

        Conflict if somebody has edited them since, Forbidden unless an ops lead.
        """
        check_run(self._scope, "edit patterns")
        row = {
            "pattern_set": pattern_set,
            "by": by if self._scope.local else self._scope.name,
            "at": now(),
            "body": _CHANGE.dump_json(change).decode(),
        }

        def work(connection: Connection) -> int:
            # One editor at a time: on PostgreSQL two transactions would otherwise both find nothing newer.
            held = select(extractions.c.seq).where(extractions.c.codebook == codebook).with_for_update()
            connection.execute(held).all()
            last = connection.execute(select(func.max(_c.seq)).where(_holds_for(codebook))).scalar() or 0
            if last != after:
                raise Conflict(
                    "somebody else has edited the patterns since you loaded them; look again, then repeat it"
                )
            made = connection.execute(insert(pattern_edits).values(row)).inserted_primary_key
            assert made is not None
            return int(made[0])

        number = transact(self._engine, work)
        with self._engine.connect() as connection:
            return _edit(connection.execute(select(pattern_edits).where(_c.seq == number)).one())


def _holds_for(codebook: str) -> ColumnElement[bool]:
    return _c.pattern_set.in_(select(extractions.c.pattern_set).where(extractions.c.codebook == codebook))


def _edit(row: Row[Any]) -> PatternEdit:
    at, change = datetime.fromisoformat(row.at), _CHANGE.validate_json(row.body)
    return PatternEdit(number=row.seq, pattern_set=row.pattern_set, by=row.by, at=at, change=change)
