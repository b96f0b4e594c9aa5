"""Removing what people said after a while or when somebody asks for it, and giving out all there is about one person."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import IO, TYPE_CHECKING, Any

from agent.app.shapes import call_data, interview_data, rating_data, transcript_data
from agent.calls.store import Calls
from agent.coaching.store import Coaching
from agent.core.errors import Forbidden, InputError, NotFound, UsageError
from agent.db.audit import AuditLog
from agent.interviews.store import Interviews
from agent.outcomes.store import Deals
from agent.people.store import People
from agent.people.store_retention import Chosen, Removal, Retention
from agent.ratings.store import Ratings

if TYPE_CHECKING:
    from agent.calls.model import Call
    from agent.db.audit import AuditEntry
    from agent.interviews.model import Interview
    from agent.ratings.model import Rating
    from agent.workspace import Workspace

_AT_ONCE = 50  # documents with their words, or calls with their ratings


@dataclass(frozen=True)
class Counts:
    """What goes, in numbers. `waiting`: calls that stay until their calibration round is over."""

    calls: int
    interviews: int
    ratings: int
    plans: int
    disputes: int
    replies: int
    waiting: int

    @classmethod
    def of(cls, removal: Removal) -> Counts:
        """Of a removal."""
        return cls(
            calls=len(removal.calls),
            interviews=len(removal.interviews),
            ratings=removal.ratings,
            plans=removal.plans,
            disputes=removal.disputes,
            replies=len(removal.requests),
            waiting=len(removal.waiting),
        )

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to remove."""
        return not self.calls and not self.interviews


def chosen(older_than: int | None, rep: str = "", customer: str = "", today: date | None = None) -> Chosen:
    """Calls and interviews from before `older_than` days ago, of one rep, or of one customer; all that are given hold."""
    if older_than is not None and older_than < 0:
        raise UsageError("older than how many days: 0 or more")
    day = today or datetime.now(UTC).date()
    before = None if older_than is None else day - timedelta(days=min(older_than, 100_000))
    return Chosen(before, rep.strip(), customer.strip())


def dry_run(space: Workspace, what: Chosen) -> Counts:
    """What would go. Nothing is changed."""
    return Counts.of(space.store[Retention].plan(what))


def remove(space: Workspace, what: Chosen, note: Callable[..., None]) -> Counts:
    """Remove it, with its replies in the cache; `note` writes the numbers into the audit log under somebody's name."""
    removal = space.store[Retention].plan(what)
    found = Counts.of(removal)
    if found.nothing:
        raise InputError("there is nothing to remove: no call or interview with its words fits")
    space.store[Retention].remove(removal)
    space.cache.forget(removal.requests)
    facts = {"before": what.before.isoformat() if what.before else "", "rep": what.rep, **vars(found)}
    # The customer's name is what somebody asked to have forgotten: the log says only that one was named.
    note(by_customer=bool(what.customer), **facts)
    return found


def person_export(space: Workspace, name: str, viewer: str = "") -> bytes:
    """A zip of JSON files with everything about one person: a rep, somebody who rates, or a customer or buyer.

    NotFound where nothing is about that name. Ratings that a running blind round keeps from `viewer` are not in it.
    """
    if not space.store.scope.may_run:
        raise Forbidden("only an ops lead may export everything about a person")
    name, made, found = name.strip(), io.BytesIO(), 0
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, rows in _about(space, name, viewer).items():
            with archive.open(f"{part}.json", "w") as file:
                found += _write_array(file, rows)
    if not found:
        raise NotFound(f"nothing here is about {name!r}: no rep, rater, customer or buyer has that name")
    return made.getvalue()


def _write_array(file: IO[bytes], rows: Iterable[Any]) -> int:
    """A JSON array, row by row: all that a rep said in a thousand calls does not fit into memory well. How many."""
    count = 0
    file.write(b"[")
    for count, row in enumerate(rows, 1):
        text = json.dumps(row, ensure_ascii=False, indent=1, default=str)
        file.write(f"{',' if count > 1 else ''}\n{text}".encode())
    file.write(b"\n]" if count else b"]")
    return count


def _about(space: Workspace, name: str, viewer: str) -> dict[str, Iterable[Any]]:
    store = space.store
    calls = store[Calls].naming(name, "rep", "customer", "account")
    interviews = store[Interviews].naming(name, "rep", "buyer", "account")
    plan = store[Coaching].plan_of(name)
    coaching = [*store[Coaching].sessions(name), *(p for p in store[Coaching].periods() if p.rep == name)]
    return {
        "account": [p.model_dump(mode="json") for p in store[People].all() if p.name == name or p.rep == name],
        "calls": (_with_words(call_data(one), one) for part in _parts(calls) for one in store[Calls].all(part)),
        "interviews": (
            _with_words(interview_data(one), one) for part in _parts(interviews) for one in store[Interviews].all(part)
        ),
        "ratings_of_calls": (
            rating_data(rating)
            for part in _parts(calls)
            for rating in store[Ratings].look(part, viewer=viewer, with_superseded=True).ratings
        ),
        "ratings_given": (rating_data(rating) for rating in _given(space, name, viewer)),
        "plans": [plan.model_dump(mode="json")] if plan else [],
        "coaching": [one.model_dump(mode="json") for one in coaching],
        "deals": [deal.model_dump(mode="json") for deal in store[Deals].all() if deal.rep == name],
        "audit": (vars(entry) for entry in _done(space, name)),
    }


def _with_words(facts: dict[str, Any], document: Call | Interview) -> dict[str, Any]:
    return facts | {"transcript": transcript_data(document.transcript)}


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _done(space: Workspace, name: str) -> Iterator[AuditEntry]:
    """What a person did, page by page."""
    after = None
    while lines := space.store[AuditLog].page(after, 1_000, person=name):
        yield from lines
        after = lines[-1].position


def _given(space: Workspace, name: str, viewer: str) -> Iterator[Rating]:
    """The ratings that a person gave, page by page."""
    from agent.ratings.store_pages import RatingFilters

    store, after = space.store, None
    while rows := store[Ratings].page(RatingFilters(rater=name), after, 200, viewer=viewer).rows:
        for row in rows:
            yield store[Ratings].get(row.id, viewer=viewer)
        after = rows[-1].position
