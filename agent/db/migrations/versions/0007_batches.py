"""What a job has handed in at a provider's batch interface."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "job_batches",
        sa.Column("job", sa.String(40), sa.ForeignKey("jobs.id", name="fk_job_batches_job_jobs"), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("job", name="pk_job_batches"),
    )
