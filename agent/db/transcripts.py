"""Interviews and calls with their transcripts."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic_core import from_json, to_json
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Select,
    Table,
    false,
    func,
    insert,
    select,
    true,
    update,
)

from agent.core.errors import Conflict, NotFound, UsageError
from agent.core.people import Scope
from agent.core.transcript import Conversation, Transcript
from agent.db.raw_rows import raw_column, raw_rows
from agent.db.schema import calls, transcripts
from agent.db.schema_counting import moved
from agent.db.scoping import check_run, is_own, sees_team
from agent.db.word_prints import Prints, keep_print
from agent.db.word_versions import WordVersion, note_version, reworded_since, versions

Document = TypeVar("Document", bound=Conversation)
_AT_ONCE = 500  # names in one question
Added = Literal["new", "changed", "unchanged"]


def now() -> str:
    """This moment in UTC as ISO 8601 text."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def keep_transcript(connection: Connection, transcript: Transcript) -> str:
    """Store the transcript once; returns its id."""
    if connection.execute(select(transcripts.c.id).where(transcripts.c.id == transcript.id)).first() is None:
        body = transcript.model_dump_json(exclude={"roles"})
        connection.execute(insert(transcripts).values(id=transcript.id, body=body))
        keep_print(connection, transcript.id, [turn.text for turn in transcript.turns])
    return transcript.id


