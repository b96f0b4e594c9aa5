"""What a job has handed in at a provider's batch interface."""

import sqlalchemy as sa
from alembic import op

from agent.db.columns import reference

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "job_batches",
        reference("job_batches", "job", "jobs.id", 40),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("job", name="pk_job_batches"),
    )
