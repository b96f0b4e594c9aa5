"""Who changed what. Appended to and read; the database refuses to change or delete a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, select

from agent.core.base import canonical_json
from agent.core.errors import Forbidden
from agent.core.people import Scope
from agent.db.schema_server import audit_log
from agent.db.scoping import check_name, check_run
from agent.db.transcripts import now

_c = audit_log.c


@dataclass(frozen=True)
class AuditEntry:
    """One line. `subject` is the id of what was changed; `facts` holds no secret and no judgement."""

    position: int
    at: datetime
    person: str
    action: str
    subject: str
    facts: dict[str, Any]


class AuditLog:
    """The workspace's audit log. Everybody who may change something writes under the own name; an ops lead reads."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def append(self, action: str, subject: str = "", *, person: str = "", **facts: Any) -> None:
        """Write one line. `person` is the scope's own name unless the owner of the database says another."""
        if self._scope.role == "viewer":
            raise Forbidden("a viewer changes nothing")
        name = person or self._scope.name
        check_name(self._scope, name, "write in the audit log")
        row = {"at": now(), "person": name, "action": action, "subject": subject, "body": canonical_json(facts)}
        with self._engine.begin() as connection:
            connection.execute(insert(audit_log).values(**row))

    def page(
        self, after: int | None = None, limit: int = 50, *, subject: str = "", action: str = "", person: str = ""
    ) -> list[AuditEntry]:
        """Lines, newest first, from behind the position `after`."""
        import json

        check_run(self._scope, "read the audit log")
        query = select(audit_log).order_by(_c.seq.desc()).limit(limit)
        if after is not None:
            query = query.where(_c.seq < after)
        if subject:
            query = query.where(_c.subject == subject)
        if action:
            query = query.where(_c.action == action)
        if person:
            query = query.where(_c.person == person)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return [
            AuditEntry(r.seq, datetime.fromisoformat(r.at), r.person, r.action, r.subject, json.loads(r.body))
            for r in rows
        ]
