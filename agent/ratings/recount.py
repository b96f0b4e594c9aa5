"""Writes the table of what counts. Whoever changes a rating or a calibration round calls `recount` for its calls, in
the same transaction."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import BindParameter, Connection, bindparam, delete, select

from agent.core.errors import InputError
from agent.db import blindness
from agent.db.bulk import insert_rows
from agent.db.raw_rows import raw_rows
from agent.db.schema import calls, ratings, round_calls, round_ratings, rubrics
from agent.db.schema_counting import NONE, SPLIT, counting
from agent.ratings.rule import Candidate, Counts, Split, which_counts
from agent.rubrics.model import Rubric

_AT_ONCE = 400  # calls in one question
# Built once: for a scored call, building them takes as long as the database does.
_PART: BindParameter[Sequence[str]] = bindparam("part", expanding=True)
# Locked until the transaction ends: the second of two writers on one call then sees what the first has written.
_LOCKED = (
    select(calls.c.id, calls.c.rep, calls.c.date)
    .where(calls.c.id.in_(_PART))
    .order_by(calls.c.id)
    .with_for_update(key_share=True)
)
_USED = select(round_calls.c.call).where(round_calls.c.call.in_(_PART)).limit(1)
_OLD = delete(counting).where(counting.c.call.in_(_PART))
_r = ratings.c
_GIVEN = (
    select(_r.call, _r.rubric, _r.criterion, _r.id, _r.rater, _r.status, _r.value, _r.draw, _r.supersedes)
    .where(_r.call.in_(_PART))
    .order_by(_r.seq)
)
_KNOWN = 100  # rubrics
_criteria_of: dict[str, tuple[str, ...]] = {}
"""Ids of criteria by rubric. A rubric's id is made of its content, so what is here never changes."""
Places = Mapping[str, Sequence[Candidate]]
"""All ratings of one call against one rubric, by criterion."""


def recount(connection: Connection, changed: Iterable[str]) -> None:
    """Rewrite the rows of these calls."""
    ids = sorted(set(changed))
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        rows = list(_rows(connection, part))
        connection.execute(_OLD, {"part": part})
        insert_rows(connection, counting, rows)


def recount_rubric(connection: Connection, rubric: str) -> None:
    """Rewrite the rows of all calls with ratings against a rubric."""
    c = ratings.c
    recount(connection, connection.execute(select(c.call).where(c.rubric == rubric).distinct()).scalars().all())


def recount_all(connection: Connection) -> None:
    """Rewrite the whole table."""
    recount(connection, connection.execute(select(ratings.c.call).distinct()).scalars().all())


def places_of(
    connection: Connection, part: Sequence[str], submitted: Container[str], rubric: str = ""
) -> dict[tuple[str, str], Places]:
    """All ratings of these calls in the form the rule takes, by call and rubric; only against one rubric, if given.
    `submitted` are the ids from `submitted_in_rounds`."""
    query = _GIVEN
    if rubric:
        query = query.where(_r.rubric + "" == rubric)  # as a sum: SQLite would else go through all of the rubric's
    places: dict[tuple[str, str], dict[str, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
    for call, of, criterion, ident, rater, status, value, draw, supersedes in raw_rows(
        connection, query, {"part": part}
    ):
        one = Candidate(ident, rater, status, value, draw, supersedes, ident in submitted)
        places[call, of][criterion].append(one)
    return dict(places)


def submitted_in_rounds(connection: Connection, calls: Sequence[str]) -> set[str]:
    """Ids of the ratings that were submitted in calibration rounds with these calls."""
    query = select(round_calls.c.round).where(round_calls.c.call.in_(calls)).distinct()
    rounds = connection.execute(query).scalars().all()
    if not rounds:  # so it is for nearly every call that is scored
        return set()
    return set(connection.execute(select(round_ratings.c.rating).where(round_ratings.c.round.in_(rounds))).scalars())


def _rows(connection: Connection, part: Sequence[str]) -> Iterator[dict[str, str]]:
    about = {ident: (rep, day) for ident, rep, day in connection.execute(_LOCKED, {"part": part})}
    submitted, seen = set[str](), part
    if connection.execute(_USED, {"part": part}).first() is not None:
        running = blindness.running_rounds(connection, part)
        seen = [call for call in part if call not in running or not running[call].blind]
        submitted = submitted_in_rounds(connection, seen)
    for (call, rubric), places in places_of(connection, seen, submitted).items():
        cells, sources = _packed(places, _criteria(connection, rubric))
        if set(sources) - {NONE}:
            rep, day = about[call]
            yield {"call": call, "rubric": rubric, "rep": rep, "day": day, "cells": cells, "sources": sources}


def _criteria(connection: Connection, rubric: str) -> tuple[str, ...]:
    """Ids of a rubric's criteria; none if it is not stored (ratings from a file may name
    another workspace's rubric)."""
    if rubric not in _criteria_of:
        body = connection.execute(select(rubrics.c.body).where(rubrics.c.id == rubric)).scalar()
        if body is None:
            return ()
        if len(_criteria_of) >= _KNOWN:
            _criteria_of.clear()
        _criteria_of[rubric] = tuple(criterion.id for criterion in Rubric.model_validate_json(body).criteria)
    return _criteria_of[rubric]


def _packed(places: Places, criteria: Sequence[str]) -> tuple[str, str]:
    cells, sources = [], []
    for criterion in criteria:
        match which_counts(places.get(criterion, ())):
            case Counts(rating, source):
                cells.append(_mark(rating))
                sources.append(source[0])
            case Split():
                cells.append(NONE)
                sources.append(SPLIT)
            case None:
                cells.append(NONE)
                sources.append(NONE)
    return "".join(cells), "".join(sources)


def _mark(rating: Candidate) -> str:
    if rating.status != "rated":
        return "n" if rating.status == "not_applicable" else "f"
    if rating.value not in range(10):
        raise InputError(f"the rating {rating.id} has the value {rating.value}, which is no level of any scale")
    return str(rating.value)
