"""Disputes are assigned to people, and people are reminded once a day at most."""

import sqlalchemy as sa
from alembic import op

from agent.db.columns import reference, texts

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "dispute_assignments",
        reference("dispute_assignments", "dispute", "disputes.id", 40),
        *texts(person=200, by=200, at=40),
        sa.PrimaryKeyConstraint("dispute", name="pk_dispute_assignments"),
    )
    op.create_table(
        "reminders", *texts(person=200, day=10), sa.PrimaryKeyConstraint("person", "day", name="pk_reminders")
    )
