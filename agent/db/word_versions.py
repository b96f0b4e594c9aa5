"""Earlier words of interviews and calls, from before somebody replaced them or renamed a speaker.

What was rated or coded before is of the words before: it is marked so, and its quotes are never shown in other words.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select

from agent.core.transcript import SpeakerRole, Transcript
from agent.db.schema import calls, interviews, transcripts, word_prints, word_versions
from agent.db.schema_sound import recording_pieces, recordings

_v = word_versions.c


@dataclass(frozen=True)
class WordVersion:
    """The words that a document had until `at`, with the roles of its speakers. `same_words`: only speakers' names
    were changed."""

    before: str
    roles: dict[str, SpeakerRole]
    same_words: bool
    by: str
    at: datetime


def note_version(
    connection: Connection, kind: str, ident: str, before: Transcript, after: Transcript, by: str, at: str
) -> None:
    """Note that a document got new words. If they are exactly words that it had before, the versions since then are
    removed instead."""
    same = _v.kind == kind, _v.document == ident
    known = connection.execute(select(_v.seq).where(*same, _v.before == after.id).order_by(_v.seq)).scalar()
    if known is not None:
        connection.execute(delete(word_versions).where(*same, _v.seq >= known))
        return
    same_words = [turn.text for turn in before.turns] == [turn.text for turn in after.turns]
    row = {"kind": kind, "document": ident, "before": before.id, "roles": json.dumps(before.roles, ensure_ascii=False)}
    connection.execute(insert(word_versions), [{**row, "same_words": int(same_words), "by": by, "at": at}])


def versions(connection: Connection, kind: str, ident: str) -> list[WordVersion]:
    """The earlier words of a document, oldest first."""
    query = select(word_versions).where(_v.kind == kind, _v.document == ident).order_by(_v.seq)
    return [
        WordVersion(row.before, json.loads(row.roles), bool(row.same_words), row.by, datetime.fromisoformat(row.at))
        for row in connection.execute(query)
    ]


def reworded_since(connection: Connection, kind: str, ids: Iterable[str], at: datetime) -> list[str]:
    """Those of the documents `ids` whose words were replaced after `at`, by id."""
    since = at.astimezone(UTC).isoformat(timespec="microseconds")
    query = select(_v.document).where(_v.kind == kind, _v.document.in_(list(ids)), _v.at > since, _v.same_words == 0)
    return sorted(set(connection.execute(query).scalars()))


def forget_versions(connection: Connection, kind: str, ids: Iterable[str]) -> None:
    """Delete the earlier words of documents that are gone or whose words are gone. The transcripts themselves are
    deleted by `sweep_words`."""
    connection.execute(delete(word_versions).where(_v.kind == kind, _v.document.in_(list(ids))))


def sweep_words(connection: Connection, only: str = "") -> None:
    """Delete transcripts that no document has or had, with their sound; with `only`, at most that one."""
    t = transcripts.c.id
    used = or_(*(select(c).where(c == t).exists() for c in (calls.c.transcript, interviews.c.transcript, _v.before)))
    going = select(t).where(~used, *([t == only] if only else [])).scalar_subquery()
    for table in (recording_pieces, recordings):
        connection.execute(delete(table).where(table.c.transcript.in_(going)))
    connection.execute(delete(transcripts).where(~used, *([t == only] if only else [])))
    gone = word_prints.c.transcript == only if only else word_prints.c.transcript.not_in(select(t))
    connection.execute(delete(word_prints).where(gone, word_prints.c.transcript.not_in(select(t))))


def worded_since(kind: str, document: ColumnElement[str], at: ColumnElement[str]) -> ColumnElement[bool]:
    """An SQL condition: the document's words were replaced after that time."""
    newer = select(_v.seq).where(_v.kind == kind, _v.document == document, _v.same_words == 0, _v.at > at)
    return newer.exists()
