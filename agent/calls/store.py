"""Calls: with their words through `Documents`, and in pages without them for lists."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, exists, func, literal, or_, select, true, tuple_

from agent.calls.model import Call
from agent.core.errors import NotFound
from agent.core.people import Scope
from agent.db import blindness
from agent.db.schema import calls, ratings
from agent.db.schema_counting import SPLIT, counting
from agent.db.schema_reviews import review_queue
from agent.db.schema_server import dispute_answers, disputes
from agent.db.scoping import own, viewer_name
from agent.db.transcripts import Documents

_later = ratings.alias("later")
_SHORT_QUEUE = 2_000
_AT_ONCE = 5_000  # calls in one question
_FEW_RATINGS = 20_000
_SEARCHED = ("id", "alias", "date", "rep", "customer", "account", "stage", "deal")
_LOOKED_THROUGH = 2_000  # of those that may fit a search


@dataclass(frozen=True)
class CallFilters:
    """Which calls. What is empty or None does not limit; both days are included; `rated` asks for (no) rating.

    `to_review`: calls with something in the review queue, as far as no blind round keeps their ratings from the viewer.
    Of `rubric` (an id) a row says what counts; `scored` asks for calls with words and without any rating against it, or
    for the others, `cells` for calls of which one of these characters stands at one of these places of what counts
    (agent/db/schema_counting.py; `?` where a calibration round is split).
    """

    rep: str = ""
    stage: str = ""
    deal: str = ""
    first: date | None = None
    last: date | None = None
    rated: bool | None = None
    to_review: bool = False
    rubric: str = ""
    scored: bool | None = None
    cells: tuple[tuple[int, str], ...] = ()


CallPosition = tuple[str, str]
"""Where a page ended: the day (ISO 8601) and the id of its last call."""


@dataclass(frozen=True)
class CallRow:
    """A call in a list. `ratings` counts those that are not superseded and that the viewer may see.

    `cells` and `sources` say what counts against the rubric that was asked for; both are empty where nothing does.
    `blind`: it is in a calibration round that is still blind, so nothing counts for anybody. `disputed` and
    `to_review`: a rating of it is, as far as the viewer may see.
    """

    id: str
    date: date
    rep: str
    customer: str
    account: str
    stage: str
    deal: str
    has_transcript: bool
    ratings: int
    cells: str = ""
    sources: str = ""
    blind: bool = False
    disputed: bool = False
    to_review: bool = False
    alias: str = ""

    @property
    def position(self) -> CallPosition:
        """For the page after the one that ends here."""
        return self.date.isoformat(), self.id


@dataclass(frozen=True)
class CallPlace:
    """Where a call belongs, without its words and ratings."""

    id: str
    date: date
    rep: str
    stage: str
    deal: str


class Calls(Documents[Call]):
    """The workspace's calls; a rep's own for a rep."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        super().__init__(engine, scope, Call, calls)

    def page(
        self,
        filters: CallFilters | None = None,
        after: CallPosition | None = None,
        limit: int = 50,
        *,
        viewer: str = "",
    ) -> list[CallRow]:
        """Calls, newest first, from behind the position `after`; at most `limit`, those without a transcript too."""
        c, name = calls.c, viewer_name(self._scope, viewer)
        query = select(c.id, c.date, c.rep, c.stage, c.deal, c.transcript.is_not(None), c.body)
        query = own(query, c.rep, self._scope).order_by(c.date.desc(), c.id.desc()).limit(limit)
        if after is not None:
            query = query.where(tuple_(c.date, c.id) < tuple_(literal(after[0]), literal(after[1])))
        filters = filters or CallFilters()
        with self._engine.connect() as connection:
            shown = _shown(connection, name)
            query = _chosen(connection, query, filters, shown)
            hidden = blindness.hidden_calls(connection, name)
            if filters.to_review:
                query = query.where(_is_waiting(connection, c.id), c.id.not_in(list(hidden)))
            rows = connection.execute(query).all()
            ids = [row[0] for row in rows]
            counted, marked = dict[str, int](), dict[str, dict[str, Any]]()
            for start in range(0, len(ids), _AT_ONCE):
                part = ids[start : start + _AT_ONCE]
                counted |= _counted(connection, part, shown)
                marked |= _marked(connection, part, filters.rubric, hidden) if filters.rubric else {}
        return [replace(_row(row, counted), **marked.get(row[0], {})) for row in rows]

    def about(self, ident: str, *, viewer: str = "") -> CallRow:
        """The call of that id without its words, also where it has none. NotFound if there is none."""
        c = calls.c
        query = select(c.id, c.date, c.rep, c.stage, c.deal, c.transcript.is_not(None), c.body).where(c.id == ident)
        with self._engine.connect() as connection:
            row = connection.execute(own(query, c.rep, self._scope)).first()
            if row is None:
                raise NotFound(f"there is no call {ident!r} in this workspace")
            counted = _counted(connection, [ident], _shown(connection, viewer_name(self._scope, viewer)))
        return _row(row, counted)

    def rows(self, ids: Iterable[str]) -> dict[str, CallRow]:
        """These calls without their words, by id; their ratings are not counted."""
        c, wanted = calls.c, sorted(set(ids))
        query = own(select(c.id, c.date, c.rep, c.stage, c.deal, c.transcript.is_not(None), c.body), c.rep, self._scope)
        rows: list[Row[Any]] = []
        with self._engine.connect() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                rows += connection.execute(query.where(c.id.in_(wanted[start : start + _AT_ONCE])))
        return {row[0]: _row(row, {}) for row in rows}

    def found(self, text: str, limit: int, *, viewer: str = "") -> list[CallRow]:
        """The newest calls whose id, file, rep, deal, stage, account, customer or details hold all words of `text`."""
        c, words = calls.c, text.casefold().split()
        query = select(c.id, c.date, c.rep, c.stage, c.deal, c.transcript.is_not(None), c.body)
        for word in words:  # the body holds all of them, and names of fields beside: what fits is looked at again
            query = query.where(c.body.icontains(json.dumps(word, ensure_ascii=False)[1:-1], autoescape=True))
        query = own(query, c.rep, self._scope).order_by(c.date.desc(), c.id.desc()).limit(_LOOKED_THROUGH)
        if not words:
            return []
        with self._engine.connect() as connection:
            fitting = [row for row in connection.execute(query) if _holds(json.loads(row.body), words)][:limit]
            shown = _shown(connection, viewer_name(self._scope, viewer))
            counted = _counted(connection, [row.id for row in fitting], shown)
        return [_row(row, counted) for row in fitting]

    def count(self) -> int:
        """How many calls there are, with or without a transcript."""
        with self._engine.connect() as connection:
            return int(connection.execute(own(select(func.count(calls.c.id)), calls.c.rep, self._scope)).scalar_one())

    def placed(self, outside: Sequence[str] = ()) -> list[str]:
        """Ids of the calls that have their words and of which it is known who is on whose side: what models may read.

        `outside`: only those whose stage is none of these.
        """
        query = self._with_words(calls.c.id).where(~calls.c.sides_open)
        if outside:  # as those that are left: an index tells where they are
            query = query.where(calls.c.stage.in_(sorted({"", *self.stages()} - set(outside))))
        with self._engine.connect() as connection:
            return list(connection.execute(query.order_by(calls.c.id)).scalars())

    def with_open_sides(self, ids: Sequence[str] = ()) -> list[str]:
        """Ids of the calls, of `ids` or of all, that are left out until somebody says who is on whose side."""
        query = self._with_words(calls.c.id).where(calls.c.sides_open)
        query = query.where(calls.c.id.in_(ids)) if ids else query
        with self._engine.connect() as connection:
            return list(connection.execute(query.order_by(calls.c.id)).scalars())

    def places(self, ids: Sequence[str]) -> list[CallPlace]:
        """The calls `ids`, which have a transcript, in the order of their ids. NotFound
        names those that are not there."""
        c = calls.c
        query = select(c.id, c.date, c.rep, c.stage, c.deal).where(c.id.in_(ids), c.transcript.is_not(None))
        with self._engine.connect() as connection:
            rows = connection.execute(own(query, c.rep, self._scope).order_by(c.id)).all()
        if missing := sorted(set(ids) - {row.id for row in rows}):
            raise NotFound(f"there is no call {', '.join(map(repr, missing))} in this workspace")
        return [CallPlace(row.id, date.fromisoformat(row.date), row.rep, row.stage, row.deal) for row in rows]

    def facts(self, ids: Iterable[str]) -> dict[str, CallPlace]:
        """Where these calls belong, with or without a transcript, by id."""
        c, wanted = calls.c, sorted(set(ids))
        query = own(select(c.id, c.date, c.rep, c.stage, c.deal), c.rep, self._scope)
        places: dict[str, CallPlace] = {}
        with self._engine.connect() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                for row in connection.execute(query.where(c.id.in_(wanted[start : start + _AT_ONCE]))):
                    places[row.id] = CallPlace(row.id, date.fromisoformat(row.date), row.rep, row.stage, row.deal)
        return places

    def of_deals(self, deals: Iterable[str]) -> list[str]:
        """Ids of the calls of these deals."""
        query = own(select(calls.c.id), calls.c.rep, self._scope)
        wanted, found = sorted(set(deals)), list[str]()
        with self._engine.connect() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                some = query.where(calls.c.deal.in_(wanted[start : start + _AT_ONCE]))
                found += connection.execute(some.order_by(calls.c.id)).scalars()
        return found

    def in_turn(self, limit: int) -> list[str]:
        """Ids of calls with a transcript, at most `limit`: the earliest of each rep, by
        name, then each one's second."""
        c, own_ones = calls.c, list[Sequence[str]]()
        query = select(c.id).where(c.transcript.is_not(None)).order_by(c.date, c.id).limit(limit)
        for rep in self.reps():
            if len(own_ones) == limit:  # those of later reps come after the first of each of these
                break
            with self._engine.connect() as connection:
                if of_rep := connection.execute(query.where(c.rep == rep)).scalars().all():
                    own_ones.append(of_rep)
        return [ident for row in zip_longest(*own_ones) for ident in row if ident is not None][:limit]

    def reps(self) -> list[str]:
        """Everybody who has a call, by name."""
        query = own(select(calls.c.rep).distinct(), calls.c.rep, self._scope)
        with self._engine.connect() as connection:
            return sorted(connection.execute(query).scalars())

    def stages(self) -> list[str]:
        """The stages that calls have, by name."""
        query = own(select(calls.c.stage).where(calls.c.stage != "").distinct(), calls.c.rep, self._scope)
        with self._engine.connect() as connection:
            return sorted(connection.execute(query).scalars())