class Documents(Generic[Document]):
    """Interviews, or calls: one table of documents that each have a transcript.

    A rep gets their own documents only, and none if the table is `for_team`.
    """

    def __init__(
        self, engine: Engine, scope: Scope, kind: type[Document], table: Table, *, for_team: bool = False
    ) -> None:
        self._engine, self._scope, self._table, self._for_team = engine, scope, table, for_team
        self._kind: type[Document] = kind

    def add(self, document: Document) -> Added:
        """Store `document`. Storing the same again changes nothing; new facts about the same words replace the old
        facts.

        Raises Conflict if other words are already stored under this id, since ratings and codings point into them, and
        Forbidden for everybody but an ops lead.
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
            if self._table is calls:
                moved(connection, [document.id])
            return "changed"

    def reword(self, ident: str, words: Transcript, by: str) -> Document:
        """Replace a document's words, or the names or sides of its speakers. The earlier words are kept as a version.

        NotFound if it is not there or has no words; Forbidden for everybody but an ops lead.
        """
        check_run(self._scope, f"correct {self._kind.__name__.lower()}s")
        with self._engine.begin() as connection:
            before = self._row(connection, ident)
            if before is None:
                raise NotFound(f"there is no {self._kind.__name__.lower()} {ident!r} with words in this workspace")
            document = before.model_copy(update={"transcript": words})
            if before.transcript.id != words.id:
                note_version(connection, self._table.name, ident, before.transcript, words, by, now())
            values = self._values(connection, document)
            connection.execute(update(self._table).where(self._table.c.id == ident).values(**values))
            return document

    def prints(self) -> Prints:
        """Fingerprints that tell whether the words of a document are already stored under another id."""
        check_run(self._scope, "compare words")
        return Prints(self._engine, self._table)

    def versions(self, ident: str) -> list[WordVersion]:
        """The earlier words of a document, oldest first; empty for a document that may not be seen."""
        with self._engine.connect() as connection:
            seen = self._row(connection, ident) is not None
            return versions(connection, self._table.name, ident) if seen else []

    def reworded_since(self, ids: Sequence[str], at: datetime) -> list[str]:
        """Those of `ids` that the scope may see and whose words were replaced after `at`."""
        seen = self.heard(ids)
        with self._engine.connect() as connection:
            return reworded_since(connection, self._table.name, seen, at)

    def words_before(self, ident: str) -> Transcript:
        """The words of a document before the last change. NotFound if they never changed."""
        check_run(self._scope, f"correct {self._kind.__name__.lower()}s")
        with self._engine.connect() as connection:
            earlier = versions(connection, self._table.name, ident)
            if not earlier:
                raise NotFound(f"the words of {ident!r} were never changed")
            query = select(transcripts.c.body).where(transcripts.c.id == earlier[-1].before)
            turns = from_json(connection.execute(query).scalar_one())["turns"]
            return Transcript.model_validate_json(to_json({"turns": turns, "roles": earlier[-1].roles}))

    def _values(self, connection: Connection, document: Document) -> dict[str, Any]:
        columns = {c.name for c in self._table.columns} - {"id", "transcript", "body", "date"}
        return {
            "transcript": keep_transcript(connection, document.transcript),
            "date": document.date.isoformat(),
            "body": document.model_dump_json(exclude={"transcript": {"turns"}}),
            **{name: getattr(document, name) for name in columns},
        }

    def get(self, ident: str) -> Document:
        """The document with that id. NotFound if there is none."""
        with self._engine.connect() as connection:
            document = self._row(connection, ident)
        if document is None:
            raise NotFound(f"there is no {self._kind.__name__.lower()} {ident!r} in this workspace")
        return document

    def all(self, ids: Sequence[str] = ()) -> list[Document]:
        """All documents with a transcript, or those named, in the order of their ids. NotFound for an unknown id."""
        query = self._joined().order_by(self._table.c.id)
        if ids:
            query = query.where(self._table.c.id.in_(ids))
        with self._engine.connect() as connection:
            documents = [self._read(body, words) for body, words in connection.execute(query)]
        missing = sorted(set(ids) - {document.id for document in documents})
        if missing:
            raise NotFound(
                f"there is no {self._kind.__name__.lower()} {', '.join(map(repr, missing))} in this workspace"
            )
        return documents

    def known_as(self, names: Iterable[str]) -> dict[str, str]:
        """The document's id for each of these names: the id itself, or the id of the one document whose file had
        that name. UsageError if several files had it."""
        c, made = self._table.c, {name: name for name in names}
        covered, wanted = self._covered(), sorted(made.keys() - {""})
        by_alias: dict[str, list[str]] = {}
        with self._engine.connect() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                part = wanted[start : start + _AT_ONCE]
                ids = set(connection.execute(select(c.id).where(c.id.in_(part))).scalars())
                named = select(c.alias, c.id).where(c.alias.in_(part), true() if covered is None else covered)
                for alias, ident in connection.execute(named.order_by(c.id)):
                    if alias not in ids:
                        by_alias.setdefault(alias, []).append(ident)
        for name, idents in by_alias.items():
            if len(idents) > 1:
                raise UsageError(f"several files were called {name!r}; give one of their ids: {', '.join(idents)}")
            made[name] = idents[0]
        return made

    def heard(self, ids: Sequence[str] | None = None) -> list[str]:
        """Sorted ids of documents with a transcript; of all, or of those in `ids`."""
        query = self._with_words(self._table.c.id)
        if ids is not None:
            query = query.where(self._table.c.id.in_(ids))
        with self._engine.connect() as connection:
            return raw_column(connection, query.order_by(self._table.c.id))

    def lengths(self, ids: Sequence[str]) -> dict[str, int]:
        """How many characters the words of these documents have as stored, in the order of their ids."""
        query = self._joined().where(self._table.c.id.in_(ids)).order_by(self._table.c.id)
        with self._engine.connect() as connection:
            return dict(
                raw_rows(connection, query.with_only_columns(self._table.c.id, func.length(transcripts.c.body)))
            )

    def naming(self, name: str, *fields: str) -> list[str]:
        """Sorted ids of documents with a transcript whose `fields` contain `name`, in upper or lower case."""
        with self._engine.connect() as connection:
            bodies = raw_column(connection, self._with_words(self._table.c.body))
        return sorted(ids_naming(bodies, name, fields))

    def _with_words(self, column: Column[str]) -> Select[str]:
        covered = self._covered()
        query = select(column).where(self._table.c.transcript.is_not(None))
        return query if covered is None else query.where(covered)

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
        """The condition for what the scope covers; None if it covers everything."""
        if self._for_team:
            return None if sees_team(self._scope) else false()
        return is_own(self._table.c.rep, self._scope)

    def _read(self, body: str, words: str) -> Document:
        # Turns are stored once per transcript, roles with the document: the same words may be used with other roles.
        data = from_json(body)
        data["transcript"]["turns"] = from_json(words)["turns"]
        document: Document = self._kind.model_validate_json(to_json(data))
        return document


def ids_naming(bodies: Iterable[str], name: str, fields: Sequence[str]) -> Iterator[str]:
    """The ids of the documents among `bodies` whose `fields` contain `name`, in upper or lower case."""
    wanted = name.strip().casefold()
    if not wanted:
        return
    # A body is JSON with its text unchanged except for escapes: a body that does not contain a plain name
    # need not be parsed, and that is nearly every one of 100,000.
    plain = not any(sign in '"\\' or not sign.isprintable() for sign in wanted)
    for body in bodies:
        if plain and wanted not in body.casefold():
            continue
        facts = from_json(body)
        if wanted in {str(facts.get(field, "")).strip().casefold() for field in fields}:
            yield facts["id"]
