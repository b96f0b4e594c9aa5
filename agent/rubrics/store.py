"""Rubrics: each version once, found by id or label."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, or_, select

from agent.core.errors import Advice, Conflict, NotFound
from agent.db.collection import Collection
from agent.db.schema import rubrics
from agent.db.scoping import check_run
from agent.db.transcripts import now
from agent.rubrics.model import Rubric


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
                return Rubric.model_validate_json(same)
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

    def get(self, reference: str = "") -> Rubric:
        """The rubric of that id or label; the newest where `reference` is empty."""
        query = select(rubrics.c.body)
        if reference:
            query = query.where(or_(rubrics.c.id == reference, rubrics.c.label == reference))
        body = self._value(query.order_by(rubrics.c.seq.desc()).limit(1))
        if body is None:
            if reference:
                raise NotFound(f"there is no rubric {reference!r}", advice=Advice("rubric list", "/rubric"))
            raise NotFound("there is no rubric yet", advice=Advice("criteria draft", "/rubric"))
        return Rubric.model_validate_json(body)

    def all(self) -> list[StoredRubric]:
        """All rubrics, oldest first."""
        rows = self._rows(select(rubrics.c.body, rubrics.c.at).order_by(rubrics.c.seq))
        return [StoredRubric(Rubric.model_validate_json(body), datetime.fromisoformat(at)) for body, at in rows]
