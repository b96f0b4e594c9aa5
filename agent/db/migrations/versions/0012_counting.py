"""The table of what counts, in place of tallies with their marks and triggers; at most one rubric is deployed.

What was settled in calibration rounds becomes ratings: only those count, and only those can be corrected or disputed.
"""

import json

import sqlalchemy as sa
from alembic import op

from agent.core.base import content_id
from agent.db.columns import texts
from agent.ratings.recount import recount_all

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    connection = op.get_bind()
    _drop_tallies(connection.dialect.name)
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "counting",
        sa.Column("seq", number, autoincrement=True, nullable=False),
        *texts(call=200, rubric=40, rep=200, day=10),
        sa.Column("cells", sa.Text, nullable=False),
        sa.Column("sources", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_counting"),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name="fk_counting_call_calls", ondelete="CASCADE"),
        sa.UniqueConstraint("call", "rubric", name="uq_counting_call_rubric"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_counting_rubric", "counting", ["rubric", "rep", "day", "cells"])
    _settled_as_ratings(connection)
    _one_deployed(connection)
    recount_all(connection)


def _drop_tallies(dialect: str) -> None:
    on = {"tally_moved_calls": "calls", "tally_deleted_ratings": "ratings"}
    for trigger, table in on.items():
        op.execute(f"DROP TRIGGER {trigger}" + (f" ON {table}" if dialect == "postgresql" else ""))
    if dialect == "postgresql":
        op.execute("DROP FUNCTION tally_touch()")
    for table in ("tallies", "tally_marks", "tally_touched"):
        op.drop_table(table)


_DECISIONS = """
    SELECT adjudications.body AS body, rounds.number AS number, rounds.rubric AS rubric
    FROM adjudications JOIN rounds ON rounds.id = adjudications.round ORDER BY adjudications.seq
"""


def _settled_as_ratings(connection: sa.Connection) -> None:
    before: dict[tuple[str, str, str], str] = {}
    for text, number, rubric in connection.execute(sa.text(_DECISIONS)).all():
        decided = json.loads(text)
        judgement, place = decided["judgement"], (decided["round"], decided["call"], decided["criterion"])
        ident = content_id("ra", [*place, judgement, decided["at"]])
        body = {
            **{name: decided[name] for name in ("call", "criterion", "judgement", "reason", "at")},
            "rater": f"settled:round {number}",
            "provenance": {"rubric": rubric},
            "supersedes": before.get(place, ""),
            "named": ident,
        }
        row = {
            **{name: body[name] for name in ("call", "criterion", "rater", "at", "supersedes")},
            **{"id": ident, "rubric": rubric, "status": judgement["status"], "value": judgement.get("value")},
            "body": json.dumps(body, ensure_ascii=False),
        }
        columns = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        text_of = f"INSERT INTO ratings ({columns}, prompt, model, draw) VALUES ({values}, '', '', 0)"
        connection.execute(sa.text(text_of), row)
        before[place] = ident


def _one_deployed(connection: sa.Connection) -> None:
    """If several rubrics are deployed, only the one deployed last stays deployed."""
    rows = connection.execute(sa.text("SELECT rubric, body FROM rubric_states ORDER BY seq")).all()
    history: dict[str, list[dict[str, object]]] = {}
    for rubric, body in rows:
        history[rubric] = [*history.pop(rubric, []), json.loads(body)]  # the one changed last comes last
    deployed = [rubric for rubric, states in history.items() if states[-1]["state"] == "deployed"]
    for rubric in deployed[:-1]:
        states = history[rubric]
        passed = any(
            one["state"] == "calibrated" or (one["state"] == "deployed" and not one["short"]) for one in states
        )
        body = {
            **states[-1],
            "state": "calibrated" if passed else "draft",
            "short": [],
            "by": "",
            "reason": "another rubric is deployed",
        }
        row = {"rubric": rubric, "body": json.dumps(body)}
        connection.execute(sa.text("INSERT INTO rubric_states (rubric, body) VALUES (:rubric, :body)"), row)
