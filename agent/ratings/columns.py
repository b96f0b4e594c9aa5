"""Ratings as columns of numbers, for counting: one rating a call and criterion, the one that counts.

Which counts, where a call has several: a person's before an imported one, an imported one before a model's; of a
model's readings the first draw; and otherwise the newest. Calls of a blind round are left out for whoever may not see
what others rated (`agent.db.blindness`), and how many is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, Connection, Engine, select

from agent.calibration.model import Looked, is_model
from agent.core.people import Scope
from agent.db import blindness
from agent.db.blindness import Withheld
from agent.db.raw_rows import raw_batches, raw_rows
from agent.db.schema import calls, ratings, rubrics
from agent.db.scoping import own_calls, sees_team, viewer_name

IMPORTED = "import:"
_ROWS_AT_ONCE = 50_000
_EVERYTHING = Scope.everything()


class CallPlaces:
    """Stage and deal by call id, where they are known; of the own calls for a rep. Each is read when it is first asked
    for: most figures need neither."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    @cached_property
    def stage_of(self) -> dict[str, str]:
        """Stages."""
        return self._named(calls.c.stage)

    @cached_property
    def deal_of(self) -> dict[str, str]:
        """Ids of deals."""
        return self._named(calls.c.deal)

    def _named(self, column: Column[str]) -> dict[str, str]:
        query = own_calls(select(calls.c.id, column).where(column != ""), calls.c.id, self._scope)
        with self._engine.connect() as connection:
            return dict(raw_rows(connection, query))


@dataclass(frozen=True, eq=False)
class RatingColumns:
    """Names, and columns of positions in them. `day` is `date.toordinal()`; `value` is NaN unless the status is rated.

    `criteria` are those asked for, in that order.
    """

    reps: tuple[str, ...]
    criteria: tuple[str, ...]
    calls: tuple[str, ...]
    rep: NDArray[np.int64]
    criterion: NDArray[np.int64]
    call: NDArray[np.int64]
    day: NDArray[np.int64]
    value: NDArray[np.float64]
    status: tuple[str, ...]
    status_code: NDArray[np.int64]
    places: CallPlaces
    raters: tuple[str, ...]
    withheld: tuple[Withheld, ...]


@dataclass(frozen=True, eq=False)
class Counting:
    """The ratings that count, whoever may see them: for tallies inside the store. Columns are as in `RatingColumns`,
    `reps` and `days` (ISO 8601) are by call."""

    calls: list[str]
    reps: list[str]
    days: list[str]
    call: NDArray[np.int64]
    criterion: NDArray[np.int64]
    rater: NDArray[np.int64]
    status: NDArray[np.int64]
    value: NDArray[np.float64]
    raters: list[str]


def counting(
    connection: Connection, rubric: str, criteria: Sequence[str], only: Sequence[str] | None = None
) -> Counting:
    """What counts on the calls `only`, or on all."""
    facts = _call_facts(connection, only)
    call_at = {ident: at for at, ident in enumerate(facts.ids)}
    coded = _coded(connection, rubric, criteria, "", call_at, only)
    kept = _that_count(coded)
    return Counting(
        facts.ids,
        facts.reps,
        facts.days,
        coded.call[kept],
        coded.criterion[kept],
        coded.rater[kept],
        coded.status[kept],
        coded.value[kept],
        coded.raters,
    )


