"""Deals, coaching cycles, baselines as drawn, coaching sessions and plans."""

import sqlalchemy as sa
from alembic import op

from agent.db.columns import texts

revision = "0003"
down_revision = "0002"


def _rubric(table: str) -> sa.Column[str]:
    key = sa.ForeignKey("rubrics.id", name=f"fk_{table}_rubric_rubrics")
    return sa.Column("rubric", sa.String(40), key, nullable=False)


def upgrade() -> None:
    op.create_table(
        "deals",
        *texts(id=200, rep=200, opened=10, closed=10, stage=100, outcome=10),
        sa.Column("amount_usd", sa.Float, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deals"),
    )
    op.create_index("ix_deals_rep_opened", "deals", ["rep", "opened"])
    op.create_table(
        "coaching",
        *texts(rep=200, cycle=100, start=10, end=10),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("rep", "cycle", name="pk_coaching"),
    )
    _records()


def _records() -> None:
    op.create_table(
        "baselines",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        _rubric("baselines"),
        sa.Column("rep", sa.String(200), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_baselines"),
    )
    op.create_index("ix_baselines_rubric_rep", "baselines", ["rubric", "rep"])
    op.create_table(
        "coaching_sessions",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        *texts(rep=200, date=10),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_coaching_sessions"),
    )
    op.create_index("ix_coaching_sessions_rep", "coaching_sessions", ["rep"])
    op.create_table(
        "plans",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(40), nullable=False, unique=True),
        sa.Column("who", sa.String(200), nullable=False),
        _rubric("plans"),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_plans"),
    )
    op.create_index("ix_plans_who", "plans", ["who"])
