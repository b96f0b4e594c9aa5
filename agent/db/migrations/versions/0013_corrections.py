"""What people correct after an import: words that were replaced, names that became one,
prints that find the same words."""

import sqlalchemy as sa
from alembic import op

from agent.db.columns import texts

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "word_versions",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        *texts(kind=20, document=200, before=40),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("same_words", sa.Integer, nullable=False),
        *texts(by=200, at=40),
    )
    op.create_index("ix_word_versions_kind_document", "word_versions", ["kind", "document"])
    op.create_table(
        "word_prints",
        sa.Column("transcript", sa.String(40), primary_key=True),
        sa.Column("words", sa.String(40), nullable=False),
        sa.Column("sketch", sa.Text, nullable=False),
    )
    op.create_table(
        "name_changes",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        *texts(kind=20, was=200, now=200, by=200, at=40),
        sa.Column("body", sa.Text, nullable=False),
    )
