"""The tables of people who sign in and of what they do in the browser or through the API.

Passwords, tokens and links are kept as hashes only. Times are ISO 8601 text in UTC.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from agent.db.columns import integers, texts
from agent.db.schema import LONG, metadata

# `name` is the name under which a person rates; `rep` the rep of the calls that a rep may see. `epoch` grows when all
# of a person's sessions end.
people = Table(
    "people",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("email", String(320), nullable=False, unique=True),
    *texts(role=20, rep=200, password_hash=300),
    Column("subject", String(400), nullable=True, unique=True),
    *integers("epoch", "disabled"),
    *texts(at=40, last_seen=40),
    Column("language", String(10), nullable=False, server_default=""),
)

# Filters of the list of calls that somebody keeps under a name: CallsShown as JSON, in which a name
# of somebody who is removed is found.
kept_filters = Table(
    "kept_filters",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    *texts(name=200),
    Column("body", Text, nullable=False),
    *texts(at=40),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    *texts(label=200, role=20),
    Column("person", ForeignKey("people.id"), nullable=True),
    *texts(rep=200, by=200, at=40, expires=40, last_used=40, revoked=40),
)

# Who is signed in, by the hash of the secret in the cookie. A row that is gone ends every copy of the cookie.
sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("epoch", Integer, nullable=False),
    *texts(at=40, seen=40),
)

# A link works once: for the first administrator (no person yet), or for a person to set a password.
invitations = Table(
    "invitations",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=True),
    *texts(at=40, expires=40, used=40),
)

# Failed sign-ins by name and by address; old rows are deleted.
sign_in_failures = Table(
    "sign_in_failures", metadata, Column("seq", Integer, primary_key=True, autoincrement=True), *texts(key=320, at=40)
)
Index("ix_sign_in_failures_key_at", sign_in_failures.c.key, sign_in_failures.c.at)

# Triggers refuse to delete a row, and every change but that names are taken away. Chained: agent/db/audit_chain.py.
audit_log = Table(
    "audit_log",
    metadata,
    Column("seq", LONG, primary_key=True, autoincrement=True),
    *texts(at=40, person=200, action=60, subject=200),
    Column("body", Text, nullable=False),
    *texts(salt=32, mark=64, hash=64),
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
    *texts(kind=20, by=200, at=40, undone=40),
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
    *texts(by=200, at=40),
    Column("body", Text, nullable=False),
)

# What people changed in the patterns after an extraction (rename, merge, split, reject, settle a coding), oldest first.
pattern_edits = Table(
    "pattern_edits",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    *texts(pattern_set=40, by=200, at=40),
    Column("body", Text, nullable=False),
)
Index("ix_pattern_edits_pattern_set", pattern_edits.c.pattern_set)

disputes = Table(
    "disputes",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("rating", ForeignKey("ratings.id"), nullable=False),
    Column("call", ForeignKey("calls.id"), nullable=False),
    *texts(criterion=100, rep=200, at=40),
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
    *texts(verdict=20, by=200, at=40),
    Column("body", Text, nullable=False),
)

# Who is to answer a dispute; one person a dispute, the newest.
dispute_assignments = Table(
    "dispute_assignments",
    metadata,
    Column("dispute", ForeignKey("disputes.id"), primary_key=True),
    *texts(person=200, by=200, at=40),
)

# Who was reminded by e-mail on which day: once, whatever number of programs run.
reminders = Table(
    "reminders", metadata, Column("person", String(200), primary_key=True), Column("day", String(10), primary_key=True)
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(40), primary_key=True),
    *texts(url=2000, secret=200, events=400, by=200, at=40, disabled=40),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("seq", LONG, primary_key=True, autoincrement=True),
    Column("webhook", ForeignKey("webhooks.id"), nullable=False),
    *texts(event=60, state=20),
    Column("attempts", Integer, nullable=False),
    *texts(due=40, at=40, reason=400),
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
