"""The log of calibration rounds is appended to and nothing else. The database refuses to change or delete a row."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, text

from agent.core.base import Frozen
from agent.db.schema import round_log


class Event(Frozen):
    """Something that happened in a round. Calibration reads it back by its kind
    (`agent.calibration.model.LogEntry`)."""

    kind: str


@contextmanager
def opened(connection: Connection) -> Iterator[None]:
    """Allow changes to the log inside the `with` block. Only for removing a person's name."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE round_log DISABLE TRIGGER round_log_append_only"))
        yield
        connection.execute(text("ALTER TABLE round_log ENABLE TRIGGER round_log_append_only"))
        return
    trigger = "round_log_no_update"
    (made,) = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": trigger}).one()
    connection.execute(text(f"DROP TRIGGER {trigger}"))
    yield
    connection.execute(text(made))


def append(connection: Connection, round_id: str, by: str, event: Event) -> None:
    """Write one entry within the transaction of the event itself, so that both are stored or neither."""
    at = datetime.now(UTC).isoformat()
    body = {"round": round_id, "by": by, "at": at, "event": event.model_dump(mode="json")}
    row = {"round": round_id, "kind": event.kind, "at": at, "body": json.dumps(body, ensure_ascii=False)}
    connection.execute(insert(round_log).values(row))
