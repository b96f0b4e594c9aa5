"""The log of calibration rounds is appended to and nothing else. The database refuses to change or delete a row."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import Connection, insert

from agent.core.base import Frozen
from agent.db.schema import round_log


class Event(Frozen):
    """What happened in a round. Calibration reads it back by its kind (`agent.calibration.model.LogEntry`)."""

    kind: str


def append(connection: Connection, round_id: str, by: str, event: Event) -> None:
    """Write one entry, in the transaction of the event itself: both are stored or neither."""
    at = datetime.now(UTC).isoformat()
    body = {"round": round_id, "by": by, "at": at, "event": event.model_dump(mode="json")}
    row = {"round": round_id, "kind": event.kind, "at": at, "body": json.dumps(body, ensure_ascii=False)}
    connection.execute(insert(round_log).values(row))
