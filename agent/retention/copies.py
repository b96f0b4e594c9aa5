"""The copies of what people said that lie beside it: before-images of uploads, kept replies of the API, rubrics, files.

What may be made again or sent again (figures, waiting uploads, replies to retries) is deleted whole. What lies in
freed pages and in the write-ahead log goes last: `close_gaps`.
"""

import json
import logging
import shutil
import sqlite3
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, select, text, update
from sqlalchemy.exc import OperationalError

from agent.db import schema
from agent.db.schema_jobs import job_calls
from agent.db.schema_server import computed, idempotency, rubric_drafts, uploads
from agent.rubrics.model import Rubric

_log = logging.getLogger(__name__)


def scrub_copies(connection: Connection, gone: Collection[str], removed: str) -> None:
    """Take what calls and interviews (ids) said out of tables that hold copies; `removed`
    stands where words have to."""
    connection.execute(delete(computed))
    connection.execute(delete(idempotency))
    for row in connection.execute(select(uploads.c.id, uploads.c.body)).all():
        body = json.loads(row.body)
        if _without_images(body, gone, removed):
            connection.execute(update(uploads).where(uploads.c.id == row.id).values(body=_text(body)))
    for row in connection.execute(select(schema.rubrics.c.seq, schema.rubrics.c.body)).all():
        body = json.loads(row.body)
        ident = Rubric.model_validate_json(row.body).id
        if _without_examples(body, gone):
            values = {"body": _text(body | {"named": ident})}
            connection.execute(update(schema.rubrics).where(schema.rubrics.c.seq == row.seq).values(values))
    for row in connection.execute(select(rubric_drafts.c.id, rubric_drafts.c.body)).all():
        body = json.loads(row.body or "{}")
        if _without_examples(body, gone):
            connection.execute(update(rubric_drafts).where(rubric_drafts.c.id == row.id).values(body=_text(body)))
    told = job_calls.c.call.in_(list(gone)) & (job_calls.c.reason != "")
    connection.execute(update(job_calls).where(told).values(reason=removed))


def scrub_files(folder: Path, gone: Collection[str]) -> None:
    """Delete files of the workspace that hold words of these calls and interviews: uploads that wait (nobody can look
    into all of their formats), caches that were put aside as damaged, cases and runs of evaluations that name them."""
    shutil.rmtree(folder / "staging", ignore_errors=True)
    for path in folder.glob("cache.damaged-*"):
        shutil.rmtree(path, ignore_errors=True)
    named = [json.dumps(ident, ensure_ascii=False)[1:-1].encode() for ident in gone]
    for path in sorted((folder / "evals").rglob("*")):
        if path.is_file() and any(ident in content for content in [path.read_bytes()] for ident in named):
            path.unlink()


def close_gaps(engine: Engine) -> None:
    """Give back the pages that hold what was deleted, and empty the write-ahead log: neither is read by the program,
    and both lie on the disk. On PostgreSQL the rows are given back; its blocks are written over as it goes on."""
    postgresql = engine.dialect.name == "postgresql"
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if postgresql:
            connection.rollback()
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM"))
            return
        connection.rollback()
        try:
            driver.execute("VACUUM")
            busy = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except (OperationalError, driver_error()) as error:
            busy, reason = 1, str(error)
        else:
            reason = "somebody reads"
    if busy:
        _log.warning(
            "the database file still holds freed pages of what was removed (%s): remove again, or VACUUM", reason
        )


def driver_error() -> type[Exception]:
    """What SQLite's driver raises where the file is in use."""
    return sqlite3.OperationalError


def _without_images(body: dict[str, Any], gone: Collection[str], removed: str) -> bool:
    """What an upload changed in these is never restored, and the name of its file may name a customer."""
    named = [one for one in body["documents"] if one["id"] in gone]
    for one in named:
        for image in ("before", "after"):
            body.get(image, {}).pop(one["id"], None)
        one["file"] = ""
        if one["how"] == "changed":
            one["how"] = "restored"  # nothing is left to take back
    if named:
        body["source"] = removed
    return bool(named)


def _without_examples(node: Any, gone: Collection[str]) -> bool:
    """In a rubric or a working copy: examples out of these go."""
    if isinstance(node, list):
        return any([_without_examples(one, gone) for one in node])
    if not isinstance(node, dict):
        return False
    examples: Sequence[Any] = node.get("examples") or ()
    kept = [one for one in examples if not (isinstance(one, dict) and one.get("source") in gone)]
    changed = len(kept) < len(examples)
    if changed:
        node["examples"] = kept
    return any([changed, *(_without_examples(value, gone) for value in node.values())])


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False)
