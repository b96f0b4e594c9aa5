"""Indexes for lists: ratings of a rubric or a rater, newest first; calls of a stage."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_index("ix_ratings_rubric_seq", "ratings", ["rubric", "seq"])
    op.create_index("ix_ratings_rater_seq", "ratings", ["rater", "seq"])
    op.create_index("ix_calls_stage_date", "calls", ["stage", "date"])
