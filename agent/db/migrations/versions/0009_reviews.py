"""The review queue: ratings whose readings differ, and failed ones. Deliveries are listed by webhook."""

import sqlalchemy as sa
from alembic import op

from agent.db.columns import integers, texts

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "review_queue",
        *texts(call=200, criterion=100, rubric=40),
        *integers("rank", "seq"),
        sa.PrimaryKeyConstraint("call", "criterion", "rubric", name="pk_review_queue"),
    )
    op.create_index("ix_review_queue_rank_seq", "review_queue", ["rank", "seq"])
    op.create_table(
        "review_mark",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review_mark"),
    )
    op.create_index("ix_deliveries_webhook", "deliveries", ["webhook"])
    op.execute("INSERT INTO review_mark (id, seq) VALUES (1, 0)")
    # Whoever looked at a call whose rating is deleted looks at it anew, from the first rating that it still has. A
    # number that was given out last may be given out again, so everything behind it is looked at anew as well.
    left = "coalesce((SELECT min(seq) FROM ratings WHERE call = OLD.call), OLD.seq)"
    away = "DELETE FROM review_queue WHERE call = OLD.call"
    if op.get_context().dialect.name == "postgresql":
        back = f"UPDATE review_mark SET seq = least(seq, OLD.seq - 1, {left} - 1)"
        op.execute(
            "CREATE FUNCTION review_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"{away}; {back}; RETURN NULL; END $$"
        )
        op.execute(
            "CREATE TRIGGER review_deleted_ratings AFTER DELETE ON ratings FOR EACH ROW EXECUTE FUNCTION review_back()"
        )
    else:
        back = f"UPDATE review_mark SET seq = min(seq, OLD.seq - 1, {left} - 1)"
        op.execute(f"CREATE TRIGGER review_deleted_ratings AFTER DELETE ON ratings BEGIN {away}; {back}; END")
