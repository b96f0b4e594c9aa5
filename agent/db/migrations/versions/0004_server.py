"""People who sign in, what they do, disputes, uploads; background jobs; the ledger by job and rubric."""

import sqlalchemy as sa
from alembic import op

from agent.db.columns import integers, reference, texts

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _people()
    _work()
    _web()
    _jobs()
    op.add_column("ledger", sa.Column("job", sa.String(40), nullable=False, server_default=""))
    op.add_column("ledger", sa.Column("rubric", sa.String(40), nullable=False, server_default=""))
    op.create_index("ix_ledger_at", "ledger", ["at"])
    op.create_index("ix_calls_date_id", "calls", ["date", "id"])
    op.create_index("ix_calls_deal", "calls", ["deal"])
    _append_only("audit_log")


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False, unique=True),
        sa.Column("email", sa.String(320), nullable=False, unique=True),
        *texts(role=20, rep=200, password_hash=300),
        sa.Column("subject", sa.String(400), nullable=True, unique=True),
        *integers("epoch", "disabled"),
        *texts(at=40, last_seen=40),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
        *texts(label=200, role=20),
        reference("tokens", "person", "people.id", 40, nullable=True),
        *texts(rep=200, by=200, at=40, expires=40, last_used=40, revoked=40),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
    )
    op.create_table(
        "invitations",
        sa.Column("hash", sa.String(64), nullable=False),
        reference("invitations", "person", "people.id", 40, nullable=True),
        *texts(at=40, expires=40, used=40),
        sa.PrimaryKeyConstraint("hash", name="pk_invitations"),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        *texts(key=320, at=40),
        sa.PrimaryKeyConstraint("seq", name="pk_sign_in_failures"),
    )
    op.create_index("ix_sign_in_failures_key_at", "sign_in_failures", ["key", "at"])
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        *texts(at=40, person=200, action=60, subject=200),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_subject", "audit_log", ["subject"])


def _work() -> None:
    op.create_table(
        "uploads",
        *texts(id=40, kind=20, by=200, at=40, undone=40),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_table(
        "upload_documents",
        reference("upload_documents", "upload", "uploads.id", 40),
        sa.Column("document", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("upload", "document", name="pk_upload_documents"),
    )
    op.create_table(
        "rubric_drafts",
        *texts(id=40, base=40),
        sa.Column("version", sa.Integer, nullable=False),
        *texts(by=200, at=40),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rubric_drafts"),
    )
    op.create_table(
        "pattern_edits",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        *texts(pattern_set=40, by=200, at=40),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_pattern_edits"),
    )
    op.create_index("ix_pattern_edits_pattern_set", "pattern_edits", ["pattern_set"])
    op.create_table(
        "disputes",
        sa.Column("id", sa.String(40), nullable=False),
        reference("disputes", "rating", "ratings.id", 40),
        reference("disputes", "call", "calls.id", 200),
        *texts(criterion=100, rep=200, at=40),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_disputes"),
    )
    op.create_index("ix_disputes_criterion", "disputes", ["criterion"])
    op.create_index("ix_disputes_rating", "disputes", ["rating"])
    op.create_index("ix_disputes_rep", "disputes", ["rep"])
    op.create_table(
        "dispute_answers",
        reference("dispute_answers", "dispute", "disputes.id", 40),
        *texts(verdict=20, by=200, at=40),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("dispute", name="pk_dispute_answers"),
    )


def _web() -> None:
    op.create_table(
        "webhooks",
        *texts(id=40, url=2000, secret=200, events=400, by=200, at=40, disabled=40),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_table(
        "deliveries",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        reference("deliveries", "webhook", "webhooks.id", 40),
        *texts(event=60, state=20),
        sa.Column("attempts", sa.Integer, nullable=False),
        *texts(due=40, at=40, reason=400),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_state_due", "deliveries", ["state", "due"])
    op.create_table(
        "idempotency",
        *texts(owner=40, key=200, request=64),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name="pk_idempotency"),
    )
    op.create_table(
        "computed",
        *texts(kind=60, key=200, at=40),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_computed"),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        *texts(id=40, kind=40, state=20),
        sa.Column("priority", sa.Integer, nullable=False),
        *texts(by=200, at=40, started=40, ended=40),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_state_at", "jobs", ["state", "at"])
    op.create_table(
        "job_calls",
        reference("job_calls", "job", "jobs.id", 40),
        reference("job_calls", "call", "calls.id", 200),
        sa.Column("chunk", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("job", "call", name="pk_job_calls"),
    )
    op.create_index("ix_job_calls_job_chunk", "job_calls", ["job", "chunk"])
    op.create_index("ix_job_calls_job_state", "job_calls", ["job", "state"])
    op.create_table(
        "paces",
        sa.Column("endpoint", sa.String(400), nullable=False),
        sa.Column("paused_until", sa.Float, nullable=False),
        sa.Column("requests_left", sa.Float, nullable=False),
        sa.Column("tokens_left", sa.Float, nullable=False),
        sa.Column("refilled_at", sa.Float, nullable=False),
        sa.Column("in_flight_limit", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("endpoint", name="pk_paces"),
    )


def _append_only(table: str) -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
