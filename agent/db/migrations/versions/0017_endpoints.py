"""Which server a rating came from stands in a column: it is part of what a call counts as scored with.

Ratings that name no server stay without one: they count for the provider's own.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_AT_ONCE = 5_000
_ratings = sa.table("ratings", *map(sa.column, ("seq", "body", "endpoint")))
_KEY = ("rubric", "prompt", "model", "endpoint", "draw", "call")


def upgrade() -> None:
    op.add_column("ratings", sa.Column("endpoint", sa.String(400), nullable=False, server_default=""))
    connection = op.get_bind()
    c, last = _ratings.c, 0
    named = sa.select(c.seq, c.body).where(c.body.like('%"endpoint":"_%')).order_by(c.seq).limit(_AT_ONCE)
    change = sa.update(_ratings).where(c.seq == sa.bindparam("at")).values(endpoint=sa.bindparam("server"))
    while rows := connection.execute(named.where(c.seq > last)).all():
        found = [(seq, json.loads(body)["provenance"].get("endpoint", "")) for seq, body in rows]
        connection.execute(change, [{"at": seq, "server": server[:400]} for seq, server in found])
        last = rows[-1].seq
    op.drop_index("ix_ratings_made_with", "ratings")
    op.create_index("ix_ratings_made_with", "ratings", list(_KEY))
