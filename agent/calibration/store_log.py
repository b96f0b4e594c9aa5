"""The log of calibration rounds: appended to, read, and nothing else. The database refuses to change or delete a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, insert, select

from agent.calibration.model import LogEntry, RoundEvent
from agent.db.schema import round_log


def append(connection: Connection, round_id: str, by: str, event: RoundEvent) -> None:
    """Write one entry, in the transaction of what it tells of: neither is kept without the other."""
    entry = LogEntry(round=round_id, by=by, at=datetime.now(UTC), event=event)
    row = {"round": round_id, "kind": event.kind, "at": entry.at.isoformat(), "body": entry.model_dump_json()}
    connection.execute(insert(round_log).values(row))


def entries(engine: Engine, round_ids: Sequence[str] = ()) -> list[LogEntry]:
    """All entries of those rounds (of every round if none is named), oldest first."""
    query = select(round_log.c.body).order_by(round_log.c.seq)
    if round_ids:
        query = query.where(round_log.c.round.in_(round_ids))
    with engine.connect() as connection:
        return [LogEntry.model_validate_json(body) for body in connection.execute(query).scalars()]
