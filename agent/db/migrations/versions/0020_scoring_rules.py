"""Rules that score new calls by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "scoring_rules",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("on", sa.Integer, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("slot", sa.String(10), nullable=False),
        sa.Column("looked", sa.String(40), nullable=False),
        sa.Column("ran", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scoring_rules"),
        sa.UniqueConstraint("name", name="uq_scoring_rules_name"),
    )
    op.create_index("ix_jobs_by_at", "jobs", ["by", "at"])
