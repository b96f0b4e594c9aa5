"""The tables of people with an account, links to set a password, failed sign-ins, and tokens of programs. Of
passwords, links and tokens only hashes are stored."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from agent.core.errors import Advice, Conflict, InputError, NotFound
from agent.core.people import Person, Role, Scope, is_model
from agent.db.hashes import sha256
from agent.db.schema_server import invitations, people, sign_in_failures, tokens
from agent.db.scoping import check_run, sees_team
from agent.db.transcripts import now
from agent.people.model import Bearer, NewToken, Token

WINDOW = timedelta(minutes=15)
"""For so long a failed sign-in counts."""
PREFIX = "cr_"
_INVITED_FOR = timedelta(days=7)
_SEEN_AGAIN = timedelta(minutes=1)
_USED_AGAIN = timedelta(minutes=1)
_c, _f, _t = people.c, sign_in_failures.c, tokens.c


class People:
    """The workspace's accounts. Only an ops lead (or the owner of the database) may read or change them."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def create(self, name: str, email: str, role: Role, rep: str = "", *, subject: str = "") -> Person:
        """Make an account without a password. Conflict if the name or address is taken, InputError for a name that
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
        """The person with that id. NotFound if there is none."""
        return _found(self._one(_c.id == ident), ident)

    def named(self, name: str) -> Person:
        """The person with that name or e-mail address. NotFound if there is none."""
        wanted = name.strip()
        return _found(self._one((_c.name == wanted) | (_c.email == wanted.casefold())), wanted)

    def of_subject(self, subject: str) -> Person | None:
        """The person who signs in with that identity (`issuer subject`), if there is one."""
        row = self._one(_c.subject == subject)
        return None if row is None else _person(row)

    def all(self) -> list[Person]:
        """Everybody, by name."""
        check_run(self._scope, "list people")
        with self._engine.connect() as connection:
            return [_person(row) for row in connection.execute(select(people).order_by(_c.name))]

    def leads(self) -> list[str]:
        """The names of the ops leads, whom others have to ask; empty for a rep."""
        if not sees_team(self._scope):
            return []
        query = select(_c.name).where(_c.role == "ops_lead", _c.disabled == 0).order_by(_c.name)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def exist(self) -> bool:
        """Whether anybody has an account."""
        with self._engine.connect() as connection:
            return connection.execute(select(_c.id).limit(1)).first() is not None

    def credentials(self, name: str) -> tuple[str, str]:
        """Id and password hash of the person who signs in with that name or address; both empty if nobody can."""
        check_run(self._scope, "read passwords")
        wanted = name.strip()
        row = self._one((_c.name == wanted) | (_c.email == wanted.casefold()))
        return ("", "") if row is None or row.disabled else (row.id, row.password_hash)

    def set_password(self, ident: str, password_hash: str) -> None:
        """Store the hash of a new password; all sessions of this person end."""
        self._change(ident, password_hash=password_hash, epoch=_c.epoch + 1)

    def rehash(self, ident: str, password_hash: str) -> None:
        """Store a newer hash of the same password; sessions go on."""
        self._change(ident, password_hash=password_hash)

    def change(self, ident: str, role: Role, rep: str = "") -> Person:
        """Give a person another role. Conflict if nobody would be left to manage people."""
        person = self.get(ident)
        _check(person.name, person.email, role, rep)
        self._change(ident, role != "ops_lead", role=role, rep=rep if role == "rep" else "")
        return self.get(ident)

    def choose_language(self, ident: str, language: str) -> Person:
        """Set the language that somebody reads; empty for the workspace's."""
        self._change(ident, language=language)
        return self.get(ident)

    def disable(self, ident: str, disabled: bool = True) -> Person:
        """Close an account (its sessions and tokens end at once), or open it again. Conflict for the last ops lead."""
        self._change(ident, disabled, disabled=int(disabled), epoch=_c.epoch + 1)
        return self.get(ident)

    def end_sessions(self, ident: str) -> None:
        """Sign somebody out everywhere."""
        self._change(ident, epoch=_c.epoch + 1)

    def link_subject(self, ident: str, subject: str) -> None:
        """Let a person sign in with that identity."""
        self._change(ident, subject=subject)

    def seen(self, person: Person) -> None:
        """Note a visit, at most once a minute."""
        moment = datetime.now(UTC)
        if person.last_seen is None or moment - person.last_seen > _SEEN_AGAIN:
            self._change(person.id, last_seen=moment.isoformat())

    def _one(self, condition: Any) -> Row[Any] | None:
        check_run(self._scope, "read accounts")
        with self._engine.connect() as connection:
            return connection.execute(select(people).where(condition)).first()

    def _change(self, ident: str, loses: bool = False, **values: Any) -> None:
        """Change a row. `loses`: the person loses the right to manage people, which is refused for the last one who
        has it."""
        check_run(self._scope, "change people")
        with self._engine.begin() as connection:
            if loses:
                keep_one_ops_lead(connection, ident)
            if connection.execute(update(people).where(_c.id == ident).values(**values)).rowcount == 0:
                raise NotFound(f"there is no person {ident!r}")


