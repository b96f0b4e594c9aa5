"""Where rubrics stand: draft, calibrated, deployed. Append-only; the last row of a rubric counts."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, insert, select

from agent.calibration.model import RubricState
from agent.core.people import Scope
from agent.db.schema import rubric_states, rubrics
from agent.db.scoping import check_run


class RubricStates:
    """The states of the workspace's rubrics."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def set(self, state: RubricState) -> None:
        """Add a state. Where a rubric is deployed, the one that was before is no longer: at most one is. Forbidden unless
        an ops lead."""
        check_run(self._scope, "change where a rubric stands")
        with self._engine.begin() as connection:
            if state.state == "deployed":
                for before in _other_deployed(connection, state):
                    connection.execute(
                        insert(rubric_states).values(rubric=before.rubric, body=before.model_dump_json())
                    )
            connection.execute(insert(rubric_states).values(rubric=state.rubric, body=state.model_dump_json()))

    def of(self, rubric_id: str) -> RubricState:
        """The newest state; `draft` where none was ever set."""
        found = self.history(rubric_id)
        return found[-1] if found else RubricState(rubric=rubric_id, state="draft", at=self._since(rubric_id))

    def history(self, rubric_id: str) -> list[RubricState]:
        """All states of a rubric, oldest first."""
        query = select(rubric_states.c.body).where(rubric_states.c.rubric == rubric_id).order_by(rubric_states.c.seq)
        with self._engine.connect() as connection:
            return [RubricState.model_validate_json(body) for body in connection.execute(query).scalars()]

    def _since(self, rubric_id: str) -> datetime:
        with self._engine.connect() as connection:
            at = connection.execute(select(rubrics.c.at).where(rubrics.c.id == rubric_id)).scalar()
        return datetime.now(UTC) if at is None else datetime.fromisoformat(at)


def _other_deployed(connection: Connection, new: RubricState) -> list[RubricState]:
    """For each other rubric that is deployed, the state it returns to: calibrated if it ever was, else draft."""
    history: dict[str, list[RubricState]] = {}
    # Locked: of two who deploy at once the second sees what the first has written (PostgreSQL; SQLite has one writer).
    connection.execute(select(rubrics.c.id).order_by(rubrics.c.seq).with_for_update())
    for body in connection.execute(select(rubric_states.c.body).order_by(rubric_states.c.seq)).scalars():
        found = RubricState.model_validate_json(body)
        history.setdefault(found.rubric, []).append(found)
    return [
        RubricState(
            rubric=rubric,
            state="calibrated" if any(map(_was_calibrated, states)) else "draft",
            at=new.at,
            by=new.by,
            reason="another version is deployed in its place",
        )
        for rubric, states in history.items()
        if rubric != new.rubric and states[-1].state == "deployed"
    ]


def _was_calibrated(state: RubricState) -> bool:
    """Whether all criteria had passed; below the gate a rubric is deployed by override."""
    return state.state == "calibrated" or (state.state == "deployed" and not state.short)
