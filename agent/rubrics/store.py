"""Rubrics: each version once, found by id or label."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from agent.core.errors import Advice, Conflict, NotFound
from agent.db.collection import Collection
from agent.db.database import transact
from agent.db.schema import rubric_states, rubrics
from agent.db.schema_server import rubric_drafts
from agent.db.scoping import check_rate, check_run, sees_team
from agent.db.transcripts import now
from agent.rubrics.drafts_model import RubricDraft, WorkingCopy
from agent.rubrics.model import Mark, Rubric, RubricState


@lru_cache(maxsize=64)
def _rubric(body: str) -> Rubric:
    return Rubric.model_validate_json(body)


@dataclass(frozen=True)
class StoredRubric:
    """A rubric and when it came into the workspace."""

    rubric: Rubric
    at: datetime


class Rubrics(Collection):
    """The workspace's rubrics."""

    def add(self, rubric: Rubric) -> Rubric:
        """Store `rubric` under its label, or under `v<number>` if it has none. What is already there stays as it is.

        Raises Conflict where another rubric has the label, Forbidden unless an ops lead.
        """
        check_run(self._scope, "add a rubric")
        with self._engine.begin() as connection:
            same = connection.execute(select(rubrics.c.body).where(rubrics.c.id == rubric.id)).scalar()
            if same is not None:
                return _rubric(same)
            number = len(connection.execute(select(rubrics.c.seq)).all()) + 1
            label = rubric.label or f"v{number}"
            holder = connection.execute(select(rubrics.c.id).where(rubrics.c.label == label)).scalar()
            if holder is not None:
                raise Conflict(
                    f"the label {label!r} belongs to rubric {holder}; give it another", advice=Advice(option="--label")
                )
            labelled = rubric.model_copy(update={"label": label})
            connection.execute(
                insert(rubrics).values(id=rubric.id, label=label, at=now(), body=labelled.model_dump_json())
            )
            return labelled

    def get(self, reference: str) -> Rubric:
        """The rubric of that id or label. NotFound where there is none; nothing stands for "the usual one" here:
        whoever was told no rubric takes the one in use (`agent.rubrics.in_use`)."""
        query = select(rubrics.c.body).where(or_(rubrics.c.id == reference, rubrics.c.label == reference))
        body = self._value(query.order_by(rubrics.c.seq.desc()).limit(1)) if reference else None
        if body is None:
            what = f"there is no rubric {reference!r}" if reference else "no rubric is named"
            raise NotFound(what, advice=Advice("rubric list", "/rubric"))
        return _rubric(body)

    def newest(self) -> Rubric:
        """The one stored last, which may be a draft that nothing is scored against. NotFound where there is none."""
        body = self._value(select(rubrics.c.body).order_by(rubrics.c.seq.desc()).limit(1))
        if body is None:
            raise NotFound("there is no rubric yet", advice=Advice("criteria draft", "/rubric"))
        return _rubric(body)

    def all(self) -> list[StoredRubric]:
        """All rubrics, oldest first."""
        rows = self._rows(select(rubrics.c.body, rubrics.c.at).order_by(rubrics.c.seq))
        return [StoredRubric(_rubric(body), datetime.fromisoformat(at)) for body, at in rows]


class RubricStates(Collection):
    """The states of the workspace's rubrics."""

    def set(self, state: RubricState) -> None:
        """Add a state. A workspace has one deployed rubric: whatever was deployed before is calibrated again from then
        on, or a draft where it was deployed below the gate. Forbidden unless an ops lead."""
        check_run(self._scope, "change where a rubric stands")
        new = [state]
        with self._engine.begin() as connection:
            if state.state == "deployed":
                # If two people deploy at once, the second waits and sees what the first has written (PostgreSQL).
                connection.execute(select(rubrics.c.id).order_by(rubrics.c.seq).with_for_update())
                bodies = connection.execute(select(rubric_states.c.body).order_by(rubric_states.c.seq)).scalars()
                newest = {one.rubric: one for one in map(RubricState.model_validate_json, bodies)}
                new += [
                    RubricState(
                        rubric=other.rubric,
                        state="draft" if other.short or other.marks else "calibrated",
                        at=state.at,
                        by=state.by,
                        reason="another rubric was deployed",
                    )
                    for other in newest.values()
                    if other.state == "deployed" and other.rubric != state.rubric
                ]
            rows = [{"rubric": one.rubric, "body": one.model_dump_json()} for one in new]
            connection.execute(insert(rubric_states), rows)

    def follow(self, state: RubricState) -> None:
        """Add how a finished round changes the marks of a deployed rubric, whoever submitted last."""
        check_rate(self._scope, "confirm or withdraw criteria")
        self._do(insert(rubric_states).values(rubric=state.rubric, body=state.model_dump_json()))

    def of(self, rubric_id: str) -> RubricState:
        """The newest state; `draft` where none was ever set."""
        states = self.history(rubric_id)
        return states[-1] if states else RubricState(rubric=rubric_id, state="draft", at=self._since(rubric_id))

    def marks(self, rubric_id: str) -> dict[str, Mark]:
        """The criteria of a deployed rubric that are not calibrated, each with the mark of its scores."""
        state = self.of(rubric_id)
        return dict(state.marks) if state.state == "deployed" else {}

    def history(self, rubric_id: str) -> list[RubricState]:
        """All states of a rubric, oldest first."""
        query = select(rubric_states.c.body).where(rubric_states.c.rubric == rubric_id).order_by(rubric_states.c.seq)
        return [RubricState.model_validate_json(body) for body in self._values(query)]

    def _since(self, rubric_id: str) -> datetime:
        at = self._value(select(rubrics.c.at).where(rubrics.c.id == rubric_id))
        return datetime.now(UTC) if at is None else datetime.fromisoformat(at)


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
        """The working copy of a rubric (empty: of a new one); not `open` if it was given up. None if never saved."""
        if not sees_team(self._scope):
            return None
        row = self._first(select(rubric_drafts).where(_c.id == _id(base)))
        return None if row is None else _draft(row)

    def save(self, base: str, version: int, working: WorkingCopy, by: str) -> RubricDraft:
        """Store a working copy edited from version `version`. Conflict if that is not the current one."""
        self._write(base, version, working.model_dump_json(), by)
        saved = self.of(base)
        assert saved is not None
        return saved

    def close(self, base: str, version: int, by: str) -> None:
        """Close a working copy (published or given up). Conflict if `version` is not the current one."""
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