def keep_one_ops_lead(connection: Connection, ident: str) -> None:
    """Raises Conflict for the last ops lead. Their rows are locked until the transaction ends, so that two ops leads
    who demote each other at the same time do not both succeed (SQLite allows only one write at a time anyway)."""
    leads = select(_c.id).where(_c.role == "ops_lead", _c.disabled == 0).order_by(_c.id).with_for_update()
    if connection.execute(leads).scalars().all() == [ident]:
        raise Conflict(
            "this is the last ops lead, and nobody could manage people",
            advice=Advice(page="/admin/people", text="make somebody else an ops lead first"),
        )


class Invitations:
    """Links that work once, to make the first account or to set a password. Only an ops lead may make them."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def create(self, person: str = "", lasts: timedelta = _INVITED_FOR) -> str:
        """The secret of a new link for the person with that id; for the first account if `person` is empty.

        Earlier links for the same person become invalid.
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
        """The id of the person a link is for, empty for the first account. NotFound if it is used, expired or
        unknown."""
        check_run(self._scope, "read invitations")
        query = select(invitations.c.person).where(*_open(secret))
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFound("this link was used already, or it is too old; ask for a new one")
        return row.person or ""

    def use(self, secret: str) -> None:
        """Use a link up. NotFound if somebody else was faster."""
        check_run(self._scope, "use invitations")
        with self._engine.begin() as connection:
            done = connection.execute(update(invitations).where(*_open(secret)).values(used=now()))
            if done.rowcount != 1:
                raise NotFound("this link was used already, or it is too old; ask for a new one")

    def put_back(self, secret: str) -> None:
        """Make a link valid again whose use then failed."""
        check_run(self._scope, "use invitations")
        with self._engine.begin() as connection:
            connection.execute(update(invitations).where(invitations.c.hash == sha256(secret)).values(used=""))


