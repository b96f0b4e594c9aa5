"""People with an account, and the links with which they set a password. Passwords and links are kept as hashes only."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from agent.core.errors import Conflict, InputError, NotFound
from agent.core.people import Person, Role, Scope, is_model
from agent.db.hashes import sha256
from agent.db.schema_server import invitations, people
from agent.db.scoping import check_run
from agent.db.transcripts import now

_INVITED_FOR = timedelta(days=7)
_SEEN_AGAIN = timedelta(minutes=1)
_c = people.c


class People:
    """Accounts of the workspace. Only an ops lead (or the owner of the database) may read or change them."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def create(self, name: str, email: str, role: Role, rep: str = "", *, subject: str = "") -> Person:
        """A new account without a password. Conflict if the name or address is taken, InputError for a name that
        stands for a model, an import or a token, and for a rep without the rep's name."""
        check_run(self._scope, "add people")
        name, email = name.strip(), email.strip().casefold()
        _check(name, email, role, rep)
        ident = f"pe-{secrets.token_hex(8)}"
        row = {"id": ident, "name": name, "email": email, "role": role, "rep": rep if role == "rep" else ""}
        blank = {"password_hash": "", "epoch": 1, "disabled": 0, "last_seen": ""}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(people).values(**row, **blank, subject=subject or None, at=now()))
        except IntegrityError as error:
            raise Conflict(f"there is already somebody called {name} or with the address {email}") from error
        return self.get(ident)

    def get(self, ident: str) -> Person:
        """The person of that id. NotFound if there is none."""
        return _found(self._one(_c.id == ident), ident)

    def named(self, name: str) -> Person:
        """The person of that name or e-mail address. NotFound if there is none."""
        wanted = name.strip()
        return _found(self._one((_c.name == wanted) | (_c.email == wanted.casefold())), wanted)

    def of_subject(self, subject: str) -> Person | None:
        """Who signs in with that identity (`issuer subject`), if anybody does."""
        row = self._one(_c.subject == subject)
        return None if row is None else _person(row)

    def all(self) -> list[Person]:
        """Everybody, by name."""
        check_run(self._scope, "list people")
        with self._engine.connect() as connection:
            return [_person(row) for row in connection.execute(select(people).order_by(_c.name))]

    def exist(self) -> bool:
        """Whether anybody has an account."""
        with self._engine.connect() as connection:
            return connection.execute(select(_c.id).limit(1)).first() is not None

    def credentials(self, name: str) -> tuple[str, str]:
        """Id and password hash of whoever signs in with that name or address; both empty where nobody can."""
        check_run(self._scope, "read passwords")
        wanted = name.strip()
        row = self._one((_c.name == wanted) | (_c.email == wanted.casefold()))
        return ("", "") if row is None or row.disabled else (row.id, row.password_hash)

    def of_session(self, ident: str, epoch: int) -> Person | None:
        """The person of a session, unless it has ended since: disabled, or signed out everywhere."""
        check_run(self._scope, "read sessions")
        row = self._one((_c.id == ident) & (_c.epoch == epoch) & (_c.disabled == 0))
        return None if row is None else _person(row)

    def epoch(self, ident: str) -> int:
        """The number that sessions of this person must carry."""
        with self._engine.connect() as connection:
            found = connection.execute(select(_c.epoch).where(_c.id == ident)).scalar()
        if found is None:
            raise NotFound(f"there is no person {ident!r}")
        return int(found)

    def set_password(self, ident: str, password_hash: str) -> None:
        """Set the hash of a password; all sessions of this person end."""
        self._change(ident, password_hash=password_hash, epoch=_c.epoch + 1)

    def rehash(self, ident: str, password_hash: str) -> None:
        """The same password under a newer hash; sessions go on."""
        self._change(ident, password_hash=password_hash)

    def change(self, ident: str, role: Role, rep: str = "") -> Person:
        """Another role. Conflict where nobody would be left to manage people."""
        person = self.get(ident)
        _check(person.name, person.email, role, rep)
        if role != "ops_lead":
            self._keep_one_ops_lead(ident)
        self._change(ident, role=role, rep=rep if role == "rep" else "")
        return self.get(ident)

    def disable(self, ident: str, disabled: bool = True) -> Person:
        """Close an account (sessions and tokens end at once), or open it again. Conflict for the last ops lead."""
        if disabled:
            self._keep_one_ops_lead(ident)
        self._change(ident, disabled=int(disabled), epoch=_c.epoch + 1)
        return self.get(ident)

    def end_sessions(self, ident: str) -> None:
        """Sign somebody out everywhere."""
        self._change(ident, epoch=_c.epoch + 1)

    def link_subject(self, ident: str, subject: str) -> None:
        """Let a person sign in with that identity from now on."""
        self._change(ident, subject=subject)

    def seen(self, person: Person) -> None:
        """Note that somebody was here, at most once a minute."""
        moment = datetime.now(UTC)
        if person.last_seen is None or moment - person.last_seen > _SEEN_AGAIN:
            self._change(person.id, last_seen=moment.isoformat())

    def _one(self, condition: Any) -> Row[Any] | None:
        check_run(self._scope, "read accounts")
        with self._engine.connect() as connection:
            return connection.execute(select(people).where(condition)).first()

    def _change(self, ident: str, **values: Any) -> None:
        check_run(self._scope, "change people")
        with self._engine.begin() as connection:
            if connection.execute(update(people).where(_c.id == ident).values(**values)).rowcount == 0:
                raise NotFound(f"there is no person {ident!r}")

    def _keep_one_ops_lead(self, ident: str) -> None:
        query = select(func.count(_c.id)).where(_c.role == "ops_lead", _c.disabled == 0, _c.id != ident)
        if self.get(ident).role != "ops_lead":
            return
        with self._engine.connect() as connection:
            if connection.execute(query).scalar_one() == 0:
                raise Conflict("this is the last ops lead: make somebody else one first, or nobody could manage people")


