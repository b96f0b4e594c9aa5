"""The tables of extractions and of people's edits. Both can only be appended to; the newest extraction with its
edits counts."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json
from sqlalchemy import ColumnElement, Connection, Row, func, insert, select

from agent.core.errors import Advice, Conflict, NotFound
from agent.db.collection import Collection
from agent.db.database import transact
from agent.db.schema import extractions
from agent.db.schema_server import pattern_edits
from agent.db.scoping import check_run, sees_team
from agent.db.transcripts import now
from agent.patterns.model import Extraction, PatternChange, PatternEdit, PatternSet

_c = pattern_edits.c
_CHANGE: TypeAdapter[PatternChange] = TypeAdapter(PatternChange)


class Extractions(Collection):
    """The workspace's extractions: observations, codebook, codings and the patterns concluded from them."""

    def add(self, extraction: Extraction) -> None:
        """Store an extraction, unless it equals the newest one. Forbidden for everybody but an ops lead."""
        check_run(self._scope, "extract patterns")
        body = extraction.model_dump_json()
        with self._engine.begin() as connection:
            newest = connection.execute(select(extractions.c.body).order_by(extractions.c.seq.desc()).limit(1)).scalar()
            if newest != body:
                connection.execute(
                    insert(extractions).values(
                        pattern_set=extraction.patterns.id, codebook=extraction.codebook.id, at=now(), body=body
                    )
                )

    def newest(self) -> Extraction:
        """The last extraction. NotFound if there is none, and for a rep."""
        query = select(extractions.c.body).order_by(extractions.c.seq.desc()).limit(1)
        body = self._value(query) if sees_team(self._scope) else None
        if body is None:
            advice = Advice(command="patterns extract", page="/patterns")
            raise NotFound("no patterns have been extracted yet", advice=advice)
        return _extraction(body)

    def exist(self) -> bool:
        """Whether there is any extraction."""
        return self._first(select(extractions.c.seq).limit(1)) is not None

    def history(self) -> list[tuple[datetime, PatternSet]]:
        """What each extraction concluded, oldest first; empty for a rep."""
        query = select(extractions.c.at, extractions.c.body).order_by(extractions.c.seq)
        if not sees_team(self._scope):
            return []
        rows = self._rows(query)
        return [
            (datetime.fromisoformat(at), PatternSet.model_validate_json(to_json(from_json(body)["patterns"])))
            for at, body in rows
        ]


class PatternEdits(Collection):
    """Edits, oldest first. They belong to a codebook: deciding a coding makes another pattern set of the same
    codebook."""

    def of(self, codebook: str) -> list[PatternEdit]:
        """All edits of patterns of this codebook, including undone ones; empty for a rep."""
        if not sees_team(self._scope):
            return []
        rows = self._rows(select(pattern_edits).where(_holds_for(codebook)).order_by(_c.seq))
        return [_edit(row) for row in rows]

    def add(self, pattern_set: str, codebook: str, change: PatternChange, by: str, after: int) -> PatternEdit:
        """Append an edit of the patterns as they were after the edit `after` (0: as extracted).

        Conflict if somebody has edited them since, Forbidden unless an ops lead.
        """
        check_run(self._scope, "edit patterns")
        row = {
            "pattern_set": pattern_set,
            "by": by if self._scope.local else self._scope.name,
            "at": now(),
            "body": _CHANGE.dump_json(change).decode(),
        }

        def work(connection: Connection) -> int:
            # One editor at a time: on PostgreSQL two transactions would otherwise both find nothing newer.
            held = select(extractions.c.seq).where(extractions.c.codebook == codebook).with_for_update()
            connection.execute(held).all()
            last = connection.execute(select(func.max(_c.seq)).where(_holds_for(codebook))).scalar() or 0
            if last != after:
                raise Conflict(
                    "somebody else has edited the patterns since you loaded them; look again, then repeat it"
                )
            made = connection.execute(insert(pattern_edits).values(row)).inserted_primary_key
            assert made is not None
            return int(made[0])

        number = transact(self._engine, work)
        with self._engine.connect() as connection:
            return _edit(connection.execute(select(pattern_edits).where(_c.seq == number)).one())


def _holds_for(codebook: str) -> ColumnElement[bool]:
    return _c.pattern_set.in_(select(extractions.c.pattern_set).where(extractions.c.codebook == codebook))


def _edit(row: Row[Any]) -> PatternEdit:
    at, change = datetime.fromisoformat(row.at), _CHANGE.validate_json(row.body)
    return PatternEdit(number=row.seq, pattern_set=row.pattern_set, by=row.by, at=at, change=change)


@lru_cache(maxsize=2)
def _extraction(body: str) -> Extraction:
    """The parsed extraction, cached: parsing takes 20 ms with a hundred interviews, and its text never changes."""
    return Extraction.model_validate_json(body)
