"""The first schema."""

import sqlalchemy as sa
from alembic import op

from agent.db.columns import integers, reference, texts

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables of the first version."""
    op.create_table(
        "transcripts",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_transcripts"),
    )
    op.create_table(
        "interviews",
        sa.Column("id", sa.String(200), nullable=False),
        reference("interviews", "transcript", "transcripts.id", 40),
        *texts(outcome=10, date=10, rep=200),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_interviews"),
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.String(200), nullable=False),
        reference("calls", "transcript", "transcripts.id", 40, nullable=True),
        *texts(date=10, rep=200, stage=100, deal=200),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_table(
        "extractions",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        *texts(pattern_set=40, codebook=40, at=40),
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
        reference("ratings", "call", "calls.id", 200),
        *texts(criterion=100, rater=200, status=20),
        sa.Column("value", sa.Integer, nullable=True),
        *texts(rubric=40, prompt=100, model=200),
        sa.Column("draw", sa.Integer, nullable=False),
        *texts(at=40, supersedes=40),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_ratings"),
    )
    op.create_table(
        "ledger",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        *texts(at=40, request=40, role=40, prompt=100, subject=200, model=200, source=20),
        *integers("input_tokens", "output_tokens", "cached_tokens", "estimated"),
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