class Invitations:
    """Links that work once: to make the first account, or to set a password. Only an ops lead may make them."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def create(self, person: str = "", lasts: timedelta = _INVITED_FOR) -> str:
        """The secret of a new link for the person of that id; for the first account where `person` is empty.

        Earlier links for the same are void.
        """
        check_run(self._scope, "invite people")
        secret, moment = secrets.token_urlsafe(24), datetime.now(UTC)
        same = invitations.c.person == person if person else invitations.c.person.is_(None)
        row = {"person": person or None, "at": moment.isoformat(), "expires": (moment + lasts).isoformat()}
        with self._engine.begin() as connection:
            connection.execute(update(invitations).where(same, invitations.c.used == "").values(used=now()))
            connection.execute(insert(invitations).values(hash=sha256(secret), used="", **row))
        return secret

    def whose(self, secret: str) -> str:
        """The id of the person a link is for, empty for the first account. NotFound if it is used, old or unknown."""
        check_run(self._scope, "read invitations")
        query = select(invitations.c.person).where(*_open(secret))
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFound("this link was used already, or it is too old; ask for a new one")
        return row.person or ""

    def use(self, secret: str) -> None:
        """Use a link up. NotFound if somebody was faster."""
        check_run(self._scope, "use invitations")
        with self._engine.begin() as connection:
            done = connection.execute(update(invitations).where(*_open(secret)).values(used=now()))
            if done.rowcount != 1:
                raise NotFound("this link was used already, or it is too old; ask for a new one")

    def put_back(self, secret: str) -> None:
        """Make a link good again that was used for something that then failed."""
        check_run(self._scope, "use invitations")
        with self._engine.begin() as connection:
            connection.execute(update(invitations).where(invitations.c.hash == sha256(secret)).values(used=""))


def _open(secret: str) -> tuple[Any, ...]:
    c = invitations.c
    return c.hash == sha256(secret), c.used == "", c.expires > datetime.now(UTC).isoformat()


def _check(name: str, email: str, role: Role, rep: str) -> None:
    if not name or is_model(name) or name.startswith(("import:", "token:")):
        raise InputError(f"nobody can be called {name!r}: the name says who rated, so it must be a person's")
    if "@" in name:
        raise InputError("a name may not look like an e-mail address: people sign in with either")
    if email.count("@") != 1 or len(email) > 320 or any(letter.isspace() for letter in email):
        raise InputError(f"{email!r} is no e-mail address")
    if role == "rep" and not rep.strip():
        raise InputError("a rep's account needs the rep's name as it stands in the calls")


def _found(row: Row[Any] | None, wanted: str) -> Person:
    if row is None:
        raise NotFound(f"there is no person {wanted!r}")
    return _person(row)


def _person(row: Row[Any]) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        email=row.email,
        role=row.role,
        rep=row.rep,
        disabled=bool(row.disabled),
        at=datetime.fromisoformat(row.at),
        last_seen=datetime.fromisoformat(row.last_seen) if row.last_seen else None,
    )
