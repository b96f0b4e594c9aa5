"""Sessions are kept on the server, so that signing out ends every copy of a cookie."""

import sqlalchemy as sa
from alembic import op

from agent.db.columns import reference, texts

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(64), nullable=False),
        reference("sessions", "person", "people.id", 40),
        sa.Column("epoch", sa.Integer, nullable=False),
        *texts(at=40, seen=40),
        sa.PrimaryKeyConstraint("hash", name="pk_sessions"),
    )
