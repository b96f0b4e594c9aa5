"""Sessions are kept on the server, so that signing out ends every copy of a cookie."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column(
            "person", sa.String(40), sa.ForeignKey("people.id", name="fk_sessions_person_people"), nullable=False
        ),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("seen", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_sessions"),
    )
