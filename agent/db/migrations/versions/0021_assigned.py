"""Disputes are assigned to people, and people are reminded once a day at most."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "dispute_assignments",
        sa.Column(
            "dispute",
            sa.String(40),
            sa.ForeignKey("disputes.id", name="fk_dispute_assignments_dispute_disputes"),
            nullable=False,
        ),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("dispute", name="pk_dispute_assignments"),
    )
    op.create_table(
        "reminders",
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("person", "day", name="pk_reminders"),
    )