class RatingColumnsReader:
    """Reads ratings for counting."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def read(self, rubric: str, criteria: Sequence[str], *, rater: str = "", viewer: str = "") -> RatingColumns:
        """Current ratings against a rubric on `criteria`, by one rater or by all; a rep's own calls' for a rep."""
        viewer = viewer_name(self._scope, viewer)
        with self._engine.connect() as connection:
            facts = _call_facts(connection, scope=self._scope)
            call_at = {ident: at for at, ident in enumerate(facts.ids)}
            coded = _coded(connection, rubric, criteria, rater, call_at, scope=self._scope)
            withheld, looked = _hide(connection, facts.ids, coded, viewer)
        blindness.record(self._engine, viewer, looked)
        if not sees_team(self._scope):
            withheld = tuple(w.without_names() for w in withheld)
        kept = _that_count(coded)
        return _columns(facts, self.places(), coded, kept, criteria, withheld)

    def places(self) -> CallPlaces:
        """What is known of all calls beside their ratings; of the own ones for a rep."""
        return CallPlaces(self._engine, self._scope)

    def rated_rubrics(self) -> set[str]:
        """Ids of stored rubrics that have ratings; one look into an index for each."""
        rated = own_calls(select(ratings.c.seq).where(ratings.c.rubric == rubrics.c.id), ratings.c.call, self._scope)
        with self._engine.connect() as connection:
            return set(connection.execute(select(rubrics.c.id).where(rated.exists())).scalars())

    def raters(self) -> set[str]:
        """Everybody and every model that has rated anything."""
        query = own_calls(select(ratings.c.rater).distinct(), ratings.c.call, self._scope)
        with self._engine.connect() as connection:
            return set(connection.execute(query).scalars())

    def made_with(self, rubric: str) -> set[tuple[str, str]]:
        """Prompt and model of all ratings against a rubric; both empty for people and imports."""
        c = ratings.c
        query = own_calls(select(c.prompt, c.model).where(c.rubric == rubric), c.call, self._scope)
        following = query.order_by(c.prompt, c.model).limit(1)
        found: set[tuple[str, str]] = set()
        with self._engine.connect() as connection:
            row = connection.execute(following).first()
            while row is not None:  # from one pair to the next by index, not through all ratings of each
                found.add((row[0], row[1]))
                same_prompt = following.where(c.prompt == row[0], c.model > row[1])
                others = following.where(c.prompt > row[0])
                row = connection.execute(same_prompt).first() or connection.execute(others).first()
        return found

    def repeated(self, rubric: str) -> dict[str, tuple[int, int]]:
        """By criterion: pairs of a model's first and a later reading of the same call, and how many of them differ.

        Calls of a round that is still blind are left out: nobody may learn there how the model rated them.
        """
        first, again = ratings.alias("first"), ratings.alias("again")
        same = [first.c[name] == again.c[name] for name in ("call", "criterion", "rater", "rubric", "prompt", "model")]
        query = select(first.c.criterion, first.c.value, again.c.value).where(
            *same, first.c.rubric == rubric, first.c.draw == 0, again.c.draw > 0
        )
        query = query.where(first.c.status == "rated", again.c.status == "rated")
        query = own_calls(query, first.c.call, self._scope)
        found: dict[str, tuple[int, int]] = {}
        with self._engine.connect() as connection:
            blind = [call for call, round_ in blindness.running_rounds(connection).items() if round_.blind]
            if blind:
                query = query.where(first.c.call.not_in(blind))
            for criterion, one, other in connection.execute(query):
                pairs, changed = found.get(criterion, (0, 0))
                found[criterion] = (pairs + 1, changed + (one != other))
        return found


@dataclass(frozen=True, eq=False)
class _Facts:
    ids: list[str]
    reps: list[str]
    days: list[str]


@dataclass(eq=False)
class _Coded:
    call: NDArray[np.int64]
    criterion: NDArray[np.int64]
    rater: NDArray[np.int64]
    draw: NDArray[np.int64]
    status: NDArray[np.int64]
    value: NDArray[np.float64]
    raters: list[str]
    shown: NDArray[np.bool_]


STATUSES = ("rated", "not_applicable", "failed")


def _call_facts(connection: Connection, only: Sequence[str] | None = None, scope: Scope = _EVERYTHING) -> _Facts:
    c = calls.c
    query = own_calls(select(c.id, c.rep, c.date), c.id, scope).order_by(c.id)
    if only is not None:
        query = query.where(c.id.in_(only))
    rows = raw_rows(connection, query)
    return _Facts([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])


def _coded(
    connection: Connection,
    rubric: str,
    criteria: Sequence[str],
    rater: str,
    call_at: dict[str, int],
    only: Sequence[str] | None = None,
    scope: Scope = _EVERYTHING,
) -> _Coded:
    c = ratings.c
    query = own_calls(select(c.call, c.criterion, c.rater, c.draw, c.status, c.value, c.seq), c.call, scope)
    # The sum is no column of an index: told the rubric itself, SQLite would walk through all of its ratings.
    wanted = (c.rubric == rubric,) if only is None else (c.call.in_(only), c.rubric + "" == rubric)
    query = query.where(*wanted)
    if rater:
        query = query.where(c.rater == rater)
    criterion_at = {name: at for at, name in enumerate(criteria)}
    status_at = {name: at for at, name in enumerate(STATUSES)}
    rater_at: dict[str, int] = {}
    parts: list[NDArray[Any]] = []
    for batch in raw_batches(connection, query, _ROWS_AT_ONCE):
        columns = list(zip(*batch, strict=True))
        for name in dict.fromkeys(columns[2]):
            rater_at.setdefault(name, len(rater_at))
        parts.append(
            np.stack(
                [
                    _codes(columns[0], call_at),
                    np.array([criterion_at.get(name, -1) for name in columns[1]], dtype=float),
                    _codes(columns[2], rater_at),
                    np.array(columns[3], dtype=float),
                    _codes(columns[4], status_at),
                    np.array(columns[5], dtype=float),  # None becomes NaN
                    np.array(columns[6], dtype=float),
                ]
            )
        )
    table = np.concatenate(parts, axis=1) if parts else np.zeros((7, 0))
    parts.clear()
    table = table[:, (table[1] >= 0) & ~np.isin(table[6], _superseded(connection, only))]  # and criteria not asked for
    table = table[:, np.argsort(table[6])]  # as they were given; a database would sort them with all their text
    call, criterion, by, draw, status = (column.astype(np.int64) for column in table[:5])
    return _Coded(call, criterion, by, draw, status, table[5], list(rater_at), np.ones(table.shape[1], dtype=bool))


def _superseded(connection: Connection, only: Sequence[str] | None) -> list[int]:
    """Numbers of the ratings that a later one supersedes: few, so they are found from the later ones."""
    c, later = ratings.c, ratings.alias("later")
    query = select(c.seq).join(later, later.c.supersedes == c.id)
    query = query.where(later.c.supersedes > "" if only is None else c.call.in_(only))
    return list(connection.execute(query).scalars())


def _codes(names: Iterable[str], known: dict[str, int]) -> NDArray[np.float64]:
    return np.array([known[name] for name in names], dtype=float)


def _hide(
    connection: Connection, ids: Sequence[str], coded: _Coded, viewer: str
) -> tuple[tuple[Withheld, ...], list[tuple[str, Looked]]]:
    """Take out what `viewer` may not see. Also returns each look at a running round's calls, as `blindness.look` does."""
    running = blindness.running_rounds(connection)
    if not running:
        return (), []
    at = {ident: place for place, ident in enumerate(ids)}
    own = np.array([name == viewer and not is_model(name) for name in coded.raters], dtype=bool)[coded.rater]
    withheld, looked = [], []
    for found in sorted({r.id: r for r in running.values()}.values(), key=lambda r: r.number):
        inside = np.zeros(len(ids), dtype=bool)
        inside[[at[call] for call, of in running.items() if of.id == found.id and call in at]] = True
        others = inside[coded.call] & ~own
        may = not found.blind or (viewer in found.submitted and not is_model(viewer))
        kept = 0 if may else int(others.sum())
        if others.any():
            looked.append((found.id, Looked(shown=int(others.sum()) - kept, withheld=kept)))
        if kept:
            coded.shown &= ~others
            withheld.append(Withheld(found.number, kept, found.waiting))
    return tuple(withheld), looked


