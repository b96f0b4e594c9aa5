"""Where rubrics stand: draft, calibrated, deployed. Append-only; the last row of a rubric counts."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import insert, select

from agent.db.collection import Collection
from agent.db.schema import rubric_states, rubrics
from agent.db.scoping import check_rate, check_run
from agent.rubrics.model import Mark, RubricState


class RubricStates(Collection):
    """The states of the workspace's rubrics."""

    def set(self, state: RubricState) -> None:
        """Add a state. A workspace has one deployed rubric: whatever was deployed before is calibrated again from then
        on, or a draft where it was deployed below the gate. Forbidden unless an ops lead."""
        check_run(self._scope, "change where a rubric stands")
        new = [state]
        with self._engine.begin() as connection:
            if state.state == "deployed":
                # Of two who deploy at once the second waits, and sees what the first has written (PostgreSQL).
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
        """Add what a round that has got its result changes in the marks of a deployed rubric, whoever submitted last."""
        check_rate(self._scope, "confirm or withdraw criteria")
        self._do(insert(rubric_states).values(rubric=state.rubric, body=state.model_dump_json()))

    def of(self, rubric_id: str) -> RubricState:
        """The newest state; `draft` where none was ever set."""
        found = self.history(rubric_id)
        return found[-1] if found else RubricState(rubric=rubric_id, state="draft", at=self._since(rubric_id))

    def marks(self, rubric_id: str) -> dict[str, Mark]:
        """The criteria of a deployed rubric that are not calibrated, each with what its scores are marked with."""
        state = self.of(rubric_id)
        return dict(state.marks) if state.state == "deployed" else {}

    def history(self, rubric_id: str) -> list[RubricState]:
        """All states of a rubric, oldest first."""
        query = select(rubric_states.c.body).where(rubric_states.c.rubric == rubric_id).order_by(rubric_states.c.seq)
        return [RubricState.model_validate_json(body) for body in self._values(query)]

    def _since(self, rubric_id: str) -> datetime:
        at = self._value(select(rubrics.c.at).where(rubrics.c.id == rubric_id))
        return datetime.now(UTC) if at is None else datetime.fromisoformat(at)
