"""How what an upload brought is taken back, for each kind of thing: documents, rows of a table, ratings."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from agent.db import resting
from agent.db.schema import calls, coaching, deals, interviews, ratings, round_ratings, transcripts
from agent.db.schema_counting import moved
from agent.db.schema_server import disputes
from agent.db.word_versions import forget_versions, sweep_words, versions
from agent.people.names import names_now, with_names_now
from agent.ratings.recount import recount
from agent.uploads.model import UploadKind

_IDS_AT_ONCE = 500  # SQLite and PostgreSQL both limit the parameters of one statement
JUST_ADDED = "something was just added to it"


class Kind(Protocol):
    """What is done with the things that uploads of one kind bring. `at` is when the upload was made."""

    def bodies(self, connection: Connection, idents: Sequence[str]) -> dict[str, str]:
        """What is stored (JSON) by id, of those that are stored."""

    def kept(
        self, connection: Connection, at: datetime, new: Sequence[str], changed: Mapping[str, str]
    ) -> dict[str, str]:
        """For those that cannot be taken back: what rests on each. `changed` has what was there before, by id."""

    def remove(self, connection: Connection, at: datetime, idents: Sequence[str]) -> set[str]:
        """Remove what was added. Returns those that had to stay."""

    def restore(
        self, connection: Connection, at: datetime, before: Mapping[str, str], after: Mapping[str, str]
    ) -> None:
        """Put back what was there before, by id; `after` is what the upload made of it, where that was kept."""


class _Documents:
    """Interviews or calls."""

    def __init__(self, kind: str, table: Table) -> None:
        self._kind, self._table = kind, table

    def bodies(self, connection: Connection, idents: Sequence[str]) -> dict[str, str]:
        c = self._table.c
        return {
            ident: body
            for part in _parts(idents)
            for ident, body in connection.execute(select(c.id, c.body).where(c.id.in_(part)))
        }

    def kept(
        self, connection: Connection, at: datetime, new: Sequence[str], changed: Mapping[str, str]
    ) -> dict[str, str]:
        bare = [ident for ident, body in changed.items() if "transcript" not in json.loads(body)]
        known = "it was known before, without its words, and what was rated rests on it"
        return resting.reasons(connection, self._kind, new) | dict.fromkeys(bare, known)

    def remove(self, connection: Connection, at: datetime, idents: Sequence[str]) -> set[str]:
        return {ident for ident in idents if not remove_document(connection, self._table, ident)}

    def restore(
        self, connection: Connection, at: datetime, before: Mapping[str, str], after: Mapping[str, str]
    ) -> None:
        columns = {c.name for c in self._table.columns} - {"id", "transcript", "body", "sides_open"}
        there = self.bodies(connection, list(before))
        for ident, body in before.items():
            earlier, made = (
                with_names_now(connection, json.loads(one)) for one in (body, after.get(ident, there[ident]))
            )
            facts = _put_back(json.loads(there[ident]), earlier, made)
            if ident not in after:  # uploads from before that was kept: speakers stay as they are
                facts["transcript"] = json.loads(there[ident])["transcript"]
            values: dict[str, Any] = {name: facts[name] for name in columns}
            values["body"] = json.dumps(facts, ensure_ascii=False)
            if self._table is calls:
                values["sides_open"] = _sides_open(connection, ident, facts)
            connection.execute(update(self._table).where(self._table.c.id == ident).values(**values))
        if self._table is calls:
            moved(connection, list(before))


def _put_back(now: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What there is now, with what an upload changed put back; what somebody changed since stays."""
    left = {name for name in now if name not in after or now[name] != after[name]}
    return {**before, **{name: now[name] for name in left}}


def _sides_open(connection: Connection, call: str, facts: Mapping[str, Any]) -> bool:
    """Whether with these facts somebody speaks in a call of whom nobody has said on whose side they are."""
    joined = select(transcripts.c.body).join(calls, calls.c.transcript == transcripts.c.id)
    words = connection.execute(joined.where(calls.c.id == call)).scalar()
    speakers = {turn["speaker"] for turn in json.loads(words)["turns"]} if words else set()
    return bool(speakers - facts.get("transcript", {}).get("roles", {}).keys())


def remove_document(connection: Connection, table: Table, ident: str) -> bool:
    """Delete an interview or call, and the words that it has or had unless another has the same. False where something
    points at it."""
    words = connection.execute(select(table.c.transcript).where(table.c.id == ident)).scalar()
    try:
        with connection.begin_nested():
            connection.execute(delete(table).where(table.c.id == ident))
    except IntegrityError:  # whatever points at it came between the look and now, or points in a way not looked for
        return False
    earlier = [version.before for version in versions(connection, table.name, ident)]
    forget_versions(connection, table.name, [ident])
    for one in filter(None, (words, *earlier)):
        sweep_words(connection, one)
    return True


