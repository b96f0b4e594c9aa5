"""The tables of the review queue: what a person should look at, kept so that a page need not read every rating.

Everything here follows from ratings and may be deleted at any time (then the mark as well).
"""

from sqlalchemy import Column, Index, Integer, String, Table

from agent.db.schema import LONG, metadata

# `rank` 1: two readings of a model differ; 0: a rating failed. `seq` is the newest reading's number.
review_queue = Table(
    "review_queue",
    metadata,
    Column("call", String(200), primary_key=True),
    Column("criterion", String(100), primary_key=True),
    Column("rubric", String(40), primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("seq", LONG, nullable=False),
)
Index("ix_review_queue_rank_seq", review_queue.c.rank, review_queue.c.seq)

# One row: ratings up to `seq` are in the queue. A trigger moves it back where ratings are deleted.
review_mark = Table(
    "review_mark",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", LONG, nullable=False),
)
