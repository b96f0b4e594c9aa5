"""Calls in which nobody has said yet who is on whose side. All that are stored have a side for everybody."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("calls", sa.Column("sides_open", sa.Boolean, nullable=False, server_default=sa.false()))
