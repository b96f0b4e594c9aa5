"""What the application holds while it runs: the workspace as its owner sees it, the secret key, accounts, passwords."""

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
    """Looks up who sends a request; implemented by the slice `people`."""

    def by_token(self, secret: str) -> Account | None:
        """The account of a token's secret; None if it is unknown, expired or revoked."""

    def by_session(self, key: str) -> Account | None:
        """The account of a session; None if it has ended."""


class Hasher(Protocol):
    """Hashes and checks passwords."""

    def hash(self, password: str, about: Sequence[str] = ()) -> str:
        """The hash to store."""

    def check(self, password: str, stored: str) -> tuple[bool, str]:
        """Whether the password is right; and a new hash to store if the stored one uses an older method, else empty."""


@dataclass(frozen=True)
class AppContext:
    """`space` sees everything: only sign-in, health checks and the outermost layers may use it. Routes use
    `SignedIn.space`, limited to what the person asking may see."""

    space: Workspace
    key: str
    passwords: Hasher
    accounts: Accounts


def of(request: Request) -> AppContext:
    """The context of the application that received this request."""
    return cast(AppContext, request.app.state.context)
