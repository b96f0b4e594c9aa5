"""Removing what people said after a while or when somebody asks for it, and giving out all there is about one person."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from agent.errors import Forbidden, InputError, NotFound, UsageError
from agent.services.shapes import call_data, interview_data, rating_data, transcript_data
from agent.store.retention import Chosen, Removal

if TYPE_CHECKING:
    from agent.wiring import Workspace


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
    return Counts.of(space.store.retention.plan(what))


def remove(space: Workspace, what: Chosen, note: Callable[..., None]) -> Counts:
    """Remove it, with its replies in the cache; `note` writes the numbers into the audit log under somebody's name."""
    removal = space.store.retention.plan(what)
    found = Counts.of(removal)
    if found.nothing:
        raise InputError("there is nothing to remove: no call or interview with its words fits")
    space.store.retention.remove(removal)
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
    name = name.strip()
    parts = _about(space, name, viewer)
    if not any(parts.values()):
        raise NotFound(f"nothing here is about {name!r}: no rep, rater, customer or buyer has that name")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, rows in parts.items():
            archive.writestr(f"{part}.json", json.dumps(rows, ensure_ascii=False, indent=1, default=str))
    return made.getvalue()


def _about(space: Workspace, name: str, viewer: str) -> dict[str, list[Any]]:
    store, wanted = space.store, name.casefold()
    calls = [c for c in store.calls.all() if wanted in {c.rep.casefold(), c.customer.casefold(), c.account.casefold()}]
    interviews = [
        i for i in store.interviews.all() if wanted in {i.rep.casefold(), i.buyer.casefold(), i.account.casefold()}
    ]
    ids = [call.id for call in calls]
    of_calls = store.ratings.look(ids, viewer=viewer, with_superseded=True).ratings if ids else []
    plan = store.coaching.plan_of(name)
    coaching = [*store.coaching.sessions(name), *(p for p in store.coaching.periods() if p.rep == name)]
    return {
        "account": [p.model_dump(mode="json") for p in store.people.all() if p.name == name or p.rep == name],
        "calls": [call_data(c) | {"transcript": transcript_data(c.transcript)} for c in calls],
        "interviews": [interview_data(i) | {"transcript": transcript_data(i.transcript)} for i in interviews],
        "ratings_of_calls": [rating_data(r) for r in of_calls],
        "ratings_given": [rating_data(r) for r in _given(space, name, viewer)],
        "plans": [plan.model_dump(mode="json")] if plan else [],
        "coaching": [one.model_dump(mode="json") for one in coaching],
        "deals": [deal.model_dump(mode="json") for deal in store.deals.all() if deal.rep == name],
        "audit": [vars(entry) for entry in store.audit.page(limit=100_000) if entry.person == name],
    }


def _given(space: Workspace, name: str, viewer: str) -> list[Any]:
    """The ratings that a person gave, page by page."""
    from agent.store.rating_pages import RatingFilters

    store, after, found = space.store, None, []
    while rows := store.ratings.page(RatingFilters(rater=name), after, 200, viewer=viewer).rows:
        found += [store.ratings.get(row.id, viewer=viewer) for row in rows]
        after = rows[-1].position
    return found
