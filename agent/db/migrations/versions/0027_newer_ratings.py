"""Which calls were rated since a plan was made, and which calls can be read, is told by an index alone."""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_index("ix_calls_sides_open", "calls", ["sides_open", "transcript", "id"])
    op.create_index("ix_ratings_rubric_at", "ratings", ["rubric", "at", "call"])
