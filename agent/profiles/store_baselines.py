"""Baselines as they were drawn. Append-only: the newest of a rep and rubric counts, earlier ones stay to be seen."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, select

from agent.db.collection import Collection
from agent.db.schema import baselines
from agent.db.scoping import check_rate, own
from agent.profiles.model import Baseline


class Baselines(Collection):
    """The workspace's baselines."""

    def add(self, drawn: Sequence[Baseline]) -> None:
        """Record draws. Forbidden for who may not coach."""
        check_rate(self._scope, "draw a baseline")
        rows = [{"rubric": b.rubric, "rep": b.rep, "body": b.model_dump_json()} for b in drawn]
        if rows:
            with self._engine.begin() as connection:
                connection.execute(insert(baselines), rows)

    def current(self, rubric: str) -> list[Baseline]:
        """The newest baseline of each rep for a rubric, by rep; a rep's own for a rep."""
        query = own(select(baselines.c.body), baselines.c.rep, self._scope)
        query = query.where(baselines.c.rubric == rubric).order_by(baselines.c.seq)
        found = [Baseline.model_validate_json(body) for body in self._values(query)]
        newest = {baseline.rep: baseline for baseline in found}
        return [newest[rep] for rep in sorted(newest)]
