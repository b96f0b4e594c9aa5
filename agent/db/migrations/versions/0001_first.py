"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "transcripts",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_transcripts"),
    )
    op.create_table(
        "interviews",
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column(
            "transcript",
            sa.String(40),
            sa.ForeignKey("transcripts.id", name="fk_interviews_transcript_transcripts"),
            nullable=False,
        ),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("rep", sa.String(200), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_interviews"),
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column(
            "transcript",
            sa.String(40),
            sa.ForeignKey("transcripts.id", name="fk_calls_transcript_transcripts"),
            nullable=True,
        ),
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("rep", sa.String(200), nullable=False),
        sa.Column("stage", sa.String(100), nullable=False),
        sa.Column("deal", sa.String(200), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_table(
        "extractions",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("pattern_set", sa.String(40), nullable=False),
        sa.Column("codebook", sa.String(40), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_extractions"),
    )
    op.create_table(
        "rubrics",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(40), nullable=False, unique=True),
        sa.Column("label", sa.String(200), nullable=False, unique=True),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_rubrics"),
    )
    op.create_table(
        "ratings",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(40), nullable=False, unique=True),
        sa.Column("call", sa.String(200), sa.ForeignKey("calls.id", name="fk_ratings_call_calls"), nullable=False),
        sa.Column("criterion", sa.String(100), nullable=False),
        sa.Column("rater", sa.String(200), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("value", sa.Integer, nullable=True),
        sa.Column("rubric", sa.String(40), nullable=False),
        sa.Column("prompt", sa.String(100), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("draw", sa.Integer, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("supersedes", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_ratings"),
    )
    op.create_table(
        "ledger",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("request", sa.String(40), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("prompt", sa.String(100), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("input_tokens", sa.Integer, nullable=False),
        sa.Column("output_tokens", sa.Integer, nullable=False),
        sa.Column("cached_tokens", sa.Integer, nullable=False),
        sa.Column("estimated", sa.Integer, nullable=False),
        sa.Column("usd", sa.Float, nullable=True),
        sa.Column("seconds", sa.Float, nullable=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failure", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_ledger"),
    )
    op.create_index("ix_calls_rep_date", "calls", ["rep", "date"])
    op.create_index("ix_ratings_call", "ratings", ["call"])
    op.create_index("ix_ratings_made_with", "ratings", ["rubric", "prompt", "model", "draw", "call"])
    op.create_index("ix_ratings_supersedes", "ratings", ["supersedes"])
