"""Tokens of programs, and whom they act for. People and roles are in agent/core/people.py."""

from dataclasses import dataclass
from datetime import datetime

from agent.core.base import Frozen
from agent.core.people import Person, Role, Scope


class Token(Frozen):
    """A token as lists may show it. `person` is the id of the account it acts for, `name` that account's name."""

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


class NewToken(Token):
    """A token that was just made, with the secret, which is shown this once."""

    secret: str


@dataclass(frozen=True)
class Bearer:
    """Whom a secret stands for. `scope` has no name if the token belongs to no account."""

    token: str
    person: str
    scope: Scope


@dataclass(frozen=True)
class Invitation:
    """The secret of a link that works once, and the person it is for."""

    person: Person
    secret: str
