"""Tallies: what counts on each call, packed by rep and quarter."""

import sqlalchemy as sa
from alembic import op

from agent.db.columns import integers, texts

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "tallies",
        *texts(rubric=40, rep=200, quarter=7),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("rubric", "rep", "quarter", name="pk_tallies"),
    )
    op.create_table(
        "tally_marks",
        sa.Column("rubric", sa.String(40), nullable=False),
        *integers("seq", "touched"),
        sa.Column("at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("rubric", name="pk_tally_marks"),
    )
    op.create_table(
        "tally_touched",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("call", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_tally_touched"),
    )
    if op.get_context().dialect.name == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()


_MARKS_BACK = (
    "UPDATE tally_marks SET seq = (SELECT coalesce(max(seq), 0) FROM ratings) "
    "WHERE seq > (SELECT coalesce(max(seq), 0) FROM ratings)"
)


def _sqlite_triggers() -> None:
    op.execute(
        "CREATE TRIGGER tally_moved_calls AFTER UPDATE OF rep, date ON calls "
        "WHEN OLD.rep <> NEW.rep OR OLD.date <> NEW.date "
        "BEGIN INSERT INTO tally_touched (call) VALUES (NEW.id); END"
    )
    # SQLite gives the number of a deleted last row out again: the mark must not be past it.
    op.execute(
        "CREATE TRIGGER tally_deleted_ratings AFTER DELETE ON ratings "
        f"BEGIN INSERT INTO tally_touched (call) VALUES (OLD.call); {_MARKS_BACK}; END"
    )


def _postgresql_triggers() -> None:
    op.execute(
        "CREATE FUNCTION tally_touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_TABLE_NAME = 'calls' THEN INSERT INTO tally_touched (call) VALUES (NEW.id); "
        "ELSE INSERT INTO tally_touched (call) VALUES (OLD.call); END IF; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER tally_moved_calls AFTER UPDATE OF rep, date ON calls FOR EACH ROW "
        "WHEN (OLD.rep <> NEW.rep OR OLD.date <> NEW.date) EXECUTE FUNCTION tally_touch()"
    )
    op.execute(
        "CREATE TRIGGER tally_deleted_ratings AFTER DELETE ON ratings FOR EACH ROW EXECUTE FUNCTION tally_touch()"
    )
