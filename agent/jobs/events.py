"""What happened, put where the webhooks' sender finds it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from agent.store.workspace import Store


def publish(store: Store, kind: str, subject: str, data: dict[str, Any]) -> int:
    """Write one delivery for each enabled webhook that wants events of `kind`; how many. `data`: ids and counts only.

    A webhook's `events` are names separated by commas; empty or `*` for all.
    """
    from sqlalchemy import insert, select

    from agent.store.database import read, transact
    from agent.store.schema_server import deliveries, webhooks
    from agent.store.transcripts import now

    wanted = read(
        store.engine,
        lambda c: c.execute(select(webhooks.c.id, webhooks.c.events).where(webhooks.c.disabled == "")).all(),
    )
    targets = [row.id for row in wanted if _wants(row.events, kind)]
    if not targets:
        return 0
    at = now()
    body = json.dumps({"event": kind, "subject": subject, "at": at, "data": data}, ensure_ascii=False)
    blank = {"event": kind, "state": "due", "attempts": 0, "due": at, "at": at, "reason": "", "body": body}

    def work(connection: Connection) -> None:
        connection.execute(insert(deliveries), [{"webhook": target, **blank} for target in targets])

    transact(store.engine, work)
    return len(targets)


def _wants(events: str, kind: str) -> bool:
    names = {name.strip() for name in events.split(",") if name.strip()}
    return not names or "*" in names or kind in names
