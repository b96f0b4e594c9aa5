"""Imports of many ratings made elsewhere. Rows are written without building an object for each.

What is written is exactly what `Ratings` would write for the same ratings: the same ids, the same bodies.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from agent.core.base import canonical_json, content_id
from agent.db.collection import Collection
from agent.db.schema import calls, ratings
from agent.db.scoping import check_run, own
from agent.db.transcripts import now
from agent.ratings.recount import recount

_ROWS_AT_ONCE = 5_000


class ImportedCall(NamedTuple):
    """A call that ratings name. `date` is ISO 8601; what the file does not say is empty."""

    id: str
    date: str
    rep: str
    stage: str
    deal: str
    period: str


class ImportedRating(NamedTuple):
    """One rating: `value` is None unless `status` is "rated"."""

    call: str
    criterion: str
    status: str
    value: int | None


class KnownCall(NamedTuple):
    """The rep and date of a stored call."""

    rep: str
    date: str


class ImportedRatings(Collection):
    """Writes calls without a transcript, and their ratings."""

    def known_calls(self) -> dict[str, KnownCall]:
        """All calls of the workspace, with or without a transcript; a rep's own for a rep."""
        query = own(select(calls.c.id, calls.c.rep, calls.c.date), calls.c.rep, self._scope)
        with self._engine.connect() as connection:
            rows = connection.execute(query)
            return {ident: KnownCall(rep, day) for ident, rep, day in rows}

    def add(
        self,
        new_calls: Iterable[ImportedCall],
        given: Sequence[ImportedRating],
        rater: str,
        rubric: str,
        moment: datetime | None = None,
    ) -> Counter[str]:
        """Store calls that are not there yet and the ratings, all or none, as given at that `moment` (default: now).
        Returns how many ratings were new, changed (they supersede what the same rater gave before) and unchanged.
        Forbidden unless an ops lead."""
        check_run(self._scope, "import ratings")
        done: Counter[str] = Counter()
        at = moment.isoformat(timespec="microseconds") if moment else now()
        with self._engine.begin() as connection:
            _write(connection, calls, map(_call_row, new_calls))
            before = _current(connection, rater, rubric)
            _write(connection, ratings, _rating_rows(given, before, rater, rubric, at, done))
            recount(connection, {rating.call for rating in given})
        return done


def _current(connection: Connection, rater: str, rubric: str) -> dict[tuple[str, str], tuple[str, str, int | None]]:
    """Id, status and value of the newest rating by call and criterion."""
    c = ratings.c
    query = select(c.call, c.criterion, c.id, c.status, c.value).where(c.rater == rater, c.rubric == rubric)
    rows = connection.execute(query.order_by(c.seq))
    return {(call, criterion): (ident, status, value) for call, criterion, ident, status, value in rows}


def _rating_rows(
    given: Sequence[ImportedRating],
    before: dict[tuple[str, str], tuple[str, str, int | None]],
    rater: str,
    rubric: str,
    at: str,
    done: Counter[str],
) -> Iterator[dict[str, Any]]:
    made = {"rubric": rubric, "prompt": "", "model": "", "request": "", "draw": 0}
    for rating in given:
        known = before.get((rating.call, rating.criterion))
        if known is not None and known[1:] == (rating.status, rating.value):
            done["unchanged"] += 1
            continue
        done["new" if known is None else "changed"] += 1
        yield _rating_row(rating, rater, made, known[0] if known else "", at)


def _rating_row(rating: ImportedRating, rater: str, made: dict[str, Any], supersedes: str, at: str) -> dict[str, Any]:
    judgement = _judgement(rating)
    body = {
        "call": rating.call,
        "criterion": rating.criterion,
        "rater": rater,
        "judgement": judgement,
        "reason": "",
        "provenance": made,
        "at": at,
        "supersedes": supersedes,
    }
    return {
        "id": content_id("ra", [rating.call, rating.criterion, rater, made, supersedes, judgement]),
        "call": rating.call,
        "criterion": rating.criterion,
        "rater": rater,
        "status": rating.status,
        "value": rating.value,
        "rubric": made["rubric"],
        "prompt": "",
        "model": "",
        "draw": 0,
        "at": at,
        "supersedes": supersedes,
        "body": canonical_json(body),
    }


def _judgement(rating: ImportedRating) -> dict[str, Any]:
    match rating.status:
        case "rated":
            return {"status": "rated", "value": rating.value, "quotes": [], "nearest": None}
        case "not_applicable":
            return {"status": "not_applicable"}
        case _:
            return {"status": "failed", "kind": "reply", "detail": "failed where it was imported from", "claimed": None}


def _call_row(call: ImportedCall) -> dict[str, Any]:
    details = {"period": call.period} if call.period else {}
    body = {"id": call.id, "date": call.date, "rep": call.rep, "stage": call.stage, "deal": call.deal}
    return {**body, "transcript": None, "body": canonical_json({**body, "details": details})}


def _write(connection: Connection, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _ROWS_AT_ONCE:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)
