"""What the application holds for its lifetime: the workspace as its owner sees it, the key, accounts, passwords."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from fastapi import Request

from agent.core.people import Person, Scope
from agent.workspace import Workspace


@dataclass(frozen=True)
class Account:
    """Whoever sent a request. `person` is None for a token that belongs to nobody; `token` is empty for a session."""

    scope: Scope
    person: Person | None
    token: str = ""


class Accounts(Protocol):
    """Where it is looked up who sends a request: in the slice `people`."""

    def by_token(self, secret: str) -> Account | None:
        """For whom a token's secret speaks; None if it is unknown, expired or revoked."""

    def by_session(self, key: str) -> Account | None:
        """Whose session it is; None if it has ended."""


class Hasher(Protocol):
    """What hashes and checks passwords."""

    def hash(self, password: str, about: Sequence[str] = ()) -> str:
        """The hash to store."""

    def check(self, password: str, stored: str) -> tuple[bool, str]:
        """Whether the password fits, and a newer hash to store where the stored one is of an older kind."""


@dataclass(frozen=True)
class AppContext:
    """Only sign-in, health checks and the outermost layers may use `space`: it sees everything.

    Routes use `SignedIn.space`, which sees what whoever asks may see.
    """

    space: Workspace
    key: str
    passwords: Hasher
    accounts: Accounts


def of(request: Request) -> AppContext:
    """The context of the application that got this request."""
    return cast(AppContext, request.app.state.context)
