"""Working copies of rubrics: one for each rubric that is edited. The version makes sure that nobody overwrites another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from agent.core.errors import Conflict
from agent.db.collection import Collection
from agent.db.database import transact
from agent.db.schema_server import rubric_drafts
from agent.db.scoping import check_run, sees_team
from agent.db.transcripts import now
from agent.rubrics.drafts_model import RubricDraft, WorkingCopy

_c = rubric_drafts.c
_EMPTY = WorkingCopy()


class RubricDrafts(Collection):
    """The workspace's working copies. A rep sees none; only an ops lead changes any."""

    def all(self) -> list[RubricDraft]:
        """Those being worked on, the last saved first."""
        if not sees_team(self._scope):
            return []
        rows = self._rows(select(rubric_drafts).where(_c.body != "").order_by(_c.at.desc()))
        return [_draft(row) for row in rows]

    def of(self, base: str) -> RubricDraft | None:
        """The working copy of a rubric (empty: of a new one); not `open` where it was given up. None if never saved."""
        if not sees_team(self._scope):
            return None
        row = self._first(select(rubric_drafts).where(_c.id == _id(base)))
        return None if row is None else _draft(row)

    def save(self, base: str, version: int, working: WorkingCopy, by: str) -> RubricDraft:
        """Store what was made out of version `version`. Conflict if that is not the current one."""
        self._write(base, version, working.model_dump_json(), by)
        saved = self.of(base)
        assert saved is not None
        return saved

    def close(self, base: str, version: int, by: str) -> None:
        """Give a working copy up, or be done with it. Conflict if `version` is not the current one."""
        self._write(base, version, "", by)

    def _write(self, base: str, version: int, body: str, by: str) -> None:
        check_run(self._scope, "edit a rubric")
        name = by if self._scope.local else self._scope.name
        row = {"version": version + 1, "by": name, "at": now(), "body": body}

        def work(connection: Connection) -> bool:
            if version == 0:
                connection.execute(insert(rubric_drafts).values(id=_id(base), base=base, **row))
                return True
            changed = update(rubric_drafts).where(_c.id == _id(base), _c.version == version).values(row)
            return connection.execute(changed).rowcount == 1

        try:
            written = transact(self._engine, work)
        except IntegrityError:
            written = False
        if not written:
            raise Conflict("somebody else has saved this since you loaded it; load it again and repeat your change")


def _id(base: str) -> str:
    return f"rd-{base or 'new'}"


def _draft(row: Row[Any]) -> RubricDraft:
    working = WorkingCopy.model_validate_json(row.body) if row.body else _EMPTY
    at = datetime.fromisoformat(row.at)
    return RubricDraft(base=row.base, version=row.version, by=row.by, at=at, open=bool(row.body), working=working)
