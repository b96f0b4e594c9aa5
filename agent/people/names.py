"""The names of reps and buyers: renaming, merging two names into one, and undoing it.

A name is changed wherever it stands: calls, interviews, deals, cycles, sessions, plans, baselines, disputes, accounts.
Later imports that write the old name mean the new one. What was changed is kept by id, so that it can be taken back.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Table, delete, func, insert, select, update

from agent.core.base import Frozen
from agent.core.errors import Conflict, InputError, NotFound
from agent.db import schema
from agent.db.collection import Collection
from agent.db.known_names import known_facts
from agent.db.raw_rows import raw_rows
from agent.db.schema import name_changes
from agent.db.schema_counting import moved
from agent.db.schema_server import disputes, people, tokens
from agent.db.scoping import check_run
from agent.db.transcripts import now as this_moment
from agent.text.names import People

NameKind = Literal["rep", "buyer"]
_IDS_AT_ONCE = 500


@dataclass(frozen=True)
class KnownName:
    """A name with the numbers of calls, interviews, deals and cycles that contain it, and similar names that occur
    at least as often: one of them is probably the right spelling."""

    name: str
    counts: Mapping[str, int]
    like: tuple[str, ...]


class NameChange(Frozen):
    """The name `was` was changed to `now`. `merged`: somebody already had the name `now`. `undone` is when it was
    taken back."""

    number: int
    kind: NameKind
    was: str
    now: str
    by: str
    at: datetime
    merged: bool
    counts: dict[str, int]
    undone: datetime | None

    @property
    def id(self) -> str:
        """The id used in the audit log."""
        return str(self.number)


@dataclass(frozen=True)
class _Place:
    """Where names are stored: a table, its key, the column (empty if only in the body), and the fields of the body."""

    what: str
    table: Table
    key: str
    column: str
    fields: tuple[str, ...] = ()


_REPS = (
    _Place("calls", schema.calls, "id", "rep", ("rep",)),
    _Place("interviews", schema.interviews, "id", "rep", ("rep",)),
    _Place("deals", schema.deals, "id", "rep"),
    _Place("cycles", schema.coaching, "cycle", "rep", ("rep",)),
    _Place("sessions", schema.coaching_sessions, "seq", "rep", ("rep",)),
    _Place("plans", schema.plans, "seq", "who", ("who",)),
    _Place("baselines", schema.baselines, "seq", "rep", ("rep",)),
    _Place("disputes", disputes, "id", "rep", ("rep",)),
    _Place("accounts", people, "id", "rep"),
    _Place("tokens", tokens, "id", "rep"),
)
_BUYERS = (
    _Place("interviews", schema.interviews, "id", "", ("buyer",)),
    _Place("calls", schema.calls, "id", "", ("customer",)),
)
_PLACES: dict[NameKind, tuple[_Place, ...]] = {"rep": _REPS, "buyer": _BUYERS}
_COUNTED = ("calls", "interviews", "deals", "cycles")
_MARKS: dict[str, str] = {"buyer": ";", "customer": ","}  # between several people in one field


class Names(Collection):
    """The names in the workspace. Only an ops lead may change them."""

    def known(self, kind: NameKind) -> list[KnownName]:
        counts = self._counts(kind)
        everybody = People(counts)
        like: dict[str, set[str]] = {name: set() for name in counts}
        for name in counts:
            for other in everybody.like(name):
                for rarer, known in ((name, other), (other, name)):
                    if counts[rarer].total() <= counts[known].total():
                        like[rarer].add(known)
        ordered = sorted(counts, key=str.casefold)
        return [KnownName(name, dict(counts[name]), tuple(sorted(like[name]))) for name in ordered]

    def all(self, kind: NameKind) -> list[str]:
        """The names only. Finding similar names takes long if there are many."""
        return sorted(self._counts(kind), key=str.casefold)

    def _counts(self, kind: NameKind) -> dict[str, Counter[str]]:
        check_run(self._scope, "see all names")
        counts: dict[str, Counter[str]] = {}
        with self._engine.connect() as connection:
            for place in _PLACES[kind]:
                if place.what in _COUNTED:
                    for name, rows in _names_in(connection, place).items():
                        counts.setdefault(name, Counter())[place.what] = rows
        return counts

    def now(self, kind: NameKind) -> dict[str, str]:
        """The present name for each name that was changed and not changed back."""
        check_run(self._scope, "see changed names")
        with self._engine.connect() as connection:
            return names_now(connection, kind)

    def history(self) -> list[NameChange]:
        """All changes, newest first."""
        check_run(self._scope, "see changed names")
        return [_change(row) for row in self._rows(select(name_changes).order_by(name_changes.c.seq.desc()))]

    def change(self, kind: NameKind, was: str, new: str, by: str) -> NameChange:
        """Replace the name `was` by `new` everywhere. NotFound if nobody has the name `was`; Conflict if both have a
        coaching cycle of the same name."""
        check_run(self._scope, "change names")
        new = " ".join(new.split())
        if not new or was == new:
            raise InputError("write another name")
        with self._engine.begin() as connection:
            merged = any(new in _names_in(connection, place) for place in _PLACES[kind])
            touched = {place.what: _rename(connection, place, was, new, None) for place in _PLACES[kind]}
            touched = {what: keys for what, keys in touched.items() if keys}
            if not touched:
                raise NotFound(f"nobody here is called {was!r} as a {kind}")
            body = json.dumps({"touched": touched, "merged": merged, "undone": ""}, ensure_ascii=False)
            row = {"kind": kind, "was": was, "now": new, "by": by, "at": this_moment(), "body": body}
            made = connection.execute(insert(name_changes).values(row)).inserted_primary_key
            assert made is not None
            return _change(_row(connection, int(made[0])))

    def undo(self, number: int) -> NameChange:
        """Take a change back: everything that was changed then, and still has the new name, gets its earlier name.
        Conflict if it was already taken back."""
        check_run(self._scope, "change names")
        with self._engine.begin() as connection:
            row = _row(connection, number)
            told = json.loads(row.body)
            if told["undone"]:
                raise Conflict(f"change {number} was taken back already")
            for place in _PLACES[row.kind]:
                if keys := told["touched"].get(place.what):
                    _rename(connection, place, row.now, row.was, keys)
            body = json.dumps(told | {"undone": this_moment()}, ensure_ascii=False)
            connection.execute(update(name_changes).where(name_changes.c.seq == number).values(body=body))
            return _change(_row(connection, number))


def forget_buyers_not_here(connection: Connection) -> None:
    """Delete the changes of names of buyers and customers who are in no interview or call any more."""
    c = name_changes.c
    rows = connection.execute(select(c.seq, c.was, c.now, c.body).where(c.kind == "buyer")).all()
    here = {name for place in _BUYERS for name in _names_in(connection, place)} if rows else set()
    gone = [row.seq for row in rows if (row.was if json.loads(row.body)["undone"] else row.now) not in here]
    connection.execute(delete(name_changes).where(c.seq.in_(gone)))


def _names_in(connection: Connection, place: _Place) -> Counter[str]:
    """How often each name occurs in a table."""
    counts = Counter[str]()
    if place.column:
        written = place.table.c[place.column]
        return Counter(dict(raw_rows(connection, select(written, func.count()).where(written != "").group_by(written))))
    for facts, rows in known_facts(connection, place.table):
        for name in (name for field in place.fields for name in _split(field, facts[field])):
            counts[name] += rows
    return counts


def _split(field: str, written: str | None) -> list[str]:
    return [name for part in written.split(_MARKS[field]) if (name := part.strip())] if written else []


def _rename(connection: Connection, place: _Place, was: str, new: str, only: Sequence[Any] | None) -> list[Any]:
    """Change a name in a table (only in the rows with the keys `only`, if given). Returns the keys of the changed
    rows."""
    table, key = place.table, place.table.c[place.key]
    columns = [key, *([table.c.body] if place.fields else [])]
    query = select(*columns)
    if place.column:
        query = query.where(table.c[place.column] == was)
    rows = [tuple(row) for row in connection.execute(query) if only is None or row[0] in only]
    if place.what == "cycles":
        cycles = [row[0] for row in rows]
        c = schema.coaching.c
        there = set(connection.execute(select(c.cycle).where(c.rep == new)).scalars())
        if both := sorted(there & set(cycles)):
            raise Conflict(
                f"{was} and {new} both have a coaching cycle {both[0]!r}; take one of the two imports back first"
            )
    done: list[Any] = []
    for row in rows:
        values: dict[str, Any] = {place.column: new} if place.column else {}
        if place.fields:
            body, changed = _renamed_body(place, row[1], was, new)
            if not changed:
                continue
            values["body"] = body
        same = [key == row[0], *([table.c[place.column] == was] if place.column else [])]
        connection.execute(update(table).where(*same).values(**values))
        done.append(row[0])
    if place.what == "calls" and place.column:
        for start in range(0, len(done), _IDS_AT_ONCE):
            moved(connection, done[start : start + _IDS_AT_ONCE])
    return done


def _renamed_body(place: _Place, body: str, was: str, new: str) -> tuple[str, bool]:
    facts, changed = json.loads(body), False
    for field in place.fields:
        there = facts.get(field, "")
        if place.column:
            facts[field], changed = new, True
        elif was in (names := _split(field, there)):
            mark = _MARKS[field] + " "
            facts[field] = mark.join(dict.fromkeys(new if name == was else name for name in names))
            changed = True
    return json.dumps(facts, ensure_ascii=False), changed


def with_names_now(connection: Connection, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts that were stored earlier, with the present names put in."""
    reps, buyers = names_now(connection, "rep"), names_now(connection, "buyer")
    made = {name: reps.get(value, value) if name == "rep" else value for name, value in facts.items()}
    for field, mark in _MARKS.items():
        if facts.get(field):
            made[field] = f"{mark} ".join(dict.fromkeys(buyers.get(n, n) for n in _split(field, facts[field])))
    return made


def names_now(connection: Connection, kind: NameKind) -> dict[str, str]:
    """The present name for each name that was changed and not changed back."""
    query = select(name_changes).where(name_changes.c.kind == kind).order_by(name_changes.c.seq)
    holding = {row.was: row.now for row in connection.execute(query) if not json.loads(row.body)["undone"]}
    names = {}
    for was, new in holding.items():
        seen = {was}
        while new in holding and new not in seen:
            seen.add(new)
            new = holding[new]
        if new != was:
            names[was] = new
    return names


def _row(connection: Connection, number: int) -> Row[Any]:
    row = connection.execute(select(name_changes).where(name_changes.c.seq == number)).first()
    if row is None:
        raise NotFound(f"there is no change {number} of names")
    return row


def _change(row: Row[Any]) -> NameChange:
    told = json.loads(row.body)
    counts = {what: len(keys) for what, keys in told["touched"].items()}
    undone = datetime.fromisoformat(told["undone"]) if told["undone"] else None
    at = datetime.fromisoformat(row.at)
    facts = {"kind": row.kind, "was": row.was, "now": row.now, "by": row.by, "merged": told["merged"]}
    return NameChange(number=row.seq, **facts, at=at, counts=counts, undone=undone)
