"""The tables. Columns that are searched stand on their own; the rest of each object is its JSON in `body`.

Dates are ISO 8601 text, times ISO 8601 text in UTC: both sort as they should in every database. What was read or
concluded is never updated: corrections are new rows.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

transcripts = Table(
    "transcripts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("body", Text, nullable=False),
)

interviews = Table(
    "interviews",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("transcript", ForeignKey("transcripts.id"), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("date", String(10), nullable=False),
    Column("rep", String(200), nullable=False),
    Column("body", Text, nullable=False),
)

# A call known from imported ratings alone has no transcript.
calls = Table(
    "calls",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("transcript", ForeignKey("transcripts.id"), nullable=True),
    Column("date", String(10), nullable=False),
    Column("rep", String(200), nullable=False),
    Column("stage", String(100), nullable=False),
    Column("deal", String(200), nullable=False),
    Column("body", Text, nullable=False),
)
Index("ix_calls_rep_date", calls.c.rep, calls.c.date)

# One row an extraction: observations, codebook and codings stay with the conclusion they led to.
extractions = Table(
    "extractions",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("pattern_set", String(40), nullable=False),
    Column("codebook", String(40), nullable=False),
    Column("at", String(40), nullable=False),
    Column("body", Text, nullable=False),
)

rubrics = Table(
    "rubrics",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("label", String(200), nullable=False, unique=True),
    Column("at", String(40), nullable=False),
    Column("body", Text, nullable=False),
)

ratings = Table(
    "ratings",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("call", ForeignKey("calls.id"), nullable=False),
    Column("criterion", String(100), nullable=False),
    Column("rater", String(200), nullable=False),
    Column("status", String(20), nullable=False),
    Column("value", Integer, nullable=True),
    Column("rubric", String(40), nullable=False),
    Column("prompt", String(100), nullable=False),
    Column("model", String(200), nullable=False),
    Column("draw", Integer, nullable=False),
    Column("at", String(40), nullable=False),
    Column("supersedes", String(40), nullable=False),
    Column("body", Text, nullable=False),
)
Index("ix_ratings_call", ratings.c.call)
Index("ix_ratings_made_with", ratings.c.rubric, ratings.c.prompt, ratings.c.model, ratings.c.draw, ratings.c.call)
Index("ix_ratings_supersedes", ratings.c.supersedes)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", String(40), nullable=False),
    Column("request", String(40), nullable=False),
    Column("role", String(40), nullable=False),
    Column("prompt", String(100), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("model", String(200), nullable=False),
    Column("source", String(20), nullable=False),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("cached_tokens", Integer, nullable=False),
    Column("estimated", Integer, nullable=False),
    Column("usd", Float, nullable=True),
    Column("seconds", Float, nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("failure", String(40), nullable=False),
)
