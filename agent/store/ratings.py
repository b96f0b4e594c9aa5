"""Ratings. Append-only: a correction is a new rating that names the one it supersedes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, Select, insert, select

from agent.domain.rating import Failed, Rated, Rating
from agent.store.schema import ratings

_later = ratings.alias("later")


@dataclass(frozen=True)
class MadeWith:
    """What decides a model's ratings of a call: the natural key of a scoring run."""

    rubric: str
    prompt: str
    model: str
    draw: int


class Ratings:
    """The workspace's ratings."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, new: Sequence[Rating]) -> int:
        """Store ratings, all or none; those already stored are left as they are. Returns how many were new."""
        if not new:
            return 0
        with self._engine.begin() as connection:
            ids = [rating.id for rating in new]
            known = set(connection.execute(select(ratings.c.id).where(ratings.c.id.in_(ids))).scalars())
            rows = {rating.id: _row(rating) for rating in new if rating.id not in known}
            if rows:
                connection.execute(insert(ratings), list(rows.values()))
        return len(rows)

    def current(
        self,
        calls: Sequence[str] = (),
        rubric: str = "",
        made_with: MadeWith | None = None,
        criterion: str = "",
    ) -> list[Rating]:
        """Ratings that no later one supersedes, by call and in the order they were given."""
        query = _current()
        if calls:
            query = query.where(ratings.c.call.in_(calls))
        if rubric:
            query = query.where(ratings.c.rubric == rubric)
        if criterion:
            query = query.where(ratings.c.criterion == criterion)
        if made_with is not None:
            query = query.where(*_same(made_with))
        with self._engine.connect() as connection:
            bodies = connection.execute(query.order_by(ratings.c.call, ratings.c.seq)).scalars()
            return [Rating.model_validate_json(body) for body in bodies]

    def rated_calls(self, made_with: MadeWith) -> set[str]:
        """Calls that already have ratings made with exactly this."""
        with self._engine.connect() as connection:
            return set(connection.execute(select(ratings.c.call).where(*_same(made_with)).distinct()).scalars())


def _current() -> Select[str]:
    superseded = select(_later.c.seq).where(_later.c.supersedes == ratings.c.id)
    return select(ratings.c.body).where(~superseded.exists())


def _same(made_with: MadeWith) -> tuple[ColumnElement[bool], ...]:
    return (
        ratings.c.rubric == made_with.rubric,
        ratings.c.prompt == made_with.prompt,
        ratings.c.model == made_with.model,
        ratings.c.draw == made_with.draw,
    )


def _row(rating: Rating) -> dict[str, object]:
    judgement, made = rating.judgement, rating.provenance
    return {
        "id": rating.id,
        "call": rating.call,
        "criterion": rating.criterion,
        "rater": rating.rater,
        "status": judgement.status,
        "value": judgement.value if isinstance(judgement, Rated) else None,
        "rubric": made.rubric,
        "prompt": made.prompt,
        "model": made.model,
        "draw": made.draw,
        "at": rating.at.isoformat(),
        "supersedes": rating.supersedes,
        "body": rating.model_dump_json(),
    }


def failed(found: Sequence[Rating]) -> list[Rating]:
    """Those without a result."""
    return [rating for rating in found if isinstance(rating.judgement, Failed)]
