"""Removing what people said: transcripts, quotes and the customer's name go; ratings and
figures stay with the call's id.

The one place that changes rows which are never changed otherwise (docs/adr/0011-retention.md). Whoever calls `remove`
writes what was removed, in numbers, into the audit log.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, or_, select, update

from agent.coaching.model import CoachingPlan
from agent.core.errors import Conflict, NotFound
from agent.core.transcript import REMOVED, Transcript, Turn
from agent.db import schema
from agent.db.audit import forget_lines
from agent.db.blindness import running_rounds
from agent.db.collection import Collection
from agent.db.database import read, transact
from agent.db.raw_rows import raw_column, raw_rows
from agent.db.schema import ratings
from agent.db.schema_server import computed, dispute_answers, disputes, idempotency, people
from agent.db.schema_sound import recordings
from agent.db.scoping import check_run
from agent.db.transcripts import ids_naming
from agent.db.word_versions import forget_versions, sweep_words
from agent.people.names import forget_buyers_not_here
from agent.retention.copies import close_gaps, scrub_copies
from agent.retention.leavers import forget_person, telling_documents
from agent.retention.model import Chosen, Removal
from agent.retention.rekeying import forget_external_ids, rekey, telling_ids

GONE = REMOVED
STUB = Transcript(turns=(Turn(index=0, speaker="-", text=GONE),))
"""What a removed interview has for its words, so that it still counts with its outcome."""
_AT_ONCE = 200  # calls or interviews in one transaction: other writers wait for its end


class Retention(Collection):
    """Removes. For an ops lead."""

    def plan(self, chosen: Chosen) -> Removal:
        """What would go; nothing is changed. UsageError where `chosen` has no limit. Forbidden unless an ops lead."""
        check_run(self._scope, "remove transcripts")
        chosen.check()
        return read(self._engine, lambda connection: _planned(connection, chosen))

    def remove(self, removal: Removal, by: str = "") -> None:
        """Remove it. Done in parts: where it stops half-way, doing it again does the rest. Forbidden as above.

        Ids that tell of a customer give way too, in the name of `by`; without one they stay.
        """
        check_run(self._scope, "remove transcripts")
        gone = frozenset(removal.calls)
        transact(self._engine, lambda connection: _redact(connection, schema.plans, "seq", lambda b: _plan(b, gone)))
        everything = frozenset((*removal.calls, *removal.interviews))
        transact(self._engine, lambda connection: scrub_copies(connection, everything, GONE))
        for part in _parts(removal.calls):
            transact(self._engine, partial(_remove_calls, ids=part, by=by))
        for part in _parts(removal.interviews):
            transact(self._engine, partial(_remove_interviews, ids=part, by=by))
        transact(self._engine, _sweep)

    def forget(self, name: str, pseudonym: str = "") -> tuple[str, int]:
        """Put a pseudonym in the place of a colleague's name everywhere but in the audit log; it, and how many rows
        changed. NotFound where no account, call or rating has the name; Conflict while that person rates blind."""
        check_run(self._scope, "remove somebody")
        return transact(self._engine, lambda connection: _forgotten(connection, name, pseudonym))

    def requests(self, subjects: Sequence[str]) -> list[str]:
        """Requests to models that were about these calls and interviews."""
        check_run(self._scope, "look up requests")
        return sorted(read(self._engine, lambda connection: _requests(connection, subjects)))

    def ids_telling_of(self, name: str) -> list[str]:
        """Ids of a rep's calls, interviews and deals that hold a part of the name."""
        check_run(self._scope, "look up ids")
        told = read(self._engine, lambda connection: telling_documents(connection, name))
        return [ident for ids in told.values() for ident in ids]

    def close_gaps(self) -> None:
        """Let go of what was removed on the disk too."""
        close_gaps(self._engine)


def _forgotten(connection: Connection, name: str, pseudonym: str) -> tuple[str, int]:
    known = (
        select(people.c.id).where(or_(people.c.name == name, people.c.rep == name)),
        select(schema.calls.c.id).where(schema.calls.c.rep == name),
        select(schema.interviews.c.id).where(schema.interviews.c.rep == name),
        select(ratings.c.id).where(ratings.c.rater == name),
    )
    if not any(connection.execute(query.limit(1)).first() for query in known):
        raise NotFound(f"no account, call or rating is of {name!r}")
    held = connection.execute(select(schema.rounds.c.body)).scalars()
    if any(name in json.loads(body)["raters"] for body in held) and running_rounds(connection):
        raise Conflict(f"{name} rates in a calibration round, and one is running: close it first")
    taken = set(connection.execute(select(people.c.name)).scalars()) | set(
        connection.execute(select(schema.calls.c.rep).distinct()).scalars()
    )
    if pseudonym in taken:
        raise Conflict(f"somebody is called {pseudonym!r} already")
    chosen = pseudonym or next(f"Former colleague {n}" for n in count(1) if f"Former colleague {n}" not in taken)
    connection.execute(delete(computed))
    connection.execute(delete(idempotency))
    return chosen, forget_person(connection, name, chosen)


