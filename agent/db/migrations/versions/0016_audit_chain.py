"""The lines of the audit log are chained, those that are there already too."""

import secrets

import sqlalchemy as sa
from alembic import op

from agent.db.audit_chain import FIRST, hash_of, mark_of

revision = "0016"
down_revision = "0015"

_AT_ONCE = 5_000
_KEPT = ("seq", "at", "action", "mark", "hash")
_log = sa.table(
    "audit_log", *map(sa.column, ("seq", "at", "person", "action", "subject", "body", "salt", "mark", "hash"))
)


def upgrade() -> None:
    for column, length in (("salt", 32), ("mark", 64), ("hash", 64)):
        op.add_column("audit_log", sa.Column(column, sa.String(length), nullable=False, server_default=""))
    op.create_table(
        "audit_head",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_head"),
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute("DROP TRIGGER audit_log_append_only ON audit_log" if postgresql else "DROP TRIGGER audit_log_no_update")
    _chain(op.get_bind())
    _only_names_go(postgresql)


def _chain(connection: sa.Connection) -> None:
    """Number the lines 1, 2, 3 … and chain them. A gap left by a failed write on PostgreSQL could not be told from a
    deleted line."""
    old, number, before = -1, 0, FIRST
    one = sa.update(_log).where(_log.c.seq == sa.bindparam("was"))
    changed = one.values(**{name: sa.bindparam(f"new_{name}") for name in ("seq", "salt", "mark", "hash")})
    while rows := connection.execute(
        sa.select(_log).where(_log.c.seq > old).order_by(_log.c.seq).limit(_AT_ONCE)
    ).all():
        written = []
        for row in rows:
            number, salt = number + 1, secrets.token_hex(16)
            mark = mark_of(salt, row.person, row.subject, row.body)
            before = hash_of(before, number, row.at, row.action, mark)
            written.append({"was": row.seq, "new_seq": number, "new_salt": salt, "new_mark": mark, "new_hash": before})
        connection.execute(changed, written)
        old = rows[-1].seq
    op.bulk_insert(sa.table("audit_head", sa.column("number"), sa.column("hash")), [{"number": number, "hash": before}])


def _only_names_go(postgresql: bool) -> None:
    """A trigger that lets a line lose its names and its salt, but forbids every other change and deletion."""
    kept = " AND ".join(f"NEW.{name} = OLD.{name}" for name in _KEPT)
    if not postgresql:
        op.execute(
            f"CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log WHEN NOT (NEW.salt = '' AND {kept}) "
            "BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END"
        )
        return
    op.execute(
        "CREATE TRIGGER audit_log_append_only BEFORE DELETE OR TRUNCATE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only()"
    )
    op.execute(
        "CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log "
        f"FOR EACH ROW WHEN (NOT (NEW.salt = '' AND {kept})) EXECUTE FUNCTION audit_log_is_append_only()"
    )
