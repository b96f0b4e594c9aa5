"""How many calls count on each day is told by an index alone."""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_index("ix_counting_rubric_day", "counting", ["rubric", "day"])
