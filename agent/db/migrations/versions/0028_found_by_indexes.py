"""Transcripts with nearly the same words, calls of no known stage and the names in calls are found by indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
_ROWS = [f"row_{at}" for at in range(1, 6)]


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    prints = sa.table("word_prints", sa.column("transcript"), sa.column("sketch"), *map(sa.column, _ROWS))
    for name in _ROWS:
        op.add_column("word_prints", sa.Column(name, number))
    there = op.get_bind().execute(sa.select(prints.c.transcript, prints.c.sketch).where(prints.c.sketch != "")).all()
    made = [
        {"ident": ident} | dict.fromkeys(_ROWS) | dict(zip(_ROWS, map(int, sketch.split()), strict=False))
        for ident, sketch in there
    ]
    if made:
        same = prints.c.transcript == sa.bindparam("ident")
        op.get_bind().execute(sa.update(prints).where(same).values({name: sa.bindparam(name) for name in _ROWS}), made)
    for name in _ROWS:
        op.create_index(f"ix_word_prints_{name}", "word_prints", [name])
    op.create_index("ix_word_prints_words", "word_prints", ["words"])
    op.create_index("ix_calls_transcript", "calls", ["transcript", "id"])
    op.drop_index("ix_calls_sides_open", "calls")
    op.create_index("ix_calls_sides_open", "calls", ["sides_open", "stage", "transcript", "id"])
    if op.get_bind().dialect.name == "sqlite":  # as agent/db/known_names.py asks for them
        facts = "'$.rep', '$.buyer', '$.customer', '$.account', '$.transcript.roles'"
        op.execute(f"CREATE INDEX ix_calls_names ON calls (json_extract(body, {facts}))")
