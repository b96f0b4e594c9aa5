"""People who sign in, what they do, disputes, uploads; background jobs; the ledger by job and rubric."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply."""
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
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("rep", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.String(300), nullable=False),
        sa.Column("subject", sa.String(400), nullable=True, unique=True),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("disabled", sa.Integer, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("last_seen", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("person", sa.String(40), sa.ForeignKey("people.id", name="fk_tokens_person_people"), nullable=True),
        sa.Column("rep", sa.String(200), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("expires", sa.String(40), nullable=False),
        sa.Column("last_used", sa.String(40), nullable=False),
        sa.Column("revoked", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
    )
    op.create_table(
        "invitations",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column(
            "person", sa.String(40), sa.ForeignKey("people.id", name="fk_invitations_person_people"), nullable=True
        ),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("expires", sa.String(40), nullable=False),
        sa.Column("used", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_invitations"),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(320), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_sign_in_failures"),
    )
    op.create_index("ix_sign_in_failures_key_at", "sign_in_failures", ["key", "at"])
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_subject", "audit_log", ["subject"])


def _work() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("undone", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_table(
        "upload_documents",
        sa.Column(
            "upload",
            sa.String(40),
            sa.ForeignKey("uploads.id", name="fk_upload_documents_upload_uploads"),
            nullable=False,
        ),
        sa.Column("document", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("upload", "document", name="pk_upload_documents"),
    )
    op.create_table(
        "rubric_drafts",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("base", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rubric_drafts"),
    )
    op.create_table(
        "pattern_edits",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("pattern_set", sa.String(40), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_pattern_edits"),
    )
    op.create_index("ix_pattern_edits_pattern_set", "pattern_edits", ["pattern_set"])
    op.create_table(
        "disputes",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column(
            "rating", sa.String(40), sa.ForeignKey("ratings.id", name="fk_disputes_rating_ratings"), nullable=False
        ),
        sa.Column("call", sa.String(200), sa.ForeignKey("calls.id", name="fk_disputes_call_calls"), nullable=False),
        sa.Column("criterion", sa.String(100), nullable=False),
        sa.Column("rep", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_disputes"),
    )
    op.create_index("ix_disputes_criterion", "disputes", ["criterion"])
    op.create_index("ix_disputes_rating", "disputes", ["rating"])
    op.create_index("ix_disputes_rep", "disputes", ["rep"])
    op.create_table(
        "dispute_answers",
        sa.Column(
            "dispute",
            sa.String(40),
            sa.ForeignKey("disputes.id", name="fk_dispute_answers_dispute_disputes"),
            nullable=False,
        ),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("dispute", name="pk_dispute_answers"),
    )


def _web() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("secret", sa.String(200), nullable=False),
        sa.Column("events", sa.String(400), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("disabled", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_table(
        "deliveries",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        sa.Column(
            "webhook",
            sa.String(40),
            sa.ForeignKey("webhooks.id", name="fk_deliveries_webhook_webhooks"),
            nullable=False,
        ),
        sa.Column("event", sa.String(60), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due", sa.String(40), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_state_due", "deliveries", ["state", "due"])
    op.create_table(
        "idempotency",
        sa.Column("owner", sa.String(40), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name="pk_idempotency"),
    )
    op.create_table(
        "computed",
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_computed"),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("started", sa.String(40), nullable=False),
        sa.Column("ended", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_state_at", "jobs", ["state", "at"])
    op.create_table(
        "job_calls",
        sa.Column("job", sa.String(40), sa.ForeignKey("jobs.id", name="fk_job_calls_job_jobs"), nullable=False),
        sa.Column("call", sa.String(200), sa.ForeignKey("calls.id", name="fk_job_calls_call_calls"), nullable=False),
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
