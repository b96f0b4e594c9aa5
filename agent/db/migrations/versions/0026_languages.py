"""The language in which a person reads."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("people", sa.Column("language", sa.String(10), nullable=False, server_default=""))
