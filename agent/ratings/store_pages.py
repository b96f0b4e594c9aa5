"""Ratings in pages, without their words: light enough for a list over hundreds of thousands."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, func, select

from agent.core.people import Scope
from agent.db import blindness
from agent.db.blindness import Looked, RunningRound, Withheld
from agent.db.schema import calls, ratings
from agent.db.scoping import own, sees_team
from agent.ratings.of_rounds import of_rounds


@dataclass(frozen=True)
class RatingFilters:
    """Which ratings. Empty fields and no `level` do not limit; `current` leaves out superseded ones."""

    call: str = ""
    rep: str = ""
    criterion: str = ""
    rater: str = ""
    rubric: str = ""
    status: str = ""
    current: bool = True
    level: int | None = None


@dataclass(frozen=True)
class RatingRow:
    """A rating in a list. `value` is None unless the status is "rated"; `position` is for the page after it."""

    position: int
    id: str
    call: str
    date: date
    rep: str
    criterion: str
    rater: str
    status: str
    value: int | None
    rubric: str
    prompt: str
    model: str
    at: datetime
    supersedes: str


@dataclass(frozen=True)
class RatingPage:
    """A page, and how many ratings that match are withheld because of running rounds."""

    rows: tuple[RatingRow, ...]
    withheld: tuple[Withheld, ...] = ()


Looks = list[tuple[str, Looked]]
_EXACT = ("call", "criterion", "rater", "rubric", "status")


def rating_page(
    connection: Connection, scope: Scope, filters: RatingFilters, after: int | None, limit: int, viewer: str
) -> tuple[RatingPage, Looks]:
    """The page that `viewer` may see, and the looks at running rounds' calls to be logged for it."""
    running = blindness.running_rounds(connection)
    hidden = blindness.hidden_calls(connection, viewer)
    by_call = bool(filters.call or filters.rep or scope.only_rep is not None)
    query, seq = _matching(_columns(), scope, filters, by_call), _unindexed(ratings.c.seq, by_call, 0)
    if hidden:
        query = query.where(~blindness.kept_from(hidden, viewer))
    if after is not None:
        query = query.where(seq < after)
    rounds = of_rounds(connection, scope)
    # A filter by rater must not reveal which ratings of a round are theirs.
    if left_out := rounds.hidden | (rounds.unnamed.keys() if filters.rater else frozenset()):
        query = query.where(ratings.c.id.not_in(left_out))
    rating_rows = map(_row, connection.execute(query.order_by(seq.desc()).limit(limit)))
    rows = tuple(replace(row, rater=rounds.unnamed.get(row.id, row.rater)) for row in rating_rows)
    # Counting with a filter must not reveal the rater, status or level of a hidden rating either.
    kept = _withheld(connection, scope, replace(filters, rater="", status="", level=None), hidden, viewer)
    shown = tuple(w if sees_team(scope) else w.without_names() for w, _ in kept)
    return RatingPage(rows, shown), _looks(rows, running, kept, viewer)


def _columns() -> Select[Any]:
    c = ratings.c
    names = (c.seq, c.id, c.call, calls.c.date, calls.c.rep, c.criterion, c.rater, c.status, c.value)
    made = (c.rubric, c.prompt, c.model, c.at, c.supersedes)
    return select(*names, *made).join(calls, calls.c.id == c.call)


def _unindexed(column: Column[Any], wanted: bool, neutral: Any) -> ColumnElement[Any]:
    """`column` as an expression that uses no index on it: if the calls are known, their ratings are few, but SQLite
    would prefer to scan all ratings of a rubric, or all from the newest on."""
    return column + neutral if wanted else column


def _matching(query: Select[Any], scope: Scope, filters: RatingFilters, by_call: bool) -> Select[Any]:
    query = own(query, calls.c.rep, scope)
    if filters.rep:
        query = query.where(calls.c.rep == filters.rep)
    for name in _EXACT:
        if value := getattr(filters, name):
            query = query.where(_unindexed(ratings.c[name], by_call and name != "call", "") == value)
    if filters.level is not None:
        query = query.where(ratings.c.value == filters.level)
    return query.where(not_superseded()) if filters.current else query


def not_superseded() -> ColumnElement[bool]:
    """For a query on ratings: only those that no later one supersedes."""
    later = ratings.alias("later")
    return ~select(later.c.seq).where(later.c.supersedes == ratings.c.id).exists()


def _row(row: Any) -> RatingRow:
    day, at = date.fromisoformat(row.date), datetime.fromisoformat(row.at)
    facts = row._mapping
    named = {name: facts[name] for name in RatingRow.__dataclass_fields__ if name not in ("position", "date", "at")}
    return RatingRow(position=row.seq, date=day, at=at, **named)


def _withheld(
    connection: Connection, scope: Scope, filters: RatingFilters, hidden: dict[str, RunningRound], viewer: str
) -> list[tuple[Withheld, RunningRound]]:
    """For each round, how many matching ratings are not shown. The ratings of a round's calls are few."""
    if not hidden:
        return []
    counting = select(ratings.c.call, func.count()).join(calls, calls.c.id == ratings.c.call)
    query = (
        _matching(counting, scope, filters, True).where(blindness.kept_from(hidden, viewer)).group_by(ratings.c.call)
    )
    totals: dict[str, int] = {}
    rounds = {round_.id: round_ for round_ in hidden.values()}
    for call, count in connection.execute(query):
        totals[hidden[call].id] = totals.get(hidden[call].id, 0) + count
    return [(Withheld(rounds[i].number, count, rounds[i].waiting), rounds[i]) for i, count in sorted(totals.items())]


def _looks(
    rows: tuple[RatingRow, ...],
    running: dict[str, RunningRound],
    kept: list[tuple[Withheld, RunningRound]],
    viewer: str,
) -> Looks:
    shown: dict[str, int] = {}
    for row in rows:
        if row.rater != viewer and row.call in running:
            shown[running[row.call].id] = shown.get(running[row.call].id, 0) + 1
    withheld = {round_.id: told.ratings for told, round_ in kept}
    return [(i, Looked(shown=shown.get(i, 0), withheld=withheld.get(i, 0))) for i in sorted({*shown, *withheld})]
