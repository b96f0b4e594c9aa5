"""Calibration rounds, their log, and where rubrics stand."""

import sqlalchemy as sa
from alembic import op

from agent.db.columns import texts

revision = "0002"
down_revision = "0001"


def _to(table: str, column: str, target: str, size: int, *, nullable: bool = False) -> sa.Column[str]:
    """A foreign key: a column that refers to `target`."""
    key = sa.ForeignKey(f"{target}.id", name=f"fk_{table}_{column}_{target}")
    return sa.Column(column, sa.String(size), key, nullable=nullable)


def upgrade() -> None:
    _rounds()
    _log()
    op.create_table(
        "adjudications",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        _to("adjudications", "round", "rounds", 40),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_adjudications"),
    )
    op.create_table(
        "rubric_states",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        _to("rubric_states", "rubric", "rubrics", 40),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_rubric_states"),
    )
    op.create_index("ix_adjudications_round", "adjudications", ["round"])
    op.create_index("ix_rubric_states_rubric", "rubric_states", ["rubric"])


def _rounds() -> None:
    op.create_table(
        "rounds",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer, nullable=False, unique=True),
        *texts(rubric=40, at=40),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rounds"),
    )
    op.create_table(
        "round_calls",
        _to("round_calls", "call", "calls", 200),
        _to("round_calls", "round", "rounds", 40),
        sa.PrimaryKeyConstraint("call", name="pk_round_calls"),
    )
    op.create_table(
        "round_submissions",
        _to("round_submissions", "round", "rounds", 40),
        *texts(rater=200, at=40),
        sa.PrimaryKeyConstraint("round", "rater", name="pk_round_submissions"),
    )
    op.create_table(
        "round_ratings",
        _to("round_ratings", "round", "rounds", 40),
        _to("round_ratings", "rating", "ratings", 40),
        sa.Column("rater", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("round", "rating", name="pk_round_ratings"),
    )
    op.create_table(
        "round_drafts",
        _to("round_drafts", "round", "rounds", 40),
        sa.Column("rater", sa.String(200), nullable=False),
        _to("round_drafts", "call", "calls", 200),
        sa.Column("criterion", sa.String(100), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("round", "rater", "call", "criterion", name="pk_round_drafts"),
    )
    op.create_index("ix_round_calls_round", "round_calls", ["round"])


def _log() -> None:
    op.create_table(
        "round_log",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        _to("round_log", "round", "rounds", 40),
        *texts(kind=20, at=40),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_round_log"),
    )
    op.create_index("ix_round_log_round_kind", "round_log", ["round", "kind"])
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION round_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'round_log is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER round_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON round_log "
            "FOR EACH STATEMENT EXECUTE FUNCTION round_log_is_append_only()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER round_log_no_{change.lower()} BEFORE {change} ON round_log "
            "BEGIN SELECT RAISE(ABORT, 'round_log is append-only'); END"
        )