def _planned(connection: Connection, chosen: Chosen) -> Removal:
    running = running_rounds(connection)
    matching = _matching(connection, schema.calls, chosen, ("customer", "account"))
    calls = tuple(ident for ident in matching if ident not in running)
    interviews = tuple(_matching(connection, schema.interviews, chosen, ("buyer", "account")))
    gone = frozenset(calls)
    plans = connection.execute(select(schema.plans.c.body)).scalars()
    return Removal(
        calls=calls,
        interviews=interviews,
        waiting=tuple(ident for ident in matching if ident in running),
        ratings=_count(connection, ratings, calls),
        plans=sum(_plan(json.loads(body), gone) for body in plans),
        disputes=_count(connection, disputes, calls),
        requests=tuple(sorted(_requests(connection, [*calls, *interviews]))),
    )


def _matching(connection: Connection, table: Table, chosen: Chosen, names: Sequence[str]) -> Sequence[str]:
    """Ids of documents that still have their words."""
    wanted = chosen.customer.strip()
    # Sorted here: by their index the database would look up every row on its own.
    query = select(table.c.body if wanted else table.c.id).where(
        table.c.transcript.is_not(None), table.c.transcript != STUB.id
    )
    if chosen.before is not None:
        query = query.where(table.c.date < chosen.before.isoformat())
    if chosen.rep:
        query = query.where(table.c.rep == chosen.rep)
    bodies: list[str] = raw_column(connection, query)
    return sorted(ids_naming(bodies, wanted, names) if wanted else bodies)


def _count(connection: Connection, table: Table, calls: Sequence[str]) -> int:
    query = select(func.count()).select_from(table)
    return sum(int(connection.execute(query.where(table.c.call.in_(part))).scalar_one()) for part in _parts(calls))


def _requests(connection: Connection, subjects: Sequence[str]) -> set[str]:
    """Requests that were about these, by the ledger (a subject may name more than the id)."""
    wanted = set(subjects)
    rows = raw_rows(connection, select(schema.ledger.c.request, schema.ledger.c.subject)) if wanted else ()
    named = {request for request, subject in rows if subject in wanted or subject.partition(" ")[0] in wanted}
    return named | _hearings(connection, subjects)


def _hearings(connection: Connection, subjects: Sequence[str]) -> set[str]:
    """Requests in which the recordings of these calls and interviews were heard."""
    found: set[str] = set()
    v = schema.word_versions.c
    for part in _parts(subjects):
        theirs = [select(table.c.transcript).where(table.c.id.in_(part)) for table in (schema.calls, schema.interviews)]
        of_words = or_(
            *(recordings.c.transcript.in_(words) for words in (*theirs, select(v.before).where(v.document.in_(part))))
        )
        for body in connection.execute(select(recordings.c.body).where(of_words)).scalars():
            found |= set(json.loads(body)["requests"])
    return found


def _without_telling_ids(connection: Connection, table: Table, ids: Sequence[str], by: str) -> list[str]:
    """The ids of these calls or interviews from now on: those that tell of whom they are with have given way, and so
    have ids of deals that no other call with words names."""
    if not by:
        return list(ids)
    c, named, deals = table.c, dict[str, list[str]](), dict[str, list[str]]()
    for ident, body in connection.execute(select(c.id, c.body).where(c.id.in_(ids))).all():
        facts = json.loads(body)
        told = [facts.get(name, "") for name in ("customer", "buyer", "account")]
        named[ident] = told
        deals.setdefault(facts.get("deal", ""), []).extend(told)
    renames = telling_ids(named)
    rekey(connection, table.name, renames)
    of_deals = telling_ids(deals)
    new = [renames.get(ident, ident) for ident in ids]
    others = select(schema.calls.c.deal).where(
        schema.calls.c.deal.in_(list(of_deals)), schema.calls.c.transcript.is_not(None), schema.calls.c.id.not_in(new)
    )
    for deal in set(connection.execute(others).scalars()):
        del of_deals[deal]
    rekey(connection, "deals", of_deals)
    forget_lines(connection, {**renames, **of_deals}, by)
    return new


