"""Rules that score new calls by themselves."""

import sqlalchemy as sa
from alembic import op

from agent.db.columns import texts

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "scoring_rules",
        *texts(id=40, name=200),
        sa.Column("on", sa.Integer, nullable=False),
        *texts(by=200, at=40),
        sa.Column("body", sa.Text, nullable=False),
        *texts(slot=10, looked=40),
        sa.Column("ran", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scoring_rules"),
        sa.UniqueConstraint("name", name="uq_scoring_rules_name"),
    )
    op.create_index("ix_jobs_by_at", "jobs", ["by", "at"])
