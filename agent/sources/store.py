"""The tables of sources, and of which of their files were dealt with."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from agent.core.errors import Advice, Conflict, NotFound
from agent.core.people import Scope
from agent.db.database import read, transact
from agent.db.schema_sources import source_files, sources
from agent.db.scoping import check_run
from agent.db.transcripts import now
from agent.sources.model import Source

_s, _f = sources.c, source_files.c


class Sources:
    """The workspace's sources. Only an ops lead (and the worker) sees or changes them."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def add(self, source: Source) -> Source:
        """Store a source. Conflict if there is one with that name."""
        reading = {"columns": dict(source.columns), "speakers": dict(source.speakers), "dates": source.dates}
        row: dict[str, Any] = {
            "name": source.name,
            "kind": source.kind,
            "address": source.address,
            "manifest": source.manifest,
        }
        row |= {"reading": json.dumps(reading), "by": source.by, "at": source.at}
        row |= {"minutes": source.minutes, "looked": "", "said": ""}
        check_run(self._scope, "take from sources")
        try:
            transact(self._engine, lambda c: c.execute(insert(sources).values(row)))
        except IntegrityError as error:
            raise Conflict(
                f"there is a source {source.name!r} already",
                advice=Advice(f"source remove {source.name}", text="give this one another name, or take that one out"),
            ) from error
        return source

    def all(self) -> list[Source]:
        """All sources, by name."""
        check_run(self._scope, "take from sources")
        return [
            _source_of_row(row)
            for row in read(self._engine, lambda c: c.execute(select(sources).order_by(_s.name)).all())
        ]

    def get(self, name: str) -> Source:
        """The source with that name. NotFound if there is none."""
        for source in self.all():
            if source.name == name:
                return source
        raise NotFound(f"there is no source {name!r}", advice=Advice("source list"))

    def remove(self, name: str) -> None:
        """Delete a source and what is known of its files. Imported calls and interviews stay. NotFound if there is
        none."""
        self.get(name)

        def work(connection: Connection) -> None:
            connection.execute(delete(source_files).where(_f.source == name))
            connection.execute(delete(sources).where(_s.name == name))

        transact(self._engine, work)

    def known(self, name: str, files: Mapping[str, str]) -> set[str]:
        """Those of `files` (name to state) that were dealt with in exactly this state."""
        check_run(self._scope, "take from sources")
        noted = select(_f.file, _f.mark).where(_f.source == name)
        marks = {row.file: row.mark for row in read(self._engine, lambda c: c.execute(noted).all())}
        return {file for file, state in files.items() if marks.get(_digest(file)) == _digest(state)}

    def keep(self, name: str, files: Mapping[str, str]) -> None:
        """Note that `files` (name to state) were dealt with."""
        check_run(self._scope, "take from sources")
        at = now()
        rows = [
            {"source": name, "file": _digest(file), "mark": _digest(state), "at": at} for file, state in files.items()
        ]

        def work(connection: Connection) -> None:
            for row in rows:
                connection.execute(delete(source_files).where(_f.source == name, _f.file == row["file"]))
            if rows:
                connection.execute(insert(source_files), rows)

        transact(self._engine, work)

    def claim(self, name: str, before: str) -> bool:
        """Whether this program may look at the source now: nobody has since `before` (ISO 8601)."""
        check_run(self._scope, "take from sources")
        due = update(sources).where(_s.name == name, _s.looked < before).values(looked=now())
        return transact(self._engine, lambda c: c.execute(due).rowcount) == 1

    def looked(self, name: str, said: str) -> None:
        """Note the time of a look at the source, and its result."""
        check_run(self._scope, "take from sources")
        change = update(sources).where(_s.name == name).values(looked=now(), said=said)
        transact(self._engine, lambda c: c.execute(change))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _source_of_row(row: Row[Any]) -> Source:
    reading = json.loads(row.reading)
    told = {"manifest": row.manifest, "minutes": row.minutes, "looked": row.looked, "said": row.said}
    return Source(row.name, row.kind, row.address, row.by, row.at, **told, **reading)
