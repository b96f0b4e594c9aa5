"""Short transcripts have fingerprints too: those kept without one are made anew at the next import."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.execute("DELETE FROM word_prints WHERE words = ''")
