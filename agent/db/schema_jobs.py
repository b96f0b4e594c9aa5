"""The tables of background jobs. What a job is to do never changes; its state and its calls' states do.

They are the truth about what is to be done and what is done; the queue only decides who does it when.
"""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text

from agent.db.columns import texts
from agent.db.schema import metadata

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(40), primary_key=True),
    *texts(kind=40, state=20),
    Column("priority", Integer, nullable=False),
    *texts(by=200, at=40, started=40, ended=40),
    Column("reason", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("ticket", String(120), nullable=False, server_default=""),
    Column("progress", Text, nullable=False, server_default=""),
)
Index("ix_jobs_state_at", jobs.c.state, jobs.c.at)
Index("ix_jobs_by_at", jobs.c.by, jobs.c.at)

# A call that failed for good is a row with its reason: the dead-letter list. `ticket` names the dispatch that holds a
# call, so that of two workers who believe they have it only one can settle it; empty for nobody.
job_calls = Table(
    "job_calls",
    metadata,
    Column("job", ForeignKey("jobs.id"), primary_key=True),
    Column("call", ForeignKey("calls.id"), primary_key=True),
    Column("chunk", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("at", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Column("ticket", String(120), nullable=False, server_default=""),
)
Index("ix_job_calls_job_state", job_calls.c.job, job_calls.c.state)
Index("ix_job_calls_job_chunk", job_calls.c.job, job_calls.c.chunk)

# Rules that score new calls. `slot` is the last night that was seen to, `looked` when a worker last took the rule up,
# `ran` what came of it (JSON).
scoring_rules = Table(
    "scoring_rules",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("on", Integer, nullable=False),
    *texts(by=200, at=40),
    Column("body", Text, nullable=False),
    *texts(slot=10, looked=40),
    Column("ran", Text, nullable=False),
)

# What a job has handed in at a provider's batch interface: large, and read by the worker that waits for it alone.
job_batches = Table(
    "job_batches",
    metadata,
    Column("job", ForeignKey("jobs.id"), primary_key=True),
    Column("body", Text, nullable=False),
)

# What a provider still allows, one row an endpoint, shared by all workers. Times are seconds since 1970.
paces = Table(
    "paces",
    metadata,
    Column("endpoint", String(400), primary_key=True),
    Column("paused_until", Float, nullable=False),
    Column("requests_left", Float, nullable=False),
    Column("tokens_left", Float, nullable=False),
    Column("refilled_at", Float, nullable=False),
    Column("in_flight_limit", Float, nullable=False),
)
