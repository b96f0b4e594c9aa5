"""The name of a file stays beside an id that does not hold it, so that people may go on using it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    for table in ("interviews", "calls"):
        op.add_column(table, sa.Column("alias", sa.String(200), nullable=False, server_default=""))
        op.create_index(f"ix_{table}_alias", table, ["alias"])
