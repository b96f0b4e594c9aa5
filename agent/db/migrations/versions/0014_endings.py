"""Endings of deals that are neither plainly won nor plainly lost."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("deals", sa.Column("ending", sa.String(20), nullable=False, server_default=""))
