"""Filters of the list of calls that people keep under a name."""

import sqlalchemy as sa
from alembic import op

from agent.db.columns import reference, texts

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "kept_filters",
        *texts(id=40),
        reference("kept_filters", "person", "people.id", 40),
        *texts(name=200),
        sa.Column("body", sa.Text, nullable=False),
        *texts(at=40),
        sa.PrimaryKeyConstraint("id", name="pk_kept_filters"),
    )