def _remove_calls(connection: Connection, ids: Sequence[str], by: str) -> None:
    ids, c = _without_telling_ids(connection, schema.calls, ids, by), schema.calls.c
    for ident, body in connection.execute(select(c.id, c.body).where(c.id.in_(ids))).all():
        facts = json.loads(body) | {"alias": "", "customer": "", "account": "", "details": {}}
        facts.pop("transcript", None)
        values = {"transcript": None, "alias": "", "body": json.dumps(facts, ensure_ascii=False)}
        connection.execute(update(schema.calls).where(c.id == ident).values(values))
    forget_external_ids(connection, ids)
    _redact(connection, ratings, "id", _rating, ids)
    _redact(connection, disputes, "id", _dispute, ids)
    mine = select(disputes.c.id).where(disputes.c.call.in_(ids))
    _redact_where(connection, dispute_answers, "dispute", _answer, dispute_answers.c.dispute.in_(mine))
    rounds = select(schema.round_calls.c.round).where(schema.round_calls.c.call.in_(ids))
    gone = frozenset(ids)
    of_rounds = schema.adjudications.c.round.in_(rounds)
    _redact_where(connection, schema.adjudications, "seq", lambda b: b["call"] in gone and _rating(b), of_rounds)
    connection.execute(delete(schema.round_drafts).where(schema.round_drafts.c.call.in_(ids)))
    forget_versions(connection, "calls", ids)


def _remove_interviews(connection: Connection, ids: Sequence[str], by: str) -> None:
    _keep_stub(connection)
    ids, c = _without_telling_ids(connection, schema.interviews, ids, by), schema.interviews.c
    for ident, body in connection.execute(select(c.id, c.body).where(c.id.in_(ids))).all():
        without = {"alias": "", "buyer": GONE, "account": "", "details": {}, "transcript": {"roles": {}}}
        facts = json.loads(body) | without
        values = {"transcript": STUB.id, "alias": "", "body": json.dumps(facts, ensure_ascii=False)}
        connection.execute(update(schema.interviews).where(c.id == ident).values(values))
    gone = frozenset(ids)
    _redact(connection, schema.extractions, "seq", lambda body: _quotes_of(body, gone))
    forget_versions(connection, "interviews", ids)


def _keep_stub(connection: Connection) -> None:
    c = schema.transcripts.c
    if connection.execute(select(c.id).where(c.id == STUB.id)).first() is None:
        row = {"id": STUB.id, "body": STUB.model_dump_json(exclude={"roles"})}
        connection.execute(insert(schema.transcripts).values(row))


def _sweep(connection: Connection) -> None:
    """Transcripts that nothing points to any more, and what was computed or answered from them meanwhile."""
    sweep_words(connection)
    forget_buyers_not_here(connection)
    connection.execute(delete(computed))
    connection.execute(delete(idempotency))


def _redact(
    connection: Connection, table: Table, key: str, change: Callable[[dict[str, Any]], bool], calls: Sequence[str] = ()
) -> None:
    _redact_where(connection, table, key, change, *([table.c.call.in_(calls)] if calls else []))


def _redact_where(
    connection: Connection, table: Table, key: str, change: Callable[[dict[str, Any]], bool], *where: Any
) -> None:
    """Let `change` edit each row's body; those it says it changed are written back."""
    for ident, text in connection.execute(select(table.c[key], table.c.body).where(*where)).all():
        body = json.loads(text)
        if table is ratings:  # its id is made from its quotes, and others go by it
            body["named"] = body.get("named") or ident
        if change(body):
            values = {"body": json.dumps(body, ensure_ascii=False)}
            connection.execute(update(table).where(table.c[key] == ident).values(values))


def _rating(body: dict[str, Any]) -> bool:
    """The level stays; what was said, and reasons that may cite it, go."""
    judgement = body["judgement"]
    if judgement["status"] == "rated":
        judgement["quotes"], judgement["nearest"] = [], None
        judgement.pop("context", None)
    if judgement["status"] == "failed":
        judgement["detail"] = GONE
    body["reason"] = GONE if body.get("reason") else ""
    return True


def _dispute(body: dict[str, Any]) -> bool:
    body["comment"] = GONE
    return True


def _answer(body: dict[str, Any]) -> bool:
    body["reason"] = GONE
    return True


def _plan(body: dict[str, Any], gone: frozenset[str]) -> bool:
    """Moments out of calls that go lose their words. Whether there were any."""
    moments = [m for criterion in body["criteria"] for m in criterion["moments"] if m["call"] in gone]
    if moments and not body.get("named"):
        body["named"] = CoachingPlan.model_validate_json(json.dumps(body)).id
    for moment in moments:
        moment.update(passage=None, why=GONE, said="", practice="", missing="what was said was removed", request="")
    return bool(moments)


def _quotes_of(node: Any, gone: frozenset[str], inside: bool = False) -> bool:
    """In an extraction: quotes out of interviews that go lose their words; where they stood is kept, for ids use it."""
    if isinstance(node, list):
        return any([_quotes_of(one, gone, inside) for one in node])
    if not isinstance(node, dict):
        return False
    inside = inside or node.get("interview") in gone
    if inside and {"span", "speaker", "text"} <= node.keys():
        node["text"], node["speaker"] = GONE, "-"
        return True
    return any([_quotes_of(value, gone, inside) for value in node.values()])


def _parts(ids: Iterable[str]) -> Iterator[list[str]]:
    listed = list(ids)
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]
