"""The review queue: places where two readings of a model differ, and places where its rating failed.

A place is one criterion of one rubric on one call. What `agent.ratings.second_opinion` says of a place's ratings is
said here in SQL, for the calls that were rated since the last look, and kept: writers pay nothing, and a page reads
fifty rows of an index whatever the number of ratings. A place leaves the queue when a person has rated it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    String,
    and_,
    case,
    cast,
    delete,
    distinct,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.exc import OperationalError

from agent.core.language import _
from agent.db import blindness
from agent.db.collection import Collection
from agent.db.schema import calls, ratings
from agent.db.schema_reviews import review_mark, review_queue
from agent.db.scoping import own, viewer_name
from agent.ratings.store_pages import not_superseded

STEP = 4_000
"""Ratings looked at in one transaction: other writers wait as long as that takes, about a tenth of a second."""

Why = Literal["readings differ", "failed"]
_FAILED, _DIFFER = 0, 1  # ranks: the index is read from its end, so what comes first is the greater
_WHY: dict[int, Why] = {_DIFFER: "readings differ", _FAILED: "failed"}
_r, _q = ratings.c, review_queue.c


@dataclass(frozen=True)
class Reading:
    """One reading by a model: its rating's id and status; `value` is None unless rated."""

    rating: str
    model: str
    draw: int
    status: str
    value: int | None

    @property
    def said(self) -> str:
        """What it came to, in a word."""
        return str(self.value) if self.value is not None else _(self.status.replace("_", " "))


@dataclass(frozen=True)
class ReviewRow:
    """A place to look at. `position` is for the page after it."""

    position: tuple[int, int]
    why: Why
    call: str
    date: date
    rep: str
    stage: str
    criterion: str
    rubric: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class ReviewCounts:
    """How many places wait, how many are withheld because of blind rounds, and ratings not looked at yet."""

    differ: int
    failed: int
    withheld: int
    behind: int


class Reviews(Collection):
    """The workspace's review queue; a rep's own calls for a rep."""

    def refresh(self, most: int = STEP) -> int:
        """Take up to `most` new ratings into the queue; returns how many are left."""
        with self._engine.connect() as connection:
            mark, top = _mark(connection), _top(connection)
        if mark >= top:
            return 0
        if self._engine.dialect.name == "postgresql":
            # Numbers are assigned before the commit: no transaction below the mark may still be running.
            written = _last_written(self._engine)
            if written is None:
                return top - mark
            top = written
        goal = min(top, mark + most)
        while mark < goal:
            upper = min(goal, mark + STEP)
            with self._engine.begin() as connection:
                if not _move(connection, mark, upper):
                    return top - mark  # another process is doing it
                _rewrite(connection, mark, upper)
            mark = upper
        return top - mark

    def page(self, after: tuple[int, int] | None = None, limit: int = 50, *, viewer: str = "") -> list[ReviewRow]:
        """Places, those that differ first and in each kind the newest first, from behind the position `after`."""
        query = select(_q.rank, _q.seq, _q.call, calls.c.date, calls.c.rep, calls.c.stage, _q.criterion, _q.rubric)
        query = own(query.join(calls, calls.c.id == _q.call), calls.c.rep, self._scope)
        if after is not None:
            query = query.where(tuple_(_q.rank, _q.seq) < tuple_(literal(after[0]), literal(after[1])))
        with self._engine.connect() as connection:
            hidden = self._hidden(connection, viewer)
            if hidden:
                query = query.where(_q.call.not_in(hidden))
            rows = connection.execute(query.order_by(_q.rank.desc(), _q.seq.desc()).limit(limit)).all()
            readings = _readings(connection, [(row.call, row.criterion, row.rubric) for row in rows])
        return [_row(row, readings) for row in rows]

    def counts(self, *, viewer: str = "", rubric: str = "") -> ReviewCounts:
        """How many places wait, against the rubric of that id or any, and how many ratings are not looked at yet."""
        with self._engine.connect() as connection:
            hidden = self._hidden(connection, viewer)
            by_rank = {rank: count for rank, count in connection.execute(self._counted(hidden, rubric, shown=True))}
            kept = (
                sum(count for _, count in connection.execute(self._counted(hidden, rubric, shown=False)))
                if hidden
                else 0
            )
            behind = max(0, _top(connection) - _mark(connection))
        return ReviewCounts(by_rank.get(_DIFFER, 0), by_rank.get(_FAILED, 0), kept, behind)

    def _counted(self, hidden: Sequence[str], rubric: str, *, shown: bool) -> Select[Any]:
        query = select(_q.rank, func.count()).group_by(_q.rank)
        if rubric:
            query = query.where(_q.rubric == rubric)
        if self._scope.only_rep is not None:
            query = own(query.join(calls, calls.c.id == _q.call), calls.c.rep, self._scope)
        if hidden:
            query = query.where(_q.call.not_in(hidden) if shown else _q.call.in_(hidden))
        return query

    def _hidden(self, connection: Connection, viewer: str) -> list[str]:
        return list(blindness.hidden_calls(connection, viewer_name(self._scope, viewer)))


