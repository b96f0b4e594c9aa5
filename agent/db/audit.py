"""The audit log: who changed what, and who read whose words. It can be appended to and read; each line is chained to
the line before by a hash."""

import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from agent.core.base import canonical_json
from agent.core.errors import Forbidden
from agent.db.audit_chain import REMOVED, Checked, Head, check, hash_of, mark_of
from agent.db.collection import Collection
from agent.db.schema_server import audit_head, audit_log
from agent.db.scoping import check_name, check_run
from agent.db.transcripts import now

_c = audit_log.c
_AT_ONCE = 2_000
_CONDITIONS = 100  # in one statement
_SUBJECT = 200  # letters that the column takes
_ANEW = timedelta(minutes=15)


@dataclass(frozen=True)
class AuditEntry:
    """One line of the log. `subject` is the id of what was changed; `facts` never holds a secret or a judgement."""

    position: int
    at: datetime
    person: str
    action: str
    subject: str
    facts: dict[str, Any]


class AuditLog(Collection):
    """The workspace's audit log. Everybody who may change something writes under their own name; an ops lead reads
    it."""

    def append(self, action: str, subject: str = "", *, person: str = "", **facts: Any) -> None:
        """Write one line. `person` defaults to the scope's own name; only the owner of the database may give
        another."""
        if self._scope.role == "viewer":
            raise Forbidden("a viewer changes nothing")
        name = person or self._scope.name
        check_name(self._scope, name, "write in the audit log")
        with self._engine.begin() as connection:
            _append(connection, action, subject, name, facts)

    def append_once(self, action: str, subject: str, *, person: str) -> None:
        """Write one line, unless the last quarter of an hour already has one with the same subject, action and
        person."""
        same = (_c.subject == subject[:_SUBJECT], _c.action == action, _c.person == person)
        newest = self._value(select(_c.at).where(*same).order_by(_c.seq.desc()).limit(1))
        if newest is None or datetime.now(UTC) - datetime.fromisoformat(newest) > _ANEW:
            self.append(action, subject, person=person)

    def page(
        self, after: int | None = None, limit: int = 50, *, subject: str = "", action: str = "", person: str = ""
    ) -> list[AuditEntry]:
        """Lines, newest first, that come after the position `after` in this order."""
        check_run(self._scope, "read the audit log")
        query = select(audit_log).order_by(_c.seq.desc()).limit(limit)
        if after is not None:
            query = query.where(_c.seq < after)
        for column, wanted in ((_c.subject, subject), (_c.action, action), (_c.person, person)):
            query = query.where(column == wanted) if wanted else query
        return [
            AuditEntry(r.seq, datetime.fromisoformat(r.at), r.person, r.action, r.subject, json.loads(r.body))
            for r in self._rows(query)
        ]

    def verify(self, expected: Sequence[Head] = ()) -> Checked:
        """Checks that every line is as it was written; `expected` are heads of the chain that were noted elsewhere
        earlier."""
        check_run(self._scope, "check the audit log")
        with self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":  # as SQLite does: what others write meanwhile is not seen
                connection.execution_options(isolation_level="REPEATABLE READ")
            head = head_at(connection)
            return check(_all_lines(connection), head, expected)

    def forget(self, names: Sequence[str], ids: Iterable[str] = (), *, person: str) -> int:
        """Remove person, subject and facts of lines that contain any of `names`, or are about one of `ids`; returns how
        many. The chain stays valid. `person` is who asked for it. Forbidden unless an ops lead."""
        check_run(self._scope, "remove names from the audit log")
        within = [
            column.contains(name, autoescape=True)
            for name in {form for name in names if name for form in (name, json.dumps(name, ensure_ascii=False)[1:-1])}
            for column in (_c.person, _c.subject, _c.body)
        ]
        with self._engine.begin() as connection:
            return forget_lines(connection, ids, person, within)


def forget_lines(
    connection: Connection, ids: Iterable[str], person: str, within: Sequence[ColumnElement[bool]] = ()
) -> int:
    """Remove person, subject and facts of lines about one of `ids`, and of those `within`; how many."""
    wanted = [*within]
    for ident in ids:
        wanted += [
            _c.subject == ident[:_SUBJECT],
            _c.body.contains(json.dumps(ident, ensure_ascii=False), autoescape=True),
        ]
    if not wanted:
        return 0
    head_at(connection, hold=True)
    lines, gone = 0, {"person": "somebody", "subject": "", "body": "{}", "salt": ""}
    for start in range(0, len(wanted), _CONDITIONS):
        part = or_(*wanted[start : start + _CONDITIONS])
        lines += connection.execute(update(audit_log).where(part, _c.salt != "").values(gone)).rowcount
    if lines:
        _append(connection, REMOVED, "", person, {"lines": lines})
    return lines


def _append(connection: Connection, action: str, subject: str, person: str, facts: dict[str, Any]) -> None:
    head = head_at(connection, hold=True)
    subject = subject[:_SUBJECT]
    at, body, salt, number = now(), canonical_json(facts), secrets.token_hex(16), head.number + 1
    mark = mark_of(salt, person, subject, body)
    row = {"at": at, "person": person, "action": action, "subject": subject, "body": body, "salt": salt, "mark": mark}
    chained = hash_of(head.hash, number, at, action, mark)
    connection.execute(insert(audit_log).values(seq=number, hash=chained, **row))
    connection.execute(update(audit_head).values(number=number, hash=chained))


def head_at(connection: Connection, *, hold: bool = False) -> Head:
    """The newest line's number and hash. With `hold` other writers have to wait until the transaction ends (SQLite
    makes them wait anyway)."""
    query = select(audit_head.c.number, audit_head.c.hash)
    row = connection.execute(query.with_for_update() if hold else query).one()
    return Head(row.number, row.hash)


def _all_lines(connection: Connection) -> Iterator[Any]:
    after = -1
    while rows := connection.execute(select(audit_log).where(_c.seq > after).order_by(_c.seq).limit(_AT_ONCE)).all():
        yield from rows
        after = rows[-1].seq