def _holds(facts: dict[str, Any], words: Sequence[str]) -> bool:
    named = [*(str(facts.get(name, "")) for name in _SEARCHED), *facts.get("details", {}).values()]
    text = " ".join(named).casefold()
    return all(word in text for word in words)


def _row(row: Row[Any], counted: Mapping[str, int]) -> CallRow:
    ident, day, rep, stage, deal, heard, body = tuple(row)
    facts = json.loads(body) if body else {}
    customer, account = facts.get("customer", ""), facts.get("account", "")
    day, alias = date.fromisoformat(day), facts.get("alias", "")
    return CallRow(ident, day, rep, customer, account, stage, deal, bool(heard), counted.get(ident, 0), alias=alias)


def _shown(connection: Connection, viewer: str) -> ColumnElement[bool]:
    """Ratings that no blind round keeps from `viewer`."""
    hidden = blindness.hidden_calls(connection, viewer)
    return ~blindness.kept_from(hidden, viewer) if hidden else true()


def _marked(
    connection: Connection, ids: Sequence[str], rubric: str, hidden: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """What rows say beside the call's own facts, by id."""
    marked: dict[str, dict[str, Any]] = {ident: {} for ident in ids}
    k, q = counting.c, review_queue.c
    # As a sum: SQLite would else go through all of the rubric's.
    for call, cells, sources in connection.execute(
        select(k.call, k.cells, k.sources).where(k.call.in_(ids), k.rubric + "" == rubric)
    ):
        marked[call] |= {"cells": cells, "sources": sources}
    for call, one in blindness.running_rounds(connection, ids).items():
        marked[call]["blind"] = one.blind
    answered = exists(select(dispute_answers.c.dispute).where(dispute_answers.c.dispute == disputes.c.id))
    waiting = select(q.call).where(q.call.in_(ids), q.rubric + "" == rubric)
    for name, query in (
        ("disputed", select(disputes.c.call).where(disputes.c.call.in_(ids), ~answered)),
        ("to_review", waiting),
    ):
        for call in set(connection.execute(query).scalars()) - set(hidden):
            marked[call][name] = True
    return marked


def _chosen(
    connection: Connection, query: Select[Any], filters: CallFilters, shown: ColumnElement[bool]
) -> Select[Any]:
    for name in ("rep", "stage", "deal"):
        if value := getattr(filters, name):
            query = query.where(calls.c[name] == value)
    if filters.first is not None:
        query = query.where(calls.c.date >= filters.first.isoformat())
    if filters.last is not None:
        query = query.where(calls.c.date <= filters.last.isoformat())
    if filters.cells:
        query = query.where(_holding(connection, filters.rubric, filters.cells))
    if filters.scored is not None:
        against = ratings.c.rubric == filters.rubric
        of_it = exists(select(counting.c.seq).where(counting.c.call == calls.c.id, counting.c.rubric == filters.rubric))
        own_ones = ratings.c.call == calls.c.id, ratings.c.rubric + "" == filters.rubric
        any_of = exists(select(ratings.c.seq).where(*own_ones))
        bare = ~of_it & ~any_of & calls.c.transcript.is_not(None)
        scored: ColumnElement[bool] = of_it | any_of
        few = select(ratings.c.seq).where(against).limit(_FEW_RATINGS + 1).subquery()
        if connection.execute(select(func.count()).select_from(few)).scalar_one() <= _FEW_RATINGS:
            # Looking at what is rated is quicker than asking of each call whether it is.
            scored = calls.c.id.in_(select(ratings.c.call).where(against))
        query = query.where(scored if filters.scored else bare)
    if filters.rated is None:
        return query
    # A superseded rating has a newer one on the same call: asking for any is the same, and half the work.
    rated = exists(select(ratings.c.seq).where(ratings.c.call == calls.c.id, shown))
    return query.where(rated if filters.rated else ~rated)


def _counted(connection: Connection, ids: Sequence[str], shown: ColumnElement[bool]) -> dict[str, int]:
    if not ids:
        return {}
    current = ~exists(select(_later.c.seq).where(_later.c.supersedes == ratings.c.id))
    query = select(ratings.c.call, func.count()).where(ratings.c.call.in_(ids), shown, current)
    query = query.group_by(ratings.c.call)
    return {call: count for call, count in connection.execute(query)}


def _holding(connection: Connection, rubric: str, cells: Sequence[tuple[int, str]]) -> ColumnElement[bool]:
    """Whether what counts of the call in a row holds one of these characters at one of these places."""
    k = counting.c
    fits = or_(
        *(func.substr(k.sources if chars == SPLIT else k.cells, at + 1, 1).in_(list(chars)) for at, chars in cells)
    )
    some = select(k.seq).where(k.rubric == rubric, fits).limit(_SHORT_QUEUE + 1).subquery()
    if connection.execute(select(func.count()).select_from(some)).scalar_one() <= _SHORT_QUEUE:
        return calls.c.id.in_(select(k.call).where(k.rubric == rubric, fits))
    return exists(select(k.seq).where(k.call == calls.c.id, k.rubric == rubric, fits))


def _is_waiting(connection: Connection, call: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the call named by a column has something in the review queue.

    A short queue is looked up in the calls; with a long one it is quicker to walk through the calls and ask for each.
    """
    some = select(review_queue.c.call).limit(_SHORT_QUEUE + 1).subquery()
    if connection.execute(select(func.count()).select_from(some)).scalar_one() <= _SHORT_QUEUE:
        return call.in_(select(review_queue.c.call))
    return select(review_queue.c.call).where(review_queue.c.call == call).exists()