class _Rows:
    """Deals or coaching cycles: whole rows of a table, nothing of which anything points at."""

    def __init__(self, table: Table, ident: ColumnElement[str]) -> None:
        self._table, self._ident = table, ident

    def bodies(self, connection: Connection, idents: Sequence[str]) -> dict[str, str]:
        query = select(self._ident.label("ident"), self._table)
        bodies: dict[str, str] = {}
        for part in _parts(idents):
            for row in connection.execute(query.where(self._ident.in_(part))).mappings():
                facts = {name: value for name, value in row.items() if name != "ident"}
                bodies[row["ident"]] = json.dumps(facts, ensure_ascii=False)
        return bodies

    def kept(
        self, connection: Connection, at: datetime, new: Sequence[str], changed: Mapping[str, str]
    ) -> dict[str, str]:
        return {}

    def remove(self, connection: Connection, at: datetime, idents: Sequence[str]) -> set[str]:
        for part in _parts(idents):
            connection.execute(delete(self._table).where(self._ident.in_(part)))
        return set()

    def restore(
        self, connection: Connection, at: datetime, before: Mapping[str, str], after: Mapping[str, str]
    ) -> None:
        self.remove(connection, at, list(before))
        if before:
            rows = [with_names_now(connection, json.loads(body)) for body in before.values()]
            connection.execute(insert(self._table), rows)


class _Cycles(_Rows):
    """Coaching cycles, which go by the name of their rep: an upload calls them by the name of then."""

    def bodies(self, connection: Connection, idents: Sequence[str]) -> dict[str, str]:
        now = cycles_now(connection, idents)
        found = super().bodies(connection, list(now.values()))
        return {ident: found[called] for ident, called in now.items() if called in found}

    def remove(self, connection: Connection, at: datetime, idents: Sequence[str]) -> set[str]:
        return super().remove(connection, at, list(cycles_now(connection, idents).values()))


def cycles_now(connection: Connection, idents: Sequence[str]) -> dict[str, str]:
    """How cycles are called now, by how an upload called them."""
    reps = names_now(connection, "rep")
    parts = {ident: ident.rpartition(" / ") for ident in idents}
    return {ident: cycle_ident(reps.get(rep, rep), cycle) for ident, (rep, _, cycle) in parts.items()}


class _Ratings:
    """Ratings made elsewhere, by the calls that they are of. Those of one upload have its time."""

    def bodies(self, connection: Connection, idents: Sequence[str]) -> dict[str, str]:
        return {
            ident: "{}"
            for part in _parts(idents)
            for ident in connection.execute(select(calls.c.id).where(calls.c.id.in_(part))).scalars()
        }

    def kept(
        self, connection: Connection, at: datetime, new: Sequence[str], changed: Mapping[str, str]
    ) -> dict[str, str]:
        reasons: dict[str, str] = {}
        later = ratings.alias("later")
        for part in _parts([*new, *changed]):
            mine = select(ratings.c.call, ratings.c.id).where(_of_upload(at), ratings.c.call.in_(part)).subquery()
            for other, why in (
                (disputes.c.rating, "a rating of it is disputed"),
                (round_ratings.c.rating, "a rating of it is part of a calibration round"),
                (later.c.supersedes, "a rating of it was corrected since, or brought again"),
            ):
                query = select(mine.c.call).join_from(mine, other.table, other == mine.c.id).distinct()
                reasons |= dict.fromkeys(connection.execute(query).scalars(), why)
        return reasons

    def remove(self, connection: Connection, at: datetime, idents: Sequence[str]) -> set[str]:
        """The ratings, and each call that nothing else is known of."""
        self._unrated(connection, at, idents)
        bare: list[str] = []
        for part in _parts(idents):
            query = select(calls.c.id).where(calls.c.id.in_(part), calls.c.transcript.is_(None))
            bare += connection.execute(query).scalars()
        resting_on = resting.reasons(connection, "call", bare)
        for ident in bare:
            if ident not in resting_on:
                remove_document(connection, calls, ident)
        return set()

    def restore(
        self, connection: Connection, at: datetime, before: Mapping[str, str], after: Mapping[str, str]
    ) -> None:
        self._unrated(connection, at, list(before))

    def _unrated(self, connection: Connection, at: datetime, idents: Sequence[str]) -> None:
        for part in _parts(idents):
            connection.execute(delete(ratings).where(_of_upload(at), ratings.c.call.in_(part)))
            recount(connection, part)


def _of_upload(at: datetime) -> ColumnElement[bool]:
    return (ratings.c.at == at.isoformat(timespec="microseconds")) & ratings.c.rater.like("import:%")


def _parts(idents: Sequence[str]) -> Iterator[Sequence[str]]:
    return (idents[start : start + _IDS_AT_ONCE] for start in range(0, len(idents), _IDS_AT_ONCE))


def cycle_ident(rep: str, cycle: str) -> str:
    """How an upload names a coaching cycle."""
    return f"{rep} / {cycle}"


KINDS: dict[UploadKind, Kind] = {
    "interview": _Documents("interview", interviews),
    "call": _Documents("call", calls),
    "deals": _Rows(deals, deals.c.id),
    "coaching": _Cycles(coaching, coaching.c.rep + " / " + coaching.c.cycle),
    "ratings": _Ratings(),
}
