"""Which dispatch holds a job's call, and how far a job without calls has come."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("ticket", sa.String(120), nullable=False, server_default=""))
    op.add_column("jobs", sa.Column("progress", sa.Text, nullable=False, server_default=""))
    op.add_column("job_calls", sa.Column("ticket", sa.String(120), nullable=False, server_default=""))
