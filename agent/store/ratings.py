"""Ratings. Append-only: a correction is a new rating that names the one it supersedes.

Whatever returns ratings takes a `viewer` and returns what `agent.store.blindness` lets that viewer see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, Select, insert, select

from agent.domain.rating import Failed, Rated, Rating
from agent.store import blindness
from agent.store.blindness import Look
from agent.store.schema import ratings, round_ratings

_later = ratings.alias("later")
_IDS_AT_ONCE = 500  # SQLite and PostgreSQL both limit the parameters of one statement


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
            return add_ratings(connection, new)

    def current(
        self,
        calls: Sequence[str] = (),
        rubric: str = "",
        made_with: MadeWith | None = None,
        criterion: str = "",
        *,
        viewer: str = "",
    ) -> list[Rating]:
        """The ratings of `look`, without a word on what was withheld."""
        return self.look(calls, rubric, made_with, criterion, viewer=viewer).ratings

    def look(
        self,
        calls: Sequence[str] = (),
        rubric: str = "",
        made_with: MadeWith | None = None,
        criterion: str = "",
        *,
        viewer: str = "",
    ) -> Look:
        """Ratings that no later one supersedes, by call and in the order they were given, as far as `viewer` (a
        rater's name; empty for nobody) may see them."""
        query = _current()
        if calls:
            query = query.where(ratings.c.call.in_(calls))
        if rubric:
            query = query.where(ratings.c.rubric == rubric)
        if criterion:
            query = query.where(ratings.c.criterion == criterion)
        if made_with is not None:
            query = query.where(*_same(made_with))
        with self._engine.begin() as connection:
            bodies = connection.execute(query.order_by(ratings.c.call, ratings.c.seq)).scalars()
            return blindness.look(connection, [Rating.model_validate_json(body) for body in bodies], viewer)

    def of_round(self, round_id: str, *, viewer: str) -> Look:
        """The ratings that raters submitted in a round, as they were then, as far as `viewer` may see them."""
        chosen = select(round_ratings.c.rating).where(round_ratings.c.round == round_id)
        query = select(ratings.c.body).where(ratings.c.id.in_(chosen)).order_by(ratings.c.call, ratings.c.seq)
        with self._engine.begin() as connection:
            bodies = connection.execute(query).scalars()
            return blindness.look(connection, [Rating.model_validate_json(body) for body in bodies], viewer)

    def failed_ids(self, made_with: MadeWith) -> dict[tuple[str, str], str]:
        """Ids of current failed ratings by call and criterion: what may be asked again. Tells no judgement."""
        query = _current().where(*_same(made_with), ratings.c.status == "failed")
        columns = query.with_only_columns(ratings.c.call, ratings.c.criterion, ratings.c.id)
        with self._engine.connect() as connection:
            return {(call, criterion): ident for call, criterion, ident in connection.execute(columns)}

    def blind_calls(self, *, viewer: str) -> set[str]:
        """Calls of which `viewer` may not see what others rated."""
        with self._engine.connect() as connection:
            running = blindness.running_rounds(connection)
        return {call for call, found in running.items() if found.blind and viewer not in found.submitted}

    def rated_calls(self, made_with: MadeWith) -> set[str]:
        """Calls that already have ratings made with exactly this."""
        with self._engine.connect() as connection:
            return set(connection.execute(select(ratings.c.call).where(*_same(made_with)).distinct()).scalars())


def add_ratings(connection: Connection, new: Sequence[Rating]) -> int:
    """Store those that are not stored yet; returns how many."""
    rows: dict[str, dict[str, object]] = {}
    ids = [rating.id for rating in new]
    for start in range(0, len(ids), _IDS_AT_ONCE):
        part = ids[start : start + _IDS_AT_ONCE]
        known = set(connection.execute(select(ratings.c.id).where(ratings.c.id.in_(part))).scalars())
        rows |= {r.id: _row(r) for r in new[start : start + _IDS_AT_ONCE] if r.id not in known}
    if rows:
        connection.execute(insert(ratings), list(rows.values()))
    return len(rows)


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
