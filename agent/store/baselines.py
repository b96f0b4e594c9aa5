"""Baselines as they were drawn. Append-only: the newest of a rep and rubric counts, earlier ones stay to be seen."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, insert, select

from agent.domain.coaching import Baseline
from agent.store.schema import baselines


class Baselines:
    """The workspace's baselines."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, drawn: Sequence[Baseline]) -> None:
        """Record draws."""
        rows = [{"rubric": b.rubric, "rep": b.rep, "body": b.model_dump_json()} for b in drawn]
        if rows:
            with self._engine.begin() as connection:
                connection.execute(insert(baselines), rows)

    def current(self, rubric: str) -> list[Baseline]:
        """The newest baseline of each rep for a rubric, by rep."""
        query = select(baselines.c.body).where(baselines.c.rubric == rubric).order_by(baselines.c.seq)
        with self._engine.connect() as connection:
            found = [Baseline.model_validate_json(body) for body in connection.execute(query).scalars()]
        newest = {baseline.rep: baseline for baseline in found}
        return [newest[rep] for rep in sorted(newest)]