class SignInFailures:
    """Failed attempts to sign in, by key ("name:…", "address:…"), and the number allowed for each."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def of(self, key: str) -> int:
        """How many failures this key has within the time window."""
        check_run(self._scope, "count sign-ins")
        since = (datetime.now(UTC) - WINDOW).isoformat()
        query = select(func.count()).where(_f.key == key, _f.at >= since)
        with self._engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def begin(self, limits: Mapping[str, int]) -> bool:
        """Count an attempt under every key; or return False if one of them has no attempts left.

        The attempt is counted before the password is checked, in one transaction, so that a hundred simultaneous
        attempts count as a hundred. A refused attempt is not counted, since otherwise somebody could be locked out for
        ever.
        """
        check_run(self._scope, "count sign-ins")
        moment = datetime.now(UTC)
        since = (moment - WINDOW).isoformat()
        with self._engine.begin() as connection:
            connection.execute(delete(sign_in_failures).where(_f.at < since))
            query = select(_f.key, func.count()).where(_f.key.in_(limits)).group_by(_f.key)
            counted = {key: count for key, count in connection.execute(query)}
            if any(counted.get(key, 0) >= limit for key, limit in limits.items()):
                return False
            rows = [{"key": key, "at": moment.isoformat()} for key in limits]
            connection.execute(insert(sign_in_failures), rows)
        return True

    def succeeded(self, name_key: str, address_key: str) -> None:
        """Delete the failures of the name, and this one attempt from the address."""
        check_run(self._scope, "count sign-ins")
        last = select(func.max(_f.seq)).where(_f.key == address_key).scalar_subquery()
        with self._engine.begin() as connection:
            connection.execute(delete(sign_in_failures).where((_f.key == name_key) | (_f.seq == last)))


class Tokens:
    """The workspace's tokens. Only an ops lead (or the owner of the database) may read or change them."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def create(
        self, role: Role, *, rep: str = "", label: str = "", days: int | None = None, person: str = "", by: str = ""
    ) -> NewToken:
        """A new token with its secret, which cannot be read again later. `days` until it expires, None for never.

        A token for a person (id) rates under that person's name. InputError if it would have more rights than the
        person.
        """
        check_run(self._scope, "make tokens")
        if role == "rep" and not rep.strip():
            raise InputError("a rep's token needs the rep's name as it stands in the calls")
        if days is not None and not 1 <= days <= 3650:
            raise InputError("a token lasts 1 to 3650 days, or for ever")
        if person:
            with self._engine.connect() as reading:
                owner = reading.execute(select(people.c.role, people.c.rep).where(people.c.id == person)).first()
            if owner is None:
                raise NotFound(f"there is no person {person!r}")
            if not _covers(owner.role, owner.rep, role, rep):
                raise InputError(f"a {owner.role} cannot have a token of the role {role}")
        secret, ident, moment = PREFIX + secrets.token_urlsafe(32), f"to-{secrets.token_hex(8)}", datetime.now(UTC)
        expires = (moment + timedelta(days=days)).isoformat() if days is not None else ""
        row = {"id": ident, "hash": sha256(secret), "label": label, "role": role, "rep": rep if role == "rep" else ""}
        used = {"expires": expires, "last_used": "", "revoked": "", "at": moment.isoformat()}
        with self._engine.begin() as connection:
            connection.execute(insert(tokens).values(**row, **used, person=person or None, by=by))
        return NewToken(**vars(self.get(ident)), secret=secret)

    def of_secret(self, secret: str) -> Bearer | None:
        """Whom a secret stands for; None if it is unknown, expired or revoked, or its person's account is closed."""
        check_run(self._scope, "read tokens")
        if not secret.startswith(PREFIX):
            return None
        with self._engine.connect() as connection:
            row = connection.execute(_joined().where(_t.hash == sha256(secret))).first()
        moment = datetime.now(UTC)
        if row is None or row.revoked or (row.expires and row.expires <= moment.isoformat()):
            return None
        if row.person and (row.disabled or not _covers(row.person_role, row.person_rep, row.role, row.rep)):
            return None
        self._note_use(row, moment)
        return Bearer(row.id, row.person or "", Scope(name=row.name or "", role=row.role, rep=row.rep))

    def get(self, ident: str) -> Token:
        """The token with that id. NotFound if there is none."""
        check_run(self._scope, "read tokens")
        with self._engine.connect() as connection:
            row = connection.execute(_joined().where(_t.id == ident)).first()
        if row is None:
            raise NotFound(f"there is no token {ident!r}")
        return _token(row)

    def all(self) -> list[Token]:
        """All tokens, newest first."""
        check_run(self._scope, "list tokens")
        with self._engine.connect() as connection:
            return [_token(row) for row in connection.execute(_joined().order_by(_t.at.desc(), _t.id))]

    def revoke(self, ident: str) -> Token:
        """Revoke a token for good; doing it again changes nothing."""
        check_run(self._scope, "revoke tokens")
        with self._engine.begin() as connection:
            connection.execute(update(tokens).where(_t.id == ident, _t.revoked == "").values(revoked=now()))
        return self.get(ident)

    def _note_use(self, row: Row[Any], moment: datetime) -> None:
        """A write for each request would make every reader a writer: once a minute is enough."""
        if row.last_used and moment - datetime.fromisoformat(row.last_used) < _USED_AGAIN:
            return
        with self._engine.begin() as connection:
            connection.execute(update(tokens).where(_t.id == row.id).values(last_used=moment.isoformat()))


def _open(secret: str) -> tuple[Any, ...]:
    c = invitations.c
    return c.hash == sha256(secret), c.used == "", c.expires > datetime.now(UTC).isoformat()


def _check(name: str, email: str, role: Role, rep: str) -> None:
    if not name or is_model(name) or name.startswith(("import:", "token:", "rule:")):
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
        last_seen=_moment(row.last_seen),
        language=row.language,
    )


def _covers(person_role: str, person_rep: str, role: str, rep: str) -> bool:
    """Whether a token of `role` has at most the person's rights: it must lose them when the person does."""
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
    return select(tokens, *about).join(people, people.c.id == _t.person, isouter=True)


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
