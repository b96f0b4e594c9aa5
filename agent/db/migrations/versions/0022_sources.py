"""Sources from which transcripts are taken, and what was taken of each."""

import sqlalchemy as sa
from alembic import op

from agent.db.columns import texts

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "sources",
        *texts(name=80, kind=20),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("manifest", sa.String(400), nullable=False),
        sa.Column("reading", sa.Text, nullable=False),
        *texts(by=200, at=40),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("looked", sa.String(40), nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_sources"),
    )
    op.create_table(
        "source_files",
        *texts(source=80, file=64, mark=64, at=40),
        sa.PrimaryKeyConstraint("source", "file", name="pk_source_files"),
        sa.ForeignKeyConstraint(["source"], ["sources.name"], name="fk_source_files_source_sources"),
    )
