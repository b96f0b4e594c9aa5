"""Removing what people said after a while or when somebody asks for it, and giving out
all there is about one person."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

from pydantic_core import to_json

from agent.app.verb import Who, verb
from agent.calls.model import Call
from agent.calls.store import Calls
from agent.coaching.store import Coaching
from agent.core.errors import InputError, NotFound
from agent.db.audit import AuditEntry, AuditLog
from agent.interviews.model import Interview
from agent.interviews.store import Interviews
from agent.outcomes.store import Deals
from agent.people.store import People
from agent.profiles.store import CoachingPeriods
from agent.ratings.model import Rating
from agent.ratings.store import Ratings
from agent.ratings.store_pages import RatingFilters
from agent.retention.copies import scrub_files
from agent.retention.model import Chosen, Forgotten, Removal
from agent.retention.person_data import call_data, interview_data, rating_data, transcript_data
from agent.retention.store import Retention
from agent.retention.views import RemovalView
from agent.speech.store import Recordings
from agent.workspace import Workspace

_AT_ONCE = 50  # documents with their words, or calls with their ratings


@verb("ops_lead", audit="removed", subject=lambda done: "retention", facts=lambda done: done.facts)
def remove(who: Who, what: Chosen) -> "Removed":
    """Remove it for good, with its replies in the cache. InputError where nothing fits."""
    removal = who.space.store[Retention].plan(what)
    if removal.nothing:
        raise InputError("there is nothing to remove: no call or interview with its words fits")
    who.space.store[Retention].remove(removal, who.signature)
    _from_the_disk(who, (*removal.calls, *removal.interviews), removal.requests)
    return Removed(what, removal)


@verb("ops_lead", audit="person_removed", subject=lambda done: done.pseudonym, facts=lambda done: {"rows": done.rows})
def remove_person(who: Who, name: str, pseudonym: str = "") -> Forgotten:
    """Put a pseudonym in the place of the name of somebody who leaves, wherever it stands, and close the account for
    good. Ratings, plans and calls stay. NotFound where nobody has that name; Conflict while one rates blind."""
    name, store = name.strip(), who.space.store
    emails = [person.email for person in store[People].all() if name in (person.name, person.rep)]
    own = [*store[Calls].naming(name, "rep"), *store[Interviews].naming(name, "rep")]
    requests, told = store[Retention].requests(own), store[Retention].ids_telling_of(name)
    done = Forgotten(*store[Retention].forget(name, pseudonym.strip()))
    who.base.store[AuditLog].forget(
        [name, *emails], told, person=who.signature if who.signature != name else done.pseudonym
    )
    _from_the_disk(who, (*own, name), requests)
    return done


def _from_the_disk(who: Who, named: Sequence[str], requests: Sequence[str]) -> None:
    """Files that hold words of these, kept replies, and freed pages of the databases."""
    scrub_files(who.space.settings.workspace, named)
    who.space.cache.forget(requests)
    who.space.cache.close_gaps()
    who.space.store[Retention].close_gaps()


@dataclass(frozen=True)
class Removed:
    """What was removed, and what the audit log says of it."""

    what: Chosen
    removal: Removal

    @property
    def facts(self) -> dict[str, Any]:
        """Numbers. The customer's name is what somebody asked to have forgotten: only that one was named is said."""
        before = self.what.before.isoformat() if self.what.before else ""
        counts = RemovalView.of(self.removal).data()
        return {"before": before, "rep": self.what.rep, "by_customer": bool(self.what.customer), **counts}


@verb("ops_lead", audit="person_exported", subject=lambda made: "")
def export_person(who: Who, name: str) -> bytes:
    """A zip of JSON files with everything about one person: a rep, somebody who rates, or a customer or buyer; and the
    sound of calls and interviews of theirs that is still kept.

    NotFound where nothing is about that name. Ratings that a running blind round keeps from `who` are not in it.
    """
    name, made, written = name.strip(), io.BytesIO(), 0
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, rows in _about(who.space, name, who.name).items():
            with archive.open(f"{part}.json", "w") as file:
                written += _write_array(file, rows)
        for ident, mp3 in _recorded(who.space, name):
            archive.writestr(f"sound/{ident}.mp3", mp3)
    if not written:
        raise NotFound(f"nothing here is about {name!r}: no rep, rater, customer or buyer has that name")
    return made.getvalue()


def _write_array(file: IO[bytes], rows: Iterable[Any]) -> int:
    """A JSON array, row by row: all that a rep said in a thousand calls does not fit into memory well. How many."""
    count = 0
    file.write(b"[")
    for count, row in enumerate(rows, 1):
        file.write(b",\n" if count > 1 else b"\n")
        file.write(to_json(row, indent=1, fallback=str))  # in a tenth of json.dumps's time
    file.write(b"\n]" if count else b"]")
    return count


def _about(space: Workspace, name: str, viewer: str) -> dict[str, Iterable[Any]]:
    store = space.store
    calls = store[Calls].naming(name, "rep", "customer", "account")
    interviews = store[Interviews].naming(name, "rep", "buyer", "account")
    plan = store[Coaching].plan_of(name)
    coaching = [*store[Coaching].sessions(name), *(p for p in store[CoachingPeriods].all() if p.rep == name)]
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


def _recorded(space: Workspace, name: str) -> Iterator[tuple[str, bytes]]:
    """The kept recordings of this person's calls and interviews, by the document's id."""
    store = space.store
    if not store[Recordings].exist():
        return
    groups: tuple[tuple[Calls | Interviews, Sequence[str]], ...] = (
        (store[Calls], store[Calls].naming(name, "rep", "customer", "account")),
        (store[Interviews], store[Interviews].naming(name, "rep", "buyer", "account")),
    )
    for documents, ids in groups:
        for part in _parts(ids):
            for one in documents.all(part):
                with suppress(NotFound):
                    kept = store[Recordings].of([one.transcript.id, *(v.before for v in documents.versions(one.id))])
                    if kept.size:
                        yield one.id, store[Recordings].bytes_of(kept.transcript, 0, kept.size)


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
    store, after = space.store, None
    while rows := store[Ratings].page(RatingFilters(rater=name), after, 200, viewer=viewer).rows:
        for row in rows:
            yield store[Ratings].get(row.id, viewer=viewer)
        after = rows[-1].position
