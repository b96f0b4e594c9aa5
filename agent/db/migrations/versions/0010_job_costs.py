"""An index for what a job has cost: its page asks every second."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_index("ix_ledger_job", "ledger", ["job"])
