"""Interviews and calls with their transcripts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Generic, Literal, TypeVar

from pydantic_core import from_json, to_json
from sqlalchemy import ColumnElement, Connection, Engine, Select, Table, false, insert, select, update

from agent.domain.interview import Interview
from agent.domain.people import Scope
from agent.domain.sales import Call
from agent.domain.transcript import Transcript
from agent.errors import Conflict, NotFound
from agent.store.schema import interviews, transcripts
from agent.store.scoping import check_run, is_own, sees_team

Document = TypeVar("Document", Interview, Call)
Added = Literal["new", "changed", "unchanged"]


def now() -> str:
    """This moment in UTC as ISO 8601 text."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def keep_transcript(connection: Connection, transcript: Transcript) -> str:
    """Store the transcript once, and its id."""
    if connection.execute(select(transcripts.c.id).where(transcripts.c.id == transcript.id)).first() is None:
        body = transcript.model_dump_json(exclude={"roles"})
        connection.execute(insert(transcripts).values(id=transcript.id, body=body))
    return transcript.id


class Documents(Generic[Document]):
    """Interviews, or calls: one table of documents that each have a transcript. A rep has the own calls only."""

    def __init__(self, engine: Engine, scope: Scope, kind: type[Document], table: Table) -> None:
        self._engine, self._scope, self._table = engine, scope, table
        self._kind: type[Document] = kind

    def add(self, document: Document) -> Added:
        """Store `document`. The same again changes nothing; other facts about the same words replace the old facts.

        Raises Conflict where other words are already stored under this id (ratings and codings point into them), and
        Forbidden unless an ops lead.
        """
        check_run(self._scope, f"add {self._kind.__name__.lower()}s")
        with self._engine.begin() as connection:
            before = self._row(connection, document.id)
            if before is not None and before == document:
                return "unchanged"
            if before is not None and before.transcript.id != document.transcript.id:
                raise Conflict(f"{document.id} is already stored with other words; import this file under another id")
            values = self._values(connection, document)
            if before is None:
                bare = connection.execute(select(self._table.c.id).where(self._table.c.id == document.id)).first()
                if bare is None:
                    connection.execute(insert(self._table).values(id=document.id, **values))
                    return "new"
            connection.execute(update(self._table).where(self._table.c.id == document.id).values(**values))
            return "changed"

    def _values(self, connection: Connection, document: Document) -> dict[str, str]:
        columns = {c.name for c in self._table.columns} - {"id", "transcript", "body", "date"}
        return {
            "transcript": keep_transcript(connection, document.transcript),
            "date": document.date.isoformat(),
            "body": document.model_dump_json(exclude={"transcript": {"turns"}}),
            **{name: getattr(document, name) for name in columns},
        }

    def get(self, ident: str) -> Document:
        """The document of that id."""
        with self._engine.connect() as connection:
            found = self._row(connection, ident)
        if found is None:
            raise NotFound(f"there is no {self._kind.__name__.lower()} {ident!r} in this workspace")
        return found

    def all(self, ids: Sequence[str] = ()) -> list[Document]:
        """All documents with a transcript, or those named, in the order of their ids. NotFound for an unknown id."""
        query = self._joined().order_by(self._table.c.id)
        if ids:
            query = query.where(self._table.c.id.in_(ids))
        with self._engine.connect() as connection:
            found = [self._read(body, words) for body, words in connection.execute(query)]
        missing = sorted(set(ids) - {document.id for document in found})
        if missing:
            raise NotFound(
                f"there is no {self._kind.__name__.lower()} {', '.join(map(repr, missing))} in this workspace"
            )
        return found

    def naming(self, name: str, *fields: str) -> list[str]:
        """Ids of documents that have their words and `name`, whatever its case, in one of `fields`; in their order.

        No words are read: among 100,000 calls this takes a second.
        """
        query = select(self._table.c.id, self._table.c.body).where(self._table.c.transcript.is_not(None))
        covered, wanted = self._covered(), name.casefold()
        query = (query if covered is None else query.where(covered)).order_by(self._table.c.id)
        with self._engine.connect() as connection:
            rows = ((ident, from_json(body)) for ident, body in connection.execute(query))
            return [ident for ident, facts in rows if wanted in {facts.get(field, "").casefold() for field in fields}]

    def _row(self, connection: Connection, ident: str) -> Document | None:
        row = connection.execute(self._joined().where(self._table.c.id == ident)).first()
        return None if row is None else self._read(row[0], row[1])

    def _joined(self) -> Select[str, str]:
        query = select(self._table.c.body, transcripts.c.body).join(
            transcripts, transcripts.c.id == self._table.c.transcript
        )
        covered = self._covered()
        return query if covered is None else query.where(covered)

    def _covered(self) -> ColumnElement[bool] | None:
        """The condition of what the scope covers; None where it covers all."""
        if self._kind is Interview:
            return None if sees_team(self._scope) else false()
        return is_own(self._table.c.rep, self._scope)

    def _read(self, body: str, words: str) -> Document:
        # Turns are stored once a transcript, roles with the document: the same words may be read in another part.
        data = from_json(body)
        data["transcript"]["turns"] = from_json(words)["turns"]
        document: Document = self._kind.model_validate_json(to_json(data))
        return document


def interview_documents(engine: Engine, scope: Scope) -> Documents[Interview]:
    """The workspace's interviews."""
    return Documents(engine, scope, Interview, interviews)
