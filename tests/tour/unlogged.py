"""Which commands changed what people put into a workspace's database without a line in its audit log."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

# Kept by the program for itself: no person's decision stands in it, and what follows from ratings is made again.
HOUSEKEEPING = {
    *("alembic_version", "audit_head", "audit_log", "computed", "deliveries", "idempotency", "ledger", "paces"),
    *("sign_in_failures", "review_mark", "review_queue", "sqlite_sequence"),
    *("round_log", "round_drafts"),  # a log of its own; what a rater has not handed in
}
_DERIVED = ("tally", "word_prints", "jobs", "job_", "workers", "sqlite_stat", "counting")

State = dict[Path, tuple[int, Mapping[str, str]]]


def state(folder: Path) -> State:
    """Of each workspace below `folder`: the newest line of its audit log, and a hash of each table."""
    found: State = {}
    for path in folder.rglob("closeread.db"):
        with closing(sqlite3.connect(path)) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            content = {
                name: hashlib.sha256(repr(sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"')))).encode())
                for name in tables
                if name not in HOUSEKEEPING and not name.startswith(_DERIVED)
            }
            (line,) = connection.execute("SELECT number FROM audit_head").fetchone()
        found[path] = (line, {name: made.hexdigest() for name, made in content.items()})
    return found


def unlogged(before: State, after: State) -> list[str]:
    """Tables that changed while the log did not grow."""
    found = []
    for path, (line, content) in after.items():
        earlier_line, earlier = before.get(path, (0, {}))
        if line == earlier_line:
            found += [name for name in content if content[name] != earlier.get(name)]
    return found
