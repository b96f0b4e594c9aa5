"""API tokens. The secret is shown once, when the token is made; the database keeps its hash."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, insert, select, update

from agent.core.errors import InputError, NotFound
from agent.core.people import Role, Scope
from agent.db.hashes import sha256
from agent.db.schema_server import people, tokens
from agent.db.scoping import check_run
from agent.db.transcripts import now

PREFIX = "cr_"
_USED_AGAIN = timedelta(minutes=1)
_c = tokens.c


@dataclass(frozen=True)
class Token:
    """A token as it may be listed. `person` is the id of the account it acts for, `name` that account's name."""

    id: str
    label: str
    role: Role
    person: str
    name: str
    rep: str
    by: str
    at: datetime
    expires: datetime | None
    last_used: datetime | None
    revoked: datetime | None


@dataclass(frozen=True)
class Bearer:
    """For whom a secret speaks. `scope` names nobody for a token that belongs to no account."""

    token: str
    person: str
    scope: Scope


class Tokens:
    """Tokens of the workspace. Only an ops lead (or the owner of the database) may read or change them."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def create(
        self, role: Role, *, rep: str = "", label: str = "", days: int | None = None, person: str = "", by: str = ""
    ) -> tuple[Token, str]:
        """A new token and its secret, which nobody can ask for again. `days` until it expires, None for never.

        A token for a person (id) rates under that person's name. InputError where it would be more than the person.
        """
        check_run(self._scope, "make tokens")
        if role == "rep" and not rep.strip():
            raise InputError("a rep's token needs the rep's name as it stands in the calls")
        if days is not None and not 1 <= days <= 3650:
            raise InputError("a token lasts 1 to 3650 days, or for ever")
        if person:
            self._check_person(person, role, rep)
        secret, ident, moment = PREFIX + secrets.token_urlsafe(32), f"to-{secrets.token_hex(8)}", datetime.now(UTC)
        expires = (moment + timedelta(days=days)).isoformat() if days is not None else ""
        row = {"id": ident, "hash": sha256(secret), "label": label, "role": role, "rep": rep if role == "rep" else ""}
        used = {"expires": expires, "last_used": "", "revoked": "", "at": moment.isoformat()}
        with self._engine.begin() as connection:
            connection.execute(insert(tokens).values(**row, **used, person=person or None, by=by))
        return self.get(ident), secret

    def of_secret(self, secret: str) -> Bearer | None:
        """For whom a secret speaks; None if it is unknown, expired or revoked, or its person's account is closed."""
        check_run(self._scope, "read tokens")
        if not secret.startswith(PREFIX):
            return None
        with self._engine.connect() as connection:
            row = connection.execute(_joined().where(_c.hash == sha256(secret))).first()
        moment = datetime.now(UTC)
        if row is None or row.revoked or (row.expires and row.expires <= moment.isoformat()):
            return None
        if row.person and (row.disabled or not _covers(row.person_role, row.person_rep, row.role, row.rep)):
            return None
        self._note_use(row, moment)
        return Bearer(row.id, row.person or "", Scope(name=row.name or "", role=row.role, rep=row.rep))

    def get(self, ident: str) -> Token:
        """The token of that id. NotFound if there is none."""
        check_run(self._scope, "read tokens")
        with self._engine.connect() as connection:
            row = connection.execute(_joined().where(_c.id == ident)).first()
        if row is None:
            raise NotFound(f"there is no token {ident!r}")
        return _token(row)

    def all(self) -> list[Token]:
        """All tokens, newest first."""
        check_run(self._scope, "list tokens")
        with self._engine.connect() as connection:
            return [_token(row) for row in connection.execute(_joined().order_by(_c.at.desc(), _c.id))]

    def revoke(self, ident: str) -> Token:
        """End a token for good; ending it again changes nothing."""
        check_run(self._scope, "revoke tokens")
        with self._engine.begin() as connection:
            connection.execute(update(tokens).where(_c.id == ident, _c.revoked == "").values(revoked=now()))
        return self.get(ident)

    def _check_person(self, ident: str, role: Role, rep: str) -> None:
        with self._engine.connect() as connection:
            person = connection.execute(select(people.c.role, people.c.rep).where(people.c.id == ident)).first()
        if person is None:
            raise NotFound(f"there is no person {ident!r}")
        if not _covers(person.role, person.rep, role, rep):
            raise InputError(f"a {person.role} cannot have a token of the role {role}")

    def _note_use(self, row: Row[Any], moment: datetime) -> None:
        """A write for each request would make every reader a writer: once a minute is enough."""
        if row.last_used and moment - datetime.fromisoformat(row.last_used) < _USED_AGAIN:
            return
        with self._engine.begin() as connection:
            connection.execute(update(tokens).where(_c.id == row.id).values(last_used=moment.isoformat()))


def _covers(person_role: str, person_rep: str, role: str, rep: str) -> bool:
    """Whether a token of `role` is at most what the person may do: it must fall with the person's rights."""
    match person_role:
        case "ops_lead":
            return True
        case "manager":
            return role in ("manager", "viewer", "rep")
        case "viewer":
            return role == "viewer"
        case _:
            return role == "rep" and rep == person_rep


def _joined() -> Any:
    about = (people.c.name, people.c.disabled, people.c.role.label("person_role"), people.c.rep.label("person_rep"))
    return select(tokens, *about).join(people, people.c.id == _c.person, isouter=True)


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        label=row.label,
        role=row.role,
        person=row.person or "",
        name=row.name or "",
        rep=row.rep,
        by=row.by,
        at=datetime.fromisoformat(row.at),
        expires=_moment(row.expires),
        last_used=_moment(row.last_used),
        revoked=_moment(row.revoked),
    )


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