def _that_count(coded: _Coded) -> NDArray[np.int64]:
    """Rows that count, one a call and criterion."""
    rank = np.array([_rank(name) for name in coded.raters] or [0], dtype=np.int64)[coded.rater]
    shown = np.flatnonzero(coded.shown)
    order = shown[np.lexsort((shown, -coded.draw[shown], rank[shown], coded.criterion[shown], coded.call[shown]))]
    if not len(order):
        return order
    call, criterion = coded.call[order], coded.criterion[order]
    last = np.append((call[1:] != call[:-1]) | (criterion[1:] != criterion[:-1]), True)
    return np.asarray(order[last])


def _rank(rater: str) -> int:
    if is_model(rater):
        return 0
    return 1 if rater.startswith(IMPORTED) else 2


def _columns(
    facts: _Facts,
    places: CallPlaces,
    coded: _Coded,
    kept: NDArray[np.int64],
    criteria: Sequence[str],
    withheld: tuple[Withheld, ...],
) -> RatingColumns:
    from datetime import date

    used, call = np.unique(coded.call[kept], return_inverse=True)
    reps = tuple(sorted({facts.reps[at] for at in used}))
    rep_at = {name: at for at, name in enumerate(reps)}
    rep_of_call = np.array([rep_at[facts.reps[at]] for at in used], dtype=np.int64)
    day_of_call = np.array([date.fromisoformat(facts.days[at]).toordinal() for at in used], dtype=np.int64)
    raters = tuple(sorted(coded.raters[at] for at in np.unique(coded.rater[kept])))
    return RatingColumns(
        reps=reps,
        criteria=tuple(criteria),
        calls=tuple(facts.ids[at] for at in used),
        rep=rep_of_call[call],
        criterion=coded.criterion[kept],
        call=call.astype(np.int64),
        day=day_of_call[call],
        value=coded.value[kept],
        status=STATUSES,
        status_code=coded.status[kept],
        places=places,
        raters=raters,
        withheld=withheld,
    )
