"""The tables. Columns that are searched stand on their own; the rest of each object is its JSON in `body`.

Dates are ISO 8601 text, times ISO 8601 text in UTC: both sort as they should in every database. What was read or
concluded is never updated: corrections are new rows.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
)

from agent.db.columns import integers, texts

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# For what grows with every rating. SQLite numbers rows by itself in columns of the type INTEGER only, 64 bits long.
LONG = BigInteger().with_variant(Integer, "sqlite")

transcripts = Table(
    "transcripts", metadata, Column("id", String(40), primary_key=True), Column("body", Text, nullable=False)
)

interviews = Table(
    "interviews",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("transcript", ForeignKey("transcripts.id"), nullable=False),
    *texts(outcome=10, date=10, rep=200),
    Column("alias", String(200), nullable=False, server_default=""),
    Column("body", Text, nullable=False),
)
Index("ix_interviews_alias", interviews.c.alias)

# A call known from imported ratings alone has no transcript.
calls = Table(
    "calls",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("transcript", ForeignKey("transcripts.id"), nullable=True),
    *texts(date=10, rep=200, stage=100, deal=200),
    Column("sides_open", Boolean, nullable=False, server_default=false()),
    Column("alias", String(200), nullable=False, server_default=""),
    Column("body", Text, nullable=False),
)
Index("ix_calls_alias", calls.c.alias)
Index("ix_calls_rep_date", calls.c.rep, calls.c.date)
Index("ix_calls_date_id", calls.c.date, calls.c.id)
Index("ix_calls_deal", calls.c.deal)
Index("ix_calls_stage_date", calls.c.stage, calls.c.date)
Index("ix_calls_transcript", calls.c.transcript, calls.c.id)
# Which can be read, and which of a stage, is told by the index alone.
Index("ix_calls_sides_open", calls.c.sides_open, calls.c.stage, calls.c.transcript, calls.c.id)

# One row an extraction: observations, codebook and codings stay with the conclusion they led to.
extractions = Table(
    "extractions",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    *texts(pattern_set=40, codebook=40, at=40),
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
    Column("seq", LONG, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("call", ForeignKey("calls.id"), nullable=False),
    *texts(criterion=100, rater=200, status=20),
    Column("value", Integer, nullable=True),
    *texts(rubric=40, prompt=100, model=200),
    Column("draw", Integer, nullable=False),
    Column("endpoint", String(400), nullable=False, server_default=""),
    *texts(at=40, supersedes=40),
    Column("body", Text, nullable=False),
)
Index("ix_ratings_call", ratings.c.call)
Index(
    "ix_ratings_made_with",
    *(ratings.c.rubric, ratings.c.prompt, ratings.c.model, ratings.c.endpoint, ratings.c.draw, ratings.c.call),
)
Index("ix_ratings_supersedes", ratings.c.supersedes)
Index("ix_ratings_rubric_seq", ratings.c.rubric, ratings.c.seq)
Index("ix_ratings_rater_seq", ratings.c.rater, ratings.c.seq)
Index("ix_ratings_rubric_at", ratings.c.rubric, ratings.c.at, ratings.c.call)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", LONG, primary_key=True, autoincrement=True),
    *texts(at=40, request=40, role=40, prompt=100, subject=200, model=200, source=20),
    *integers("input_tokens", "output_tokens", "cached_tokens", "estimated"),
    Column("usd", Float, nullable=True),
    Column("seconds", Float, nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("failure", String(40), nullable=False),
    Column("job", String(40), nullable=False, server_default=""),
    Column("rubric", String(40), nullable=False, server_default=""),
)
Index("ix_ledger_at", ledger.c.at)
Index("ix_ledger_job", ledger.c.job)

# What was put to whom never changes; who has submitted and whether it is closed stand in tables of their own.
rounds = Table(
    "rounds",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    *texts(rubric=40, at=40),
    Column("body", Text, nullable=False),
)

# A call is rated blind once: afterwards its ratings have been seen.
round_calls = Table(
    "round_calls",
    metadata,
    Column("call", ForeignKey("calls.id"), primary_key=True),
    Column("round", ForeignKey("rounds.id"), nullable=False),
)
Index("ix_round_calls_round", round_calls.c.round)

round_submissions = Table(
    "round_submissions",
    metadata,
    Column("round", ForeignKey("rounds.id"), primary_key=True),
    Column("rater", String(200), primary_key=True),
    Column("at", String(40), nullable=False),
)

# The ratings as submitted. Corrections come later and are not blind, so they are not here.
round_ratings = Table(
    "round_ratings",
    metadata,
    Column("round", ForeignKey("rounds.id"), primary_key=True),
    Column("rating", ForeignKey("ratings.id"), primary_key=True),
    Column("rater", String(200), nullable=False),
)

# The only rows here that change: what a rater has not submitted yet.
round_drafts = Table(
    "round_drafts",
    metadata,
    Column("round", ForeignKey("rounds.id"), primary_key=True),
    Column("rater", String(200), primary_key=True),
    Column("call", ForeignKey("calls.id"), primary_key=True),
    Column("criterion", String(100), primary_key=True),
    Column("body", Text, nullable=False),
)

# Triggers refuse to change or delete a row.
round_log = Table(
    "round_log",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("round", ForeignKey("rounds.id"), nullable=False),
    *texts(kind=20, at=40),
    Column("body", Text, nullable=False),
)
Index("ix_round_log_round_kind", round_log.c.round, round_log.c.kind)

adjudications = Table(
    "adjudications",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("round", ForeignKey("rounds.id"), nullable=False),
    Column("body", Text, nullable=False),
)
Index("ix_adjudications_round", adjudications.c.round)

rubric_states = Table(
    "rubric_states",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("rubric", ForeignKey("rubrics.id"), nullable=False),
    Column("body", Text, nullable=False),
)
Index("ix_rubric_states_rubric", rubric_states.c.rubric)

deals = Table(
    "deals",
    metadata,
    Column("id", String(200), primary_key=True),
    *texts(rep=200, opened=10, closed=10, stage=100, outcome=10),
    Column("amount_usd", Float, nullable=True),
    Column("ending", String(20), nullable=False, server_default=""),
)
Index("ix_deals_rep_opened", deals.c.rep, deals.c.opened)

coaching = Table(
    "coaching",
    metadata,
    Column("rep", String(200), primary_key=True),
    Column("cycle", String(100), primary_key=True),
    *texts(start=10, end=10),
    Column("body", Text, nullable=False),
)

# A draw is never changed: making a baseline anew adds rows, and the newest of a rep and rubric counts.
baselines = Table(
    "baselines",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("rubric", ForeignKey("rubrics.id"), nullable=False),
    Column("rep", String(200), nullable=False),
    Column("body", Text, nullable=False),
)
Index("ix_baselines_rubric_rep", baselines.c.rubric, baselines.c.rep)

coaching_sessions = Table(
    "coaching_sessions",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    *texts(rep=200, date=10),
    Column("body", Text, nullable=False),
)
Index("ix_coaching_sessions_rep", coaching_sessions.c.rep)

plans = Table(
    "plans",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("who", String(200), nullable=False),
    Column("rubric", ForeignKey("rubrics.id"), nullable=False),
    Column("at", String(40), nullable=False),
    Column("body", Text, nullable=False),
)
Index("ix_plans_who", plans.c.who)

# A document's words as they were before they were replaced, or before somebody was given another name. What was read
# before `at` is of the words `before`; `same_words` is 1 where only names changed.
word_versions = Table(
    "word_versions",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    *texts(kind=20, document=200, before=40),
    Column("roles", Text, nullable=False),
    Column("same_words", Integer, nullable=False),
    *texts(by=200, at=40),
)
Index("ix_word_versions_kind_document", word_versions.c.kind, word_versions.c.document)

# What tells whether two transcripts have the same or nearly the same words; follows from the transcript. The rows are
# the first numbers of the sketch.
word_prints = Table(
    "word_prints",
    metadata,
    Column("transcript", String(40), primary_key=True),
    Column("words", String(40), nullable=False),
    Column("sketch", Text, nullable=False),
    *(Column(f"row_{at}", LONG, index=True) for at in range(1, 6)),
)
Index("ix_word_prints_words", word_prints.c.words)

# Whom people were found to be: every mention of `was` became one of `now`, here and in later imports.
name_changes = Table(
    "name_changes",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    *texts(kind=20, was=200, now=200, by=200, at=40),
    Column("body", Text, nullable=False),
)
