"""Only chained lines come into the audit log; what a program older than the chain still wrote is chained on."""

import secrets

import sqlalchemy as sa
from alembic import op

from agent.db.audit_chain import hash_of, mark_of

revision = "0019"
down_revision = "0018"

_log = sa.table(
    "audit_log", *map(sa.column, ("seq", "at", "person", "action", "subject", "body", "salt", "mark", "hash"))
)
_head = sa.table("audit_head", sa.column("number"), sa.column("hash"))
_KEPT = ("seq", "at", "action", "mark", "hash")


def upgrade() -> None:
    """Chain the lines that have no hash. A program that was running while 0016 was applied wrote such lines."""
    connection = op.get_bind()
    postgresql = connection.dialect.name == "postgresql"
    head = connection.execute(sa.select(_head)).one()
    behind = sa.select(_log).where(_log.c.hash == "", _log.c.seq > head.number).order_by(_log.c.seq)
    if rows := connection.execute(behind).all():
        op.execute(f"DROP TRIGGER audit_log_no_update{' ON audit_log' if postgresql else ''}")
        number, before = head.number, head.hash
        for row in rows:
            number, salt = number + 1, secrets.token_hex(16)
            mark = mark_of(salt, row.person, row.subject, row.body)
            before = hash_of(before, number, row.at, row.action, mark)
            chained = {"seq": number, "salt": salt, "mark": mark, "hash": before}
            connection.execute(sa.update(_log).where(_log.c.seq == row.seq).values(chained))
        connection.execute(sa.update(_head).values(number=number, hash=before))
        kept = " AND ".join(f"NEW.{name} = OLD.{name}" for name in _KEPT)
        _refuse("audit_log_no_update", "UPDATE", f"NOT (NEW.salt = '' AND {kept})", "is append-only", postgresql)
    _refuse(
        "audit_log_no_unchained",
        "INSERT",
        "NEW.hash = ''",
        "takes chained lines only: the program is too old",
        postgresql,
    )


def _refuse(name: str, what: str, when: str, why: str, postgresql: bool) -> None:
    if postgresql:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {what} ON audit_log "
            f"FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION audit_log_is_append_only()"
        )
        return
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {what} ON audit_log WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, 'audit_log {why}'); END"
    )
