"""Numbers of tables that grow with every rating are 64 bits long: 32 last for 300 days of a million calls a day.

On PostgreSQL this writes these tables anew: stop workers and the web application first. SQLite's numbers are that long
already.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_COUNTED = ("ratings", "ledger", "tally_touched", "audit_log", "deliveries")
_KEPT = (("tally_marks", "seq"), ("tally_marks", "touched"), ("review_queue", "seq"), ("review_mark", "seq"))


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in _COUNTED:
        op.alter_column(table, "seq", type_=sa.BigInteger)
        op.execute(sa.text(f"ALTER SEQUENCE {table}_seq_seq AS bigint"))
    for table, column in _KEPT:
        op.alter_column(table, column, type_=sa.BigInteger)
