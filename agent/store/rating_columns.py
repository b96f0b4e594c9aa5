"""Ratings as columns of numbers, for counting: one rating a call and criterion, the one that counts.

Which counts, where a call has several: a person's before an imported one, an imported one before a model's; of a
model's readings the first draw; and otherwise the newest. Calls of a blind round are left out for whoever may not see
what others rated (`agent.store.blindness`), and how many is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, select

from agent.domain.calibration import Looked, is_model
from agent.store import blindness
from agent.store.blindness import Withheld
from agent.store.round_log import append
from agent.store.schema import calls, ratings

IMPORTED = "import:"
_ROWS_AT_ONCE = 50_000


@dataclass(frozen=True, eq=False)
class RatingColumns:
    """Names, and columns of positions in them. `day` is `date.toordinal()`; `value` is NaN unless the status is rated.

    `stage_of` and `deal_of` are by call id, where they are known; `criteria` are those asked for, in that order.
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
    stage_of: dict[str, str]
    deal_of: dict[str, str]
    with_transcript: frozenset[str]
    raters: tuple[str, ...]
    withheld: tuple[Withheld, ...]


class RatingColumnsReader:
    """Reads ratings for counting."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, rubric: str, criteria: Sequence[str], *, rater: str = "", viewer: str = "") -> RatingColumns:
        """Current ratings against a rubric on `criteria`, by one rater or by all."""
        with self._engine.begin() as connection:
            facts = _call_facts(connection)
            coded = _coded(connection, rubric, criteria, rater, {ident: at for at, ident in enumerate(facts.ids)})
            withheld = _hide(connection, facts.ids, coded, viewer)
        kept = _that_count(coded)
        return _columns(facts, coded, kept, criteria, withheld)

    def rated_rubrics(self) -> set[str]:
        """Ids of rubrics that have ratings."""
        with self._engine.connect() as connection:
            return set(connection.execute(select(ratings.c.rubric).distinct()).scalars())

    def raters(self) -> set[str]:
        """Everybody and every model that has rated anything."""
        with self._engine.connect() as connection:
            return set(connection.execute(select(ratings.c.rater).distinct()).scalars())

    def made_with(self, rubric: str) -> set[tuple[str, str]]:
        """Prompt and model of all ratings against a rubric; both empty for people and imports."""
        c = ratings.c
        with self._engine.connect() as connection:
            rows = connection.execute(select(c.prompt, c.model).where(c.rubric == rubric).distinct())
            return {(prompt, model) for prompt, model in rows}

    def repeated(self, rubric: str) -> dict[str, tuple[int, int]]:
        """By criterion: pairs of a model's first and a later reading of the same call, and how many of them differ."""
        first, again = ratings.alias("first"), ratings.alias("again")
        same = [first.c[name] == again.c[name] for name in ("call", "criterion", "rater", "rubric", "prompt", "model")]
        query = select(first.c.criterion, first.c.value, again.c.value).where(
            *same, first.c.rubric == rubric, first.c.draw == 0, again.c.draw > 0
        )
        query = query.where(first.c.status == "rated", again.c.status == "rated")
        found: dict[str, tuple[int, int]] = {}
        with self._engine.connect() as connection:
            for criterion, one, other in connection.execute(query):
                pairs, changed = found.get(criterion, (0, 0))
                found[criterion] = (pairs + 1, changed + (one != other))
        return found


@dataclass(frozen=True, eq=False)
class _Facts:
    ids: list[str]
    reps: list[str]
    days: list[str]
    stage_of: dict[str, str]
    deal_of: dict[str, str]
    with_transcript: frozenset[str]


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


_STATUSES = ("rated", "not_applicable", "failed")


def _call_facts(connection: Connection) -> _Facts:
    c = calls.c
    ids, reps, days, stage_of, deal_of = [], [], [], {}, {}
    query = select(c.id, c.rep, c.date, c.stage, c.deal).order_by(c.id)
    for ident, rep, day, stage, deal in connection.execute(query):
        ids.append(ident)
        reps.append(rep)
        days.append(day)
        if stage:
            stage_of[ident] = stage
        if deal:
            deal_of[ident] = deal
    heard = connection.execute(select(c.id).where(c.transcript.is_not(None))).scalars()
    return _Facts(ids, reps, days, stage_of, deal_of, frozenset(heard))


def _coded(connection: Connection, rubric: str, criteria: Sequence[str], rater: str, call_at: dict[str, int]) -> _Coded:
    c, later = ratings.c, ratings.alias("later")
    query = select(c.call, c.criterion, c.rater, c.draw, c.status, c.value).where(c.rubric == rubric)
    query = query.where(c.id.not_in(select(later.c.supersedes).where(later.c.supersedes != "")))
    if rater:
        query = query.where(c.rater == rater)
    criterion_at = {name: at for at, name in enumerate(criteria)}
    status_at = {name: at for at, name in enumerate(_STATUSES)}
    rater_at: dict[str, int] = {}
    parts: list[NDArray[Any]] = []
    for batch in connection.execute(query.order_by(c.seq)).partitions(_ROWS_AT_ONCE):
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
                    np.array([np.nan if v is None else v for v in columns[5]], dtype=float),
                ]
            )
        )
    table = np.concatenate(parts, axis=1) if parts else np.zeros((6, 0))
    table = table[:, table[1] >= 0]  # criteria not asked for
    call, criterion, by, draw, status = (column.astype(np.int64) for column in table[:5])
    return _Coded(call, criterion, by, draw, status, table[5], list(rater_at), np.ones(table.shape[1], dtype=bool))


def _codes(names: Iterable[str], known: dict[str, int]) -> NDArray[np.float64]:
    return np.array([known[name] for name in names], dtype=float)


def _hide(connection: Connection, ids: Sequence[str], coded: _Coded, viewer: str) -> tuple[Withheld, ...]:
    """Take out what `viewer` may not see; every look at a running round's calls is logged, as in `blindness.look`."""
    running = blindness.running_rounds(connection)
    if not running:
        return ()
    at = {ident: place for place, ident in enumerate(ids)}
    own = np.array([name == viewer and not is_model(name) for name in coded.raters], dtype=bool)[coded.rater]
    withheld = []
    for found in sorted({r.id: r for r in running.values()}.values(), key=lambda r: r.number):
        inside = np.zeros(len(ids), dtype=bool)
        inside[[at[call] for call, of in running.items() if of.id == found.id and call in at]] = True
        others = inside[coded.call] & ~own
        may = not found.blind or (viewer in found.submitted and not is_model(viewer))
        kept = 0 if may else int(others.sum())
        if others.any():
            append(connection, found.id, viewer, Looked(shown=int(others.sum()) - kept, withheld=kept))
        if kept:
            coded.shown &= ~others
            withheld.append(Withheld(found.number, kept, found.waiting))
    return tuple(withheld)


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
    facts: _Facts, coded: _Coded, kept: NDArray[np.int64], criteria: Sequence[str], withheld: tuple[Withheld, ...]
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
        status=_STATUSES,
        status_code=coded.status[kept],
        stage_of=facts.stage_of,
        deal_of=facts.deal_of,
        with_transcript=facts.with_transcript,
        raters=raters,
        withheld=withheld,
    )
