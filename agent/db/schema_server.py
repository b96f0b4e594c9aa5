"""The tables of people who sign in and of what they do in the browser or through the API.

Passwords, tokens and links are kept as hashes only. Times are ISO 8601 text in UTC.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from agent.db.schema import LONG, metadata

# `name` is the name under which a person rates; `rep` the rep of the calls that a rep may see. `epoch` grows when all
# of a person's sessions end.
people = Table(
    "people",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("rep", String(200), nullable=False),
    Column("password_hash", String(300), nullable=False),
    Column("subject", String(400), nullable=True, unique=True),
    Column("epoch", Integer, nullable=False),
    Column("disabled", Integer, nullable=False),
    Column("at", String(40), nullable=False),
    Column("last_seen", String(40), nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("label", String(200), nullable=False),
    Column("role", String(20), nullable=False),
    Column("person", ForeignKey("people.id"), nullable=True),
    Column("rep", String(200), nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Column("expires", String(40), nullable=False),
    Column("last_used", String(40), nullable=False),
    Column("revoked", String(40), nullable=False),
)

# Who is signed in, by the hash of the secret in the cookie. A row that is gone ends every copy of the cookie.
sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("at", String(40), nullable=False),
    Column("seen", String(40), nullable=False),
)

# A link works once: for the first administrator (no person yet), or for a person to set a password.
invitations = Table(
    "invitations",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=True),
    Column("at", String(40), nullable=False),
    Column("expires", String(40), nullable=False),
    Column("used", String(40), nullable=False),
)

# Failed sign-ins by name and by address; old rows are deleted.
sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("key", String(320), nullable=False),
    Column("at", String(40), nullable=False),
)
Index("ix_sign_in_failures_key_at", sign_in_failures.c.key, sign_in_failures.c.at)

# Triggers refuse to delete a row, and every change but that names are taken away. Chained: agent/db/audit_chain.py.
audit_log = Table(
    "audit_log",
    metadata,
    Column("seq", LONG, primary_key=True, autoincrement=True),
    Column("at", String(40), nullable=False),
    Column("person", String(200), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("salt", String(32), nullable=False),
    Column("mark", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
Index("ix_audit_log_subject", audit_log.c.subject)

# One row: the newest line of the audit log. Who writes the next holds it.
audit_head = Table(
    "audit_head",
    metadata,
    Column("number", LONG, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Column("undone", String(40), nullable=False),
    Column("body", Text, nullable=False),
)

upload_documents = Table(
    "upload_documents",
    metadata,
    Column("upload", ForeignKey("uploads.id"), primary_key=True),
    Column("document", String(200), primary_key=True),
)

# A person's working copy of a rubric. `version` grows at each save and is the ETag.
rubric_drafts = Table(
    "rubric_drafts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("base", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Column("body", Text, nullable=False),
)

# What people changed in the patterns after an extraction (rename, merge, split, reject, settle a coding), oldest first.
pattern_edits = Table(
    "pattern_edits",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("pattern_set", String(40), nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Column("body", Text, nullable=False),
)
Index("ix_pattern_edits_pattern_set", pattern_edits.c.pattern_set)

disputes = Table(
    "disputes",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("rating", ForeignKey("ratings.id"), nullable=False),
    Column("call", ForeignKey("calls.id"), nullable=False),
    Column("criterion", String(100), nullable=False),
    Column("rep", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Column("body", Text, nullable=False),
)
Index("ix_disputes_rep", disputes.c.rep)
Index("ix_disputes_criterion", disputes.c.criterion)
Index("ix_disputes_rating", disputes.c.rating)

# One answer a dispute.
dispute_answers = Table(
    "dispute_answers",
    metadata,
    Column("dispute", ForeignKey("disputes.id"), primary_key=True),
    Column("verdict", String(20), nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Column("body", Text, nullable=False),
)

# Who is to answer a dispute; one person a dispute, the newest.
dispute_assignments = Table(
    "dispute_assignments",
    metadata,
    Column("dispute", ForeignKey("disputes.id"), primary_key=True),
    Column("person", String(200), nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
)

# Who was reminded by e-mail on which day: once, whatever number of programs run.
reminders = Table(
    "reminders",
    metadata,
    Column("person", String(200), primary_key=True),
    Column("day", String(10), primary_key=True),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("url", String(2000), nullable=False),
    Column("secret", String(200), nullable=False),
    Column("events", String(400), nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Column("disabled", String(40), nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("seq", LONG, primary_key=True, autoincrement=True),
    Column("webhook", ForeignKey("webhooks.id"), nullable=False),
    Column("event", String(60), nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", String(40), nullable=False),
    Column("at", String(40), nullable=False),
    Column("reason", String(400), nullable=False),
    Column("body", Text, nullable=False),
)
Index("ix_deliveries_state_due", deliveries.c.state, deliveries.c.due)
Index("ix_deliveries_webhook", deliveries.c.webhook)

# Replies to POSTs that carried an idempotency key; old rows are deleted.
idempotency = Table(
    "idempotency",
    metadata,
    Column("owner", String(40), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Column("body", Text, nullable=False),
)

# Figures that took long to compute, kept with what they were computed from; a row may be deleted at any time.
computed = Table(
    "computed",
    metadata,
    Column("kind", String(60), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("at", String(40), nullable=False),
    Column("body", Text, nullable=False),
)