def _mark(connection: Connection) -> int:
    return int(connection.execute(select(review_mark.c.seq)).scalar() or 0)


def _top(connection: Connection) -> int:
    return int(connection.execute(select(func.max(_r.seq))).scalar() or 0)


def _last_written(engine: Engine) -> int | None:
    """PostgreSQL: a number below which no transaction is still writing; None where writers are too busy to wait for.

    SHARE waits for every transaction that has inserted and not ended. It is held for the moment of reading only.
    """
    try:
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '200ms'"))
            connection.execute(text("LOCK TABLE ratings IN SHARE MODE"))
            return _top(connection)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == "55P03":  # lock not available
            return None
        raise


def _move(connection: Connection, before: int, after: int) -> bool:
    query = update(review_mark).where(review_mark.c.seq == before).values(seq=after)
    return connection.execute(query).rowcount == 1


def _rewrite(connection: Connection, after: int, upper: int) -> None:
    """Update the calls rated between the two numbers."""
    touched = select(_r.call).where(_r.seq > after, _r.seq <= upper).distinct()
    connection.execute(delete(review_queue).where(_q.call.in_(touched)))
    names = ("call", "criterion", "rubric", "rank", "seq")
    connection.execute(insert(review_queue).from_select(names, _waiting(_r.call.in_(touched))))


def _by_model() -> ColumnElement[bool]:
    """`agent.calibration.model.is_model` in SQL."""
    return or_(_r.rater == "model", func.substr(_r.rater, 1, 6) == "model:")


def _waiting(among: ColumnElement[bool]) -> Select[Any]:
    model, failed = _by_model(), _r.status == "failed"
    said = func.count(distinct(case((model, func.coalesce(cast(_r.value, String), _r.status)))))
    failures = func.sum(case((and_(model, failed), 1), else_=0))
    settled_by = func.sum(case((and_(not_(model), not_(failed)), 1), else_=0))
    return (
        select(_r.call, _r.criterion, _r.rubric, case((said > 1, _DIFFER), else_=_FAILED), func.max(_r.seq))
        .where(among, not_superseded())
        .group_by(_r.call, _r.criterion, _r.rubric)
        .having(settled_by == 0, or_(said > 1, failures > 0))
    )


Place = tuple[str, str, str]


def _readings(connection: Connection, places: Sequence[Place]) -> Mapping[Place, list[Reading]]:
    readings: dict[Place, list[Reading]] = defaultdict(list)
    if not places:
        return readings
    columns = (_r.call, _r.criterion, _r.rubric, _r.id, _r.model, _r.draw, _r.status, _r.value)
    here = (_r.call.in_({call for call, _, _ in places}), tuple_(_r.call, _r.criterion, _r.rubric).in_(places))
    query = select(*columns).where(*here, _by_model(), not_superseded()).order_by(_r.draw, _r.seq)
    for call, criterion, rubric, *reading in connection.execute(query):
        readings[call, criterion, rubric].append(Reading(*reading))
    return readings


def _row(row: Any, readings: Mapping[Place, list[Reading]]) -> ReviewRow:
    place = (row.call, row.criterion, row.rubric)
    return ReviewRow(
        position=(row.rank, row.seq),
        why=_WHY[row.rank],
        call=row.call,
        date=date.fromisoformat(row.date),
        rep=row.rep,
        stage=row.stage,
        criterion=row.criterion,
        rubric=row.rubric,
        readings=tuple(readings.get(place, ())),
    )
